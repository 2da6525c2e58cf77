"""By which rules variants are bought: the defaults of the classes, the shop's own, and that of one variant."""

from dataclasses import asdict, fields
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console import refusals
from storekeep.doors.console.frame import Staff, changing, reading, staff_page
from storekeep.doors.console.restock.board import URL
from storekeep.doors.console.restock.view import KINDS, METHODS
from storekeep.doors.web import Door, Fields, Problem, Req, page, redirect
from storekeep.kernel import settings
from storekeep.kernel.errors import Refused
from storekeep.kernel.money import format_plain
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.inventory import locations
from storekeep.shop.replenishment import policies
from storekeep.shop.replenishment.model import AUTO_LIMIT, LEAD_DAYS, LEAD_SETTING, Key, Policy
from storekeep.shop.replenishment.policies import MOST_DAYS, MOST_UNITS
from storekeep.shop.reports import console_floor
from storekeep.shop.site import profile

_NUMBERS = {
    "target_bp": ("The wanted share", 5000, 9990), "review_days": ("Days between looks", 1, MOST_DAYS),
    "lead_days": ("Lead time", 1, MOST_DAYS), "min_units": ("The smallest level", 0, MOST_UNITS),
    "max_units": ("The largest level", 0, MOST_UNITS), "moq": ("The least order", 0, MOST_UNITS),
    "multiple": ("Ordered by", 1, MOST_UNITS), "max_cover_days": ("The longest cover", 1, MOST_DAYS),
}  # fmt: skip
_OPEN_ENDED = ("lead_days", "max_units", "max_cover_days")


def show(req: Req, me: Staff) -> Response:
    """The defaults of the classes and the shop's own numbers."""
    with reading(req) as tx:
        context = {
            "defaults": policies.defaults(tx),
            "kinds": dict(KINDS),
            "methods": dict(METHODS),
            "form": Fields.of({
                "lead_days": str(settings.read(tx, LEAD_SETTING, LEAD_DAYS)),
                "limit": _plain(settings.read(tx, AUTO_LIMIT, 0), profile.load(tx).currency),
            }),
            "may_change": me.may("settings.change"),
        }  # fmt: skip
    return page(req, "console/restock/rules.html", context)


def _plain(minor: int, currency: str) -> str:
    return format_plain(minor, currency) if minor else ""


def save(req: Req, me: Staff) -> Response:
    """Save the usual lead time and the limit for orders without a click."""
    form = Fields(req.form)
    lead = form.integer("lead_days", label="The usual lead time", minimum=1, maximum=MOST_DAYS)
    with reading(req) as tx:
        currency = profile.load(tx).currency
        defaults = policies.defaults(tx)
    limit = form.money("limit", currency, label="The limit", required=False)
    if form.errors:
        context = {"defaults": defaults, "kinds": dict(KINDS), "methods": dict(METHODS), "form": form,
                   "may_change": True}  # fmt: skip
        return page(req, "console/restock/rules.html", context, status=422)
    with changing(req, me) as tx:
        settings.write(tx, LEAD_SETTING, lead)
        settings.write(tx, AUTO_LIMIT, limit)
    return redirect(req, f"{URL}/rules", notice="Saved. The next look uses it.")


def show_class(req: Req, me: Staff) -> Response:
    """The default of one class."""
    letter = _letter(req)
    with reading(req) as tx:
        policy = policies.defaults(tx)[letter]
    return _form(req, _filled(policy), {"letter": letter})


def save_class(req: Req, me: Staff) -> Response:
    """Change the default of one class."""
    letter, form = _letter(req), Fields(req.form)
    policy = _read(form)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                policies.set_default(tx, letter, policy)
        except Refused as refused:
            refusals.to_fields(form, refused, first="method")
    if form.errors:
        return _form(req, form, {"letter": letter}, 422)
    return redirect(req, f"{URL}/rules", notice=f"Saved for class {letter}. The next look uses it.")


