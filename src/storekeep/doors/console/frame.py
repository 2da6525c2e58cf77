"""The frame around every console page: who is logged in, what their role may do, the navigation, plain refusals.

A console page is `def show(req: Req, me: Staff) -> Response`, put on the map with `staff_page`. Whoever is not
logged in is sent to the log-in page and comes back afterwards; whoever may not do this is told so in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from storekeep.doors.web import Door, Problem, Req, redirect, route
from storekeep.doors.web.page import Guard
from storekeep.flows.house import House
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Conflict, Forbidden, NotFound, Refused
from storekeep.kernel.machine import Label
from storekeep.shop.access import roles, sessions
from storekeep.shop.reports import console_office
from storekeep.shop.site import profile

LOGIN_URL = "/console/login"
HOME_URL = "/console"


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is at the console. `refund_limit_minor` is in the shop's currency; an owner has no limit."""

    id: str
    name: str
    email: str
    role: str
    refund_limit_minor: int

    def may(self, permission: str) -> bool:
        """Whether the role includes this permission of `access.roles`."""
        return roles.allows(self.role, permission)

    def may_refund(self, amount_minor: int) -> bool:
        """Whether this person may give back this amount at once."""
        return roles.may_refund(self.role, self.refund_limit_minor, amount_minor)


Handler = Callable[[Req, Staff], Response]

_present: ContextVar[Staff | None] = ContextVar("console_staff", default=None)


def actor(me: Staff) -> str:
    """The actor of transactions that this person starts."""
    return f"staff:{me.id}"


def house(req: Req) -> House:
    """The running shop behind this door, with its type."""
    shop: House = req.shop
    return shop


@contextmanager
def reading(req: Req) -> Iterator[Tx]:
    """A read-only snapshot for a page."""
    with house(req).db.read() as tx:
        yield tx


@contextmanager
def changing(req: Req, me: Staff) -> Iterator[Tx]:
    """A transaction in this person's name."""
    with house(req).db.begin(actor=actor(me)) as tx:
        yield tx


def command_id(req: Req) -> str:
    """The id that the form carries, so that sending it twice does it once. Missing or odd: 400."""
    sent = req.form.get("command_id")
    if not 8 <= len(sent) <= 64 or not sent.replace("-", "").isalnum():
        raise Problem(400, "The form came without its command number. Open the page again and send it from there.")
    return sent


def new_command(req: Req) -> str:
    """A fresh command id for a form."""
    return house(req).db.ids.new()


def typed(req: Req, name: str = "q", most: int = 200) -> str:
    """What was typed into a search field: trimmed, cut, without characters that no name has and PostgreSQL refuses."""
    return "".join(char for char in req.query.get(name, "") if char.isprintable()).strip()[:most]


