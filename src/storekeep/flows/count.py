"""Counting while the shop goes on: what to count today, the count itself, the second person, the decision, the books.

Nothing is frozen. A count is compared with the ledger's balance at the moment it is confirmed, and what is posted is
that difference, as one move: picks, deliveries and carryings before and after it change the result by nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storekeep.flows import once, shortage
from storekeep.kernel import audit, settings
from storekeep.kernel.clock import day_of, latest_hour, start_of_day
from storekeep.kernel.db import Database, Tx
from storekeep.kernel.errors import Conflict, Invalid
from storekeep.shop.access import roles, staff
from storekeep.shop.inventory import count_classes, count_queries, count_tasks, counting
from storekeep.shop.inventory.correcting import Corrected
from storekeep.shop.inventory.count_rules import AnotherPerson, CountRules, check_rules, rules_of
from storekeep.shop.inventory.count_tasks import TaskDraft
from storekeep.shop.inventory.counting import Entry
from storekeep.shop.inventory.model import check_reason
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.site import profile

RULES = "counts.rules"
_REMEMBERED = "count"
_SORTING_HOUR = 2
#: Told to the customer whose order loses a unit that a count did not find.
_NOT_FOUND = "not found in the warehouse (counted)"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a counted line: posted, recount or review."""

    line_id: str
    status: str


def load_rules(tx: Tx) -> CountRules:
    """The shop's own rules of counting."""
    return rules_of(settings.read(tx, RULES))


def save_rules(tx: Tx, rules: CountRules) -> None:
    """Change the rules; what was counted before keeps what was decided then. Raises `Invalid`."""
    check_rules(rules)
    settings.write(tx, RULES, {name: getattr(rules, name) for name in CountRules.__slots__})


def plan_counts(tx: Tx) -> list[str]:
    """Ask for today's counts: suspects first, then what the calendar says, no more a day than the rules allow.

    Run as often as one likes: the tasks of a day are opened once. Returns the tasks opened now.
    """
    rules = load_rules(tx)
    zone = profile.load(tx).timezone
    today = start_of_day(day_of(tx.now, zone), zone)
    left = rules.daily_bins - count_queries.opened_since(tx, "cycle", tx.actor, today)
    if left <= 0:
        return []
    drafts = []
    for due in count_queries.due_bins(tx, rules, limit=left):
        calendar = "never counted" if due.counted_at is None else "due"
        reason, scope = ("fewer were found elsewhere", "suspicion") if due.suspect_of else (calendar, due.grade)
        drafts.append(TaskDraft(due.location_id, "cycle", reason, scope))
    return open_tasks(tx, drafts)


def sort_goods(db: Database) -> int | None:
    """Once a night, after 2 o'clock of the shop: sort what every warehouse has into classes. None when that was done.

    The ledger is read outside of the writing transaction, so that nobody waits for it.
    """
    with db.read() as tx:
        due = latest_hour(tx.now, profile.load(tx).timezone, _SORTING_HOUR)
        last = count_classes.sorted_at(tx)
        if last is not None and last >= due:
            return None
        worth = count_classes.values(tx)
    with db.begin(actor="worker") as tx:
        return count_classes.keep(tx, worth)


def ask_for_all(tx: Tx, reason: str) -> list[str]:
    """A full count: every bin with goods in it that nobody is asked to count yet. Returns the tasks; again: nothing."""
    why = check_reason(reason)
    return open_tasks(tx, [TaskDraft(each, "full", why, "full count") for each in count_queries.bins_unasked(tx)])


def open_tasks(tx: Tx, drafts: Sequence[TaskDraft], *, must: bool = True) -> list[str]:
    """Ask for counts of places; see `count_tasks.open_tasks`."""
    made = count_tasks.open_tasks(tx, drafts, must=must)
    facts = {"kinds": sorted({draft.kind for draft in drafts})}
    audit.record(tx, [audit.Entry("count.asked", "count_task", each, None, facts) for each in made])
    return made


