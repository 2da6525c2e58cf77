"""Goods between two warehouses of ours: written down, loaded, on the way, received in parts, and every difference told.

Each verb is one transaction of the caller, idempotent by its command id, and audited. What is lost on the way, or found
beyond what was sent, goes to inventory adjustments in the same transaction; goods on the way stay in the inventory.
"""

from collections.abc import Sequence

from storekeep.flows import once
from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.shop.payments import ledger, recipes
from storekeep.shop.site import profile
from storekeep.shop.transfers import arriving, sending, store
from storekeep.shop.transfers.model import Arrived, Fate, Loaded, Want, Worth


def draft(
    tx: Tx, from_warehouse_id: str, to_warehouse_id: str, note: str, command_id: str, wants: Sequence[Want] = ()
) -> str:
    """Write a transfer with its lines; returns its id."""
    asked = [from_warehouse_id, to_warehouse_id, note, [list(each) for each in wants]]
    if (known := once.answer(tx, "transfer.draft", command_id, asked)) is not None:
        return str(known)
    transfer_id = sending.draft(tx, from_warehouse_id, to_warehouse_id, note)
    if wants:
        sending.want(tx, transfer_id, wants)
    facts = {"from": from_warehouse_id, "to": to_warehouse_id, "note": note}
    audit.record(tx, [audit.Entry("transfer.drafted", "transfer", transfer_id, None, facts)])
    once.remember(tx, "transfer.draft", command_id, asked, transfer_id)
    return transfer_id


def want(tx: Tx, transfer_id: str, wants: Sequence[Want]) -> None:
    """Set what is to be sent; the same again changes nothing."""
    sending.want(tx, transfer_id, wants)
    facts = {"units": {each.variant_id: each.qty for each in wants}}
    audit.record(tx, [audit.Entry("transfer.wanted", "transfer", transfer_id, None, facts)])


def load(tx: Tx, transfer_id: str, loaded: Sequence[Loaded], command_id: str) -> None:
    """Goods from the sender's shelves onto the lorry."""
    asked = [transfer_id, [list(each) for each in loaded]]
    store.load(tx, transfer_id, lock=True)
    if once.answer(tx, "transfer.load", command_id, asked) is not None:
        return
    sending.load(tx, transfer_id, loaded, command_id)
    facts = {"units": [[each.variant_id, each.qty] for each in loaded]}
    audit.record(tx, [audit.Entry("transfer.loaded", "transfer", transfer_id, None, facts)])
    once.remember(tx, "transfer.load", command_id, asked, True)


def depart(tx: Tx, transfer_id: str) -> None:
    """The lorry leaves."""
    sending.depart(tx, transfer_id)
    audit.record(tx, [audit.Entry("transfer.sent", "transfer", transfer_id)])


def cancel(tx: Tx, transfer_id: str, reason: str, command_id: str) -> None:
    """Called off before it left; what was loaded is in the sender's receiving, to be put away."""
    sending.cancel(tx, transfer_id, reason, command_id)
    audit.record(tx, [audit.Entry("transfer.canceled", "transfer", transfer_id, None, {"reason": reason})])


def arrive(tx: Tx, transfer_id: str, arrived: Arrived, command_id: str) -> None:
    """Goods off the lorry; see `arriving.arrive`."""
    asked = [transfer_id, list(arrived)]
    store.load(tx, transfer_id, lock=True)
    if once.answer(tx, "transfer.arrive", command_id, asked) is not None:
        return
    _book(tx, arriving.arrive(tx, transfer_id, arrived, command_id))
    facts = {"variant_id": arrived.variant_id, "qty": arrived.qty, "damaged": arrived.is_damaged,
             "reason": arrived.reason}  # fmt: skip
    audit.record(
        tx, [audit.Entry("transfer.arrived", "transfer", transfer_id, None, facts)]
    )
    once.remember(tx, "transfer.arrive", command_id, asked, True)


def finish(tx: Tx, transfer_id: str, fates: Sequence[Fate], command_id: str) -> None:
    """The count is over, and what did not come is lost or was never sent."""
    _book(tx, arriving.finish(tx, transfer_id, fates, command_id))
    facts = {"fates": [list(fate) for fate in fates]}
    audit.record(tx, [audit.Entry("transfer.finished", "transfer", transfer_id, None, facts)])


def _book(tx: Tx, worths: Sequence[Worth]) -> None:
    """What left the books or came into them on the way."""
    if worths:
        currency = profile.load(tx).currency
        ledger.post(tx, [
            recipes.goods_adjusted(each.move_id, f"transfer:{each.move_id}", each.value_minor, currency)
            for each in worths
        ])  # fmt: skip
