"""A town with a shop in it: server, two workers and a warehouse hand that can be shot, and a world that lives on.

The world is the payment provider (the sandbox, a process that may stand still but never dies), the mail server,
shoppers, an agent at the console and a carrier.
"""

import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from callers import Agent, Caller, Carrier, Shopper, Told
from cluster import Cluster
from letterbox import Letterbox
from processes import PROGRAM, START_S, Program, lasting_port, listens

from storekeep.doors.cli.bench import seeding
from storekeep.doors.cli.running import SANDBOX, house_of
from storekeep.doors.webhooks.routes import CARRIER_SECRET
from storekeep.flows.chores import Housekeeper
from storekeep.kernel import settings
from storekeep.kernel.clock import MINUTE, Instant, SystemClock
from storekeep.kernel.db import Database
from storekeep.kernel.tables import inbox, outbox
from storekeep.shop.access import NewStaff, hash_password, sessions, staff
from storekeep.shop.reports import verify
from storekeep.shop.shipping.carriers.demo_cards import CARRIER_NAMES

HAND = Path(__file__).with_name("hand.py")
SHOPPERS = 5
KEYS = {"secret_key": "sk_test_town", "webhook_secret": "whsec_town"}


class Later(SystemClock):
    """A clock that runs ahead, so that the leases of the dead have run out."""

    ahead: Instant = 3 * MINUTE

    def now(self) -> Instant:
        return super().now() + self.ahead