def claim(tx: Tx, task_ids: Sequence[str] | None = None, *, limit: int = 1) -> list[str]:
    """Take counts as the actor of the transaction: those named, or the next due. Nothing to do is an empty list."""
    wanted = count_tasks.next_due(tx, tx.actor, limit) if task_ids is None else list(task_ids)
    if wanted:
        count_tasks.claim(tx, wanted, tx.actor)
    return wanted


def count_lines(tx: Tx, entries: Sequence[Entry], command_id: str) -> list[Told]:
    """What somebody counted, line by line; all of it is taken or none.

    Small differences are booked at once, others wait for a second person or a decision, by the shop's rules.
    Idempotent by command. Raises what `counting.stamp` raises.
    """
    if not entries:
        return []
    count_tasks.lock_lines(tx, [entry.line_id for entry in entries])
    asked = [(entry.line_id, entry.units) for entry in entries]
    known = once.answer(tx, _REMEMBERED, command_id, asked)
    if known is not None:
        return [Told(*one) for one in known]
    statuses = counting.stamp(tx, entries, load_rules(tx))
    told = [Told(entry.line_id, status) for entry, status in zip(entries, statuses, strict=True)]
    ready = [one.line_id for one in told if one.status == "posted"]
    if ready:
        _post(tx, ready, "within the limits", None, command_id)
    count_tasks.follow(tx, count_queries.tasks_with(tx, [one.line_id for one in told]))
    once.remember(tx, _REMEMBERED, command_id, asked, [(one.line_id, one.status) for one in told])
    return told


def approve(tx: Tx, line_ids: Sequence[str], reason: str, command_id: str) -> None:
    """Somebody with the right believes these counts: they are posted. Idempotent by command.

    A line that still waits for its second count may be decided too, when there is nobody to count it. Raises
    `AnotherPerson` when the actor counted one of them and is not the only one with the right; `NotEnoughStock` when
    the place holds fewer by now than would go: then reject it and have it counted again.
    """
    why = check_reason(reason)
    if _is_repeat(tx, line_ids, command_id, ("approve", why)):
        return
    counting.skip_recount(tx, line_ids)
    _post(tx, line_ids, why, tx.actor, command_id)
    count_tasks.follow(tx, count_queries.tasks_with(tx, line_ids))


def reject(
    tx: Tx, line_ids: Sequence[str], reason: str, command_id: str, *, count_again: bool = False
) -> list[str]:
    """Somebody with the right does not believe these counts: the books stay. Returns the new tasks, if any.

    Idempotent by command; raises `AnotherPerson` as `approve` does.
    """
    why = check_reason(reason)
    if _is_repeat(tx, line_ids, command_id, ("reject", why, count_again)):
        return []
    counting.skip_recount(tx, line_ids)
    counting.reject(tx, line_ids, why, tx.actor)
    count_tasks.follow(tx, count_queries.tasks_with(tx, line_ids))
    audit.record(tx, [audit.Entry("count.rejected", "count_line", each, None, {"reason": why}) for each in line_ids])
    if not count_again:
        return []
    lines = count_tasks.lock_lines(tx, line_ids).values()
    by_place: dict[str, list[Any]] = {}
    for line in lines:
        by_place.setdefault(line.location_id, []).append(line)
    drafts = [
        TaskDraft(place, "recount", why, "rejected", tuple(one.variant_id for one in mine if one.lot_id is None),
                  is_whole=False, lot_ids=tuple(one.lot_id for one in mine if one.lot_id is not None))
        for place, mine in by_place.items()
    ]  # fmt: skip
    return open_tasks(tx, drafts)


