"""Rules of the state machine: shopping, paying, time, the worker, canceling, and goods that come and go."""

from collections.abc import Sequence
from typing import Any, TypeVar

from agreeing import GOODS
from bothshops import BothShops
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

import make
from storekeep.flows import basket, cancel, checkout, receive, returned_money, settle
from storekeep.shop.inventory.correcting import Correction
from storekeep.shop.inventory.model import PutawayLine, ReceiveLine

T = TypeVar("T")
SKU = st.sampled_from(sorted(GOODS))
PICK = st.integers(0, 30)
WANTED = st.sampled_from(
    [{"MUG": 1}, {"MUG": 2, "TEA": 1}, {"BOWL": 1, "TEA": 3}, {"TEA": 2}, {"MUG": 1, "BOWL": 2}, {"TEA": 3, "BOWL": 1}]
)
FEW = st.integers(1, 3)
#: Which call of the provider goes wrong, and how.
OPERATIONS = st.sampled_from(["open_session", "read", "capture", "void", "refund", "*"])
TROUBLES = st.sampled_from(["timeout_after_effect", "timeout_before_effect", "unavailable"])
REFUSALS = st.sampled_from(["open_session", "capture", "refund", "void"])


def mostly(pick: int, everything: Sequence[T], useful: Sequence[T]) -> T:
    """One of these: of those that something can be done with, if there are any, and now and then of all others."""
    chosen = useful if useful and pick < 25 else everything
    return chosen[pick % len(chosen)]


