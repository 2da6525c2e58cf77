"""The money ledger for the accountant: balances that sum to zero, the postings of an account, one entry."""

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from storekeep.doors.console.frame import Staff, reading, staff_page
from storekeep.doors.web import Door, Problem, Req, page
from storekeep.shop.payments.accounts import CHART, NAMES, NORMAL
from storekeep.shop.reports.console_office import is_id, money, order_page
from storekeep.shop.site import profile

_URL = "/console/ledger"


def show(req: Req, me: Staff) -> Response:
    """The trial balance per currency, with debits and credits apart and their sums."""
    with reading(req) as tx:
        rows = money.trial_balance(tx)
        home = profile.load(tx).currency
    groups = []
    for currency in sorted({row.currency for row in rows} | {home}, key=lambda each: (each != home, each)):
        mine = {row.account: row for row in rows if row.currency == currency}
        lines = [
            {
                "code": account.code,
                "name": account.name,
                "debit": max(0, mine[account.code].amount_minor),
                "credit": max(0, -mine[account.code].amount_minor),
                "postings": mine[account.code].postings,
                "url": f"{_URL}/accounts/{account.code}?currency={currency}",
            }
            for account in CHART
            if account.code in mine
        ]
        debit, credit = sum(int(line["debit"]) for line in lines), sum(int(line["credit"]) for line in lines)
        groups.append({"currency": currency, "lines": lines, "debit": debit, "credit": credit})
    return page(req, "console/ledger/page.html", {"groups": groups})


def show_account(req: Req, me: Staff) -> Response:
    """The postings of one account, newest first, and what they sum to."""
    code, after = req.path_params["code"], req.query.get("after", "")
    if code not in NAMES:
        raise Problem(404, f"The chart has no account {code[:20]}.")
    with reading(req) as tx:
        currencies = money.currencies_of(tx, code)
        currency = req.query.get("currency", "") or profile.load(tx).currency
        currency = currency if currency in currencies else (currencies[0] if currencies else profile.load(tx).currency)
        listed = money.postings(tx, code, currency, after if is_id(after) else "")
        balance = money.balance_of(tx, code, currency)
    here = f"{_URL}/accounts/{code}?" + urlencode({"currency": currency})
    context = {
        "code": code,
        "name": NAMES[code],
        "normal": NORMAL[code],
        "of_currency": currency,
        "tabs": [(each, f"{_URL}/accounts/{code}?currency={each}", each == currency, None) for each in currencies],
        "rows": listed.rows,
        "balance": balance,
        "next_url": f"{here}&after={listed.next_after}" if listed.next_after else "",
        "first_url": here if after else "",
    }
    return page(req, "console/ledger/account.html", context)


def show_entry(req: Req, me: Staff) -> Response:
    """One entry: both sides, who posted it, and why."""
    entry_id = req.path_params["entry_id"]
    with reading(req) as tx:
        entry = money.entry(tx, entry_id) if is_id(entry_id) else None
        if entry is None:
            raise Problem(404, "There is no such entry.")
        sides = money.sides_of(tx, entry_id)
        names = order_page.names_of_staff(tx, [entry.actor])
    total = sum(side.amount_minor for side in sides)
    context = {
        "entry": entry,
        "sides": sides,
        "names": NAMES,
        "who": names.get(entry.actor, entry.actor),
        "total": total,
    }
    return page(req, "console/ledger/entry.html", context)


def routes(door: Door) -> list[BaseRoute]:
    return [
        staff_page(door, _URL, show, permission="ledger.read"),
        staff_page(door, _URL + "/accounts/{code}", show_account, permission="ledger.read"),
        staff_page(door, _URL + "/entries/{entry_id}", show_entry, permission="ledger.read"),
    ]
