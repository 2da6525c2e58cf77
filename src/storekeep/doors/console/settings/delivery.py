"""Delivery methods: what buyers choose from in each zone, at which price."""

import re
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, staff_page
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.doors.web.forms import parse_money
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Refused
from storekeep.kernel.money import format_plain
from storekeep.shop import site
from storekeep.shop.pricing import queries, rules
from storekeep.shop.pricing.model import Band, DeliveryMethod

URL = "/console/settings/delivery"
KINDS = [("flat", "One price"), ("weight_banded", "By weight"), ("value_banded", "By value of the goods")]
TAXES = [("standard", "Standard"), ("reduced", "Reduced"), ("zero", "Zero")]
_BAND = re.compile(r"\s*(?P<up_to>[^:]+?)\s*:\s*(?P<price>.+?)\s*")
NAMES = {"amount_minor": "amount", "free_over_minor": "free_over", "max_weight_g": "max_weight_g"}


def show(req: Req, me: Staff) -> Response:
    """All methods in their order, switched off ones too."""
    with reading(req) as tx:
        methods, inactive = _all(tx)
        zones: dict[str, list[str]] = {}
        for row in queries.countries(tx):
            if row.is_active:
                zones.setdefault(row.zone, []).append(row.name)
    context = {"methods": [(one, one.code not in inactive) for one in methods], "zones": zones, "kinds": dict(KINDS)}
    return page(req, "console/settings/delivery.html", context)


def new(req: Req, me: Staff) -> Response:
    """The form for another method."""
    return _form(req, Fields.of({"kind": "flat", "tax_class": "standard", "min_days": "2", "max_days": "4"}), None)


def edit(req: Req, me: Staff) -> Response:
    """One method as it is."""
    with reading(req) as tx:
        one, is_active = _one(tx, req)
        currency = site.load(tx).currency
    return _form(req, Fields.of(_values(one, is_active, currency)), one)


def _values(one: DeliveryMethod, is_active: bool, currency: str) -> dict[str, str]:
    def limit(up_to: int | None) -> str:
        if up_to is None:
            return "more"
        return str(up_to) if one.kind == "weight_banded" else format_plain(up_to, currency)

    bands = "\n".join(f"{limit(band.up_to)}: {format_plain(band.amount_minor, currency)}" for band in one.bands)
    return {
        "code": one.code, "label": one.label, "zone": one.zone, "kind": one.kind, "tax_class": one.tax_class,
        "amount": format_plain(one.amount_minor, currency), "bands": bands, "min_days": str(one.min_days),
        "free_over": "" if one.free_over_minor is None else format_plain(one.free_over_minor, currency),
        "max_weight_g": "" if one.max_weight_g is None else str(one.max_weight_g), "max_days": str(one.max_days),
        "is_active": "1" if is_active else "",
    }  # fmt: skip


def _form(req: Req, form: Fields, one: DeliveryMethod | None, status: int = 200) -> Response:
    with reading(req) as tx:
        zones = sorted({row.zone for row in queries.countries(tx)})
    context = {"form": form, "one": one, "kinds": KINDS, "taxes": TAXES, "zones": zones}
    return page(req, "console/settings/method.html", context, status=status)


def save(req: Req, me: Staff) -> Response:
    """Make or change a method; the others stay as they are."""
    form, old = Fields(req.form), None
    with reading(req) as tx:
        currency = site.load(tx).currency
        if "code" in req.path_params:
            old, _ = _one(tx, req)
    draft = _read(form, currency, old)
    is_active = form.checked("is_active") if old is not None else True
    if not form.errors:
        try:
            with changing(req, me) as tx:
                _put(tx, form, draft, old, is_active)
        except Refused as refused:
            refusals.to_fields(form, refused, NAMES, first="code")
    if form.errors:
        return _form(req, form, old, 422)
    return redirect(req, URL, notice=f"{draft.label} is saved.")


def _put(tx: Tx, form: Fields, draft: DeliveryMethod, old: DeliveryMethod | None, is_active: bool) -> None:
    methods, inactive = _all(tx)
    if old is None and any(one.code == draft.code for one in methods):
        form.fail("code", f"There is a method {draft.code} already.")
        return
    changed = [draft if one.code == draft.code else one for one in methods] if old is not None else [*methods, draft]
    quiet = (inactive - {draft.code}) if is_active else (inactive | {draft.code})
    rules.set_delivery_methods(tx, changed, sorted(quiet))


