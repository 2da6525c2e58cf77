"""Draws every shared part, and example pages made only of parts, into a folder for looking at.

`python -m storekeep.doors.web.styleguide OUT_DIR` writes one HTML file per example and scheme.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace as Row

from markupsafe import Markup

from storekeep.doors.web.assets import load_assets
from storekeep.doors.web.filters import Formats
from storekeep.doors.web.forms import Fields, Form
from storekeep.doors.web.render import Renderer

NOW = 1_795_442_700_000_000  # Monday 23 November 2026, 14:05 UTC
HOUR = 3_600_000_000

_PICTURES = Path(__file__).parent / "templates" / "styleguide" / "pictures"


def _product(name: str, picture: str, minor: int, **more: object) -> Row:
    facts: dict[str, object] = {"was_minor": None, "badge": "", "stock": "in_stock", "note": ""}
    return Row(
        name=name,
        url="product.html",
        image_url=f"media/{picture}.svg",
        image_alt=name,
        price_minor=minor,
        currency="EUR",
        **(facts | more),
    )


PRODUCTS = [
    _product("Pine glaze mug, 350 ml", "mug", 1890),
    _product("Terracotta serving bowl", "bowl", 3450, was_minor=4200, badge="Sale"),
    _product("Stoneware teapot with wooden knob and a name that needs two lines", "teapot", 5900, stock="few"),
    _product("Beech chopping board", "board", 2790, badge="New", note="3 sizes"),
    _product("Carbon steel pan, 24 cm", "pan", 6400),
    _product("Striped linen towel", "towel", 1450, stock="out"),
    _product("Everyday mug, set of four", "mug", 6200, note="€15.50 each"),
    _product("Small salad bowl", "bowl", 1990),
]


def _links(*labels: str) -> list[Row]:
    return [Row(label=label, url="home.html", current=False) for label in labels]


STORE_SHELL: dict[str, object] = {
    "door": "store",
    "shop_name": "Fern & Kettle",
    "cart_count": 3,
    "account_url": "home.html",
    "account_label": "Find your order",
    "nav": [
        Row(label="Mugs and cups", url="home.html", current=True),
        *_links("Bowls", "Pots and pans", "Boards and knives", "Table linen", "Storage", "Gifts"),
    ],
    "shop_note": "Kitchen and table goods that last. Sent from our own shelves in Graz, Monday to Friday.",
    "footer": [
        Row(title="Help", links=_links("Contact", "Delivery", "Returns", "Withdraw from contract here")),
        Row(title="About", links=_links("Terms", "Privacy", "Imprint")),
    ],
    "notice": "",
    "csrf_field": "",
}

CONSOLE_SHELL: dict[str, object] = {
    "door": "console",
    "shop_name": "Fern & Kettle",
    "person": "Mira Quill",
    "sign_out_url": "login.html",
    "nav": [
        Row(
            title="",
            links=[
                Row(label="Today", url="dashboard.html", icon="home", current=False),
                Row(label="Orders", url="orders.html", icon="list", current=True, count=12),
                Row(label="Inbox", url="dashboard.html", icon="mail", current=False, count=3, warn=True),
            ],
        ),
        Row(
            title="Floor",
            links=[
                Row(label="Pick", url="scan.html", icon="scan", current=False, count=8),
                Row(label="Pack", url="scan.html", icon="box", current=False),
                Row(label="Receive", url="scan.html", icon="truck", current=False),
            ],
        ),
        Row(
            title="Shop",
            links=[
                Row(label="Products", url="orders.html", icon="tag", current=False),
                Row(label="Stock", url="orders.html", icon="shelf", current=False),
                Row(label="Payments", url="orders.html", icon="card", current=False),
                Row(label="Settings", url="orders.html", icon="gear", current=False),
            ],
        ),
    ],
    "notice": "",
    "csrf_field": "",
}

STATUSES = [
    Row(label="Waiting for payment", tone="plain", icon="ring"),
    Row(label="Packing", tone="info", icon="half"),
    Row(label="Delivered", tone="good", icon="tick"),
    Row(label="Late", tone="warn", icon="triangle"),
    Row(label="Declined", tone="bad", icon="octagon"),
    Row(label="Canceled", tone="plain", icon="dash"),
    Row(label="Checking with the bank", tone="warn", icon="question"),
]

ORDERS = [
    Row(number=str(1042 - i), who=who, total=total, at=NOW - i * 5 * HOUR, status=STATUSES[i % 7], items=1 + i % 4)
    for i, (who, total) in enumerate(
        [
            ("Juniper Applewhite", 4790),
            ("Otto Marmalade", 12900),
            ("Wilhelmina Featherstonehaugh-Buttersworth", 890),
            ("Pip Saltwhistle", 23450),
            ("Nell Thimble", 6400),
            ("Barnaby Crumb", 1890),
            ("Ada Nutmeg", 104500),
            ("Tilda Fennel", 3450),
        ]
    )
]

EVENTS = [
    Row(what="On its way", at=NOW - HOUR, who="Brook Parcel", icon="half", tone="info", note="Expected on Wednesday."),
    Row(
        what="Packed in one parcel",
        at=NOW - 3 * HOUR,
        who="Sorrel at the packing table",
        icon="tick",
        tone="good",
        note="",
    ),
    Row(what="Paid", at=NOW - 30 * HOUR, who="card, 47.90 €", icon="tick", tone="good", note=""),
    Row(what="Order placed", at=NOW - 30 * HOUR, who="Juniper Applewhite", icon="ring", tone="plain", note=""),
]


def wrong_form() -> Fields:
    """A form as it comes back with errors."""
    fields = Fields(
        Form.of(
            {
                "email": "juniper at example",
                "name": "Juniper Applewhite",
                "quantity": "2",
                "glaze": "pine",
                "delivery": "home",
                "country": "AT",
                "gift": "1",
                "note": "Please ring twice.",
            }
        )
    )
    fields.email("email")
    fields.text("street", label="Street and number")
    return fields


EXAMPLES = (
    "parts",
    "home",
    "list",
    "product",
    "cart",
    "checkout",
    "order",
    "dashboard",
    "orders",
    "order_detail",
    "scan",
    "login",
    "missing",
)


def build(out: Path) -> list[Path]:
    """Write all examples in both schemes; returns the files."""
    assets = load_assets()
    renderer = Renderer(assets, Formats(now=lambda: NOW, timezone="Europe/Vienna"))
    shutil.copytree(_PICTURES, out / "media", dirs_exist_ok=True)
    (out / "static").mkdir(parents=True, exist_ok=True)
    for name, asset in assets.files.items():
        (out / "static" / name).write_bytes(asset.body)
    context = {
        "form": wrong_form(),
        "blank": Fields.of({"quantity": "1", "glaze": "pine"}),
        "products": PRODUCTS,
        "orders": ORDERS,
        "statuses": STATUSES,
        "events": EVENTS,
        "request_id": "5f2c9a1e",
        "csrf_field": Markup(""),
        "now": NOW,
        "req": Row(full_path=""),
        "cart_url": "cart.html",
        "home_url": "home.html",
    }
    written = []
    for name in EXAMPLES:
        shell = CONSOLE_SHELL if name in ("dashboard", "orders", "order_detail", "scan") else STORE_SHELL
        for scheme in ("light", "dark"):
            text = renderer.render(f"web/styleguide/{name}.html", {**shell, **context, "scheme": scheme})
            path = out / (f"{name}.html" if scheme == "light" else f"{name}-dark.html")
            path.write_text(text.replace('"/static/', '"static/'), encoding="utf-8")
            written.append(path)
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m storekeep.doors.web.styleguide OUT_DIR")
    for written_path in build(Path(sys.argv[1])):
        sys.stdout.write(f"{written_path}\n")
