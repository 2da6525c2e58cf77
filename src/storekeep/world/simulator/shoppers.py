"""Shoppers: they look around, fill carts, leave or buy, pay well or badly, cancel, and complain."""

import hashlib
import random
from typing import Any

from sqlalchemy import func, select

from storekeep.flows import basket, cancel, checkout, reply, settle
from storekeep.flows.checkout import Details, NotPlaced, Placed
from storekeep.kernel.clock import DAY
from storekeep.shop.catalog.tables import variant
from storekeep.shop.inventory.queries import availability_of
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments import attempts
from storekeep.shop.support.tables import conversation
from storekeep.world import demo
from storekeep.world.demo import DemoShopper
from storekeep.world.simulator import till
from storekeep.world.simulator.actors import Stage

_ZONES = {"DE": "home", "AT": "near", "BE": "near", "NL": "near", "FR": "near", "DK": "near", "PL": "near"}
_WORLD = {"CH", "GB", "US"}
_CARDS = ((till.GOOD, 88), (till.CHALLENGE, 4), (till.DECLINED, 3), (till.NO_FUNDS, 2), (till.LATE, 1), ("", 2))


def shop(stage: Stage) -> None:
    """One shopper's visit, from the first product to the bank."""
    rng = stage.rng
    who = rng.choice(demo.SHOPPERS)
    cart_id = _fill_cart(stage, who)
    if cart_id is None or rng.random() < 0.15:
        return  # most visits end without an order; this cart is left behind
    details = Details(who.email, who.country, _method(rng, who.country), _address(who))
    with stage.house.db.begin(actor="shopper") as tx:
        checkout.hold(tx, cart_id, details)
    order = checkout.PlaceOrder(cart_id, provider=stage.house.services.provider)
    with stage.house.db.begin(actor="shopper") as tx:
        answer = checkout.place(tx, [order])[0]
    if isinstance(answer, NotPlaced):
        return
    _pay(stage, answer)


def _fill_cart(stage: Stage, who: DemoShopper) -> str | None:
    rng = stage.rng
    weights = [product.popularity for product in demo.PRODUCTS]
    picked = rng.choices(demo.PRODUCTS, weights, k=rng.choice((1, 1, 1, 2, 2, 3)))
    skus = [rng.choice(product.variants).sku for product in picked]
    token = hashlib.sha256(f"{who.email} {stage.now} {rng.random()}".encode()).hexdigest()
    with stage.house.db.begin(actor="shopper") as tx:
        found = {row.sku: row.id for row in tx.rows(select(variant.c.id, variant.c.sku).where(variant.c.sku.in_(skus)))}
        free = availability_of(tx, list(found.values()))
        wanted = {sku: found[sku] for sku in skus if sku in found and free[found[sku]].available > 0}
        if not wanted:
            return None
        cart_id = basket.open_cart(tx, token, who.country)
        for variant_id in wanted.values():
            qty = min(rng.choice((1, 1, 1, 2, 2, 4)), free[variant_id].available)
            basket.put(tx, cart_id, variant_id, qty, add=True)
        if rng.random() < 0.12:
            basket.use_code(tx, cart_id, rng.choice(("WELCOME10", "TEA15", "SPRING")))
            if basket.price(tx, cart_id).quote.problems:
                basket.use_code(tx, cart_id, "")
    return cart_id


def _method(rng: random.Random, country: str) -> str:
    zone = _ZONES.get(country, "world" if country in _WORLD else "europe")
    return f"express-{zone}" if zone != "world" and rng.random() < 0.2 else f"standard-{zone}"


def _address(who: DemoShopper) -> dict[str, str]:
    fields = ("name", "line1", "line2", "city", "postcode", "region", "phone")
    return {field: getattr(who, field) for field in fields}


def _pay(stage: Stage, placed: Placed) -> None:
    if placed.payment_key is None:
        return
    stage.house.worker.run_keys([placed.payment_key])
    card = stage.rng.choices([card for card, _ in _CARDS], [weight for _, weight in _CARDS])[0]
    with stage.house.db.read() as tx:
        attempt = attempts.open_attempt(tx, placed.order_id)
    if attempt is None or attempt.redirect_url is None or not card:
        return  # the page could not be opened, or this shopper closes the tab
    if not stage.till.pay(attempt.redirect_url, card) and stage.rng.random() < 0.7:
        stage.till.pay(attempt.redirect_url, till.GOOD)
    _come_back(stage, attempt.payment_id)


def _come_back(stage: Stage, payment_id: str) -> None:
    """The browser returns to the order's page, which looks at the provider again."""
    with stage.house.db.begin(actor="shopper") as tx:
        key = settle.ask_to_observe(tx, payment_id, "return from the payment page")
    stage.house.worker.run_keys([key])


def change_mind(stage: Stage) -> None:
    """Somebody cancels an order that the warehouse has not begun yet."""
    with stage.house.db.read() as tx:
        row = _some_order(stage, tx, sales_order.c.status == "open", sales_order.c.fulfillment_status == "unfulfilled")
    if row is None:
        return
    with stage.house.db.begin(actor="shopper") as tx:
        cancel.cancel_order(tx, row.id, reason="changed my mind", command_id=f"shopper cancels {row.id}")


def complain(stage: Stage) -> None:
    """Somebody who got a parcel lately writes what is wrong with it."""
    problem = stage.rng.choice(demo.PROBLEMS)
    with stage.house.db.read() as tx:
        row = _some_order(
            stage,
            tx,
            sales_order.c.fulfillment_status == "fulfilled",
            sales_order.c.updated_at > stage.now - 6 * DAY,
            sales_order.c.id.not_in(select(conversation.c.order_id).where(conversation.c.order_id.is_not(None))),
        )
        if row is None:
            return
        line = tx.rows(order_line.select().where(order_line.c.order_id == row.id).order_by(order_line.c.position))[0]
    about_goods = problem.reason in {"wrong_item", "damaged"}
    with stage.house.db.begin(actor="shopper") as tx:
        reply.report_problem(
            tx, row.id, {line.id: 1} if about_goods else {}, problem.reason, problem.body, f"complaint {row.id}"
        )


def _some_order(stage: Stage, tx: Any, *conditions: Any) -> Any:
    count = tx.scalar(select(func.count()).select_from(sales_order).where(*conditions))
    if not count:
        return None
    query = (
        select(sales_order).where(*conditions).order_by(sales_order.c.id).offset(stage.rng.randrange(count)).limit(1)
    )
    return tx.first(query)
