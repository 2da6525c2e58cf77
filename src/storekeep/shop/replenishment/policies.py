"""How variants are bought: the policy of one variant in one warehouse, and the defaults of the classes."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import delete, select, update

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, Problem, Refused
from storekeep.shop.replenishment.model import DEFAULTS, Key, Policy
from storekeep.shop.replenishment.tables import replenishment_policy

#: A bound in units or days above this is a typing mistake.
MOST_UNITS, MOST_DAYS = 1_000_000, 730
_NAMES = tuple(one.name for one in fields(Policy))
_P = replenishment_policy.c


def own(tx: Tx) -> dict[Key, Policy]:
    """The policies of single variants, by variant and warehouse."""
    query = select(replenishment_policy).where(_P.variant_id.is_not(None))
    return {(row.variant_id, row.warehouse_id): _policy(row) for row in tx.rows(query)}


def of_key(tx: Tx, key: Key) -> Policy | None:
    """The policy of one variant in one warehouse, if it has one of its own."""
    row = tx.first(select(replenishment_policy).where(_P.variant_id == key[0], _P.warehouse_id == key[1]))
    return None if row is None else _policy(row)


def defaults(tx: Tx) -> dict[str, Policy]:
    """The policy of each class of turnover: as somebody set it, else as the house comes."""
    rows = tx.rows(select(replenishment_policy).where(_P.abc_class.is_not(None)))
    return {**DEFAULTS, **{row.abc_class: _policy(row) for row in rows}}


def set_policy(tx: Tx, key: Key, policy: Policy) -> None:
    """Buy one variant for one warehouse this way. The same policy changes nothing. Raises `Refused`, a problem each."""
    _set(tx, {"variant_id": key[0], "warehouse_id": key[1], "abc_class": None}, policy, "variant", key[0])


def set_default(tx: Tx, abc_class: str, policy: Policy) -> None:
    """Buy a class of turnover this way, where variants have no policy of their own."""
    if abc_class not in DEFAULTS:
        raise Invalid("abc_class", "the classes are A, B and C")
    _set(tx, {"variant_id": None, "warehouse_id": None, "abc_class": abc_class}, policy, "class", abc_class)


def drop_policy(tx: Tx, key: Key) -> None:
    """From now on the variant is bought as its class is."""
    before = of_key(tx, key)
    if before is not None:
        tx.run(delete(replenishment_policy).where(_P.variant_id == key[0], _P.warehouse_id == key[1]))
        audit.record(tx, [audit.Entry("restock.policy", "variant", key[0], asdict(before), None)])


def check(policy: Policy) -> None:
    """Raise `Refused` with a problem for each field that cannot be."""
    problems = [Problem("invalid", text, path=name) for name, text in _faults(policy)]
    if problems:
        raise Refused(problems)


def _faults(policy: Policy) -> list[tuple[str, str]]:
    found = []
    if policy.method not in ("forecast", "min_max", "off"):
        found.append(("method", "buy by forecast, by hand-set levels, or not at all"))
    if policy.target_kind not in ("fill", "no_stock_out"):
        found.append(("target_kind", "what is wanted is a share of units or a share of weeks"))
    if not 5000 <= policy.target_bp <= 9990:
        found.append(("target_bp", "what is wanted is from 50 to 99.9 %"))
    for name, label in (("review_days", "the days between looks"), ("lead_days", "the lead time"),
                        ("max_cover_days", "the longest cover")):  # fmt: skip
        days = getattr(policy, name)
        if days is not None and not 1 <= days <= MOST_DAYS:
            found.append((name, f"{label} is from 1 to {MOST_DAYS} days, not {days}"))
    if not 0 <= policy.min_units <= MOST_UNITS:
        found.append(("min_units", f"the smallest level is from 0 to {MOST_UNITS:,} units"))
    if policy.max_units is not None and not policy.min_units <= policy.max_units <= MOST_UNITS:
        found.append(("max_units", "the largest level is at least the smallest"))
    if not 1 <= policy.multiple <= MOST_UNITS:
        found.append(("multiple", "goods are ordered by at least 1"))
    elif not 0 <= policy.moq <= MOST_UNITS or policy.moq % policy.multiple:
        found.append(("moq", f"the least order must be a multiple of {policy.multiple:,}"))
    return found


def _set(tx: Tx, scope: Mapping[str, Any], policy: Policy, subject: str, subject_id: str) -> None:
    check(policy)
    here = [_P[name].is_(None) if value is None else _P[name] == value for name, value in scope.items()]
    row = tx.first(select(replenishment_policy).where(*here))
    before = None if row is None else _policy(row)
    if before == policy:
        return
    values = asdict(policy) | {"updated_at": tx.now}
    if row is None:
        tx.insert_many(replenishment_policy, [{"id": tx.new_id(), **scope, **values}])
    else:
        tx.run(update(replenishment_policy).where(_P.id == row.id).values(values))
    told = None if before is None else asdict(before)
    audit.record(tx, [audit.Entry("restock.policy", subject, subject_id, told, asdict(policy))])


def _policy(row: Any) -> Policy:
    return Policy(**{name: getattr(row, name) for name in _NAMES})
