"""The checkout: hold the goods while the shopper types, then turn carts into orders, each exactly once.

`place` takes many commands and runs them in one transaction: the rules are read once, the availability rows are locked
once in key order, every order is decided in memory in order of arrival, and everything is written in a few statements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from storekeep.flows import basket, confirm, kits, waits
from storekeep.flows.basket import PricedCart
from storekeep.kernel import audit, prepared
from storekeep.kernel.clock import MINUTE
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Problem, Refused
from storekeep.kernel.jsontext import dump, load
from storekeep.shop.customers import people
from storekeep.shop.customers.model import CustomerDraft
from storekeep.shop.inventory import reservations
from storekeep.shop.inventory.destination import Destination
from storekeep.shop.inventory.model import Firmed, FirmLine, FirmRequest, HoldLine, HoldRequest, Short
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.orders import carts, placing, requirements, tables, timeline
from storekeep.shop.payments import attempts
from storekeep.shop.pricing import coupons as price_store
from storekeep.shop.pricing import rules as price_rules
from storekeep.shop.pricing.queries import codes_typed
from storekeep.shop.shipping.promise import promise
from storekeep.shop.site import profile
from storekeep.shop.site.profile import ShopProfile


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Turn a cart into an order. `seen_total_minor` is the total on the button that was pressed.

    A caller who knows only the shopper's token gives its hash and no cart id; the batch looks all of them up at once.
    """

    cart_id: str
    seen_total_minor: int | None = None
    channel: str = "web"
    tender: str = "card"
    provider: str = "stripe"
    quantity_limit: int = carts.MAX_QTY
    token_hash: str = ""

    @property
    def key(self) -> str:
        """What makes two commands the same."""
        return self.cart_id or self.token_hash


@dataclass(frozen=True, slots=True)
class Placed:
    """The order of a cart, new or placed before. `payment_key` names the outbox row that opens the payment page."""

    order_id: str
    number: int
    total_minor: int
    payment_key: str | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """Nothing happened; these are all the reasons."""

    problems: tuple[Problem, ...]


PlaceAnswer = Placed | NotPlaced
#: The id that no cart has.
NO_CART = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Details:
    """What a shopper types at the checkout."""

    email: str
    country: str
    delivery_code: str | None
    ship_to: Mapping[str, str]


def hold(tx: Tx, cart_id: str, details: Details) -> tuple[Problem, ...]:
    """Keep what was typed and hold the goods for the shop's hold time; returns everything still in the way.

    Calling it again extends the hold, never shortens it. Short lines are problems; nothing is held then.
    """
    carts.refuse_if_placed(tx, cart_id)
    carts.save_details(
        tx,
        cart_id,
        email=details.email,
        ship_to=details.ship_to,
        country=details.country,
        delivery_code=details.delivery_code,
    )
    priced = basket.price(tx, cart_id)
    problems = [
        *requirements.missing(priced.email, priced.ship_to, priced.delivery_code),
        *priced.problems,
    ]
    if priced.lines:
        until = tx.now + profile.load(tx).hold_minutes * MINUTE
        lines = tuple(HoldLine(line.variant_id, line.qty) for line in priced.lines)
        to = Destination(details.country, details.ship_to.get("postcode", ""))
        answer = reservations.hold(tx, [HoldRequest(cart_id, lines, until, to)])[0]
        if isinstance(answer, Short):
            problems += requirements.short_lines(answer.lines, priced.lines)
    return tuple(problems)


