"""Shoppers: they fill carts, leave or buy, press twice, pay well or badly, come back, change their minds."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storekeep.flows import basket, cancel, checkout, settle
from storekeep.flows.checkout import Details, NotPlaced, PlaceAnswer, Placed, PlaceOrder
from storekeep.flows.house import House
from storekeep.kernel.clock import HOUR, MINUTE, SECOND
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem, StorekeepError
from storekeep.shop.catalog.tables import variant
from storekeep.shop.orders import carts
from storekeep.shop.orders.tables import order_line, sales_order
from storekeep.shop.payments import attempts
from storekeep.shop.reports import shelves
from storekeep.world.simulator import till
from storekeep.world.simulator.cast import early
from storekeep.world.simulator.market import Visit
from storekeep.world.simulator.play import Broken, Life

#: How long somebody waits for a writer that another thread drives, in seconds.
PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Street:
    """What shoppers need of the world: somewhere to pay, and how the cart of a token is filled.

    `fill(tx, visit, token_hash)` returns the cart, or None when nothing that is wanted is to be had; safe to repeat.
    """

    bank: till.Till
    fill: Callable[[Tx, Visit, str], str | None]
    quantity_limit: int = carts.MAX_QTY


def fill(tx: Tx, visit: Visit, token_hash: str) -> str | None:
    """Put what is there into the cart, at the prices of the day."""
    skus = [wanted.sku for wanted in visit.lines]
    query = select(variant.c.id, variant.c.sku).where(variant.c.sku.in_(skus)).order_by(variant.c.id)
    found = {row.sku: row.id for row in tx.rows(query)}
    free = {each: shelf.most for each, shelf in shelves.of_variants(tx, found.values()).items()}
    wanted = {sku: 0 for sku in skus if sku in found and free[found[sku]] > 0}
    if not wanted:
        return None
    for line in visit.lines:
        if line.sku in wanted:
            wanted[line.sku] = min(wanted[line.sku] + line.qty, free[found[line.sku]])
    cart_id = basket.open_cart(tx, token_hash, visit.country)
    for sku, qty in wanted.items():
        basket.put(tx, cart_id, found[sku], qty, add=False)
    if visit.code:
        basket.use_code(tx, cart_id, visit.code)
        if basket.price(tx, cart_id).quote.problems:
            basket.use_code(tx, cart_id, "")
    return cart_id


def shop(life: Life, visit: Visit, street: Street) -> None:
    """One visit, from the first product to the bank, and what comes of it."""
    trouble = life.play.trouble
    life.note("visits")
    if not visit.will_wander:
        life.note("units wanted", visit.units)
    token = hashlib.sha256(f"{life.play.seed} {life.name}".encode()).hexdigest()
    cart_id = life.write("shopper", lambda tx: street.fill(tx, visit, token))
    if cart_id is None:
        life.note("visits that found nothing")
        early.miss(life, visit)
        return
    early.miss(life, visit)
    life.dawdle(life.play.rhythm.think)
    if visit.will_wander:
        life.note("carts left behind")
        return
    details = Details(visit.email, visit.country, visit.method, visit.address)
    if _hold(life, cart_id, details):
        life.note("held up at the checkout")
    if visit.expected_total_minor is None and life.chance(trouble.greedy):
        _want_more(life, cart_id, visit, details)
    if life.chance(trouble.leaves_checkout):
        life.note("left at the checkout")
        return
    life.dawdle(life.play.rhythm.think)
    if life.chance(trouble.double_click):
        life.note("fault: pressed twice")
        life.play.spawn(f"{life.name} again", lambda other: _place(other, cart_id, street))
    answer = _place(life, cart_id, street)
    if isinstance(answer, NotPlaced):
        _check_refusal(answer.problems)
        life.note(f"not placed: {answer.problems[0].code}")
        return
    life.note("orders")
    life.play.acknowledged[answer.number] = answer.total_minor
    if life.chance(trouble.cancels_unpaid):
        life.dawdle(life.play.rhythm.think)
        _cancel(life, answer.order_id)
        return
    _pay(life, answer, street.bank)
    if life.chance(trouble.wants_less):
        life.dawdle(life.play.rhythm.think * 5)
        _take_less(life, answer.order_id)
    if life.chance(trouble.cancels):
        life.sleep(life.rng.randint(10, 30 * 60) * MINUTE * life.play.rhythm.afterthought // (36 * HOUR))
        _cancel(life, answer.order_id)


def _hold(life: Life, cart_id: str, details: Details) -> bool:
    """Type the details; True when something is in the way."""
    problems = life.write("shopper", lambda tx: checkout.hold(tx, cart_id, details))
    _check_refusal(problems)
    return bool(problems)


def _check_refusal(problems: Sequence[Problem]) -> None:
    """Whoever is told that there is not enough must be told the truth."""
    for one in problems:
        if one.code == "out_of_stock" and one.data["available"] >= one.data["wanted"]:
            raise Broken("refusal", f"{one.data['wanted']} were refused, but there are {one.data['available']}")


def _want_more(life: Life, cart_id: str, visit: Visit, details: Details) -> None:
    """Go back, ask for far more than there may be, and take the first quantity again."""
    life.note("fault: asked for too much")
    sku, qty = visit.lines[0][:2]
    query = select(variant.c.id).where(variant.c.sku == sku)

    def put(tx: Tx, units: int) -> None:
        basket.put(tx, cart_id, tx.scalar(query), units, add=False)

    life.write("shopper", lambda tx: put(tx, carts.MAX_QTY))
    _hold(life, cart_id, details)
    life.dawdle(life.play.rhythm.think)
    life.write("shopper", lambda tx: put(tx, min(qty, carts.MAX_QTY)))
    _hold(life, cart_id, details)


def _place(life: Life, cart_id: str, street: Street) -> PlaceAnswer:
    """Press the button until an answer comes; the cart makes it one order however often it is pressed."""
    provider = life.ask(lambda house: house.services.provider)
    command = PlaceOrder(cart_id, provider=provider, quantity_limit=street.quantity_limit)

    def press(house: House) -> PlaceAnswer:
        future = house.placing.submit(command)
        if not house.placing.is_driven:
            life.give_way("web")  # others may press meanwhile, and share the transaction
            while not future.done():
                if not house.placing.step(life.rng.randint(1, 8)):
                    life.give_way("web")  # somebody who waits at a port has our order in hand: theirs is the turn
        return future.result(PATIENCE_S)

    return life.ask(press)


def _pay(life: Life, placed: Placed, bank: till.Till) -> None:
    trouble = life.play.trouble
    key = placed.payment_key
    if key is not None:
        life.ask(lambda house: house.worker.run_keys([key]))
    attempt = life.read(lambda tx: attempts.open_attempt(tx, placed.order_id))
    if attempt is None or attempt.redirect_url is None:
        # The page could not be opened yet: the shopper goes to the order's page later.
        life.dawdle(life.play.rhythm.think * 5 // 2)
        attempt = life.read(lambda tx: attempts.open_attempt(tx, placed.order_id))
    if attempt is None or attempt.redirect_url is None or life.chance(trouble.abandons_page):
        life.note("payment pages left")
        if life.chance(trouble.cancels * 10):
            _cancel(life, placed.order_id)
        return
    life.dawdle(life.play.rhythm.think)
    page = attempt.redirect_url
    if not bank.pay(page, _card(life)) and life.rng.random() < 0.8:
        life.dawdle(life.play.rhythm.think)
        bank.pay(page, till.GOOD)
    if life.chance(trouble.pays_twice):
        life.note("fault: paid twice")
        bank.pay(page, till.GOOD)
    if life.rng.random() < 0.7:
        life.dawdle(10 * SECOND)
        _come_back(life, attempt.payment_id)


def _card(life: Life) -> str:
    trouble = life.play.trouble
    for chance, card, what in (
        (trouble.declined, life.rng.choice((till.DECLINED, till.NO_FUNDS)), "declined"),
        (trouble.challenged, till.CHALLENGE, "challenged"),
        (trouble.settles_late, till.LATE, "settles late"),
    ):
        if life.chance(chance):
            life.note(f"fault: card {what}")
            return card
    return till.GOOD


def _come_back(life: Life, payment_id: str) -> None:
    """The browser returns to the order's page, which looks at the provider again."""
    key = life.write("shopper", lambda tx: settle.ask_to_observe(tx, payment_id, "return from the payment page"))
    life.ask(lambda house: house.worker.run_keys([key]))


