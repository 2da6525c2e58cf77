"""What may happen in a shop, on paper: each verb is one thing that somebody does; `No` when the shop must refuse it."""

from collections.abc import Iterable, Mapping

from shopmodel import (
    DELIVERY,
    FREE_FROM,
    GRACE,
    HOLD,
    UNPAID,
    WEIGHT_G,
    Cart,
    Claim,
    Line,
    Order,
    Paper,
    Payment,
    Refund,
    Work,
    demand,
)


class ShopOnPaper(Paper):
    """The paper with everything that can be written on it."""

    # --- shopping -----------------------------------------------------------------------------------------------------

    def put(self, cart: int, sku: str, qty: int) -> None:
        demand(self.carts[cart].order is None, "it became an order")
        self.carts[cart].wanted[sku] = self.carts[cart].wanted.get(sku, 0) + qty

    def take_out(self, cart: int, sku: str) -> None:
        demand(self.carts[cart].order is None, "it became an order")
        self.carts[cart].wanted.pop(sku, None)

    def hold(self, cart: int, now: int) -> bool:
        """The checkout: all goods are kept for a while, or none more than before. True when they are."""
        mine = self.carts[cart]
        demand(mine.order is None, "it became an order")
        mine.has_details = True
        held = {claim.sku: claim for claim in self.claims if claim.cart == cart}
        if not mine.wanted or not self._is_enough(mine.wanted, held):
            return False
        until = max([now + HOLD, *(claim.until for claim in held.values())])
        self.claims = [claim for claim in self.claims if claim.cart != cart]
        for sku, qty in mine.wanted.items():
            since = held[sku].since if sku in held else now
            self.claims.append(Claim(sku, qty, since, cart=cart, until=until))
        return True

    def _is_enough(self, wanted: Mapping[str, int], held: Mapping[str, Claim]) -> bool:
        return all(self.available(sku) + (held[sku].qty if sku in held else 0) >= n for sku, n in wanted.items())

    def place(self, cart: int, now: int) -> int:
        """The button; pressed again it gives the same order."""
        mine = self.carts[cart]
        if mine.order is not None:
            return mine.order
        held = {claim.sku: claim for claim in self.claims if claim.cart == cart}
        weight = WEIGHT_G * sum(mine.wanted.values())
        demand(bool(mine.wanted) and mine.has_details and weight <= DELIVERY[-1][0], "something is missing")
        demand(self._is_enough(mine.wanted, held), "too few left")
        self.claims = [claim for claim in self.claims if claim.cart != cart]
        mine.order = len(self.orders)
        for sku, qty in mine.wanted.items():
            self.claims.append(Claim(sku, qty, held[sku].since if sku in held else now, order=mine.order))
        lines = {sku: Line(*self.prices[sku], qty) for sku, qty in mine.wanted.items()}
        goods = sum(line.price * line.ordered for line in lines.values())
        delivery = 0 if goods >= FREE_FROM else next(price for up_to, price in DELIVERY if weight <= up_to)
        self.orders.append(Order(cart, lines, delivery, now + UNPAID))
        return mine.order

    # --- money --------------------------------------------------------------------------------------------------------

    def pay_again(self, order: int) -> None:
        demand(self.orders[order].status == "pending_payment", "there is nothing to pay")

    def open_page(self, order: int, payment: str, amount: int) -> None:
        self.orders[order].payments[payment] = Payment(amount)

    def told(self, order: int, payment: str, authorized: int, captured: int, now: int) -> None:
        """The provider told the shop what is set aside and what was taken, of all that is on its page."""
        mine = self.orders[order]
        page = mine.payments[payment]
        is_news = (authorized > 0 and page.authorized == 0) or (captured > 0 and page.captured == 0)
        assert captured in (0, page.captured, page.capture_asked), "no more is taken than was asked for"
        page.authorized, page.captured = authorized, captured
        if is_news and mine.status == "expired" and self._goods_are_there_again(order):
            mine.is_expired = False
            for sku, line in mine.lines.items():
                if line.live:
                    self.claims.append(Claim(sku, line.live, now, order=order))
        if mine.status == "pending_payment" and mine.received - mine.given_back + mine.authorized >= mine.owed:
            mine.is_confirmed = True
            mine.works.append(Work("sale", {c.sku: c.qty for c in self.claims if c.order == order and c.qty}))

    def _goods_are_there_again(self, order: int) -> bool:
        return self._is_enough({sku: line.live for sku, line in self.orders[order].lines.items()}, {})

    def refund_told(self, order: int, refund: str, ref: str, is_good: bool) -> None:
        """The bank says of one of its refunds that it went through, or that it came back."""
        mine = self.orders[order].refunds[refund]
        mine.is_asked = mine.is_asked and ref in mine.tries
        mine.tries[ref] = is_good and mine.tries.get(ref, True)

    def refund_refused(self, order: int, refund: str) -> None:
        self.orders[order].refunds[refund].is_asked = False

    def try_refund_again(self, order: int, refund: str) -> None:
        mine = self.orders[order]
        demand(mine.refunds[refund].status == "failed", "it has not failed")
        demand(mine.refunds[refund].amount <= mine.refundable, "no more may go back than came")
        mine.refunds[refund].is_asked = True

    def may_expire(self, order: int, now: int) -> bool:
        mine = self.orders[order]
        is_overdue = mine.status == "pending_payment" and mine.expires_at < now
        return is_overdue and not mine.received and not mine.authorized

    def must_expire(self, order: int, now: int) -> bool:
        return self.may_expire(order, now) and now >= self.orders[order].expires_at + GRACE

    def expire(self, order: int) -> None:
        self.orders[order].is_expired = True
        self.drop_claims(order)

    def expire_holds(self, now: int) -> None:
        self.claims = [claim for claim in self.claims if claim.cart is None or claim.until > now]

    # --- canceling ----------------------------------------------------------------------------------------------------

    def cancel(self, order: int, units: Mapping[str, int] | None = None) -> int:
        """Units that were not sent (None: all of them); returns what goes back to the customer."""
        mine = self.orders[order]
        left = {sku: line.live - line.fulfilled for sku, line in mine.lines.items()}
        wanted = {sku: n for sku, n in (left if units is None else units).items() if n}
        demand(bool(wanted) and mine.status in ("pending_payment", "open"), "nothing is left to cancel")
        demand(all(n <= left[sku] for sku, n in wanted.items()), "more than is left")
        work = next((work for work in mine.works if work.kind == "sale" and work.status != "canceled"), None)
        is_whole = all(mine.lines[sku].live == wanted.get(sku, 0) for sku in mine.lines)
        if work is not None:
            demand(work.status not in ("packed", "handed_over"), "it is in the box")
            if not is_whole:
                demand(work.status == "open", "somebody is picking it")
                demand(all(n <= work.to_pick(sku) for sku, n in wanted.items()), "it is in the tray")
        return self._cancel(order, wanted, is_whole)

    def _cancel(self, order: int, units: Mapping[str, int], is_whole: bool, *, are_claims_gone: bool = False) -> int:
        mine = self.orders[order]
        before = mine.adjusted
        for sku, n in units.items():
            line = mine.lines[sku]
            mine.adjusted += line.worth(line.live - n, line.live)
            line.canceled += n
        for work in mine.works:
            if work.kind == "sale" and is_whole:
                self._call_off(order, work)
            elif work.kind == "sale" and work.status != "canceled":
                for sku, n in units.items():
                    work.due[sku] -= n
        for claim in self.claims:
            if claim.order == order and not are_claims_gone:
                claim.qty -= min(claim.qty, units.get(claim.sku, 0))
        if is_whole:
            mine.adjusted += mine.delivery
            self.drop_claims(order)
        back = min(mine.adjusted - before, mine.refundable)
        mine.promised_back += back
        return back

    def _call_off(self, order: int, work: Work) -> None:
        """A parcel is not made after all: what is in the tray goes back to its bin."""
        for sku, n in work.picked.items():
            self.on_hand[sku] += n
        work.status, work.picked, work.packed = "canceled", {}, {}
        self.drop_claims(order, self.orders[order].works.index(work))

    # --- goods --------------------------------------------------------------------------------------------------------

    def arrive(self, sku: str, qty: int, in_bin: bool) -> None:
        shelf = self.on_hand if in_bin else self.receiving
        shelf[sku] = shelf.get(sku, 0) + qty

    def put_away(self, sku: str, qty: int) -> None:
        demand(self.receiving.get(sku, 0) >= qty, "so many did not arrive")
        self.receiving[sku] -= qty
        self.on_hand[sku] += qty

    def count(self, sku: str, delta: int, seen: int) -> None:
        demand(delta != 0 and seen == self.on_hand[sku], "nothing to correct, or something else lies there")
        if delta > 0:
            self.on_hand[sku] += delta
        else:
            self.lose(sku, -delta)

    def lose(self, sku: str, qty: int, to_quarantine: bool = False) -> None:
        """Units leave the bin for no order. Promises that no longer fit give way, and their customers are told."""
        demand(self.on_hand[sku] >= qty, "so many are not there")
        self.on_hand[sku] -= qty
        if to_quarantine:
            self.quarantine[sku] = self.quarantine.get(sku, 0) + qty
        self._give_way(sku)

    def _give_way(self, sku: str) -> None:
        excess = max(0, self.reserved(sku) - self.on_hand[sku])
        losses: dict[int, list[tuple[int, int]]] = {}
        for claim in sorted((c for c in self.claims if c.sku == sku), key=lambda c: c.strength):
            lost = min(claim.qty, excess)
            excess -= lost
            claim.qty -= lost
            if lost and claim.order is not None:
                losses.setdefault(claim.order, []).append((claim.work or 0, lost))
        for order, parts in losses.items():
            for work, lost in parts:
                self._shorten(order, work, sku, lost)
        self.claims = [claim for claim in self.claims if claim.qty or claim.cart is None]

    def _shorten(self, order: int, number: int, sku: str, lost: int) -> None:
        """An order, or a parcel sent again, gets fewer units than were promised."""
        mine = self.orders[order]
        work = mine.works[number] if mine.works else None
        if work is not None and work.kind == "reship":
            work.due[sku] -= lost
            mine.lines[sku].replaced -= lost
        else:
            self._cancel(order, {sku: lost}, mine.count("live") == lost, are_claims_gone=True)
        if work is not None and work.status != "canceled":
            if not any(work.due.values()):
                self._call_off(order, work)
            elif work.status == "picking" and not any(work.to_pick(each) for each in work.due):
                work.status = "picked"

    def asked_back(self, order: int, refunds: Iterable[tuple[str, int]]) -> None:
        """The refunds that a decision led to, by their ids."""
        for refund_id, amount in refunds:
            self.orders[order].refunds[refund_id] = Refund(amount)

    def open_cart(self) -> int:
        self.carts.append(Cart())
        return len(self.carts) - 1
