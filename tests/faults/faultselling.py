"""Stories of selling: carts, orders, payment pages, and money that comes in time. What they share is here too."""

from typing import Any

from faultstage import Stage
from faultstory import AskAgain, Step, story, write
from sqlalchemy import func, select

import make
from storekeep.doors.webhooks.routes import hear_payment
from storekeep.flows import basket, checkout, settle
from storekeep.kernel.db import Tx
from storekeep.kernel.queue import Again
from storekeep.shop.notify.tables import mail
from storekeep.shop.orders.tables import sales_order
from storekeep.shop.payments.tables import payment, payment_attempt

DETAILS = checkout.Details("olga@example.com", "DE", "standard-home", make.ADDRESS)


def rows(stage: Stage, query: Any) -> Any:
    return stage.look(lambda tx: tx.rows(query))


def order(stage: Stage, name: str) -> Any:
    """An order of the ground as it is now."""
    return rows(stage, select(sales_order).where(sales_order.c.id == stage.facts.orders[name]))[0]


def count(stage: Stage, table: Any, *where: Any) -> int:
    return int(stage.look(lambda tx: tx.scalar(select(func.count()).select_from(table).where(*where))))


def mails(stage: Stage, template: str) -> int:
    return count(stage, mail, mail.c.template == template)


# --- carts ---


def _open(tx: Tx, stage: Stage) -> None:
    stage.memo["cart"] = basket.open_cart(tx, "token of olga", "DE")


def _put(sku: str, qty: int) -> Step:
    return write(
        "shopper",
        lambda tx, stage: basket.put(tx, stage.memo["cart"], stage.facts.variants[sku], qty, add=False),
    )


story(
    "a cart is filled",
    write("shopper", _open),
    _put("TEA", 4),
    _put("MUG", 1),
    _put("TEA", 0),
    write("shopper", lambda tx, stage: basket.use_code(tx, stage.memo["cart"], "autumn")),
    write("shopper", lambda tx, stage: basket.accept_prices(tx, stage.memo["cart"])),
    proves=lambda stage: None,
)


def _hold(tx: Tx, stage: Stage) -> None:
    assert checkout.hold(tx, stage.memo["cart"], DETAILS) == ()


story(
    "goods are held at the checkout",
    write("shopper", _open),
    _put("MUG", 2),
    write("shopper", _hold),
    write("shopper", _hold),
    proves=lambda stage: None,
)


# --- orders ---


def press(*which: int) -> Step:
    """The buttons of these carts are pressed at one moment; whoever is not answered presses again."""

    def step(stage: Stage) -> None:
        house = stage.house
        asked = [
            house.placing.submit(checkout.PlaceOrder(stage.facts.carts[n], provider="memory")) for n in which
        ]
        while house.placing.step():
            pass
        answers = [future.result() for future in asked]
        assert all(isinstance(answer, checkout.Placed) for answer in answers), answers
        keys = [answer.payment_key for answer in answers if isinstance(answer, checkout.Placed) and answer.payment_key]
        house.worker.run_keys(keys)
        stage.memo["placed"] = [answer.order_id for answer in answers if isinstance(answer, checkout.Placed)]

    return step


def _one_page_each(orders: int) -> Any:
    def proves(stage: Stage) -> None:
        assert count(stage, sales_order, sales_order.c.cart_id.in_(stage.facts.carts)) == orders
        placed = stage.memo["placed"]
        of = payment_attempt.c.order_id.in_(placed)
        assert [row.status for row in rows(stage, select(payment_attempt).where(of))] == ["requires_action"] * orders
        refs = [row.session_ref for row in rows(stage, select(payment).where(payment.c.order_id.in_(placed)))]
        opened = [one for one in stage.provider.payments() if one.session_ref in refs]
        assert len(opened) == len(set(refs)) == orders

    return proves


story("an order is placed", press(0), proves=_one_page_each(1))
story("an order with a code is placed twice", press(1), press(1), proves=_one_page_each(1))
story("a batch of orders is placed", press(0, 1, 2), proves=_one_page_each(3))


# --- money ---


def paying(name: str, outcome: Any = None) -> Step:
    """The shopper pays on the provider's page, which our programs have no part in."""

    def step(stage: Stage) -> None:
        p = payment.c
        query = select(p.session_ref).where(p.order_id == stage.facts.orders[name]).order_by(p.id.desc()).limit(1)
        stage.provider.shopper_pays(rows(stage, query)[0].session_ref, outcome)

    return step


def observing(name: str) -> Step:
    """The browser comes back from the provider's page."""

    def step(stage: Stage) -> None:
        payment_id = stage.memo["payment"] if name == "again" else stage.facts.payments[name]
        answer = settle.observe(stage.house.services, payment_id)
        if isinstance(answer, Again):
            raise AskAgain(answer.reason)

    return step


def hearing(*, twice: bool) -> Step:
    """The provider tells us what happened, until we say that we have heard it."""

    def step(stage: Stage) -> None:
        told = stage.memo.setdefault("told", [])
        told += stage.provider.deliveries(twice=twice)
        while told:
            body, headers = told[0]
            lower = {key.lower(): value for key, value in headers.items()}
            assert hear_payment(stage.house, "memory", body, lower).status_code == 200
            told.pop(0)

    return step


def confirmed_once(stage: Stage) -> None:
    row = order(stage, "unpaid")
    assert (row.status, row.payment_status) == ("open", "authorized")
    assert len([one for one in stage.provider.payments() if one.status == "authorized"]) >= 1


story("a payment is looked at", paying("unpaid"), observing("unpaid"), observing("unpaid"), proves=confirmed_once)
story("a webhook is heard", paying("unpaid"), hearing(twice=True), proves=confirmed_once)
story(
    "a declined card is followed by a good one",
    paying("unpaid", "decline"),
    hearing(twice=False),
    lambda stage: stage.work(),
    paying("unpaid"),
    hearing(twice=False),
    proves=confirmed_once,
)


def janitor(minutes: int) -> Step:
    def step(stage: Stage) -> None:
        stage.until(minutes)
        stage.write("worker", settle.janitor)

    return step


def _pay_all(stage: Stage) -> None:
    for row in rows(stage, select(payment).where(payment.c.order_id.in_(stage.memo["placed"]))):
        stage.provider.shopper_pays(row.session_ref)


def _all_confirmed(stage: Stage) -> None:
    found = rows(stage, select(sales_order.c.status).where(sales_order.c.id.in_(stage.memo["placed"])))
    assert [row.status for row in found] == ["open"] * 3


story(
    "three payments nobody told us of are found together",
    press(0, 1, 2),
    lambda stage: stage.work(),
    _pay_all,
    janitor(5),
    proves=_all_confirmed,
)
