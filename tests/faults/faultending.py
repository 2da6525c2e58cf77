"""Stories of orders that end early: too late paid, never paid, paid at the second try, canceled."""

from typing import Any

from faultselling import confirmed_once, mails, observing, order, paying, rows
from faultstage import Stage
from faultstory import Step, at, story, write
from sqlalchemy import select

from storekeep.flows import cancel, expire, receive, settle
from storekeep.flows.chores import Housekeeper
from storekeep.kernel.db import Tx
from storekeep.shop.inventory.tables import location, stock_balance
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments import attempts
from storekeep.shop.payments.tables import payment

HOLDS_END = write("worker", lambda tx, _: expire.expire_holds(tx))


def _expired(stage: Stage) -> None:
    assert order(stage, "unpaid").status == "expired"
    assert mails(stage, "order_expired") == 1


story(
    "an unpaid order expires",
    at(35),
    write("worker", lambda tx, _: expire.ask_overdue(tx)),
    lambda stage: stage.work(),
    write("worker", lambda tx, _: expire.expire_unpaid(tx)),
    HOLDS_END,
    proves=_expired,
)


def keeping(minutes: int) -> Step:
    """Everything that is due at this time, by a housekeeper who has just been started."""

    def step(stage: Stage) -> None:
        stage.until(minutes)
        Housekeeper(stage.house.db).step()

    return step


def _kept(stage: Stage) -> None:
    _expired(stage)
    carts = rows(stage, select(sales_order.c.id).where(sales_order.c.cart_id.in_(stage.facts.carts)))
    assert not carts


story("the housekeeper makes his rounds", keeping(35), lambda stage: stage.work(), keeping(40), proves=_kept)

_GRACE_OVER = (at(70), write("worker", lambda tx, _: expire.expire_unpaid(tx)), HOLDS_END)


def _reopened(stage: Stage) -> None:
    row = order(stage, "unpaid")
    assert (row.status, row.payment_status) == ("open", "authorized")


story(
    "late money opens an expired order again",
    *_GRACE_OVER,
    paying("unpaid"),
    observing("unpaid"),
    proves=_reopened,
)


def no_lamps_left(tx: Tx, stage: Stage) -> None:
    """Both lamps are thrown away, sold or not."""
    lamp, b = stage.facts.variants["LAMP"], stock_balance.c
    query = select(b.location_id).join(location, location.c.id == b.location_id)
    shelf = str(tx.scalar(query.where(b.variant_id == lamp, location.c.is_sellable)))
    receive.scrap(tx, lamp, shelf, 2, "fell off the ladder", "no lamps left")


def _given_back(stage: Stage) -> None:
    row = order(stage, "unpaid")
    assert row.status == "expired"
    assert mails(stage, "late_payment") == 1
    of_it = [one for one in stage.provider.payments() if one.order_ref == str(row.number)]
    assert [one.capturable_minor for one in of_it] == [0]


story(
    "late money for goods that are gone goes back",
    *_GRACE_OVER,
    write("owner", no_lamps_left),
    paying("unpaid"),
    observing("unpaid"),
    proves=_given_back,
)


def _give_page_up(tx: Tx, stage: Stage) -> None:
    attempts.request_void(tx, [stage.facts.orders["unpaid"]], "the shopper wants another card")


def _pay_again(tx: Tx, stage: Stage) -> None:
    settle.pay_again(tx, stage.facts.orders["unpaid"], "memory")


def _newest(stage: Stage) -> None:
    mine = payment.c.order_id == stage.facts.orders["unpaid"]
    found = rows(stage, select(payment).where(mine).order_by(payment.c.id))
    assert len(found) == 2
    stage.memo["payment"] = found[-1].id


story(
    "an order is paid at the second try",
    write("shopper", _give_page_up),
    lambda stage: stage.work(),
    write("shopper", _pay_again),
    lambda stage: stage.work(),
    _newest,
    paying("unpaid"),
    observing("again"),
    proves=confirmed_once,
)


# --- canceled ---


def canceling(name: str, units: dict[str, int] | None = None) -> Step:
    def do(tx: Tx, stage: Stage) -> None:
        order_id = stage.facts.orders[name]
        if units is None:
            cancel.cancel_order(tx, order_id, reason="changed my mind", command_id="cancel")
        else:
            wanted = {stage.facts.lines[name][sku]: qty for sku, qty in units.items()}
            cancel.cancel_units(tx, order_id, wanted, reason="too many", command_id="cancel")

    return write("shopper", do)


def _canceled(name: str, payment_status: str) -> Any:
    def proves(stage: Stage) -> None:
        row = order(stage, name)
        assert (row.status, row.payment_status, row.owed_minor) == ("canceled", payment_status, 0)
        assert mails(stage, "canceled") == 1

    return proves


story("an unpaid order is canceled", canceling("unpaid"), canceling("unpaid"), proves=_canceled("unpaid", "voided"))
story("a paid order is canceled", canceling("paid"), proves=_canceled("paid", "voided"))
story("an order is canceled under the picker's hands", canceling("picked"), proves=_canceled("picked", "voided"))


def _part(stage: Stage) -> None:
    row = order(stage, "paid")
    assert (row.status, row.total_minor - row.owed_minor) == ("open", 2 * 1250)


story("two units of an order are canceled", canceling("paid", {"MUG": 2}), proves=_part)