def place(tx: Tx, commands: Sequence[PlaceOrder]) -> list[PlaceAnswer]:
    """Place many orders; the answers are in the order of the commands, each of its own cart.

    Idempotent by cart: a cart that became an order answers with that order. A refusal lists every problem and leaves
    nothing behind, and never hinders the other commands.
    """
    commands = _with_cart_ids(tx, commands)
    cart_ids = [command.cart_id for command in commands]
    found = carts.load(tx, cart_ids, lock=True)
    answers: dict[str, PlaceAnswer] = _placed_before(tx, cart_ids)
    lines = carts.lines_of(tx, cart_ids)
    parts = kits.parts_in(tx, [line for own in lines.values() for line in own])
    shop = profile.load(tx)
    book = price_rules.kept(tx, shop.currency)
    discounts = codes_typed(tx, {cart.discount_code for cart in found.values() if cart.discount_code})
    ready: list[tuple[PlaceOrder, PricedCart]] = []
    for command in commands:
        if command.cart_id in answers:
            continue
        if command.cart_id not in found:
            answers[command.cart_id] = NotPlaced((Problem("cart_gone", "this cart is gone", "stop", "cart"),))
            continue
        priced = basket.price_of(
            tx,
            found[command.cart_id],
            lines[command.cart_id],
            book,
            discounts,
            parts,
            command.quantity_limit,
            with_options=False,
        )
        problems = _problems(priced, command)
        if problems:
            answers[command.cart_id] = NotPlaced(tuple(problems))
        else:
            ready.append((command, priced))
    answers |= _write(tx, ready, shop)
    return [answers[cart_id] for cart_id in cart_ids]


def _with_cart_ids(tx: Tx, commands: Sequence[PlaceOrder]) -> Sequence[PlaceOrder]:
    """The same commands, those that came with a token under the id of its cart; an unknown token has no cart."""
    hashes = [command.token_hash for command in commands if not command.cart_id]
    if not hashes:
        return commands
    known = carts.ids_of(tx, hashes)
    return [
        command if command.cart_id else replace(command, cart_id=known.get(command.token_hash, NO_CART))
        for command in commands
    ]


def place_one(tx: Tx, command: PlaceOrder) -> Placed:
    """Place a single order; raises `Refused` with all problems when it cannot be."""
    answer = place(tx, [command])[0]
    if isinstance(answer, NotPlaced):
        raise Refused(answer.problems)
    return answer


def _problems(priced: PricedCart, command: PlaceOrder) -> list[Problem]:
    problems = [*requirements.missing(priced.email, priced.ship_to, priced.delivery_code), *priced.problems]
    if not problems:
        problems += requirements.of_quote(priced.quote, command.seen_total_minor)
    return problems


def _placed_before(tx: Tx, cart_ids: Sequence[str]) -> dict[str, PlaceAnswer]:
    query = prepared.rows_of(tables.sales_order, "cart_id", "id", "cart_id", "number", "total_minor")
    rows = tx.rows(query, {"wanted": list(cart_ids)})
    return {row.cart_id: Placed(row.id, row.number, row.total_minor, None, is_new=False) for row in rows}


def _write(tx: Tx, ready: Sequence[tuple[PlaceOrder, PricedCart]], shop: ShopProfile) -> dict[str, PlaceAnswer]:
    if not ready:
        return {}
    drafts = _draft(tx, ready, shop)
    answers: dict[str, PlaceAnswer] = {}
    outcomes = reservations.firm(tx, [_firm_request(draft) for draft in drafts])
    held: dict[str, tuple[Firmed, list[str]]] = {}
    for draft, outcome in zip(drafts, outcomes, strict=True):
        if isinstance(outcome, Firmed):
            held[draft.id] = (outcome, [line.variant_id for line in draft.lines])
        else:
            answers[draft.cart_id] = NotPlaced(tuple(requirements.short_lines(outcome.lines, draft.lines)))
    days = waits.ready_days(tx, held)
    promised = [_promised(tx, draft, days.get(draft.id), shop) for draft in drafts if draft.id in held]
    kept = _redeem(tx, promised, answers)
    return answers | _insert(tx, kept, {command.cart_id: command for command, _ in ready}, days)


def _promised(tx: Tx, draft: placing.NewOrder, ready_on: str | None, shop: ShopProfile) -> placing.NewOrder:
    """The order with a promise that counts from the day on which its goods are here."""
    if ready_on is None:
        return draft
    transit = draft.quote.method.max_days if draft.quote.method else 0
    return replace(draft, promised_on=waits.arrives_on(ready_on, warehouses(tx)[0], shop.handling_days, transit))