def sentence(text: str) -> str:
    """A refusal's text as a sentence: it starts with a capital and ends with a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", ":")) else ".")


@dataclass(frozen=True, slots=True)
class StatusView:
    """A status as the `status_of` macro wants it."""

    label: str
    tone: str
    icon: str
    hint: str = ""


def shown(labels: Mapping[str, Label], status: str) -> StatusView:
    """A status of a states.py, ready for the page; one that the table does not know shows its own word."""
    label = labels.get(status)
    if label is None:
        return StatusView(status.replace("_", " ").capitalize(), "plain", "question")
    return StatusView(label.text, "plain" if label.tone == "idle" else label.tone, label.icon, label.hint)


def find_staff(req: Req) -> Staff | None:
    """Who this request's cookie belongs to. Moves the session's end on when it is due."""
    token = req.session_id
    if not token or len(token) > 200:
        return None
    with reading(req) as tx:
        session = sessions.find(tx, token)
    if session is None:
        return None
    if session.should_extend:
        with house(req).db.begin(actor=session.actor) as tx:
            sessions.extend(tx, token)
    return Staff(session.staff_id, session.name, session.email, session.role, session.refund_limit_minor)


def staff_page(
    door: Door,
    path: str,
    handler: Handler,
    *,
    permission: str | tuple[str, ...] | None = None,
    methods: tuple[str, ...] = ("GET",),
    guard: Guard = "token",
) -> Route:
    """A route to a page for staff. `permission` names one of `access.roles`; of several, any one is enough.

    Raised `NotFound`, `Forbidden`, `Conflict` and `Refused` become 404, 403 and 409 pages with the refusal's sentence.
    """
    wanted = (permission,) if isinstance(permission, str) else permission or ()
    for name in wanted:
        roles.PERMISSIONS[name]  # a typing error shows at start, not at the first click

    def run(req: Req) -> Response:
        me = find_staff(req)
        if me is None:
            return _to_login(req)
        present = _present.set(me)
        try:
            if wanted and not any(me.may(name) for name in wanted):
                raise Problem(403, f"Your role does not include this: {roles.PERMISSIONS[wanted[0]].lower()}.")
            return handler(req, me)
        except NotFound as reason:
            raise Problem(404, sentence(str(reason))) from reason
        except Forbidden as reason:
            raise Problem(403, sentence(str(reason))) from reason
        except (Conflict, Refused) as reason:
            raise Problem(409, sentence(str(reason))) from reason
        finally:
            _present.reset(present)

    run.__name__ = handler.__name__
    return route(door, path, run, methods=methods, guard=guard)


def _to_login(req: Req) -> Response:
    back = req.full_path if req.method == "GET" else HOME_URL
    sentence_on_top = "You were logged out meanwhile, so nothing was changed. Log in and do it again."
    notice = "" if req.method == "GET" else sentence_on_top
    return redirect(req, f"{LOGIN_URL}?next={quote(back, safe='')}", notice=notice)


@dataclass(frozen=True, slots=True)
class NavLink:
    """One door in the navigation; it is there for those with the permission."""

    label: str
    url: str
    icon: str
    permission: str
    counter: str = ""
    warns: bool = False


NAV: tuple[tuple[str, tuple[NavLink, ...]], ...] = (
    (
        "",
        (
            NavLink("Today", "/console", "home", "dashboard.read"),
            NavLink("Orders", "/console/orders", "list", "orders.read"),
            NavLink("Waiting", "/console/waiting", "clock", "orders.read", "waiting"),
            NavLink("Conversations", "/console/conversations", "mail", "support.read", "conversations", True),
            NavLink("Customers", "/console/customers", "people", "customers.read"),
        ),
    ),
    (
        "Warehouse",
        (
            NavLink("Pick", "/console/pick", "scan", "floor.pick", "to_pick"),
            NavLink("Batches", "/console/batches", "cart", "floor.pick"),
            NavLink("Pack", "/console/pack", "box", "floor.pack", "to_pack"),
            NavLink("Dispatch", "/console/dispatch", "truck", "floor.pack", "to_dispatch"),
            NavLink("Floor", "/console/floor", "chart", "floor.override"),
            NavLink("Returns", "/console/returns", "return", "floor.receive", "returns"),
            NavLink("Receive", "/console/receive", "down", "floor.receive"),
            NavLink("Stock", "/console/stock", "shelf", "stock.read"),
            NavLink("Low stock", "/console/low", "half", "stock.read"),
            NavLink("Counts", "/console/counts", "tick", "stock.read", "counts"),
            NavLink("Transfers", "/console/transfers", "right", "floor.receive"),
            NavLink("Restock", "/console/restock", "clock", "stock.read"),
        ),
    ),
    (
        "Buying",
        (
            NavLink("Purchase orders", "/console/purchases", "list", "purchasing.read"),
            NavLink("Deliveries", "/console/deliveries", "down", "floor.receive"),
            NavLink("Suppliers", "/console/suppliers", "people", "purchasing.read"),
            NavLink("Supplier invoices", "/console/bills", "card", "purchasing.read"),
            NavLink("Freight and duty", "/console/landed", "truck", "purchasing.read"),
        ),
    ),
    (
        "Money",
        (
            NavLink("Payments", "/console/payments", "card", "payments.read", "payments", True),
            NavLink("Ledger", "/console/ledger", "book", "ledger.read"),
            NavLink("Value of stock", "/console/value", "shelf", "ledger.read"),
        ),
    ),
    (
        "Shop",
        (
            NavLink("Products", "/console/products", "tag", "catalog.read"),
            NavLink("Discount codes", "/console/codes", "leaf", "catalog.change"),
            NavLink("Sent mail", "/console/mail", "right", "mail.read"),
            NavLink("Queues", "/console/queues", "menu", "outbox.read", "dead", True),
            NavLink("Settings", "/console/settings", "gear", "settings.change"),
            NavLink("Staff", "/console/staff", "person", "staff.change"),
        ),
    ),
)


def shell(req: Req) -> Mapping[str, object]:
    """What the layouts need on every page: the shop's name, who is there, and the navigation with its counts."""
    me = _present.get()
    with reading(req) as tx:
        shop = profile.load(tx)
        counts = console_office.nav_counts(tx) if me is not None else {}
    facts: dict[str, object] = {"shop_name": shop.name, "currency": shop.currency, "nav": [], "home_url": HOME_URL}
    if me is None:
        return facts
    return facts | {
        "me": me,
        "person": f"{me.name}, {roles.ROLE_LABELS[me.role].lower()}",
        "person_url": "/console/staff/me",
        "sign_out_url": "/console/logout",
        "search_url": "/console/search",
        "nav": _nav(req.path, me, counts),
    }


def _nav(path: str, me: Staff, counts: Mapping[str, int]) -> list[dict[str, object]]:
    groups: list[dict[str, object]] = []
    for title, entries in NAV:
        links = [_link(path, entry, counts) for entry in entries if me.may(entry.permission)]
        if links:
            groups.append({"title": title, "links": links})
    return groups


def _link(path: str, entry: NavLink, counts: Mapping[str, int]) -> dict[str, object]:
    current = path == entry.url or (entry.url != HOME_URL and path.startswith(entry.url + "/"))
    count = counts.get(entry.counter, 0)
    return {
        "label": entry.label,
        "url": entry.url,
        "icon": entry.icon,
        "current": current,
        "count": count,
        "warn": entry.warns,
    }
