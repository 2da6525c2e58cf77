"""Rules of the state machine: complaints, refunds, replacements and returns; and how each example begins."""

from typing import Any

from floorwork import Floor
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from trading import FEW, PICK, WANTED, mostly

from storekeep.flows import dispatch, reply, resolve, send_again, take_back
from storekeep.flows.resolve import RefundWish

#: Units of the lines of an order, in their order; the last is more than there ever is.
UNITS = st.sampled_from([(1, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0), (2, 0, 0), (1, 2, 0), (0, 0, 1), (9, 9, 9)])
STAGE = st.sampled_from(["placed", "paid", "picked", "packed", "gone", "came back", "sent again"])
OUTCOME = st.sampled_from(["restock", "quarantine", "scrap"])


class Handling(Floor):
    """Customers who are not happy, and agents who make it good."""

    @initialize(orders=st.lists(st.tuples(WANTED, STAGE), min_size=2, max_size=3))
    def the_shop_is_open_for_a_while(self, orders: list[tuple[dict[str, int], str]]) -> None:
        """Some orders in different stages, so that few steps go deep."""
        for wanted, stage in orders:
            number = self.buy(wanted, is_paid=stage != "placed")
            if number is None or stage in ("placed", "paid"):
                continue
            self.make(number, 0, stage if stage in ("picked", "packed") else "gone")
            one = {next(iter(wanted)): 1}
            if stage == "came back":
                self.agree_to_return(number, one)
                self.take_in(number, 0, one)
            elif stage == "sent again":
                self.send_again(number, one)

    def sent(self, pick: int) -> int:
        """The number of an order, mostly of one of which something was sent."""
        orders = self.paper.orders
        return mostly(pick, range(len(orders)), [n for n, order in enumerate(orders) if order.count("fulfilled")])

    def units_of(self, order: int, units: tuple[int, ...]) -> dict[str, int]:
        return dict(zip(self.paper.orders[order].lines, units, strict=False))

    @precondition(lambda self: self.paper.orders)
    @rule(pick=PICK)
    def a_customer_complains(self, pick: int) -> None:
        order = self.sent(pick)
        sku = next(iter(self.paper.orders[order].lines))
        lines = self.shops.lines(order, {sku: 1})
        self.shops.both(
            lambda paper: paper.complain(order, sku),
            lambda tx: reply.report_problem(
                tx, self.shops.ids[order].order, lines, "damaged", "The handle is off.", self.shops.command()
            ),
            "shopper",
        )

    def refund(self, order: int, units: dict[str, int], **wish: Any) -> None:
        names = {"delivery": "with_delivery", "goodwill": "goodwill_minor", "whole": "is_whole"}
        wanted = RefundWish(self.shops.lines(order, units), **{names[key]: value for key, value in wish.items()})
        self.shops.both(
            lambda paper: paper.refund(order, units, **wish),
            lambda tx: resolve.refund(
                tx, self.shops.ids[order].order, wanted, reason="it broke", command_id=self.shops.command()
            ),
        )

    @precondition(lambda self: self.paper.orders)
    @rule(pick=PICK, units=UNITS, delivery=st.booleans())
    def units_are_refunded(self, pick: int, units: tuple[int, ...], delivery: bool) -> None:
        order = self.sent(pick)
        self.refund(order, self.units_of(order, units), delivery=delivery)

    @precondition(lambda self: self.paper.orders)
    @rule(pick=PICK, amount=st.sampled_from([1, 321, 1500, 100_000]))
    def an_amount_is_refunded(self, pick: int, amount: int) -> None:
        self.refund(self.sent(pick), {}, goodwill=amount)

    @precondition(lambda self: self.paper.orders)
    @rule(pick=PICK)
    def everything_is_refunded(self, pick: int) -> None:
        self.refund(self.sent(pick), {}, whole=True)

    @precondition(lambda self: self.paper.orders)
    @rule(pick=PICK, units=UNITS)
    def goods_are_sent_again(self, pick: int, units: tuple[int, ...]) -> None:
        order = self.sent(pick)
        if any(work.kind == "reship" and work.status == "open" for work in self.paper.orders[order].works):
            return  # whose units go missing then is the shop's choice
        self.send_again(order, self.units_of(order, units))

    def send_again(self, order: int, wanted: dict[str, int]) -> None:
        self.shops.both(
            lambda paper: paper.send_again(order, wanted, self.shops.now),
            lambda tx: send_again.reship(
                tx, self.shops.ids[order].order, self.shops.lines(order, wanted), reason="lost",
                command_id=self.shops.command(),
            ),
        )  # fmt: skip

    @precondition(lambda self: any(number for _, number in self.parcels()))
    @rule(pick=PICK)
    def a_replacement_is_called_off(self, pick: int) -> None:
        again = [(order, number) for order, number in self.parcels() if number]
        order, number = again[pick % len(again)]
        work_id = self.shops.parcel(order, number)
        self.shops.both(
            lambda paper: paper.call_off_replacement(order, number),
            lambda tx: dispatch.cancel_fulfillment(tx, work_id, "the customer wants the money"),
        )

    @precondition(lambda self: self.paper.orders)
    @rule(pick=PICK, units=UNITS)
    def a_return_is_agreed_to(self, pick: int, units: tuple[int, ...]) -> None:
        order = self.sent(pick)
        self.agree_to_return(order, self.units_of(order, units))

    def agree_to_return(self, order: int, wanted: dict[str, int]) -> None:
        self.shops.both(
            lambda paper: paper.agree_to_return(order, wanted),
            lambda tx: take_back.approve_return(
                tx, self.shops.ids[order].order, self.shops.lines(order, wanted), reason="too much",
                command_id=self.shops.command(),
            ),
        )  # fmt: skip

    def returns(self) -> list[tuple[int, int]]:
        return [(n, k) for n, order in enumerate(self.paper.orders) for k in range(len(order.returns))]

    def goods_back(self, pick: int) -> tuple[int, int]:
        """Order and number of a return, mostly of one that is not over."""
        known = self.returns()
        return mostly(pick, known, [(n, k) for n, k in known if self.paper.orders[n].returns[k].is_open])

    @precondition(lambda self: self.returns())
    @rule(pick=PICK, units=UNITS)
    def a_return_comes_in(self, pick: int, units: tuple[int, ...]) -> None:
        order, number = self.goods_back(pick)
        self.take_in(order, number, self.units_of(order, units))

    def take_in(self, order: int, number: int, units: dict[str, int]) -> None:
        return_id, lines = self.shops.returned(order, number)
        wanted = {sku: n for sku, n in units.items() if sku in lines}
        self.shops.both(
            lambda paper: paper.receive_return(order, number, wanted),
            lambda tx: take_back.receive(
                tx, return_id, {lines[sku]: n for sku, n in wanted.items()}, self.shops.command()
            ),
        )

    @precondition(lambda self: self.returns())
    @rule(pick=PICK, which=PICK, n=FEW, outcome=OUTCOME)
    def a_return_is_inspected(self, pick: int, which: int, n: int, outcome: str) -> None:
        order, number = self.goods_back(pick)
        _, lines = self.shops.returned(order, number)
        sku = sorted(lines)[which % len(lines)]
        shelf = self.shops.opened.bins[sku] if outcome == "restock" else None
        self.shops.both(
            lambda paper: paper.inspect(order, number, sku, n, outcome),
            lambda tx: take_back.dispose(tx, lines[sku], n, outcome, self.shops.command(), bin_id=shelf),
        )

    @precondition(lambda self: self.returns())
    @rule(pick=PICK)
    def nothing_more_comes(self, pick: int) -> None:
        order, number = self.goods_back(pick)
        return_id, _ = self.shops.returned(order, number)
        self.shops.both(
            lambda paper: paper.finish_return(order, number), lambda tx: take_back.finish(tx, return_id)
        )