def remove(req: Req, me: Staff) -> Response:
    """Offer a method no more; orders that chose it keep it."""
    with changing(req, me) as tx:
        one, _ = _one(tx, req)
        methods, inactive = _all(tx)
        rules.set_delivery_methods(tx, [each for each in methods if each.code != one.code], sorted(inactive))
    return redirect(req, URL, notice=f"{one.label} is removed.")


def _read(form: Fields, currency: str, old: DeliveryMethod | None) -> DeliveryMethod:
    kind = form.choice("kind", [name for name, _ in KINDS], label="A way of pricing", default="flat")
    min_days = form.integer("min_days", label="Fastest", maximum=365)
    max_days = form.integer("max_days", label="Slowest", maximum=365)
    if max_days < min_days:
        form.fail("max_days", "The slowest is not below the fastest.")
    free_over = form.money("free_over", currency, label="Free from", maximum=10**9, required=False, default=-1)
    heaviest = form.integer(
        "max_weight_g", label="Heaviest parcel", minimum=1, maximum=10**9, required=False, default=-1
    )
    draft = DeliveryMethod(
        code=old.code if old is not None else form.text("code", 80, label="Code").lower(),
        label=form.text("label", 80, label="Name"),
        zone=form.text("zone", 80, label="Zone"),
        kind="flat",
        amount_minor=form.money("amount", currency, label="Price", maximum=10**9, required=kind == "flat"),
        bands=_bands(form, kind, currency),
        free_over_minor=None if free_over < 0 else free_over,
        tax_class=form.choice("tax_class", [name for name, _ in TAXES], label="A tax class", default="standard"),
        min_days=min_days,
        max_days=max_days,
        max_weight_g=None if heaviest < 0 else heaviest,
    )
    given: Any = kind
    return replace(draft, kind=given)


def _bands(form: Fields, kind: str, currency: str) -> tuple[Band, ...]:
    text = form.text("bands", 2_000, label="Bands", required=kind != "flat", multiline=True)
    found = []
    for line in text.split("\n") if kind != "flat" else []:
        match = _BAND.fullmatch(line) if line.strip() else None
        if match is None:
            if line.strip():
                form.fail("bands", f"“{line.strip()[:40]}” is no band. Write one per line, like 2000: 4.90.")
            continue
        try:
            price = parse_money(match["price"], currency)
            found.append(Band(_limit(match["up_to"], kind, currency), price))
        except ValueError as reason:
            form.fail("bands", f"“{line.strip()[:40]}”: {reason}")
    return tuple(found)


def _limit(text: str, kind: str, currency: str) -> int | None:
    if text.lower() == "more":
        return None
    if kind == "value_banded":
        return parse_money(text, currency)
    grams = text.lower().removesuffix("g").strip()
    if not (grams.isascii() and grams.isdigit() and len(grams) < 10):
        raise ValueError("The weight is in whole grams, like 2000.")
    return int(grams)


def _all(tx: Tx) -> tuple[list[DeliveryMethod], set[str]]:
    methods = rules.delivery_methods(tx)
    active = {one.code for one in rules.delivery_methods(tx, also_inactive=False)}
    return methods, {one.code for one in methods} - active


def _one(tx: Tx, req: Req) -> tuple[DeliveryMethod, bool]:
    methods, inactive = _all(tx)
    found = next((one for one in methods if one.code == req.path_params["code"]), None)
    if found is None:
        raise Problem(404, "There is no such delivery method.")
    return found, found.code not in inactive


def routes(door: Door) -> list[BaseRoute]:
    """List, new, change, remove."""
    may, one = "settings.change", URL + "/methods/{code}"
    return [
        staff_page(door, URL, show, permission=may),
        staff_page(door, f"{URL}/new", new, permission=may),
        staff_page(door, f"{URL}/new", save, permission=may, methods=("POST",)),
        staff_page(door, one, edit, permission=may),
        staff_page(door, one, save, permission=may, methods=("POST",)),
        staff_page(door, one + "/remove", remove, permission=may, methods=("POST",)),
    ]