def show_one(req: Req, me: Staff) -> Response:
    """The policy of one variant in one warehouse; empty it takes that of its class."""
    key = _key(req)
    with reading(req) as tx:
        policy = policies.of_key(tx, key)
        head = _head(tx, key)
    return _form(req, _filled(policy or Policy()), {"head": head, "key": key, "is_own": policy is not None})


def save_one(req: Req, me: Staff) -> Response:
    """Give one variant a policy of its own, or take it away."""
    key, form = _key(req), Fields(req.form)
    is_drop = req.form.get("act") == "drop"
    policy = Policy() if is_drop else _read(form)
    if not form.errors:
        try:
            with changing(req, me) as tx:
                _head(tx, key)
                if is_drop:
                    policies.drop_policy(tx, key)
                else:
                    policies.set_policy(tx, key, policy)
        except Refused as refused:
            refusals.to_fields(form, refused, first="method")
    if form.errors:
        with reading(req) as tx:
            head = _head(tx, key)
        return _form(req, form, {"head": head, "key": key, "is_own": True}, 422)
    said = "It is bought as its class is." if is_drop else "Saved. The next look uses it."
    return redirect(req, f"{URL}/rules/{key[0]}/{key[1]}", notice=said)


def _form(req: Req, form: Fields, context: dict[str, Any], status: int = 200) -> Response:
    return page(req, "console/restock/rule.html", {"form": form, "kinds": KINDS, "methods": METHODS, "head": None,
                                                   **context}, status=status)  # fmt: skip


def _filled(policy: Policy) -> Fields:
    values = {name: "" if value is None else str(value) for name, value in asdict(policy).items()}
    return Fields.of(values | {"target_bp": f"{policy.target_bp / 100:g}"})


def _read(form: Fields) -> Policy:
    found: dict[str, Any] = {
        "method": form.choice("method", [name for name, _ in METHODS], label="How it is bought"),
        "target_kind": form.choice("target_kind", [name for name, _ in KINDS], label="What is wanted"),
    }
    for name, (label, least, most) in _NUMBERS.items():
        if name == "target_bp":
            found[name] = _share(form, label)
        elif name in _OPEN_ENDED and not form.value(name).strip():
            found[name] = None
        else:
            found[name] = form.integer(name, label=label, minimum=least, maximum=most)
    return Policy(**{one.name: found[one.name] for one in fields(Policy)})


def _share(form: Fields, label: str) -> int:
    """Per cent with up to one decimal place, in basis points."""
    text = form.value("target_bp").strip().replace(",", ".")
    whole, _, tenth = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 2 and len(tenth) <= 1 and (tenth or "0").isdigit()):
        form.fail("target_bp", f"{label} is from 50 to 99.9 %, like 95 or 97.5.")
        return 9500
    return 100 * int(whole) + 10 * int(tenth or 0)


def _letter(req: Req) -> str:
    letter = str(req.path_params["letter"]).upper()
    if letter not in ("A", "B", "C"):
        raise Problem(404, "The classes are A, B and C.")
    return letter


def _key(req: Req) -> Key:
    key = (req.path_params["variant_id"], req.path_params["warehouse_id"])
    if not all(is_id(one) for one in key):
        raise Problem(404, "There is no such variant.")
    return key


def _head(tx: Any, key: Key) -> Any:
    head = console_floor.variant_head(tx, key[0])
    if head is None or key[1] not in locations.warehouse_ids(tx):
        raise Problem(404, "There is no such variant in this warehouse.")
    return head


def routes(door: Door) -> list[BaseRoute]:
    """Defaults, one class, one variant."""
    one, letter = URL + "/rules/{variant_id}/{warehouse_id}", URL + "/rules/class/{letter}"
    return [
        staff_page(door, f"{URL}/rules", show, permission="stock.read"),
        staff_page(door, f"{URL}/rules", save, permission="settings.change", methods=("POST",)),
        staff_page(door, letter, show_class, permission="settings.change"),
        staff_page(door, letter, save_class, permission="settings.change", methods=("POST",)),
        staff_page(door, one, show_one, permission="stock.change"),
        staff_page(door, one, save_one, permission="stock.change", methods=("POST",)),
    ]
