"""`storekeep explain`: which rows make this number?"""

import json
import sys
from collections.abc import Callable

import click
from sqlalchemy.exc import SQLAlchemyError

from storekeep.doors.cli.config import connect, db_option
from storekeep.kernel.clock import to_datetime
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.kernel.money import format_plain
from storekeep.shop.reports import explain as explaining
from storekeep.shop.reports.explain import Explanation, Number
from storekeep.shop.site import profile

DIFFERENT, BAD_INPUT = 1, 2


def _stock(tx: Tx, which: str) -> Explanation:
    return explaining.stock(tx, which, profile.load(tx).currency)


#: What can be explained, and how it is asked for.
KINDS: dict[str, tuple[str, Callable[[Tx, str], Explanation]]] = {
    "stock": ("SKU@LOCATION or SKU", _stock),
    "order": ("NUMBER", explaining.order),
    "payment": ("ORDER_NUMBER", explaining.payment),
}


@click.command()
@click.argument("what")
@click.argument("which")
@db_option
@click.option("--json", "as_json", is_flag=True, help="the explanation as JSON, money in minor units")
def explain(what: str, which: str, db_url: str, as_json: bool) -> None:
    """Show the rows that make a number, with their running sum.

    \b
    storekeep explain stock SKU@LOCATION   the moves behind the units of a place
    storekeep explain stock SKU            on hand, reserved, available, value
    storekeep explain order NUMBER         total, money and units of an order
    storekeep explain payment NUMBER       what was captured and refunded for an order

    Reads one snapshot and never writes. Exit code 0: the rows make what the pages say; 1: they do not; 2: there is no
    such thing.
    """
    try:
        found = _explained(what, which, db_url)
    except StorekeepError as refusal:
        click.echo(f"storekeep: nothing was explained: {refusal}", err=True)
        sys.exit(BAD_INPUT)
    except SQLAlchemyError as failure:
        said = getattr(failure, "orig", failure)
        click.echo(f"storekeep: nothing was explained; the database says: {said}", err=True)
        sys.exit(BAD_INPUT)
    click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False) if as_json else as_text(found))
    sys.exit(0 if found.is_equal else DIFFERENT)


def _explained(what: str, which: str, db_url: str) -> Explanation:
    if what not in KINDS:
        ways = "; ".join(f"`storekeep explain {kind} {form}`" for kind, (form, _) in KINDS.items())
        raise StorekeepError(f"{what!r} cannot be explained. What can: {ways}")
    db = connect(db_url)
    try:
        with db.read() as tx:
            return KINDS[what][1](tx, which)
    finally:
        db.close()


def as_text(found: Explanation) -> str:
    """The explanation for people: each number's rows with their running sum, and whether they make what is shown."""
    lines = [found.subject]
    for number in found.numbers:
        lines += ["", *_number(number)]
    different = [number.name for number in found.numbers if not number.is_equal]
    if not found.numbers:
        return "\n".join([*lines, "", "There is no row, and no page says a number."])
    end = "Everything is equal." if not different else f"Different: {', '.join(different)}."
    return "\n".join([*lines, "", end])


def _number(number: Number) -> list[str]:
    shown = [number.name + (f" ({number.currency})" if number.currency else "")]
    for row, total in zip(number.rows, number.running(), strict=True):
        moment = to_datetime(row.at).strftime("%Y-%m-%d %H:%M:%S") if row.at is not None else ""
        amount, so_far = _amount(row.amount, number.currency), _amount(total, number.currency)
        plus = "" if amount.startswith("-") else "+"
        shown.append(f"  {plus + amount:>12} {so_far:>12}  {moment:19}  {row.text}  [{row.source}]")
    made, said = _amount(number.made, number.currency), _amount(number.said, number.currency)
    if number.is_equal:
        return [*shown, f"  The rows make {made}, the page says {said}: equal."]
    off = _amount(number.said - number.made, number.currency)
    return [*shown, f"  The rows make {made}, the page says {said}: different by {off}."]


def _amount(value: int, currency: str) -> str:
    return format_plain(value, currency) if currency else str(value)
