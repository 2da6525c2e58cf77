"""Discount codes: made, changed, counted. The guarded counter decides who gets the last use of a code.

A use belongs to one order for ever, so redeeming twice for the same order counts once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import case, or_, select, update

from storekeep.kernel import audit
from storekeep.kernel.clock import Instant
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import NotFound, Problem
from storekeep.shop.catalog import InvalidFields
from storekeep.shop.pricing.codes import normalize_code
from storekeep.shop.pricing.tables import discount_code, discount_use


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code to make: percent in basis points, from `starts_at` (now when None) until just before `ends_at`."""

    code: str
    percent_bp: int
    min_goods_minor: int = 0
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    max_uses: int | None = None


@dataclass(frozen=True, slots=True)
class Redemption:
    """An order that wants to use a code."""

    discount_code_id: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The use, new or of the same order's earlier command."""

    use_id: str


@dataclass(frozen=True, slots=True)
class NotRedeemed:
    """No use was left, the code is switched off or gone, or this order gave its use back before."""

    reason: Literal["used_up", "inactive", "unknown", "returned"]


def create_codes(tx: Tx, codes: Sequence[NewCode]) -> list[str]:
    """Make discount codes and return their ids. Raises `InvalidFields` at paths like `0.code`; then none is made."""
    forms = [normalize_code(one.code) for one in codes]
    known = {row.code for row in tx.rows(select(discount_code.c.code).where(discount_code.c.code.in_(forms)))}
    problems: list[Problem] = []
    for at, (one, form) in enumerate(zip(codes, forms, strict=True)):
        problems += _check(str(at), one, form, form in known, tx.now)
        known.add(form)
    if problems:
        raise InvalidFields(problems)
    rows: list[dict[str, Any]] = [
        {
            "id": tx.new_id(),
            "code": form,
            "percent_bp": one.percent_bp,
            "min_goods_minor": one.min_goods_minor,
            "starts_at": tx.now if one.starts_at is None else one.starts_at,
            "ends_at": one.ends_at,
            "max_uses": one.max_uses,
            "used_count": 0,
            "is_active": True,
        }
        for one, form in zip(codes, forms, strict=True)
    ]
    tx.insert_many(discount_code, rows)
    audit.record(tx, [audit.Entry("discount_code.created", "discount_code", row["id"], None, row) for row in rows])
    return [row["id"] for row in rows]


def set_active(tx: Tx, ids: Sequence[str], is_active: bool) -> None:
    """Switch codes on or off; orders that used them keep their discount. Raises `NotFound`. Idempotent."""
    rows = _locked(tx, ids)
    for one in ids:
        if one not in rows:
            raise NotFound("There is no such discount code.")
    moving = [one for one, row in rows.items() if row.is_active != is_active]
    if not moving:
        return
    tx.run(update(discount_code).where(discount_code.c.id.in_(moving)).values(is_active=is_active))
    action = "discount_code.enabled" if is_active else "discount_code.disabled"
    audit.record(tx, [audit.Entry(action, "discount_code", one) for one in moving])


def redeem(tx: Tx, wanted: Sequence[Redemption]) -> list[Redeemed | NotRedeemed]:
    """Count uses for orders, in the order of the list, and answer each; the cap of a code is never passed.

    The code rows are locked in id order, uses are decided in memory and written once; the guard in the update stands as
    an assertion. Whether a code is in its time and reaches its minimum is the quote's business.
    """
    if not wanted:
        return []
    codes = _locked(tx, [one.discount_code_id for one in wanted])
    earlier = select(discount_use).where(discount_use.c.order_id.in_(sorted({one.order_id for one in wanted})))
    uses: dict[str, Redeemed | NotRedeemed] = {
        row.order_id: Redeemed(row.id) if row.returned_at is None else NotRedeemed("returned")
        for row in tx.rows(earlier)
    }
    taken: Counter[str] = Counter()
    rows, answers = [], []
    for one in wanted:
        answer = uses.get(one.order_id) or _decide(tx, codes.get(one.discount_code_id), taken)
        if isinstance(answer, Redeemed) and one.order_id not in uses:
            taken[one.discount_code_id] += 1
            row = {"id": answer.use_id, "discount_code_id": one.discount_code_id, "order_id": one.order_id}
            rows.append({**row, "used_at": tx.now, "returned_at": None})
            uses[one.order_id] = answer
        answers.append(answer)
    _count(tx, taken)
    tx.insert_many(discount_use, rows)
    return answers


