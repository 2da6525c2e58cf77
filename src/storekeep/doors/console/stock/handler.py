"""The stock list, and a variant's page that says why each number is what it is."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, new_command, reading, shown, staff_page
from storekeep.doors.console.refusals import asked
from storekeep.doors.web import Door, Fields, Problem, Req, page
from storekeep.shop.access import staff
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.catalog.model import clean_sku
from storekeep.shop.inventory import queries
from storekeep.shop.inventory.states import LOT, RESERVATION
from storekeep.shop.reports import console_floor, console_lots

URL = "/console/stock"
KINDS = {
    "receive": "Arrived", "putaway": "Put away", "pick": "Picked", "unpick": "Put back", "ship": "Sent",
    "transfer": "Carried", "adjust": "Corrected", "scrap": "Thrown away", "return_in": "Came back",
    "quarantine": "Set aside", "return_out": "Sent back to the supplier",
}  # fmt: skip


def show(req: Req, me: Staff) -> Response:
    """Every variant by SKU with what is on hand, reserved and available, and its reorder point."""
    text, after = asked(req, "q"), clean_sku(asked(req, "after", 64))
    with reading(req) as tx:
        found = console_floor.stock_lines(tx, text=text, after=after)
    return page(req, "console/stock/page.html", {"found": found, "text": text, "is_first": not after})


def why(req: Req, me: Staff) -> Response:
    """One variant: where it is, who has reserved it, and the moves that add up to it."""
    return detail(req, me, None)


def detail(req: Req, me: Staff, form: Fields | None, status: int = 200) -> Response:
    """The page of a variant in one warehouse; `form` carries what was typed into it."""
    head_id, after = variant_id(req), req.query.get("after")
    after = after if after and is_id(after) else None
    with reading(req) as tx:
        head = console_floor.variant_head(tx, head_id)
        if head is None:
            raise Problem(404, "There is no such variant.")
        houses = queries.warehouses(tx)
        if not houses:
            raise Problem(404, "There is no warehouse yet. Open one first.")
        house = next((row for row in houses if row.id == req.query.get("warehouse")), houses[0])
        context: dict[str, Any] = {
            "head": head,
            "houses": houses,
            "house": house,
            "numbers": queries.availability_of(tx, [head_id], house.id)[head_id],
            "balances": queries.balances_of(tx, [head_id], warehouse_id=house.id),
            "reservations": console_floor.open_reservations(tx, head_id, house.id),
            "moves": console_floor.moves_in_bins(tx, head_id, house.id, after=after),
            "bins": console_floor.bins_of(tx, house.id),
            "policy": console_floor.policy_of(tx, head_id, house.id),
            "names": {f"staff:{row.id}": row.name for row in staff.everyone(tx)},
            "picture": console_floor.pictures_of(tx, [head_id]).get(head_id),
            "lots": console_lots.lots_of(tx, head_id, with_empty=True, limit=50) if head.tracking == "lot" else [],
        }
    policy = context["policy"]
    if form is None:
        point, up_to = (policy.reorder_point, policy.order_up_to) if policy is not None else ("", "")
        buffer = context["numbers"].buffer
        form = Fields.of({"reorder_point": str(point), "order_up_to": str(up_to), "buffer": str(buffer)})
    context |= {
        "after": after,
        "kinds": KINDS,
        "form": form,
        "may_change": me.may("stock.change"),
        "may_count": me.may("stock.count"),
        "command_id": new_command(req),
        "lot_status": lambda word: shown(LOT.labels, word),
        "lot_words": {status: f"lot {label.text.lower()}" for status, label in LOT.labels.items()},
        "withheld": sum(
            row.qty for row in context["balances"]
            if row.kind == "bin" and row.is_sellable and row.status == "active" and not row.is_on_hand
        ),
        "reserved_as": lambda word: shown(RESERVATION.labels, word),
        "in_bins": sum(row.qty for row in context["balances"] if row.kind == "bin" and row.is_sellable),
        "blocked": sum(
            row.qty for row in context["balances"]
            if row.kind == "bin" and row.is_sellable and row.status != "active"
        ),
        "counted": sum(row.qty for row in context["reservations"] if row.status in ("cart", "firm", "assigned")),
    }  # fmt: skip
    return page(req, "console/stock/detail.html", context, status=status)


def variant_id(req: Req) -> str:
    """The variant of this address."""
    found = req.path_params["variant_id"]
    if not is_id(found):
        raise Problem(404, "There is no such variant.")
    return found


def routes(door: Door) -> list[BaseRoute]:
    """List and detail."""
    return [
        staff_page(door, URL, show, permission="stock.read"),
        staff_page(door, URL + "/{variant_id}", why, permission="stock.read"),
    ]
