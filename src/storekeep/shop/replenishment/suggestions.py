"""Suggestions: written by a run, decided by a person or a rule. At most one per variant and warehouse is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from storekeep.kernel import audit, lifecycle
from storekeep.kernel.bulk import among
from storekeep.kernel.clock import DAY
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Invalid, NotFound
from storekeep.kernel.jsontext import dump
from storekeep.shop.replenishment.model import Advice, Advised, Inputs, Key, Pick
from storekeep.shop.replenishment.policies import MOST_UNITS
from storekeep.shop.replenishment.states import SUGGESTION, TAKEN
from storekeep.shop.replenishment.tables import replenishment_run, replenishment_suggestion

_S = replenishment_suggestion.c
_R = replenishment_run.c
_NOTE = 300


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run left behind. `is_repeat`: its command had run before, and this is what it did then."""

    run_id: str
    looked_at: int
    made: int
    kept: int
    superseded: int
    is_repeat: bool = False


def inputs_of(text: str) -> Inputs:
    """The frozen inputs of a suggestion."""
    return msgspec.json.decode(text, type=Inputs)


def load_reasons(text: str) -> list[str]:
    """The sentences of a suggestion."""
    return msgspec.json.decode(text, type=list[str])


def run_of(tx: Tx, command_id: str) -> Kept | None:
    """What the run of this command did, if there was one."""
    row = tx.first(select(replenishment_run).where(_R.command_id == command_id))
    return None if row is None else Kept(row.id, row.looked_at, row.made, row.kept, row.superseded, is_repeat=True)


def keep(tx: Tx, advised: Advised, weeks_until: str, command_id: str) -> Kept:
    """Make the open suggestions those of this run: equal ones stay, others give way, none is there twice.

    What somebody dismissed rests for the days between two looks. Running again with the same numbers changes nothing
    but the record that it ran. Audited; idempotent by `command_id`.
    """
    if tx.dialect == "postgresql":  # SQLite has one writer anyway: two runs must not both find nothing open
        tx.sql("SELECT pg_advisory_xact_lock(hashtextextended('replenishment_run', 0))")
    before = run_of(tx, command_id)
    if before is not None:
        return before
    query = select(_S.id, _S.variant_id, _S.warehouse_id, _S.inputs, _S.qty, _S.supplier_id, _S.unit_cost_minor)
    query = query.where(_S.status == "open").order_by(_S.id).with_for_update()
    old = {(row.variant_id, row.warehouse_id): row for row in tx.rows(query)}
    resting = _resting(tx)
    wanted = {one.key: (one, dump(one.inputs)) for one in advised.advice if not _rests(resting, one, tx.now)}
    same = {key for key, row in old.items() if key in wanted and _is_same(row, *wanted[key])}
    stale = [row.id for key, row in sorted(old.items()) if key not in same]
    lifecycle.advance(tx, SUGGESTION, replenishment_suggestion, stale, "superseded", sets={"decided_at": tx.now})
    run_id = tx.new_id()
    fresh = [(one, text) for key, (one, text) in sorted(wanted.items()) if key not in same]
    counts = {"looked_at": advised.looked_at, "made": len(fresh), "kept": len(same), "superseded": len(stale)}
    told = {"command_id": command_id, "actor": tx.actor, "ran_at": tx.now, "weeks_until": weeks_until,
            "weeks": advised.weeks, "is_calibrated": advised.is_calibrated}  # fmt: skip
    tx.insert_many(replenishment_run, [{"id": run_id, **told, **counts}])
    rows = [_row(tx, run_id, one, text) for one, text in fresh]
    tx.insert_many(replenishment_suggestion, rows)
    lifecycle.begin(tx, SUGGESTION, [row["id"] for row in rows])
    audit.record(tx, [audit.Entry("restock.run", "replenishment_run", run_id, None, counts)])
    return Kept(run_id, counts["looked_at"], counts["made"], counts["kept"], counts["superseded"])


def _row(tx: Tx, run_id: str, one: Advice, inputs: str) -> dict[str, Any]:
    return {
        "id": tx.new_id(), "run_id": run_id, "variant_id": one.key[0], "warehouse_id": one.key[1], "sku": one.sku,
        "qty": one.qty, "status": "open", "inputs": inputs, "reasons": dump(one.reasons),
        "supplier_id": one.terms.supplier_id, "supplier_name": one.terms.name,
        "unit_cost_minor": one.terms.unit_cost_minor, "created_at": tx.now,
    }  # fmt: skip


