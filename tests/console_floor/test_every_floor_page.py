"""Every page opens with data and on the first day, and only for those whose role includes it."""

import pytest
from floor_desk import Desk

import make
from storekeep.shop import pricing
from storekeep.shop.access.roles import allows

#: address -> the permission it takes (None: anyone on the staff).
PAGES: dict[str, str | None] = {
    "/console/pick": "floor.pick",
    "/console/batches": "floor.pick",
    "/console/floor": "audit.read",
    "/console/pack": "floor.pack",
    "/console/dispatch": "floor.pack",
    "/console/receive": "floor.receive",
    "/console/receive?q=mug%20x": "floor.receive",
    "/console/returns": "floor.receive",
    "/console/returns?status=closed": "floor.receive",
    "/console/stock": "stock.read",
    "/console/stock?q=mu": "stock.read",
    "/console/waiting": "orders.read",
    "/console/low": "stock.read",
    "/console/stock/refills": "stock.read",
    "/console/counts": "stock.read",
    "/console/counts?stage=review&after=x": "stock.read",
    "/console/counts/due?class=A": "stock.read",
    "/console/counts/lines?lately=1&only=differs&bin=a&person=x&after=x": "stock.read",
    "/console/counts/review?after=x": "stock.read",
    "/console/counts/rules": "stock.approve",
    "/console/reorder": "stock.read",
    "/console/reorder/list.csv": "stock.read",
    "/console/restock": "stock.read",
    "/console/restock/rules": "stock.read",
    "/console/restock/rules/class/A": "settings.change",
    "/console/restock/proof": "stock.read",
    "/console/transfers": "floor.receive",
    "/console/transfers?status=ended&after=x": "floor.receive",
    "/console/products": "catalog.read",
    "/console/products?status=draft&q=x": "catalog.read",
    "/console/products/new": "catalog.change",
    "/console/products/categories": "catalog.read",
    "/console/codes": "catalog.change",
    "/console/settings": "settings.change",
    "/console/settings/delivery": "settings.change",
    "/console/settings/warehouses": "settings.change",
    "/console/settings/warehouses/new": "settings.change",
    "/console/settings/delivery/new": "settings.change",
    "/console/settings/countries": "settings.change",
    "/console/settings/countries/new": "settings.change",
    "/console/settings/pages": "settings.change",
    "/console/settings/pages/new": "settings.change",
    "/console/staff": "staff.change",
    "/console/staff/new": "staff.change",
    "/console/staff/me": None,
    "/console/welcome": "settings.change",
    "/console/value": "ledger.read",
    "/console/value?q=mu&after=x~y": "ledger.read",
    "/console/landed?after=x": "purchasing.read",
}


def test_every_page_opens_in_a_shop_with_data(desk: Desk) -> None:
    make.order(desk.shop, {"MUG": 2, "BOWL": 1}, paid=True)
    make.order(desk.shop, {"TEA": 1}, paid=True)
    screen = desk.post("/console/pick/claim").place
    with desk.shop.db.begin() as tx:
        pricing.create_codes(tx, [pricing.NewCode("SPRING10", 1000)])
    variant = desk.shop.variants["MUG"]
    more = [screen, screen.replace("pick", "pack"), f"/console/stock/{variant}", f"/console/receive/{variant}"]
    for url in [*PAGES, *more, "/console/stock/bins", "/console/settings/countries/DE"]:
        assert desk.get(url).status == 200, url


def test_every_page_opens_on_the_first_day_and_says_what_will_be_there(bare: Desk) -> None:
    for url in PAGES:
        assert bare.get(url).status == 200, url
    assert "Nothing to pick" in bare.get("/console/pick").text
    assert "No products yet" in bare.get("/console/products").text
    assert "5 steps" in bare.get("/console/welcome").text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("role", ["warehouse", "agent", "accountant"])
def test_a_page_opens_only_for_roles_that_include_it(bare: Desk, role: str) -> None:
    for url, permission in PAGES.items():
        wanted = {permission} | ({"support.read"} if url.startswith("/console/returns") else set())
        may = permission is None or any(allows(role, name) for name in wanted if name)
        assert bare.get(url, role).status == (200 if may else 403), url


def test_changes_take_the_permission_too(desk: Desk) -> None:
    variant = desk.shop.variants["MUG"]
    nowhere = "00000000-0000-4000-8000-000000000000"
    for url in (
        "/console/pick/claim", f"/console/pick/{nowhere}/scan", f"/console/pack/{nowhere}/close", "/console/dispatch",
        f"/console/receive/{variant}", f"/console/stock/{variant}/at/{nowhere}/count",
        f"/console/stock/{variant}/reorder", f"/console/stock/{variant}/early", "/console/low",
        "/console/counts", "/console/counts/next", "/console/counts/review",
        "/console/counts/rules", f"/console/counts/{nowhere}/count", f"/console/counts/{nowhere}/found",
        "/console/restock/decide", "/console/restock/again", "/console/restock/rules",
        "/console/products", "/console/codes", "/console/settings", "/console/settings/countries/new", "/console/staff",
        f"/console/returns/{nowhere}/receive", "/console/settings/demo-world",
    ):  # fmt: skip
        assert desk.post(url, {"command_id": "not-allowed-1"}, "accountant").status == 403, url


def test_addresses_of_things_that_do_not_exist_are_not_found(desk: Desk) -> None:
    nowhere = "00000000-0000-4000-8000-000000000000"
    for home in ("pick", "batches", "pack", "stock", "stock/bins", "receive", "returns", "products", "codes", "staff",
                 "counts", "value", "landed"):  # fmt: skip
        for odd in (nowhere, "x", "%27%3B--"):
            assert desk.get(f"/console/{home}/{odd}").status == 404, (home, odd)


def test_without_logging_in_nothing_opens(desk: Desk) -> None:
    for url in PAGES:
        answer = desk.get(url, None)
        assert answer.status == 303
        assert answer.place.startswith("/console/login"), url


def test_odd_cursors_and_filters_do_no_harm(desk: Desk) -> None:
    for url in (
        "/console/stock?after=%00%ff", "/console/stock?q=%25", "/console/products?after=zzz&status=odd",
        "/console/codes?after=x",
        "/console/returns?after=x&status=odd", "/console/pick?after=~~", "/console/reorder?after=%F0%9F%8D%B5",
        f"/console/stock/{desk.shop.variants['MUG']}?after=x&warehouse=y", "/console/stock/bins?q=%27&after=%27",
    ):  # fmt: skip
        assert desk.get(url).status == 200, url
