"""What the rule would have done on the shop's last 26 weeks, beside so many weeks of cover."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, reading, staff_page
from storekeep.doors.console.restock.board import URL
from storekeep.doors.console.restock.view import KINDS, chart
from storekeep.doors.web import Door, Fields, Problem, Req, page
from storekeep.flows import restock
from storekeep.kernel.charts import Series
from storekeep.shop.catalog.lookups import is_id
from storekeep.shop.reports import console_floor, demand
from storekeep.shop.site import profile

if TYPE_CHECKING:
    from storekeep.shop.replenishment.shopwide import Proof


def show(req: Req, me: Staff) -> Response:
    """The proof for the whole shop, or with `variant` for one."""
    variant_id = req.query.get("variant")
    if variant_id is not None and not is_id(variant_id):
        raise Problem(404, "There is no such variant.")
    typed = {name: req.query[name] for name in ("cover", "kind", "wanted") if name in req.query}
    form = Fields.of({"cover": "8", "kind": "fill", "wanted": "95"} | typed)
    cover = form.integer("cover", label="Weeks of cover", minimum=1, maximum=52, default=8)
    wanted = form.integer("wanted", label="The wanted share", minimum=50, maximum=99, default=95)
    kind = form.choice("kind", [name for name, _ in KINDS], label="What is wanted")
    context = {"form": form, "kinds": KINDS, "variant_id": variant_id, "head": None, "proof": None, "cover": cover}
    with reading(req) as tx:
        if variant_id is not None:
            context["head"] = console_floor.variant_head(tx, variant_id)
            if context["head"] is None:
                raise Problem(404, "There is no such variant.")
        if not form.errors:
            asked = restock.Asked("fill" if kind == "fill" else "no_stock_out", 100 * wanted, cover, variant_id)
            context["proof"] = found = restock.prove(tx, asked)
            if found is not None:
                context |= _drawn(found, demand.last_monday(tx.now, profile.load(tx).timezone), cover)
    return page(req, "console/restock/proof.html", context, status=422 if form.errors else 200)


def _drawn(found: "Proof", until: str, cover: int) -> dict[str, object]:
    end = date.fromisoformat(until)
    mondays = [(end - timedelta(days=7 * (found.weeks - week))).isoformat() for week in range(found.weeks)]
    series = [
        Series("Wanted", "bars", "bars", found.wanted),
        Series("Stock by this rule", "rule", "line", found.rule.stock),
        Series(f"Stock by {cover} weeks of cover", "thumb", "line", found.thumb.stock),
    ]
    said = (
        f"On average {found.rule.mean_stock:,} units in stock by this rule, {found.thumb.mean_stock:,} "
        f"by {cover} weeks of cover."
    )
    drawing: Markup = chart("proof", "Units wanted and in stock by week", said, mondays[0], series)
    rows = list(zip(mondays, found.wanted, found.rule.stock, found.rule.served, found.thumb.stock, found.thumb.served,
                    strict=True))  # fmt: skip
    less = found.thumb.mean_stock - found.rule.mean_stock
    return {"chart": drawing, "rows": rows[::-1], "less": less}


def routes(door: Door) -> list[BaseRoute]:
    """The page of the proof."""
    return [staff_page(door, f"{URL}/proof", show, permission="stock.read")]
