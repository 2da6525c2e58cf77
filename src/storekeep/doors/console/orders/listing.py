"""The list of orders, and the same rows as a CSV file whose cells no spreadsheet takes for a formula."""

import csv
import io
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from babel.numbers import get_currency_precision
from starlette.responses import Response

from storekeep.doors.console.frame import Staff, reading, shown, typed
from storekeep.doors.web import Req, download, page
from storekeep.kernel.clock import day_of, to_datetime
from storekeep.kernel.db import Tx
from storekeep.shop.orders import states
from storekeep.shop.reports.console_office import order_list
from storekeep.shop.reports.console_office.order_list import CHIPS, Wanted
from storekeep.shop.site import profile

URL = "/console/orders"
_BATCH = 1000
_HEAD = (
    "number", "placed_at", "name", "email", "country", "channel", "status", "payment_status", "fulfillment_status",
    "currency", "goods", "discount", "delivery", "tax", "total", "owed", "received", "given_back", "discount_code",
    "delivery_service", "promised_on",
)  # fmt: skip
#: What a spreadsheet would take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def show(req: Req, me: Staff) -> Response:
    """Orders newest first, by chip, day and what was typed."""
    kept = _kept(req)
    after = req.query.get("after", "")
    with reading(req) as tx:
        listed = order_list.orders(tx, _wanted(tx, kept), after)
    chips = [("All", _link({**kept, "status": ""}), not kept["status"], None)]
    chips += [(label, _link({**kept, "status": key}), kept["status"] == key, None) for key, label in CHIPS.items()]
    context = {
        "rows": [
            (
                row,
                shown(states.ORDER, row.status),
                shown(states.PAYMENT, row.payment_status),
                shown(states.FULFILLMENT, row.fulfillment_status),
            )
            for row in listed.rows
        ],
        "tabs": chips,
        "kept": kept,
        "is_filtered": any(kept.values()),
        "without_day": _link({**kept, "placed": "", "confirmed": ""}),
        "without_text": _link({**kept, "q": ""}),
        "csv_url": _link(kept, URL + ".csv"),
        "may_export": me.may("orders.export"),
        "next_url": _link({**kept, "after": listed.next_after}) if listed.next_after else "",
        "first_url": _link(kept) if after else "",
    }
    return page(req, "console/orders/page.html", context)


def as_file(req: Req, me: Staff) -> Response:
    """The orders of the list as CSV, oldest first; sums in major units, times in UTC."""
    kept = _kept(req)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEAD)
    with reading(req) as tx:
        wanted = _wanted(tx, kept)
        after: int | None = None
        while rows := order_list.rows_for_file(tx, wanted, after, _BATCH):
            writer.writerows(_cells(row) for row in rows)
            after = rows[-1].number
        day = day_of(tx.now, wanted.zone)
    return download(out.getvalue().encode("utf-8-sig"), f"orders-{day}.csv", "text/csv; charset=utf-8")


def _cells(row: object) -> list[str]:
    one = row._mapping  # type: ignore[attr-defined]
    currency = one["currency"]
    cells = [str(one["number"]), to_datetime(one["placed_at"]).strftime("%Y-%m-%dT%H:%M:%SZ")]
    cells += [safe_cell(one[name]) for name in ("name", "email", "country", "channel")]
    cells += [one["status"], one["payment_status"], one["fulfillment_status"], currency]
    sums = ("goods", "discount", "shipping", "tax", "total", "owed", "received", "given_back")
    cells += [plain_sum(one[f"{name}_minor"], currency) for name in sums]
    return cells + [safe_cell(one[name] or "") for name in ("discount_code", "delivery_label", "promised_on")]


def safe_cell(text: str) -> str:
    """A text that a spreadsheet shows and does not run: an apostrophe before what begins like a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain_sum(minor: int, currency: str) -> str:
    """`47.90`, without currency and thousands separators."""
    places = get_currency_precision(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"


def _kept(req: Req) -> dict[str, str]:
    """The filters that are known; anything else is dropped."""
    status, placed = req.query.get("status", ""), req.query.get("placed", "")
    return {
        "status": status if status in CHIPS else "",
        "q": typed(req),
        "placed": placed if _is_day(placed) else "",
        "confirmed": "1" if req.query.get("confirmed") == "1" else "",
    }


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).year in range(1980, 9000)
    except ValueError:
        return False


def _wanted(tx: Tx, kept: dict[str, str]) -> Wanted:
    zone = profile.load(tx).timezone
    today = day_of(tx.now, zone)
    return Wanted(kept["status"], kept["q"], kept["placed"], kept["confirmed"] == "1", today, zone)


def _link(kept: dict[str, str], url: str = URL) -> str:
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{url}?{query}" if query else url
