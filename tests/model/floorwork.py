"""Rules of the state machine: the warehouse floor, and parcels on their way."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select
from trading import FEW, PICK, SKU, Trading, mostly

from storekeep.flows import dispatch, floor, packing, tracking
from storekeep.shop.shipping.tables import shipment


class Floor(Trading):
    """Hands and carriers."""

    def parcels(self) -> list[tuple[int, int]]:
        """All parcels ever: (order, number)."""
        return [(n, k) for n, order in enumerate(self.paper.orders) for k in range(len(order.works))]

    def parcel(self, pick: int, *statuses: str) -> tuple[int, int, str]:
        """Order, number and id of a parcel; mostly one in one of these statuses."""
        known = self.parcels()
        order, number = mostly(pick, known, [(n, k) for n, k in known if self.paper.work(n, k).status in statuses])
        return order, number, self.shops.parcel(order, number)

    # --- the floor ----------------------------------------------------------------------------------------------------

    def claim(self, order: int, number: int) -> None:
        work_id = self.shops.parcel(order, number)
        self.shops.both(
            lambda paper: paper.claim(order, number), lambda tx: floor.claim(tx, self.shops.opened.hand, [work_id])
        )

    def pick_units(self, order: int, number: int, sku: str, n: int, *, again: bool = False) -> None:
        work_id, scan_id = self.shops.parcel(order, number), self.shops.command()
        is_right, answer = self.shops.both(
            lambda paper: paper.pick(order, number, sku, n), lambda tx: floor.scan(tx, work_id, sku, scan_id, n)
        )
        assert is_right == (answer.line_id is not None), answer
        if again:
            _, same = self.shops.both(lambda paper: None, lambda tx: floor.scan(tx, work_id, sku, scan_id, n))
            assert same == answer, "a gun that repeats a scan gets its first answer"

    def pack_units(self, order: int, number: int, sku: str, n: int) -> None:
        work_id, scan_id = self.shops.parcel(order, number), self.shops.command()
        is_right, answer = self.shops.both(
            lambda paper: paper.pack(order, number, sku, n), lambda tx: packing.scan(tx, work_id, sku, scan_id, n)
        )
        assert is_right == (answer.line_id is not None), answer

    def close(self, order: int, number: int) -> None:
        work_id = self.shops.parcel(order, number)
        self.shops.both(lambda paper: paper.close(order, number), lambda tx: packing.close(tx, work_id))

    def ship(self, order: int, number: int) -> None:
        work_id = self.shops.parcel(order, number)
        is_gone, results = self.shops.both(
            lambda paper: paper.ship(order, number), lambda tx: dispatch.ship(tx, [work_id], self.shops.command())
        )
        assert is_gone == results[0].is_done, results[0].text

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK)
    def work_is_claimed(self, pick: int) -> None:
        order, number, _ = self.parcel(pick, "open")
        self.claim(order, number)

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK)
    def work_is_given_back(self, pick: int) -> None:
        order, number, work_id = self.parcel(pick, "picking")
        self.shops.both(
            lambda paper: paper.give_claim_up(order, number), lambda tx: floor.release_claim(tx, work_id)
        )

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK, sku=SKU, n=FEW, again=st.booleans())
    def a_thing_is_scanned_at_its_bin(self, pick: int, sku: str, n: int, again: bool) -> None:
        order, number, _ = self.parcel(pick, "picking")
        self.pick_units(order, number, sku, n, again=again)

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK)
    def the_last_pick_is_undone(self, pick: int) -> None:
        order, number, work_id = self.parcel(pick, "picking", "picked")
        self.shops.both(
            lambda paper: paper.unpick(order, number),
            lambda tx: floor.undo_last(tx, work_id, self.shops.command()),
        )

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK, which=PICK, found=st.integers(0, 1), is_damaged=st.booleans())
    def less_is_found_than_expected(self, pick: int, which: int, found: int, is_damaged: bool) -> None:
        order, number, _ = self.parcel(pick, "picking")
        due = self.paper.orders[order].works[number].due
        sku = list(due)[which % len(due)]
        line_id, reason = self.shops.parcel_line(order, number, sku), "damaged" if is_damaged else "missing"
        self.shops.both(
            lambda paper: paper.find_less(order, number, sku, found, is_damaged),
            lambda tx: floor.short(tx, line_id, found, reason, self.shops.command()),
        )

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK, sku=SKU, n=FEW)
    def a_thing_is_scanned_into_the_box(self, pick: int, sku: str, n: int) -> None:
        order, number, _ = self.parcel(pick, "picked")
        self.pack_units(order, number, sku, n)

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK)
    def a_box_is_closed(self, pick: int) -> None:
        order, number, _ = self.parcel(pick, "picked")
        self.close(order, number)

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK)
    def a_parcel_goes_to_the_door(self, pick: int) -> None:
        order, number, _ = self.parcel(pick, "packed")
        self.ship(order, number)

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK, how_far=st.sampled_from(["picked", "packed", "gone", "gone"]))
    def a_parcel_is_made_in_one_go(self, pick: int, how_far: str) -> None:
        order, number, _ = self.parcel(pick, "open", "picking", "picked", "packed")
        self.make(order, number, how_far)

    def make(self, order: int, number: int, how_far: str) -> None:
        """From where it is to picked, packed or gone."""
        self.claim(order, number)
        for sku in list(self.paper.work(order, number).due):
            if n := self.paper.work(order, number).to_pick(sku):
                self.pick_units(order, number, sku, n)
        if how_far == "picked":
            return
        for sku in list(self.paper.work(order, number).due):
            work = self.paper.work(order, number)
            if n := work.picked.get(sku, 0) - work.packed.get(sku, 0):
                self.pack_units(order, number, sku, n)
        self.close(order, number)
        if how_far == "gone":
            self.shops.work()
            self.ship(order, number)

    @precondition(lambda self: self.parcels())
    @rule(pick=PICK, code=st.sampled_from(["S20", "S30", "S70", "PUP", "HUB", "POD"]))
    def a_carrier_scans_a_parcel(self, pick: int, code: str) -> None:
        _, _, work_id = self.parcel(pick, "handed_over", "packed")
        with self.shops.db.read() as tx:
            row = tx.first(select(shipment).where(shipment.c.fulfillment_id == work_id).order_by(shipment.c.id.desc()))
        if row is not None and row.tracking_number:
            told = tracking.Scan(row.tracking_number, code, "", "Hub", self.shops.now, row.carrier)
            self.shops.both(lambda paper: None, lambda tx: tracking.record(tx, [told]), "carrier")