def return_uses(tx: Tx, order_ids: Sequence[str]) -> int:
    """Give back the uses of orders that expired or were canceled whole; returns how many. Repeating changes nothing."""
    mine = (discount_use.c.order_id.in_(list(order_ids)), discount_use.c.returned_at.is_(None))
    found = tx.rows(select(discount_use.c.discount_code_id).where(*mine))
    if not found:
        return 0
    _locked(tx, [row.discount_code_id for row in found])
    rows = tx.rows(select(discount_use.c.id, discount_use.c.discount_code_id).where(*mine))
    counts = Counter(row.discount_code_id for row in rows)
    tx.run(update(discount_use).where(discount_use.c.id.in_([row.id for row in rows])).values(returned_at=tx.now))
    _count(tx, Counter({one: -number for one, number in counts.items()}))
    return len(rows)


def _decide(tx: Tx, code: Any, taken: Counter[str]) -> Redeemed | NotRedeemed:
    if code is None:
        return NotRedeemed("unknown")
    if not code.is_active:
        return NotRedeemed("inactive")
    if code.max_uses is not None and code.used_count + taken[code.id] >= code.max_uses:
        return NotRedeemed("used_up")
    return Redeemed(tx.new_id())


def _count(tx: Tx, changes: Counter[str]) -> None:
    """Move the counters of locked codes, all in one statement, never past the cap."""
    ids = sorted(one for one, number in changes.items() if number)
    if not ids:
        return
    column = discount_code.c
    after = column.used_count + case(*[(column.id == one, changes[one]) for one in ids], else_=0)
    within = or_(column.max_uses.is_(None), after <= column.max_uses)
    counted = tx.run(update(discount_code).where(column.id.in_(ids), within).values(used_count=after))
    assert counted == len(ids), "a locked discount code was counted past its cap"


def _locked(tx: Tx, ids: Sequence[str]) -> dict[str, Any]:
    wanted = sorted(set(ids))
    query = select(discount_code).where(discount_code.c.id.in_(wanted)).order_by(discount_code.c.id)
    return {row.id: row for row in tx.rows(query.with_for_update())}


def _check(path: str, one: NewCode, form: str, is_taken: bool, now: Instant) -> list[Problem]:
    found = []
    if not 3 <= len(form) <= 40 or not form.isascii() or not form.isprintable():
        found.append(("code", "A code has 3 to 40 letters, digits or signs, without accents."))
    elif is_taken:
        found.append(("code", f"The code {form} exists already."))
    if type(one.percent_bp) is not int or not 1 <= one.percent_bp <= 10_000:
        found.append(("percent_bp", "The discount lies between 0.01 % and 100 %."))
    if type(one.min_goods_minor) is not int or not 0 <= one.min_goods_minor <= 10**9:
        found.append(("min_goods_minor", f"The least value of goods lies between 0 and {10**9}."))
    if one.ends_at is not None and one.ends_at <= (now if one.starts_at is None else one.starts_at):
        found.append(("ends_at", "The end must be after the start."))
    if one.max_uses is not None and (type(one.max_uses) is not int or not 1 <= one.max_uses <= 10**9):
        found.append(("max_uses", "The number of uses is at least 1, or empty for any number."))
    return [Problem(code="invalid", text=text, path=f"{path}.{field}") for field, text in found]
