"""Goods that vanish without a word, and the people who find out: they count, miscount, count again, and decide.

What really lies on the shelves is kept beside the shop: a balance less what was stolen there, plus what posted counts
have told the books since, lot by lot. Nobody in the shop can see it; whoever counts a bin reads it off the shelf, and
names what lies there under a lot that the books do not know.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from storekeep.flows import count
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, StorekeepError
from storekeep.shop.inventory import count_queries, lots
from storekeep.shop.inventory.count_rules import MovedMeanwhile, Unlikely
from storekeep.shop.inventory.count_tasks import TaskDraft
from storekeep.shop.inventory.counting import Entry
from storekeep.shop.inventory.model import NO_LOT
from storekeep.shop.inventory.tables import count_line, location, lot, stock_balance
from storekeep.world.simulator.play import Life

#: Bins that one counter visits at a time, and how often a count of a busy bin is begun anew.
BINS = 6
TRIES = 3
#: Units that are taken at once: mostly few, now and then a carton.
LOOT = (1, 1, 1, 2, 3, 15)
#: A thief leaves a bin with fewer units than this alone.
ENOUGH = 4
#: The share of wrong labels that somebody notices at once.
SEEN = 0.5
#: One decision in so many is not to believe the count.
DOUBTED_ONE_IN = 8


#: A variant, a place, and the code of the lot that stands on the goods (empty: none).
Shelf = tuple[str, str, str]


@dataclass(slots=True)
class Shrinkage:
    """Units stolen so far; nobody in the shop knows. Fewer than none: they lie there, under a lot nobody booked in."""

    stolen: dict[Shelf, int] = field(default_factory=dict)
    #: The expiry that stands on goods under a wrong lot.
    printed: dict[Shelf, str | None] = field(default_factory=dict)

    def vanish(self, life: Life) -> None:
        """Now and then a unit or two leave a shelf, or get a wrong label, and no move says so."""
        if life.chance(life.play.trouble.goods_vanish):
            row = self._some(life, only_lots=False)
            if row is not None:
                units = min(row.qty - row.assigned, life.rng.choice(LOOT))
                self._take((row.variant_id, row.location_id, row.code or ""), units)
                life.note("fault: units that vanished", units)
        if life.chance(life.play.trouble.goods_mislabeled):
            row = self._some(life, only_lots=True)
            if row is not None:
                wrong = (row.variant_id, row.location_id, f"{row.code}X"[-40:])
                self._take((row.variant_id, row.location_id, row.code), 1)
                self._take(wrong, -1)
                self.printed[wrong] = row.expires_on
                life.note("fault: units under a wrong lot")
                if life.rng.random() < SEEN:
                    self._report(life, row.location_id)

    def _report(self, life: Life, location_id: str) -> None:
        """Somebody passed by and saw the label."""
        draft = TaskDraft(location_id, "cycle", "a strange label was seen", "by hand")
        try:
            life.write("hand", lambda tx: count.open_tasks(tx, [draft], must=False))
        except StorekeepError as refusal:
            life.note(f"count not asked for: {type(refusal).__name__}")

    def _take(self, shelf: Shelf, units: int) -> None:
        self.stolen[shelf] = self.stolen.get(shelf, 0) + units

    def _some(self, life: Life, *, only_lots: bool) -> Any:
        """Some goods in a bin of which nobody misses a few; None when there are none."""
        b, at = stock_balance.c, location.c
        query = (
            select(b.variant_id, b.location_id, b.qty, b.assigned, lot.c.code, lot.c.expires_on)
            .join_from(stock_balance, location, at.id == b.location_id)
            .outerjoin(lot, lot.c.id == b.lot_id)
            .where(at.kind == "bin", b.qty - b.assigned >= ENOUGH)
            .order_by(b.variant_id, b.location_id, b.lot_id)
        )
        if only_lots:
            query = query.where(b.lot_id != NO_LOT)
        rows = life.read(lambda tx: tx.rows(query))
        return life.rng.choice(rows) if rows else None

    def truth(self, tx: Tx, line: Any) -> tuple[int, int]:
        """(units that really lie there, the ledger's number now)."""
        units, seq = count_queries.balance_now(tx, line.variant_id, line.location_id, line.lot_id or NO_LOT)
        c = count_line.c
        told = select(func.coalesce(func.sum(c.variance), 0)).where(
            c.variant_id == line.variant_id, c.location_id == line.location_id, c.status == "posted",
            c.lot_id.is_not_distinct_from(line.lot_id),
        )  # fmt: skip
        code = lots.load(tx, [line.lot_id])[line.lot_id].code if line.lot_id else ""
        gone = self.stolen.get((line.variant_id, line.location_id, code), 0) + int(tx.scalar(told))
        return max(0, units - gone), seq

    def count(self, life: Life) -> None:
        """Walk to the next bins and count what lies there, now and then wrongly."""
        who = f"staff:{life.name}"
        tasks = life.write(who, lambda tx: count.claim(tx, limit=BINS))
        for task in tasks:
            self._name_strangers(life, who, task)
            lines = life.read(lambda tx, task=task: count_queries.lines_of(tx, task))  # type: ignore[misc]
            for line in lines:
                if line.status == "open" or (line.status == "recount" and line.counter_1 != who):
                    self._one(life, who, line)
            life.note("bins counted")

    def _name_strangers(self, life: Life, who: str, task: str) -> None:
        """What lies there under a lot that the books do not have there gets a line of its own."""
        place = life.read(lambda tx: count_queries.task(tx, task))
        if place is None or place.status != "open":
            return
        for shelf in [each for each, units in self.stolen.items() if units < 0 and each[1] == place.location_id]:
            variant_id, _, code = shelf

            def name(tx: Tx, variant_id: str = variant_id, code: str = code, shelf: Shelf = shelf) -> str:
                return count.found_there(tx, task, variant_id, code, self.printed[shelf])

            try:
                life.write(who, name)
                life.note("lots found that nobody had booked in")
            except (Conflict, Invalid) as refusal:
                life.note(f"lot not named: {type(refusal).__name__}")

    def _one(self, life: Life, who: str, line: Any) -> None:
        is_first = line.status == "open"
        for n in range(TRIES):
            units, seq = life.read(lambda tx: self.truth(tx, line))
            if life.chance(life.play.trouble.miscount):
                life.note("fault: counted wrongly")
                units = max(0, units + life.rng.choice((-3, -1, 1, 2, 10)))
            life.dawdle(life.play.rhythm.think // 8)
            entry = Entry(line.id, units, seq)
            command = f"count {line.id} {'1' if is_first else '2'} {n} {life.now}"
            try:
                told = self._told(life, who, entry, command)
            except MovedMeanwhile:
                life.note("counts begun anew")
                continue
            except Conflict as refusal:
                life.note(f"not counted: {type(refusal).__name__}")
                return
            life.note(f"counts: {told}")
            return

    def _told(self, life: Life, who: str, entry: Entry, command: str) -> str:
        try:
            return life.write(who, lambda tx: count.count_lines(tx, [entry], command))[0].status
        except Unlikely:
            life.note("counts asked for once more")
            sure = Entry(entry.line_id, entry.units, entry.seen_seq, is_sure=True)
            return life.write(who, lambda tx: count.count_lines(tx, [sure], command))[0].status


def decide(life: Life) -> None:
    """The manager looks at what two people could not settle, and believes most of it."""
    c = count_line.c
    query = select(c.id).where(c.status == "review").order_by(c.id).limit(50)
    for row in life.read(lambda tx: tx.rows(query)):
        is_doubted = life.rng.randrange(DOUBTED_ONE_IN) == 0
        command = f"decide {row.id} {life.now}"

        def act(tx: Tx, line_id: str = row.id, doubted: bool = is_doubted, command: str = command) -> None:
            if doubted:
                count.reject(tx, [line_id], "not to be believed", command, count_again=True)
            else:
                count.approve(tx, [line_id], "looked at", command)

        try:
            life.write("staff:manager", act)
            life.note("counts dropped" if is_doubted else "counts approved")
        except StorekeepError as refusal:
            life.note(f"count not decided: {type(refusal).__name__}")
            _again(life, row.id)


def _again(life: Life, line_id: str) -> None:
    """More would go than is left there: what was counted then is of no use any more."""
    command = f"again {line_id} {life.now}"
    try:
        life.write(
            "staff:manager", lambda tx: count.reject(tx, [line_id], "sold meanwhile", command, count_again=True)
        )
        life.note("counts dropped")
    except StorekeepError as refusal:
        life.note(f"count not dropped: {type(refusal).__name__}")