def _draft(tx: Tx, ready: Sequence[tuple[PlaceOrder, PricedCart]], shop: ShopProfile) -> list[placing.NewOrder]:
    buyers = [
        CustomerDraft(priced.email, priced.ship_to["name"], priced.ship_to.get("phone", "")) for _, priced in ready
    ]
    customers = people.upsert(tx, buyers)
    house = warehouses(tx)[0]
    promised: dict[int, str] = {}
    drafts = []
    for (command, priced), customer_id in zip(ready, customers, strict=True):
        days = priced.quote.method.max_days if priced.quote.method else 0
        if days not in promised:
            promised[days] = promise(tx.now, house.cutoff_hour, house.timezone, shop.handling_days, days)
        drafts.append(
            placing.NewOrder(
                id=tx.new_id(),
                cart_id=priced.id,
                customer_id=customer_id,
                channel=command.channel,
                email=priced.email,
                name=priced.ship_to["name"],
                ship_to=dump({**priced.ship_to, "country": priced.country}),
                country=priced.country,
                tender=command.tender,
                promised_on=promised[days],
                expires_at=tx.now + shop.unpaid_minutes * MINUTE,
                lines=priced.lines,
                line_ids={line.id: tx.new_id() for line in priced.lines},
                kits={line.id: (tx.new_id(), line) for line in priced.wanted if line.is_kit},
                quote=priced.quote,
            )
        )
    return drafts


def _firm_request(draft: placing.NewOrder) -> FirmRequest:
    lines = tuple(FirmLine(draft.line_ids[line.id], line.variant_id, line.qty) for line in draft.lines)
    return FirmRequest(draft.cart_id, draft.id, lines, Destination(draft.country, load(draft.ship_to)["postcode"]))


def _redeem(tx: Tx, drafts: Sequence[placing.NewOrder], answers: dict[str, PlaceAnswer]) -> list[placing.NewOrder]:
    """Count each code once per order; an order whose code was used up meanwhile gives its goods back and is refused."""
    wanted = [
        price_store.Redemption(draft.quote.discount_code.id, draft.id) for draft in drafts if draft.quote.discount_code
    ]
    answered = price_store.redeem(tx, wanted)
    refused = {
        each.order_id
        for each, answer in zip(wanted, answered, strict=True)
        if isinstance(answer, price_store.NotRedeemed)
    }
    kept = []
    for draft in drafts:
        if draft.id in refused:
            reservations.release_order(tx, draft.id, None, "discount code used up")
            text = "This code was used up a moment ago."
            answers[draft.cart_id] = NotPlaced((Problem("coupon_used", text, "ask_buyer", "code"),))
        else:
            kept.append(draft)
    return kept


def _insert(
    tx: Tx, drafts: Sequence[placing.NewOrder], commands: Mapping[str, PlaceOrder], days: Mapping[str, str]
) -> dict[str, PlaceAnswer]:
    if not drafts:
        return {}
    numbers = placing.insert(tx, drafts)
    waits.begin(tx, {draft.id: days[draft.id] for draft in drafts if draft.id in days})
    charged = [draft for draft in drafts if draft.quote.total_minor > 0]
    opened = attempts.open_many(
        tx,
        [
            attempts.NewPayment(
                draft.id,
                draft.quote.total_minor,
                draft.quote.currency,
                draft.tender,
                commands[draft.cart_id].provider,
            )
            for draft in charged
        ],
    )
    keys = {each.order_id: each.outbox_key for each in opened}
    _tell(tx, drafts, numbers)
    free = [draft.id for draft in drafts if draft.quote.total_minor == 0]
    if free:
        confirm.confirm(tx, free)
    return {
        draft.cart_id: Placed(draft.id, numbers[draft.id], draft.quote.total_minor, keys.get(draft.id), is_new=True)
        for draft in drafts
    }


def _tell(tx: Tx, drafts: Sequence[placing.NewOrder], numbers: Mapping[str, int]) -> None:
    audit.record(
        tx,
        [audit.Entry("order.placed", "order", draft.id, None, _facts(draft, numbers[draft.id])) for draft in drafts],
    )
    timeline.record(
        tx,
        [timeline.Happening(draft.id, "order.placed", f"Order {numbers[draft.id]} was placed") for draft in drafts],
    )


def _facts(draft: placing.NewOrder, number: int) -> dict[str, Any]:
    quote = draft.quote
    return {"number": number, "total_minor": quote.total_minor, "currency": quote.currency, "lines": len(draft.lines)}