class Trading(RuleBasedStateMachine):
    """Shoppers, the provider and the receiving door. `shops` is set by the machine that runs it."""

    shops: BothShops

    @property
    def paper(self) -> Any:
        return self.shops.paper

    def order(self, pick: int, *statuses: str) -> int:
        """The number of an order; mostly one in one of these statuses."""
        numbers = range(len(self.paper.orders))
        return mostly(pick, numbers, [n for n in numbers if self.paper.orders[n].status in statuses])

    # --- shopping -----------------------------------------------------------------------------------------------------

    def open_cart(self) -> int:
        number = len(self.shops.carts)
        _, cart_id = self.shops.both(
            lambda paper: paper.open_cart(), lambda tx: basket.open_cart(tx, f"token {number}", "DE"), "shopper"
        )
        self.shops.carts.append(cart_id)
        return number

    def put(self, cart: int, sku: str, qty: int) -> None:
        variant = self.shops.opened.variants[sku]
        self.shops.both(
            lambda paper: paper.put(cart, sku, qty),
            lambda tx: basket.put(tx, self.shops.carts[cart], variant, qty, add=True),
            "shopper",
        )

    def hold(self, cart: int) -> None:
        details = checkout.Details(f"mina{cart}@example.com", "DE", "standard-home", make.ADDRESS)
        both = self.shops.both(
            lambda paper: paper.hold(cart, self.shops.now),
            lambda tx: checkout.hold(tx, self.shops.carts[cart], details),
            "shopper",
        )
        if both is not None:
            is_held, problems = both
            assert is_held == (not {one.code for one in problems} & {"out_of_stock", "cart_empty"})

    def place(self, cart: int) -> int | None:
        command = checkout.PlaceOrder(self.shops.carts[cart], provider="memory")
        known = self.paper.carts[cart].order

        def press(tx: Any) -> checkout.Placed:
            placed = checkout.place_one(tx, command)
            self.shops.meet(tx, placed.order_id)
            return placed

        both = self.shops.both(lambda paper: paper.place(cart, self.shops.now), press, "shopper")
        if both is None:
            return None
        number, placed = both
        assert placed.is_new == (known is None)
        assert placed.order_id == self.shops.ids[number].order
        return int(number)

    @rule(pick=PICK, sku=SKU, qty=FEW, is_new=st.booleans())
    def a_shopper_puts_things_in(self, pick: int, sku: str, qty: int, is_new: bool) -> None:
        self.put(self.open_cart() if is_new or not self.shops.carts else self.cart(pick), sku, qty)

    def cart(self, pick: int) -> int:
        """The number of a cart, mostly of one that is still being filled."""
        carts = self.paper.carts
        return mostly(pick, range(len(carts)), [n for n, cart in enumerate(carts) if cart.order is None])

    @precondition(lambda self: self.shops.carts)
    @rule(pick=PICK, sku=SKU)
    def a_shopper_takes_things_out(self, pick: int, sku: str) -> None:
        cart = self.cart(pick)
        variant = self.shops.opened.variants[sku]
        self.shops.both(
            lambda paper: paper.take_out(cart, sku),
            lambda tx: basket.put(tx, self.shops.carts[cart], variant, 0, add=False),
            "shopper",
        )

    @precondition(lambda self: self.shops.carts)
    @rule(pick=PICK)
    def a_shopper_goes_to_the_checkout(self, pick: int) -> None:
        self.hold(self.cart(pick))

    @precondition(lambda self: self.shops.carts)
    @rule(pick=PICK)
    def a_shopper_presses_the_button(self, pick: int) -> None:
        self.place(self.cart(pick))

    @rule(wanted=WANTED, is_paid=st.booleans())
    def somebody_orders_in_one_go(self, wanted: dict[str, int], is_paid: bool) -> None:
        self.buy(wanted, is_paid=is_paid)

    def buy(self, wanted: dict[str, int], *, is_paid: bool) -> int | None:
        """From the cart to the order, and with `is_paid` to the warehouse's work; None when too few are left."""
        cart = self.open_cart()
        for sku, qty in wanted.items():
            self.put(cart, sku, qty)
        self.hold(cart)
        order = self.place(cart)
        self.shops.work()
        if order is not None and is_paid and self.pages() and self.pages()[-1][0] == order:
            self.shops.provider.shopper_pays(self.pages()[-1][1], "succeed")
            self.shops.hear()
            self.shops.work()
        return order

    # --- paying -------------------------------------------------------------------------------------------------------

    def pages(self) -> list[tuple[int, str]]:
        """Payment pages that the shop knows the address of: (order, session)."""
        return self.shops.known_pages()

    @precondition(lambda self: self.pages())
    @rule(pick=PICK, outcome=st.sampled_from(["succeed", "succeed", "decline", "challenge"]))
    def a_shopper_pays(self, pick: int, outcome: str) -> None:
        pages = self.pages()
        self.shops.provider.shopper_pays(pages[pick % len(pages)][1], outcome)  # type: ignore[arg-type]

    @precondition(lambda self: any(shown.status == "requires_action" for shown in self.shops.provider.payments()))
    @rule(pick=PICK, is_confirmed=st.booleans())
    def a_shopper_answers_the_bank(self, pick: int, is_confirmed: bool) -> None:
        asked = [shown for shown in self.shops.provider.payments() if shown.status == "requires_action"]
        self.shops.provider.shopper_answers_challenge(str(asked[pick % len(asked)].session_ref), is_confirmed)

    @precondition(lambda self: self.paper.orders)
    @rule(pick=PICK)
    def a_shopper_wants_to_pay_again(self, pick: int) -> None:
        order = self.order(pick, "pending_payment")
        self.shops.both(
            lambda paper: paper.pay_again(order),
            lambda tx: settle.pay_again(tx, self.shops.ids[order].order, "memory"),
            "shopper",
        )

    @precondition(lambda self: any(order.payments for order in self.paper.orders))
    @rule(pick=PICK)
    def the_shop_looks_at_a_payment(self, pick: int) -> None:
        payments = [payment for order in self.paper.orders for payment in order.payments]
        settle.observe(self.shops.house.services, payments[pick % len(payments)])
        self.shops.notice()

    @rule(twice=st.booleans(), drop=st.booleans(), backwards=st.booleans())
    def the_provider_calls(self, twice: bool, drop: bool, backwards: bool) -> None:
        self.shops.hear(twice=twice, drop=drop and backwards, backwards=backwards)

    def refunds_at_the_bank(self) -> list[str]:
        return [one.ref for shown in self.shops.provider.payments() for one in shown.refunds]

    @precondition(lambda self: self.refunds_at_the_bank())
    @rule(pick=PICK)
    def the_bank_sends_a_refund_back(self, pick: int) -> None:
        given = self.refunds_at_the_bank()
        self.shops.provider.fail_refund_later(given[pick % len(given)])

    @precondition(lambda self: any(order.refunds for order in self.paper.orders))
    @rule(pick=PICK)
    def a_refund_is_tried_again(self, pick: int) -> None:
        known = [(number, refund) for number, order in enumerate(self.paper.orders) for refund in order.refunds]
        failed = [(n, one) for n, one in known if self.paper.orders[n].refunds[one].status == "failed"]
        order, refund = mostly(pick, known, failed)
        self.shops.both(
            lambda paper: paper.try_refund_again(order, refund), lambda tx: returned_money.try_again(tx, refund)
        )

    # --- time and the worker ------------------------------------------------------------------------------------------

    @rule()
    def the_worker_works(self) -> None:
        self.shops.work()

    @rule(operation=OPERATIONS, how=TROUBLES, count=st.integers(1, 2))
    def the_worker_works_while_the_provider_fails(self, operation: str, how: Any, count: int) -> None:
        self.shops.provider.fail_next(operation, how, count)
        self.shops.work()
        self.shops.provider.is_well_again()

    @rule(operation=REFUSALS)
    def the_worker_works_while_the_provider_refuses(self, operation: str) -> None:
        self.shops.provider.fail_next(operation, "refuse")
        self.shops.work()
        self.shops.provider.is_well_again()

    @rule(minutes=st.sampled_from([1, 5, 11, 31, 70, 24 * 60, 8 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.shops.time_passes(minutes)

    # --- canceling ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.paper.orders)
    @rule(pick=PICK)
    def an_order_is_canceled(self, pick: int) -> None:
        order = self.order(pick, "pending_payment", "open")
        both = self.shops.both(
            lambda paper: paper.cancel(order),
            lambda tx: cancel.cancel_order(
                tx, self.shops.ids[order].order, reason="never mind", command_id=self.shops.command()
            ),
            "shopper",
        )
        assert both is None or both[0] == both[1], "what is promised back"

    @precondition(lambda self: self.paper.orders)
    @rule(pick=PICK, first=FEW, other=st.integers(0, 2))
    def units_are_canceled(self, pick: int, first: int, other: int) -> None:
        order = self.order(pick, "pending_payment", "open")
        units = dict(zip(self.paper.orders[order].lines, (first, other), strict=False))
        both = self.shops.both(
            lambda paper: paper.cancel(order, units),
            lambda tx: cancel.cancel_units(
                tx, self.shops.ids[order].order, self.shops.lines(order, units), reason="too many",
                command_id=self.shops.command(),
            ),
            "shopper",
        )  # fmt: skip
        assert both is None or both[0] == both[1], "what is promised back"

    # --- goods --------------------------------------------------------------------------------------------------------

    @rule(sku=SKU, qty=FEW, in_bin=st.booleans())
    def goods_arrive(self, sku: str, qty: int, in_bin: bool) -> None:
        opened = self.shops.opened
        line = ReceiveLine(opened.variants[sku], qty, GOODS[sku][1], opened.bins[sku] if in_bin else None)
        self.shops.both(
            lambda paper: paper.arrive(sku, qty, in_bin),
            lambda tx: receive.receive(tx, [line], opened.home, self.shops.command(), "delivery"),
        )

    @precondition(lambda self: any(self.paper.receiving.values()))
    @rule(sku=SKU, qty=FEW)
    def goods_are_put_away(self, sku: str, qty: int) -> None:
        opened = self.shops.opened
        line = PutawayLine(opened.variants[sku], qty, opened.bins[sku])
        self.shops.both(
            lambda paper: paper.put_away(sku, qty),
            lambda tx: receive.put_away(tx, [line], opened.home, self.shops.command()),
        )

    @rule(sku=SKU, delta=st.integers(-4, 3), looked_wrong=st.sampled_from([False, False, False, True]))
    def a_count_is_corrected(self, sku: str, delta: int, looked_wrong: bool) -> None:
        opened, seen = self.shops.opened, self.paper.on_hand[sku] + looked_wrong
        place = opened.variants[sku], opened.bins[sku]
        self.shops.both(
            lambda paper: paper.count(sku, delta, seen),
            lambda tx: receive.adjust(
                tx, [Correction(*place, delta, "recount", self.shops.command(), expected_qty=seen)]
            ),
        )

    @rule(sku=SKU, qty=FEW, is_scrap=st.booleans())
    def goods_are_taken_off_the_shelf(self, sku: str, qty: int, is_scrap: bool) -> None:
        opened, verb = self.shops.opened, receive.scrap if is_scrap else receive.set_aside
        self.shops.both(
            lambda paper: paper.lose(sku, qty, to_quarantine=not is_scrap),
            lambda tx: verb(tx, opened.variants[sku], opened.bins[sku], qty, "chipped", self.shops.command()),
        )
