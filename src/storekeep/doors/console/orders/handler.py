"""The addresses of the order pages."""

from starlette.routing import BaseRoute

from storekeep.doors.console.frame import staff_page
from storekeep.doors.console.orders import detail, listing, remedies
from storekeep.doors.console.orders.listing import URL
from storekeep.doors.web import Door

_REMEDY = ("orders.change", "orders.refund")


def routes(door: Door) -> list[BaseRoute]:
    """List, file, one order, its money, its papers, its notes, its remedies."""
    one = URL + "/{number}"
    return [
        staff_page(door, URL + ".csv", listing.as_file, permission="orders.export"),
        staff_page(door, URL, listing.show, permission="orders.read"),
        staff_page(door, one, detail.show, permission="orders.read"),
        staff_page(door, one + "/ledger", detail.show_ledger, permission="orders.read"),
        staff_page(door, one + "/papers/{document_id}", detail.paper, permission="orders.read"),
        staff_page(door, one + "/notes", detail.add_note, permission="orders.change", methods=("POST",)),
        staff_page(door, one + "/remedies/{kind}", remedies.show, permission=_REMEDY),
        staff_page(door, one + "/remedies/{kind}", remedies.confirm, permission=_REMEDY, methods=("POST",)),
    ]