class Town:
    """`open` starts everything; `finish` ends the shop's processes and does what they left; `close` always works."""

    def __init__(self, url: str, folder: Path, cluster: Cluster | None, cart_count: int) -> None:
        self.url, self.folder, self.cluster = url, folder, cluster
        self.port, self._provider_port = lasting_port(), lasting_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.carrier_secret = "scan-secret"
        self.journal = folder / "hand.journal"
        self.journal.touch()
        self.db = Database(url)
        self.letterbox = Letterbox().start()
        self._furnish(cart_count)
        self._environment = {"STOREKEEP_SMTP_URL": self.letterbox.url}
        self.provider = self._provider()
        self.server = self._program("server", self._storekeep("serve", "--port", str(self.port), "--no-worker"),
                                    lambda _: self._is_ready())  # fmt: skip
        self.workers = [
            self._program(f"worker-{n}", self._storekeep("worker"), self._has_work_in_hand) for n in (1, 2)
        ]
        hand = [sys.executable, str(HAND), url, str(self.journal)]
        self.hand = self._program("hand", hand, lambda program: program.said("The hand is at work."))
        self.programs = [self.server, *self.workers, self.hand]
        self.lock = threading.Lock()
        self.told = Told()
        self._closing = threading.Event()
        carts = iter(self._carts)
        self._callers: list[Caller] = [
            *(Shopper(self, self.told, self._closing, n, carts) for n in range(SHOPPERS)),
            Agent(self, self.told, self._closing, 100),
            Carrier(self, self.told, self._closing, 200),
        ]
        #: When the database answered again after it was shot last; nothing that began before it had to succeed
        self.database_back_at = 0.0

    def _furnish(self, cart_count: int) -> None:
        variants = seeding.open_shop(self.db, 30, self.origin)
        self._carts = seeding.fill_carts(self.db, variants, cart_count, hot=False)
        api = {"base_url": f"http://127.0.0.1:{self._provider_port}", "pages": f"http://localhost:{self._provider_port}"}
        with self.db.begin(actor="init") as tx:
            settings.write(tx, SANDBOX, KEYS | api)
            for code in CARRIER_NAMES:
                settings.write(tx, f"{CARRIER_SECRET}.{code}", self.carrier_secret)
            agent = NewStaff("ada@example.com", "Ada Agent", "owner", hash_password("correct horse battery"))
            self.staff_token = sessions.start(tx, staff.create(tx, [agent])[0])

    def _provider(self) -> Program:
        port = str(self._provider_port)
        arguments = [sys.executable, "-m", "storekeep.doors.cli.sandbox_process", port, str(self.book), self.origin,
                     f"http://localhost:{port}", "127.0.0.1"]  # fmt: skip
        secrets = {"STOREKEEP_SANDBOX_KEY": KEYS["secret_key"],
                   "STOREKEEP_SANDBOX_WEBHOOK_SECRET": KEYS["webhook_secret"]}  # fmt: skip
        return Program("provider", arguments, self.folder, lambda _: listens(self._provider_port), secrets)

    def _program(self, name: str, arguments: list[str], works: Callable[[Program], bool]) -> Program:
        return Program(name, arguments, self.folder, works, self._environment)

    def _storekeep(self, *arguments: str) -> list[str]:
        return [*PROGRAM, *arguments, "--db", self.url]

    @property
    def book(self) -> Path:
        """The provider's own book."""
        return self.folder / "sandbox.db"

    # --- whether they work ------------------------------------------------------------------------------------------

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _has_work_in_hand(self, worker: Program) -> bool:
        """It says that it is running, and it holds a lease or nothing waits for one."""
        if not worker.said("The worker is running."):
            return False
        try:
            with self.db.read() as tx:
                for table in (outbox, inbox):
                    mine = sa.select(table.c.id).where(table.c.leased_by == f"worker-{worker.pid}")
                    if tx.first(mine.limit(1)) is not None:
                        return True
                due = [sa.select(t.c.id).where(t.c.status == "due", t.c.due_at < tx.now) for t in (outbox, inbox)]
                return all(tx.first(query.limit(1)) is None for query in due)
        except sa.exc.DBAPIError:
            return False

    def wait_until_all_work(self) -> None:
        """Wait for every program. One that fell because it met no database is started again, as a supervisor would."""
        deadline = time.monotonic() + START_S
        while sum(program.look() for program in self.programs) < len(self.programs):  # looks at each of them
            for program in self.programs:
                if program.fell:
                    log = program.log.read_text()[-3000:]
                    assert program.started_at < self.database_back_at, f"{program.name} ended by itself:\n{log}"
                    program.start()
                elif time.monotonic() > deadline and not program.is_at_work:
                    raise AssertionError(f"{program.name} does not work:\n{program.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def wait_for_orders(self, since: float, count: int) -> float:
        """Wait until so many orders were acknowledged that were asked for after `since`; returns when the first was."""
        deadline = time.monotonic() + START_S
        seen, answered = 0, []
        while True:
            with self.lock:
                new = self.told.order_times[seen:]
            seen += len(new)
            answered += [end for began, end in new if began >= since]
            if len(answered) >= count:
                return min(answered)
            assert time.monotonic() < deadline, f"too few orders:\n{self.server.log.read_text()[-3000:]}"
            time.sleep(0.02)

    def wait_for_everything(self) -> None:
        """Wait until each kind of thing has happened at least once, however slow the machine is."""
        deadline = time.monotonic() + START_S
        told = self.told
        while not (told.canceled and told.complaints and told.remedies and told.scans and self._refund_was_noted()):
            assert time.monotonic() < deadline, f"too little happens:\n{self.hand.log.read_text()[-3000:]}"
            time.sleep(0.1)

    def _refund_was_noted(self) -> bool:
        return "refunded " in self.journal.read_text()

    # --- opening and closing ----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Start the world, then the shop, then let people in."""
        self.provider.start()
        deadline = time.monotonic() + START_S
        while not self.provider.look():
            assert time.monotonic() < deadline, self.provider.log.read_text()[-3000:]
            time.sleep(0.02)
        for program in self.programs:
            program.start()
        self.wait_until_all_work()
        for caller in self._callers:
            caller.start()

    def go_home(self) -> None:
        """Closing time for everybody who calls."""
        self._closing.set()
        for caller in self._callers:
            caller.join()

    def finish(self) -> None:
        """Minutes later the leases of the dead have run out; an heir does what is left, as far as anything is due."""
        for program in self.programs:
            program.kill()
        clock = Later()
        db = Database(self.url, clock=clock)
        worker = house_of(db, self.url, name="heir").worker
        for _ in range(30):
            worker.drain()
            Housekeeper(db).step()
            while worker.drain():
                Housekeeper(db).step()
            with db.read() as tx:
                waiting = [sa.select(t.c.id).where(t.c.status.in_(("due", "running"))) for t in (outbox, inbox)]
                if all(tx.first(query.limit(1)) is None for query in waiting):
                    break
            clock.ahead += MINUTE
        db.close()

    def verified(self) -> list[str]:
        """What `verify` finds at fault, all invariants over one snapshot."""
        db = Database(self.url)  # no connection of it has seen the database die
        with db.read() as tx:
            report = verify.run(tx)
        db.close()
        return [] if report.exit_code == 0 else [report.as_text()]

    def close(self) -> None:
        """End everything that runs, in whatever state it is."""
        self._closing.set()
        for program in [*self.programs, self.provider]:
            program.kill()
        self.letterbox.stop()
        self.db.close()