def found_there(tx: Tx, task_id: str, variant_id: str, lot_code: str, expires_on: str | None) -> str:
    """Something lies at the place of a task that the books do not have there; returns the line on which it is counted.

    Goods that are told apart by lot need its code; a lot that nobody has booked in is made, on hold, with its expiry.
    Raises `Invalid` for a lot that cannot be, `Conflict` when the task is past counting.
    """
    if not lot_code:
        return count_tasks.add_goods(tx, task_id, variant_id)
    lot = count_tasks.find_lot(tx, task_id, variant_id, lot_code, expires_on)
    facts = {"code": lot.code, "expires_on": lot.expires_on, "task_id": task_id}
    if lot.received_at == tx.now:
        audit.record(tx, [audit.Entry("lot.found", "lot", lot.id, None, facts)])
    return count_tasks.add_goods(tx, task_id, variant_id, lot.id)


def found_empty(tx: Tx, variant_id: str, location_id: str, is_empty: bool, command_id: str) -> list[str]:
    """The answer to "is it empty now?" after the last unit was taken: a no asks for a count, a yes is one.

    Returns the task of a no. Idempotent by command. Raises `Conflict` when a unit was moved there meanwhile.
    """
    asked = (variant_id, location_id, is_empty)
    known = once.answer(tx, "zero_check", command_id, asked)
    if known is not None:
        return list(known)
    units, seq = count_queries.balance_now(tx, variant_id, location_id)
    if units:
        raise Conflict("the books have units there again; ask for a count instead")
    tasks: list[str] = []
    draft = TaskDraft(location_id, "zero_check", "something was left" if not is_empty else "found empty",
                      "zero check", (variant_id,), is_whole=False)  # fmt: skip
    made = open_tasks(tx, [draft], must=False)
    if is_empty and made:
        lines = [row.id for row in count_queries.lines_of(tx, made[0])
                 if row.variant_id == variant_id and row.status == "open"]  # fmt: skip
        if lines:
            counting.stamp(tx, [Entry(each, 0, seq) for each in lines], load_rules(tx))
            _post(tx, lines, "found empty", None, command_id)
            count_tasks.follow(tx, made)
    else:
        tasks = made
    once.remember(tx, "zero_check", command_id, asked, tasks)
    return tasks


def _is_repeat(tx: Tx, line_ids: Sequence[str], command_id: str, what: Sequence[object]) -> bool:
    """Whether this decision was taken before; else it is remembered, and the actor must be one who may take it."""
    if not line_ids:
        raise Invalid("lines", "choose what to decide")
    lines = count_tasks.lock_lines(tx, line_ids)
    asked = [*what, *sorted(line_ids)]
    if once.answer(tx, "count.decide", command_id, asked) is not None:
        return True
    if any(tx.actor in (line.counter_1, line.counter_2) for line in lines.values()) and not _is_alone(tx):
        raise AnotherPerson("you counted this yourself; somebody else with the right decides")
    once.remember(tx, "count.decide", command_id, asked, True)
    return False


def _is_alone(tx: Tx) -> bool:
    """Whether the actor is the only one on the staff who may decide counts: a shop of one must not be stuck."""
    able = [f"staff:{row.id}" for row in staff.everyone(tx)
            if row.status == "active" and roles.allows(row.role, "stock.approve")]  # fmt: skip
    return able == [tx.actor]


def _post(tx: Tx, line_ids: Sequence[str], reason: str, approver: str | None, command_id: str) -> Corrected:
    """Goods, money and the customers who lose a unit, in this transaction."""
    done = counting.settle(tx, line_ids, reason, approver)
    if done.moves:
        currency = profile.load(tx).currency
        pairs = zip(done.moves, done.values, strict=True)
        ledger.post(tx, [recipes.goods_adjusted(move.document_id, f"counted:{move.document_id}", value, currency)
                         for move, value in pairs])  # fmt: skip
        shortage.give_up(tx, done.displaced, _NOT_FOUND, command_id)
    entries = [
        audit.Entry("count.posted", "count_line", move.document_id, None,
                    {"units": move.qty, "value_minor": value, "reason": reason, "approver": approver})
        for move, value in zip(done.moves, done.values, strict=True)
    ]  # fmt: skip
    audit.record(tx, entries)
    return done
