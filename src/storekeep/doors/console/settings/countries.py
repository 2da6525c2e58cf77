"""The countries sold to, and the taxes collected in each."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.doors.web.forms import parse_money
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Refused
from storekeep.shop.pricing import queries, rules
from storekeep.shop.pricing.model import TaxRule
from storekeep.shop.pricing.rules import TAX_CLASSES, CountrySetting

URL = "/console/settings/countries"


def show(req: Req, me: Staff) -> Response:
    """Every country with its zone and rates."""
    with reading(req) as tx:
        countries, rates = queries.countries(tx), _rates(tx)
    rows = [(row, [rates.get((row.country, tax_class)) for tax_class in TAX_CLASSES]) for row in countries]
    return page(req, "console/settings/countries.html", {"rows": rows})


def new(req: Req, me: Staff) -> Response:
    """The form for another country."""
    return _form(req, Fields.of({"includes": "yes", "is_active": "1"}), None)


def edit(req: Req, me: Staff) -> Response:
    """One country as it is."""
    with reading(req) as tx:
        row, rates = _row(tx, req), _rates(tx)
    values = {"name": row.name, "zone": row.zone, "includes": "yes" if row.prices_include_tax else "no",
              "is_active": "1" if row.is_active else ""}  # fmt: skip
    for tax_class in TAX_CLASSES:
        rule = rates.get((row.country, tax_class))
        values[f"rate_{tax_class}"] = "" if rule is None else f"{rule.rate_bp // 100}.{rule.rate_bp % 100:02d}"
    return _form(req, Fields.of(values), row)


def _form(req: Req, form: Fields, row: Any, status: int = 200) -> Response:
    with reading(req) as tx:
        zones = sorted({one.zone for one in queries.countries(tx)} | {one.zone for one in rules.delivery_methods(tx)})
    context = {"form": form, "row": row, "zones": zones, "tax_classes": TAX_CLASSES}
    return page(req, "console/settings/country.html", context, status=status)


def save(req: Req, me: Staff) -> Response:
    """Add or change a country with its rates; all rates empty means that no tax is collected there."""
    form, row = Fields(req.form), None
    if "country" in req.path_params:
        with reading(req) as tx:
            row = _row(tx, req)
    code = row.country if row is not None else form.text("country", 2, label="Country").upper()
    setting = CountrySetting(
        code, form.text("name", 80, label="Name"), form.choice("includes", ("yes", "no"), label="A side") == "yes",
        form.text("zone", 80, label="Zone"), form.checked("is_active"),
    )  # fmt: skip
    taxes = _read_rates(form, code)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                _put(tx, form, setting, taxes, is_new=row is None)
        except Refused as refused:
            refusals.to_fields(form, refused, {"rate_bp": "rate_standard", "tax_class": "rate_standard"}, first="name")
    if form.errors:
        return _form(req, form, row, 422)
    return redirect(req, URL, notice=f"{setting.name} is saved.")


def _read_rates(form: Fields, code: str) -> list[TaxRule]:
    """Per cent with up to two decimals to basis points."""
    found = []
    for tax_class in TAX_CLASSES:
        name = f"rate_{tax_class}"
        text = form.text(name, 8, label="Rate", required=False).removesuffix("%").strip()
        if not text or form.error(name):
            continue
        try:
            rate_bp = parse_money(text, "EUR")
        except ValueError:
            rate_bp = -1
        if not 0 <= rate_bp <= 10_000:
            form.fail(name, "The rate is from 0 to 100 per cent, like 20 or 5.5.")
            continue
        shown = f"{rate_bp / 100:g}"
        found.append(TaxRule(code, tax_class, rate_bp, f"VAT {code} {shown} %"))
    if found and len(found) < len(TAX_CLASSES) and not form.errors:
        lacking = next(name for name in TAX_CLASSES if name not in {one.tax_class for one in found})
        form.fail(f"rate_{lacking}", "Give all rates, or none when no tax is collected there.")
    return found


def _put(tx: Tx, form: Fields, setting: CountrySetting, taxes: list[TaxRule], *, is_new: bool) -> None:
    known = [
        CountrySetting(row.country, row.name, row.prices_include_tax, row.zone, row.is_active)
        for row in queries.countries(tx)
    ]
    if is_new and any(one.country == setting.country for one in known):
        form.fail("country", f"{setting.country} is in the list already.")
        return
    rules.set_countries(tx, [*(one for one in known if one.country != setting.country), setting])
    kept = [rule for (country, _), rule in _rates(tx).items() if country != setting.country]
    rules.set_taxes(tx, [*kept, *taxes])


def _rates(tx: Tx) -> dict[tuple[str, str], TaxRule]:
    return {
        (row.country, row.tax_class): TaxRule(row.country, row.tax_class, row.rate_bp, row.label)
        for row in queries.taxes(tx)
    }


def _row(tx: Tx, req: Req) -> Any:
    row = next((row for row in queries.countries(tx) if row.country == req.path_params["country"]), None)
    if row is None:
        raise Problem(404, "This country is not in the list.")
    return row


def routes(door: Door) -> list[BaseRoute]:
    """List, new, change."""
    may = "settings.change"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/new", new, permission=may),
        staff_page(door, f"{URL}/new", save, permission=may, methods=("POST",)),
        staff_page(door, URL + "/{country}", edit, permission=may),
        staff_page(door, URL + "/{country}", save, permission=may, methods=("POST",)),
    ]
