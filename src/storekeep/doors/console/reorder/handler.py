"""The page of what to buy again, and the same as a file."""

import csv
import io

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, reading, staff_page
from storekeep.doors.console.refusals import asked
from storekeep.doors.web import Door, Req, download, page
from storekeep.kernel.clock import day_of
from storekeep.kernel.money import format_plain
from storekeep.shop import site
from storekeep.shop.catalog.lookups import variants_by_ids
from storekeep.shop.catalog.model import clean_sku
from storekeep.shop.inventory import queries

URL = "/console/reorder"
PAGE, LONGEST_FILE = 50, 20_000


def show(req: Req, me: Staff) -> Response:
    """Variants whose owned units less the reserved ones are at or below the reorder point."""
    after = clean_sku(asked(req, "after", 64))
    with reading(req) as tx:
        rows = queries.to_reorder(tx, after_sku=after, limit=PAGE + 1)
        facts = variants_by_ids(tx, [row.variant_id for row in rows])
    context = {
        "rows": [(row, facts[row.variant_id]) for row in rows[:PAGE]],
        "next_after": rows[PAGE - 1].sku if len(rows) > PAGE else "",
        "is_first": not after,
    }
    return page(req, "console/reorder/page.html", context)


def as_file(req: Req, me: Staff) -> Response:
    """The whole list as CSV, for the supplier's order form."""
    with reading(req) as tx:
        shop = site.load(tx)
        rows = queries.to_reorder(tx, limit=LONGEST_FILE)
        facts = variants_by_ids(tx, [row.variant_id for row in rows])
        today = day_of(tx.now, shop.timezone)
    out = io.StringIO()
    writer = csv.writer(out)
    heads = ("SKU", "Product", "Option", "In the house", "Reserved", "Reorder at", "Up to", "To order")
    writer.writerow([*heads, f"Cost each {shop.currency}", f"Cost {shop.currency}"])
    for row in rows:
        one = facts[row.variant_id]
        costs = [format_plain(one.cost_minor * units, shop.currency) for units in (1, row.suggested)]
        numbers = [row.owned, row.reserved, row.reorder_point, row.order_up_to, row.suggested]
        writer.writerow([_plain(row.sku), _plain(one.title), _plain(one.option_label), *numbers, *costs])
    return download(out.getvalue().encode("utf-8-sig"), f"reorder-{today}.csv", "text/csv; charset=utf-8")


def _plain(text: str) -> str:
    """A text that a spreadsheet will not run as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def routes(door: Door) -> list[BaseRoute]:
    """Page and file."""
    return [
        staff_page(door, URL, show, permission="stock.read"),
        staff_page(door, f"{URL}/list.csv", as_file, permission="stock.read"),
    ]
