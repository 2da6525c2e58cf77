"""Reading what a shopper types at the checkout."""

from storekeep.doors.storefront.checkout.view import ADDRESS, FIELDS
from storekeep.doors.web import Fields, Form
from storekeep.flows.checkout import Details

__all__ = ["FIELDS", "holds_details", "read"]

LABELS = {
    "name": "Full name",
    "line1": "Street and number",
    "line2": "Addition to the address",
    "postcode": "Postcode",
    "city": "Town",
    "region": "Region or state",
    "phone": "Telephone",
}


def holds_details(form: Form) -> bool:
    """Whether a form carries details at all; the bare button of a saved checkout does not."""
    return any(name in form for name in FIELDS)


def read(form: Form, *, complete: bool) -> tuple[Fields, Details]:
    """The details, checked. Without `complete` empty fields are fine: the shopper is still typing."""
    fields = Fields(form)
    email = fields.email("email", required=complete)
    ship_to = {}
    for name in ADDRESS:
        required = complete and name in ("name", "line1", "postcode", "city")
        ship_to[name] = fields.text(name, 120, label=LABELS[name], required=required, identifier=name == "phone")
    country = fields.text("country", 2, label="Country")
    if country and not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        fields.fail("country", "Choose a country from the list.")
    code = fields.text("delivery", 60, label="Delivery", required=False) or None
    return fields, Details(email, country, code, {name: value for name, value in ship_to.items() if value})
