"""Landed costs: what a delivery cost beside its goods, shared out over the lines that came with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storekeep.kernel import numbers
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, Problem, Refused
from storekeep.kernel.money import spread
from storekeep.shop.purchasing.tables import landed_cost, landed_cost_line

KINDS = {"freight": "Freight", "duty": "Duty", "insurance": "Insurance", "handling": "Handling", "other": "Other"}
BASES = {"value": "by value", "weight": "by weight", "units": "by units"}
#: More than this in minor units is a number in the wrong field.
MOST = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class Bill:
    """What somebody charges for a delivery beside its goods, without tax; a negative amount is a credit note."""

    kind: str
    amount_minor: int
    basis: str
    charged_by: str
    reference: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A line's part of a bill, by its `weight` (minor units, grams or units), and where it went."""

    receipt_line_id: str
    weight: int
    amount_minor: int
    stock_minor: int = 0
    sold_minor: int = 0
    lost_minor: int = 0
    sent_back_minor: int = 0


def checked(bill: Bill) -> Bill:
    """The bill with its words trimmed; `Refused` names what cannot be."""
    charged_by, reference = " ".join(bill.charged_by.split()), " ".join(bill.reference.split())
    problems = []
    if bill.kind not in KINDS:
        problems.append(Problem("invalid", f"choose one of {', '.join(KINDS)}", path="kind"))
    if bill.basis not in BASES:
        problems.append(Problem("invalid", f"choose one of {', '.join(BASES)}", path="basis"))
    if not bill.amount_minor or abs(bill.amount_minor) > MOST:
        problems.append(Problem("invalid", "an amount is not zero, and no telephone number", path="amount"))
    for path, text, most in (("charged_by", charged_by, 120), ("reference", reference, 60)):
        if not 1 <= len(text) <= most:
            problems.append(Problem("invalid", f"this has 1 to {most} characters", path=path))
    if problems:
        raise Refused(problems)
    note = bill.note.strip()[:500]
    return Bill(bill.kind, bill.amount_minor, bill.basis, charged_by, reference, note)


def share(bill: Bill, lines: Sequence[Any], grams: Mapping[str, int], skus: Mapping[str, str]) -> list[Share]:
    """Share a bill out over booked receipt lines by largest remainder: the parts add up exactly.

    `grams` of one unit and `skus` are by variant. Raises `Refused` where the basis says nothing about the goods.
    """
    if bill.basis == "weight" and (light := sorted({skus[x.variant_id] for x in lines if not grams[x.variant_id]})):
        text = f"the catalogue has no weight for {', '.join(light[:10])}; add it, or share by value or units"
        raise Refused([Problem("no_weight", text, path="basis", data={"skus": light})])
    per_unit = {"weight": grams, "units": dict.fromkeys(grams, 1)}.get(bill.basis)
    weights = [int(x.value_minor if per_unit is None else x.counted * per_unit[x.variant_id]) for x in lines]
    if not sum(weights):
        raise Invalid("basis", "these goods were booked in at no value; share by weight or units")
    parts = spread(bill.amount_minor, weights)
    return [Share(line.id, *rest) for line, *rest in zip(lines, weights, parts, strict=True)]


def require_new(tx: Tx, receipt_id: str, bill: Bill) -> None:
    """`Conflict` when this bill was booked for this delivery before. The receipt must be locked."""
    c = landed_cost.c
    query = select(c.number).where(
        c.receipt_id == receipt_id, c.charged_by == bill.charged_by, c.reference == bill.reference
    )
    if (known := tx.scalar(query)) is not None:
        raise Conflict(f"{bill.reference} of {bill.charged_by} is booked for this delivery already, as LC-{known}")


def write(
    tx: Tx, landed_id: str, receipt_id: str, bill: Bill, currency: str, shares: Sequence[Share]
) -> int:
    """Keep a bill and its shares; returns its number."""
    number = numbers.take(tx, "landed_cost")[0]
    head = {
        "id": landed_id, "number": number, "receipt_id": receipt_id, "kind": bill.kind, "basis": bill.basis,
        "amount_minor": bill.amount_minor, "currency": currency, "charged_by": bill.charged_by,
        "reference": bill.reference, "note": bill.note, "posted_at": tx.now, "actor": tx.actor,
    }  # fmt: skip
    tx.insert_many(landed_cost, [head])
    tx.insert_many(
        landed_cost_line,
        [
            {"id": tx.new_id(), "landed_cost_id": landed_id, **{name: getattr(one, name) for name in Share.__slots__}}
            for one in shares
        ],
    )
    return number