def _cancel(life: Life, order_id: str) -> None:
    command = f"shopper cancels {order_id}"
    try:
        life.write(
            "shopper", lambda tx: cancel.cancel_order(tx, order_id, reason="changed my mind", command_id=command)
        )
    except StorekeepError:
        life.note("came too late to cancel")
        return
    life.note("orders canceled by shoppers")
    status = life.read(lambda tx: tx.scalar(select(sales_order.c.status).where(sales_order.c.id == order_id)))
    if status not in {"canceled", "completed", "expired"}:
        raise Broken("shopper", f"order {order_id} was canceled, but is {status}")


def _take_less(life: Life, order_id: str) -> None:
    """Ask for some units less than were ordered, while nobody has touched them."""
    line = order_line.c
    query = select(line.id, line.ordered).where(line.order_id == order_id).order_by(line.position)
    lines = life.read(lambda tx: tx.rows(query))
    last = lines[-1]
    units = {last.id: life.rng.randint(1, last.ordered)}
    if len(lines) == 1 and units[last.id] == last.ordered:
        return  # that would be all of it
    command = f"shopper takes less of {order_id}"
    life.write(
        "agent", lambda tx: cancel.cancel_units(tx, order_id, units, reason="fewer, please", command_id=command)
    )
    life.note("units canceled by shoppers", sum(units.values()))
