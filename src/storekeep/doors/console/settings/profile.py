"""The shop's profile: who it is, what it sells in, the numbers of its policies, and the demo world's switch."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel.errors import Refused
from storekeep.shop import site
from storekeep.shop.site.profile import NUMBERS, ShopProfile

URL = "/console/settings"
TEMPLATE = "console/settings/profile.html"
TEXTS = ("name", "legal_name", "email", "phone", "currency", "timezone", "base_country", "public_url", "sender")
#: field -> (label, unit, what it means)
POLICIES = {
    "return_days": ("Returns within", "days", "From delivery on; the law's least is 14 in the EU."),
    "handling_days": ("Packing takes", "days", "Working days from payment to the carrier; promises count them."),
    "unpaid_minutes": ("An unpaid order expires after", "minutes", "Its goods are free again then."),
    "hold_minutes": ("A checkout holds its goods for", "minutes", "From the moment the address is entered."),
    "price_lock_minutes": (
        "A cart keeps its prices for",
        "minutes",
        "Afterwards the buyer is asked to accept new ones.",
    ),
    "silent_days": ("A silent parcel becomes a case after", "days", "Days without a scan by the carrier."),
}


def show(req: Req, me: Staff) -> Response:
    """The profile as it is."""
    with reading(req) as tx:
        shop = site.load(tx)
    values = {name: str(getattr(shop, name)) for name in (*TEXTS, *POLICIES)}
    return _page(req, shop, Fields.of({**values, "address": "\n".join(shop.address_lines)}))


def _page(req: Req, shop: ShopProfile, form: Fields, status: int = 200) -> Response:
    policies = [(name, *about, NUMBERS[name][1:]) for name, about in POLICIES.items()]
    return page(req, TEMPLATE, {"form": form, "shop": shop, "policies": policies}, status=status)


def save(req: Req, me: Staff) -> Response:
    """Change the profile; every field that does not fit is said at its place."""
    form = Fields(req.form)
    with reading(req) as tx:
        shop = site.load(tx)
    optional = ("legal_name", "phone")
    changes: dict[str, object] = {name: form.text(name, 254, required=name not in optional) for name in TEXTS}
    for name in ("currency", "base_country"):
        changes[name] = str(changes[name]).upper()
    for name, (label, _, _) in POLICIES.items():
        changes[name] = form.integer(name, label=label, maximum=10**9)
    address = form.text("address", 800, label="Address", required=False, multiline=True)
    changes["address_lines"] = [line for line in address.split("\n") if line.strip()]
    if not form.errors:
        try:
            with changing(req, me) as tx:
                site.save(tx, changes)
        except Refused as refused:
            refusals.to_fields(form, refused, {"address_lines": "address"}, first="name")
    if form.errors:
        return _page(req, shop, form, 422)
    return redirect(req, URL, notice="Saved.")


def demo_world(req: Req, me: Staff) -> Response:
    """Let the demo world shop and send, or be still. Only in a demo shop."""
    to = req.form.get("to")
    if to not in ("on", "off"):
        raise Problem(400, "The demo world is on or off.")
    with changing(req, me) as tx:
        if not site.load(tx).is_demo:
            raise Problem(409, "This is not a demo shop, so there is no demo world to switch on.")
        site.save(tx, {"demo_world_on": to == "on"})
    said = "The demo world is on: shoppers come by." if to == "on" else "The demo world is still."
    return redirect(req, URL, notice=said)


def routes(door: Door) -> list[BaseRoute]:
    """Show, save, demo world."""
    may = "settings.change"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, URL, save, permission=may, methods=("POST",)),
        staff_page(door, f"{URL}/demo-world", demo_world, permission=may, methods=("POST",)),
    ]
