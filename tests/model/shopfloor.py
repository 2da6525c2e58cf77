"""The warehouse floor on paper: claim, pick, undo, find less, pack, close, hand over."""

from shopmodel import Claim, Work, demand
from shopremedies import ShopWithRemedies


class ShopWithFloor(ShopWithRemedies):
    """The whole shop on paper."""

    def work(self, order: int, number: int) -> Work:
        return self.orders[order].works[number]

    def claim(self, order: int, number: int) -> None:
        work = self.work(order, number)
        demand(work.status in ("open", "picking"), "it is past picking")
        for claim in self.claims:
            if claim.order == order and (claim.work or 0) == number:
                claim.in_bin = True
        work.status = "picking" if any(work.to_pick(sku) for sku in work.due) else "picked"

    def give_claim_up(self, order: int, number: int) -> None:
        work = self.work(order, number)
        demand(work.status in ("open", "picking"), "it is past picking")
        work.status = "open"

    def pick(self, order: int, number: int, sku: str, n: int) -> bool:
        """A scan at the bin; True when units went into the tray."""
        work = self.work(order, number)
        if work.status != "picking" or not 0 < n <= work.to_pick(sku):
            return False
        work.picked[sku] = work.picked.get(sku, 0) + n
        work.scans.append((sku, n))
        self.claim_of(sku, order, number).qty -= n
        self.on_hand[sku] -= n
        if not any(work.to_pick(each) for each in work.due):
            work.status = "picked"
        return True

    def unpick(self, order: int, number: int) -> None:
        work = self.work(order, number)
        demand(work.status in ("picking", "picked") and bool(work.scans), "there is nothing to undo")
        sku, n = work.scans[-1]
        demand(work.packed.get(sku, 0) <= work.picked[sku] - n, "it is in the box")
        work.scans.pop()
        work.picked[sku] -= n
        self.claim_of(sku, order, number).qty += n
        self.on_hand[sku] += n
        work.status = "picking"

    def find_less(self, order: int, number: int, sku: str, found: int, is_damaged: bool) -> None:
        """Fewer units are in the bin than this parcel needs: whoever has the weakest promise gets fewer."""
        work = self.work(order, number)
        waiting = work.to_pick(sku)
        demand(work.status == "picking" and 0 <= found < waiting, "it is not waiting there")
        claim = self.claim_of(sku, order, number)
        claim.qty = found
        part = Claim(sku, waiting - found, claim.since, order=order, work=claim.work)
        self.claims.append(part)
        self.lose(sku, waiting - found, to_quarantine=is_damaged)
        if part in self.claims:
            self.claims.remove(part)
            claim.qty += part.qty

    def pack(self, order: int, number: int, sku: str, n: int) -> bool:
        """A scan into the box; True when units went in."""
        work = self.work(order, number)
        if work.status != "picked" or not 0 < n <= work.picked.get(sku, 0) - work.packed.get(sku, 0):
            return False
        work.packed[sku] = work.packed.get(sku, 0) + n
        return True

    def close(self, order: int, number: int) -> None:
        """The box is closed: a label and the order's money are asked for."""
        work, mine = self.work(order, number), self.orders[order]
        demand(work.status in ("picked", "packed", "handed_over"), "it is not picked")
        if work.status != "picked":
            return
        demand(all(work.packed.get(sku, 0) == n for sku, n in work.due.items()), "something is not in the box")
        work.status = "packed"
        left = min(mine.due, mine.authorized) if work.kind == "sale" else 0
        for payment in mine.payments.values():
            if left > 0 and payment.authorized and not payment.capture_asked:
                payment.capture_asked = min(left, payment.authorized)
                left -= payment.capture_asked

    def ship(self, order: int, number: int) -> bool:
        """At the door: only with a label, and a sale only with its money. True when it is gone now."""
        work, mine = self.work(order, number), self.orders[order]
        if work.status == "handed_over":
            return True
        if work.status != "packed" or not work.has_label or (work.kind == "sale" and mine.due > 0):
            return False
        work.status = "handed_over"
        for sku, n in work.packed.items():
            mine.lines[sku].sent += n
            if work.kind == "sale":
                mine.lines[sku].fulfilled += n
        self.drop_claims(order, number)
        return True