def _is_same(row: Any, one: Advice, inputs: str) -> bool:
    asked_of = (row.supplier_id, row.unit_cost_minor) == (one.terms.supplier_id, one.terms.unit_cost_minor)
    return asked_of and row.inputs == inputs


def _resting(tx: Tx) -> dict[Key, int]:
    """When each variant was last dismissed, among the dismissals that can still count."""
    query = (
        select(_S.variant_id, _S.warehouse_id, _S.decided_at)
        .where(_S.status == "dismissed", _S.decided_at > tx.now - 730 * DAY)
        .order_by(_S.decided_at)
    )
    return {(row.variant_id, row.warehouse_id): row.decided_at for row in tx.rows(query)}


def _rests(resting: dict[Key, int], one: Advice, now: int) -> bool:
    return now < resting.get(one.key, -1) + one.inputs.review_days * DAY


def load(tx: Tx, ids: Sequence[str]) -> dict[str, Any]:
    """Suggestions by id; `NotFound` names the first one that there is not."""
    rows = {row.id: row for row in tx.rows(select(replenishment_suggestion).where(among(_S.id, set(ids))))}
    for one in ids:
        if one not in rows:
            raise NotFound(f"no suggestion {one}")
    return rows


def take(tx: Tx, picks: Sequence[Pick], command_id: str) -> list[Any]:
    """Decide that these suggestions are ordered, as suggested or in another quantity; returns them as decided.

    All or none. Idempotent by `command_id`. Raises `Invalid` for a quantity that cannot be and `Conflict` for a
    suggestion that somebody decided, or a run replaced, meanwhile.
    """
    done = tx.rows(select(replenishment_suggestion).where(_S.command_id == command_id).order_by(_S.sku, _S.id))
    if done:
        return list(done)
    wanted = {pick.suggestion_id: pick.qty for pick in picks}
    if not wanted:
        raise Invalid("picks", "choose at least one line")
    for qty in wanted.values():
        if not 1 <= qty <= MOST_UNITS:
            raise Invalid("qty", f"order from 1 to {MOST_UNITS:,} units, not {qty:,}")
    rows = load(tx, sorted(wanted))
    _refuse_decided(rows.values())
    for status in sorted(TAKEN):
        is_edit = status == "edited"
        ids = [row.id for row in rows.values() if (row.qty != wanted[row.id]) == is_edit]
        _decide(tx, status, [(one, wanted[one]) for one in ids], command_id)
    audit.record(
        tx,
        [
            audit.Entry("restock.ordered", "variant", row.variant_id, {"suggested": row.qty}, {"qty": wanted[row.id]})
            for row in sorted(rows.values(), key=lambda row: row.id)
        ],
    )
    query = select(replenishment_suggestion).where(among(_S.id, sorted(wanted))).order_by(_S.sku, _S.id)
    return list(tx.rows(query))


def _decide(tx: Tx, status: str, taken: Sequence[tuple[str, int]], command_id: str) -> None:
    if not taken:
        return
    # A row that counts as taken must have a quantity at once; its own follows in the next statement.
    sets = {"decided_at": tx.now, "decided_by": tx.actor, "command_id": command_id, "taken_qty": 1}
    lifecycle.advance(tx, SUGGESTION, replenishment_suggestion, [one for one, _ in taken], status, sets=sets)
    change = update(replenishment_suggestion).where(_S.id == bindparam("of_id")).values(taken_qty=bindparam("units"))
    tx.conn.execute(change, [{"of_id": one, "units": units} for one, units in taken])


def dismiss(tx: Tx, ids: Sequence[str], note: str) -> None:
    """Decide not to order these for now; they rest for the days between two looks. A repeat changes nothing."""
    rows = load(tx, ids)
    changing = [row for row in rows.values() if row.status != "dismissed"]
    _refuse_decided(changing)
    sets = {"decided_at": tx.now, "decided_by": tx.actor, "note": note.strip()[:_NOTE]}
    lifecycle.advance(tx, SUGGESTION, replenishment_suggestion, [row.id for row in changing], "dismissed", sets=sets)
    audit.record(
        tx,
        [
            audit.Entry("restock.dismissed", "variant", row.variant_id, {"suggested": row.qty}, {"note": note.strip()})
            for row in sorted(changing, key=lambda row: row.id)
        ],
    )


def _refuse_decided(rows: Any) -> None:
    for row in rows:
        if row.status != "open":
            label = SUGGESTION.labels[row.status].text.lower()
            raise Conflict(f"the suggestion for {row.sku} is not open any more: {label}; look at the board again")
