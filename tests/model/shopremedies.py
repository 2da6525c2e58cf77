"""Making things good, on paper: money back, goods sent again, goods that come back."""

from collections.abc import Mapping

from shopmodel import Claim, Order, Return, Work, demand
from shopverbs import ShopOnPaper


class ShopWithRemedies(ShopOnPaper):
    """The paper with what agents and the returns desk write."""

    def refund(
        self, order: int, units: Mapping[str, int], *, delivery: bool = False, goodwill: int = 0, whole: bool = False
    ) -> int:
        """Money back for sent units, for delivery, or as goodwill; unsent units are canceled. What goes back."""
        mine = self.orders[order]
        if goodwill:
            return self._give_up(mine, goodwill)
        lines = mine.lines
        if whole:
            units = {sku: line.live - line.refunded - line.replaced for sku, line in lines.items()}
        units = {sku: n for sku, n in units.items() if n}
        sent = {sku: min(n, lines[sku].remediable) for sku, n in units.items()}
        unsent = {sku: n - sent[sku] for sku, n in units.items() if n > sent[sku]}
        demand(all(n <= lines[sku].live - lines[sku].fulfilled for sku, n in unsent.items()), "more than is left")
        cancels_all = bool(unsent) and all(line.live == unsent.get(sku, 0) for sku, line in lines.items())
        is_earned = any(line.fulfilled for line in lines.values())
        has_delivery = is_earned and mine.delivery > 0 and not mine.delivery_given_back
        demand(not delivery or cancels_all or has_delivery, "there is no delivery to give back")
        with_delivery = (delivery or whole) and has_delivery
        if unsent:
            demand(not any(sent.values()), "sent and unsent units at once do not happen with one parcel")
            return self.cancel(order, unsent)
        amount = mine.delivery if with_delivery else 0
        for sku, n in sent.items():
            amount += lines[sku].worth(lines[sku].refunded, lines[sku].refunded + n)
        back = self._give_up(mine, amount)
        for sku, n in sent.items():
            lines[sku].refunded += n
        mine.delivery_given_back |= with_delivery
        return back

    def _give_up(self, mine: Order, amount: int) -> int:
        demand(0 < amount <= mine.owed and amount <= mine.refundable, "no more may go back than came, or is owed")
        mine.adjusted += amount
        mine.promised_back += amount
        return amount

    def complain(self, order: int, sku: str) -> None:
        demand(self.orders[order].lines[sku].fulfilled > 0, "nothing of it was sent")

    def send_again(self, order: int, units: Mapping[str, int], now: int) -> None:
        mine = self.orders[order]
        demand(any(units.values()), "nothing was chosen")
        for sku, n in units.items():
            demand(n <= mine.lines[sku].remediable and (not n or n <= self.available(sku)), "too few")
        mine.works.append(Work("reship", {sku: n for sku, n in units.items() if n}))
        for sku, n in units.items():
            mine.lines[sku].replaced += n
            if n:
                self.claims.append(Claim(sku, n, now, order=order, work=len(mine.works) - 1))

    def call_off_replacement(self, order: int, number: int) -> None:
        work = self.orders[order].works[number]
        demand(work.status != "handed_over", "it has left")
        if work.status != "canceled":
            for sku, n in work.due.items():
                self.orders[order].lines[sku].replaced -= n
            self._call_off(order, work)

    def agree_to_return(self, order: int, units: Mapping[str, int]) -> None:
        mine = self.orders[order]
        demand(any(units.values()), "nothing was chosen")
        for sku, n in units.items():
            line = mine.lines[sku]
            coming = sum(back.expected(sku) for back in mine.returns if back.is_open)
            demand(not n or (line.fulfilled > 0 and n <= line.fulfilled + line.replaced - line.returned - coming), "")
        mine.returns.append(Return({sku: n for sku, n in units.items() if n}))

    def receive_return(self, order: int, number: int, units: Mapping[str, int]) -> None:
        mine, back = self.orders[order], self.orders[order].returns[number]
        demand(back.is_open and any(units.values()), "it is over, or nothing came")
        for sku, n in units.items():
            demand(n <= back.expected(sku) and mine.lines[sku].returned + n <= mine.lines[sku].sent, "more than sent")
        back.status = "received"
        for sku, n in units.items():
            back.received[sku] = back.received.get(sku, 0) + n
            mine.lines[sku].returned += n
            self.quarantine[sku] = self.quarantine.get(sku, 0) + n

    def inspect(self, order: int, number: int, sku: str, n: int, outcome: str) -> None:
        back = self.orders[order].returns[number]
        demand(back.status == "received" and 0 < n <= back.undecided(sku), "so many do not wait")
        back.decided[sku] = back.decided.get(sku, 0) + n
        if outcome != "quarantine":
            self.quarantine[sku] -= n
        if outcome == "restock":
            self.on_hand[sku] += n
        if not any(back.undecided(each) or back.expected(each) for each in back.announced):
            back.status = "closed"

    def finish_return(self, order: int, number: int) -> None:
        back = self.orders[order].returns[number]
        if back.is_open:
            demand(not any(back.undecided(sku) for sku in back.announced), "units wait for a decision")
            back.status = "canceled" if back.status == "approved" else "closed"
