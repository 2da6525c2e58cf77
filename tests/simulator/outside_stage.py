"""A small shop on a stage: our programs with their ports, and the whole world outside them as the simulation has it."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

import make
from storekeep.flows import cancel, checkout, house
from storekeep.flows.house import House
from storekeep.flows.services import Services
from storekeep.kernel.clock import HOUR, MINUTE, Instant, VirtualClock
from storekeep.kernel.db import Database, Tx
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments import attempts
from storekeep.shop.payments.tables import payment, refund
from storekeep.shop.reports import verify
from storekeep.shop.shipping.tables import shipment
from storekeep.world.simulator import machinery, till
from storekeep.world.simulator.cast import hands
from storekeep.world.simulator.machinery import Hazards
from storekeep.world.simulator.outside import bank_book, carriers, labels, post
from storekeep.world.simulator.outside.provider import PlayedProvider
from storekeep.world.simulator.outside.suppliers import Suppliers
from storekeep.world.simulator.play import Play, Rhythm
from storekeep.world.simulator.programs import PlayedDatabase, Ports, Program
from storekeep.world.simulator.schedule import Schedule
from storekeep.world.simulator.trouble import Trouble

GOODS = {"MUG": (1250, 500, 200), "BOWL": (1990, 800, 200), "TEA": (700, 300, 500)}


class Stage:
    """A shop, its programs and its world. `troubles` are the chances of what goes wrong; all others are zero."""

    def __init__(self, db: Database, clock: VirtualClock, folder: Path, seed: int = 1, **troubles: float) -> None:
        self.db, self.clock = db, clock
        self.shop = make.shop(db, clock, folder, GOODS)
        schedule = Schedule(clock, random.Random(seed))
        self.play = Play(schedule, seed, Trouble(**troubles), Rhythm(shift=None))
        self.provider = PlayedProvider(self.play)
        self.carriers = labels.played_carriers(self.play)
        self.play.carriers = {code: each.inner for code, each in self.carriers.items()}
        self.mailer = post.PlayedMailer(self.play)
        self.suppliers = Suppliers()
        hazards = Hazards(self.play)

        def boot(program: Program) -> House:
            ports = machinery.ProgramPorts(hazards, program)
            services = replace(self._services(ports), db=PlayedDatabase(db, ports, program.clock))
            return house.build(services, name=program.name, rng=random.Random(program.generation), media_folder=folder)

        for name in machinery.PROGRAMS:
            self.play.programs[name] = Program(name, clock, boot)
        self.shop.house = self.play.programs["web"].enter()
        self.shop.provider = self.provider.memory

    def _services(self, ports: Ports) -> Services:
        return replace(
            self.shop.house.services,
            db=self.db,
            providers={"memory": self.provider.seen_by(ports)},
            mailer=self.mailer.seen_by(ports),
            carriers={code: each.seen_by(ports) for code, each in self.carriers.items()},
        )

    def troubled(self, **troubles: float) -> None:
        """From now on these things go wrong, and no others."""
        self.play.trouble = Trouble(**troubles)

    def open_doors(self, *, webhooks: bool = True, reports: bool = True) -> None:
        """Everybody but the shoppers goes to work."""
        play = self.play
        for worker in machinery.WORKERS:
            play.spawn(worker, machinery.work)
        play.spawn("housekeeper", machinery.keep)
        play.every("picker", HOUR, hands.pick)
        play.every("packer", HOUR, hands.pack)
        play.every("vans", 6 * HOUR, hands.hand_over)
        if reports:
            play.every("carriers", play.rhythm.report_every, carriers.report)
        if webhooks:
            play.spawn("provider", self.provider.deliver)

    def pass_time(self, duration: Instant) -> None:
        """Let everybody act for so long."""
        self.play.schedule.run_until(self.clock.now() + duration)

    def come_to_rest(self, after: Instant = 30 * HOUR) -> None:
        """No new trouble, and time for everything to end."""
        self.troubled()
        for program in self.play.programs.values():
            program.clock.skew = 0
        self.pass_time(after)

    def order(self, wanted: dict[str, int] | None = None) -> str:
        """An order whose payment page is open; its id."""
        self.shop.house = self.play.programs["web"].enter()
        answer = make.place(self.shop, make.cart(self.shop, wanted or {"MUG": 2}))
        assert isinstance(answer, checkout.Placed), answer
        assert answer.payment_key is not None
        self.shop.house.worker.run_keys([answer.payment_key])
        self.pass_time(MINUTE)
        return str(answer.order_id)

    def page(self, order_id: str) -> str:
        """The address of an order's payment page."""
        with self.db.read() as tx:
            found = attempts.open_attempt(tx, order_id)
        assert found is not None
        assert found.redirect_url is not None
        return str(found.redirect_url)

    def pay_if_open(self, order_id: str) -> bool:
        """The shopper pays if there is a page to pay on."""
        with self.db.read() as tx:
            found = attempts.open_attempt(tx, order_id)
        return found is not None and found.redirect_url is not None and self.pay(order_id)

    def pay(self, order_id: str, card: str = till.GOOD) -> bool:
        """The shopper pays, and never comes back to tell us."""
        return self.provider.till.pay(self.page(order_id), card)

    def cancel(self, order_id: str) -> None:
        with self.db.begin(actor="shopper") as tx:
            cancel.cancel_order(tx, order_id, reason="changed my mind", command_id=f"cancel {order_id}")

    def status(self, order_id: str) -> str:
        with self.db.read() as tx:
            return str(tx.scalar(select(sales_order.c.status).where(sales_order.c.id == order_id)))

    def payment(self, order_id: str) -> Any:
        return self.row(select(payment).where(payment.c.order_id == order_id))

    def refund(self, order_id: str) -> Any:
        return self.row(select(refund).where(refund.c.order_id == order_id))

    def parcel(self, order_id: str) -> Any:
        return self.row(select(shipment).where(shipment.c.order_id == order_id, shipment.c.status != "canceled"))

    def row(self, query: Any) -> Any:
        with self.db.read() as tx:
            return tx.first(query)

    def differences(self) -> list[str]:
        """What the books of the outside and ours do not agree on."""
        return [
            *self.told(lambda tx: bank_book.book_differences(tx, self.provider)),
            *self.told(lambda tx: labels.label_differences(tx, self.carriers)),
            *self.told(lambda tx: post.mail_differences(tx, self.mailer)),
        ]

    def told(self, ask: Callable[[Tx], list[str]]) -> list[str]:
        with self.db.read() as tx:
            return ask(tx)

    def violations(self) -> list[tuple[str, Any]]:
        """What verify has to say about our own books."""
        with self.db.read() as tx:
            return [(one.id, one.offenders) for one in verify.run(tx).results if one.offenders]
