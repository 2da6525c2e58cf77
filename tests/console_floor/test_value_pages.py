"""The value of stock and the costs of deliveries through their pages: figures, doors, the method, and bad input."""

from floor_desk import Desk

from storekeep.flows import purchase, receipts
from storekeep.shop.inventory.queries import warehouses
from storekeep.shop.purchasing import suppliers
from storekeep.shop.purchasing.model import Counted, PriceBreak, SupplierDraft, TermsDraft, Want
from storekeep.shop.reports import verify

URL = "/console/landed"
BILL = {"delivery": "GR-1", "kind": "freight", "amount": "30.00", "basis": "value", "charged_by": "Carrier Ltd",
        "reference": "F-77", "note": ""}  # fmt: skip


def delivered(desk: Desk, *, posted: bool = True) -> str:
    """A delivery of 10 mugs at 6.00 and 5 bowls at 8.00, the receipt's id."""
    mug, bowl = (desk.shop.variants[name] for name in ("MUG", "BOWL"))
    with desk.shop.db.begin(actor="staff:buyer") as tx:
        home = warehouses(tx)[0].id
        maker = suppliers.add(tx, SupplierDraft("MAKER", "Maker & Sons", "maker@example.com", "EUR"))
        suppliers.set_terms(tx, maker, [TermsDraft(mug, "M-1", (PriceBreak(1, 6_000_000),)),
                                        TermsDraft(bowl, "", (PriceBreak(1, 8_000_000),))])  # fmt: skip
        order = purchase.create(tx, maker, home, [Want(mug, 10), Want(bowl, 5)], "command-1")
        purchase.approve(tx, order, "command-2")
        purchase.send(tx, order, "command-3")
        receipt = receipts.open_receipt(tx, home, "command-4", purchase_order_id=order)
        receipts.count(tx, receipt, [Counted(mug, 10), Counted(bowl, 5)], "command-5")
        receipts.finish_count(tx, receipt, "command-6")
        if posted:
            receipts.post(tx, receipt, "command-7")
    return receipt


def faults(desk: Desk) -> list[str]:
    with desk.shop.db.read() as tx:
        return [one.id for one in verify.run(tx).results if one.status != "ok"]


def booked(desk: Desk, **changes: str) -> str:
    """Send the form with these fields; returns where it went, or what the page says."""
    form = desk.get(f"{URL}/new?delivery=GR-1")
    answer = desk.post(f"{URL}/new", {**BILL, "command_id": form.hidden("command_id"), **changes})
    return answer.place if answer.status == 303 else f"{answer.status} {answer.text}"


def test_a_bill_of_a_delivery_raises_what_its_goods_are_worth(desk: Desk) -> None:
    receipt = delivered(desk)
    assert "Nothing was charged beside the goods yet" in desk.get(f"/console/deliveries/{receipt}").text
    assert booked(desk) == f"{URL}/1"
    shown = desk.get(f"{URL}/1").text
    for word in ("Carrier Ltd", "F-77", "30.00", "18.00", "12.00", "Maker &amp; Sons"):
        assert word in shown, word
    assert "LC-1" in desk.get(f"/console/deliveries/{receipt}").text
    listed = desk.get("/console/value").text
    assert "the same to the cent" in listed
    # 20 mugs at 5.00, 10 at 6.00, and 18.00 of the freight: 178.00
    assert "178.00" in listed
    mug = desk.get(f"/console/value/{desk.shop.variants['MUG']}").text
    assert "178.00" in mug
    assert "Freight" in mug
    assert "LC-1" in mug
    assert faults(desk) == []


def test_a_bill_is_booked_once_and_a_credit_note_takes_it_back(desk: Desk) -> None:
    delivered(desk)
    form = desk.get(f"{URL}/new?delivery=1")
    sent = {**BILL, "command_id": form.hidden("command_id")}
    assert [desk.post(f"{URL}/new", sent).place for _ in range(2)] == [f"{URL}/1"] * 2
    assert "is booked for this delivery already, as LC-1" in booked(desk)
    assert booked(desk, reference="F-78", is_credit="1") == f"{URL}/2"
    assert "160.00" in desk.get(f"/console/value/{desk.shop.variants['MUG']}").text
    assert faults(desk) == []


def test_a_bill_that_cannot_be_is_said_at_its_field(desk: Desk) -> None:
    delivered(desk)
    for changes, said in (
        ({"amount": ""}, "Amount is missing"),
        ({"amount": "0"}, "too small"),
        ({"amount": "1,2,3"}, ""),
        ({"amount": "99999999999999999"}, ""),
        ({"charged_by": "  "}, "missing"),
        ({"reference": "x" * 61}, ""),
        ({"kind": "bribe"}, ""),
        ({"basis": "moon"}, ""),
        ({"delivery": "GR-99"}, "There is no delivery"),
        ({"delivery": "x' OR 1=1"}, "There is no delivery"),
    ):
        told = booked(desk, **changes)
        assert told[:3] in ("422", "404"), (changes, told[:200])
        assert said in told, (changes, said)
    assert "No bills yet" in desk.get(URL).text


def test_a_delivery_that_is_not_booked_in_carries_nothing(desk: Desk) -> None:
    delivered(desk, posted=False)
    assert "counted already" in booked(desk)


def test_goods_without_weight_are_named_and_other_bases_work(desk: Desk) -> None:
    delivered(desk)
    with desk.shop.db.begin(actor="owner") as tx:
        tx.conn.exec_driver_sql("UPDATE variant SET weight_g = 0 WHERE sku = 'BOWL'")
    assert "no weight for BOWL" in booked(desk, basis="weight")
    assert booked(desk, basis="units") == f"{URL}/1"
    shown = desk.get(f"{URL}/1").text
    assert "20.00" in shown
    assert "10.00" in shown


def test_the_owner_changes_the_method_and_nothing_changes_its_value(desk: Desk) -> None:
    before = desk.get("/console/value").text
    assert "Average cost" in before
    assert desk.post("/console/value", {"method": "fifo"}).status == 303
    assert "First in, first out" in desk.get("/console/value").text
    assert desk.post("/console/value", {"method": "lifo"}).status == 400
    delivered(desk)
    text = desk.get(f"/console/value/{desk.shop.variants['MUG']}").text
    assert text.count("GR-1") >= 1
    assert "160.00" in text
    assert "100.00" in text
    assert faults(desk) == []


def test_only_the_owner_changes_the_method_and_the_accountant_takes_bills(desk: Desk) -> None:
    delivered(desk)
    assert desk.post("/console/value", {"method": "fifo"}, "accountant").status == 403
    form = desk.get(f"{URL}/new?delivery=1", "accountant")
    sent = {**BILL, "command_id": form.hidden("command_id")}
    assert desk.post(f"{URL}/new", sent, "accountant").place == f"{URL}/1"
    assert desk.get(f"{URL}/new?delivery=1", "warehouse").status == 403
    assert desk.get(f"{URL}/1", "warehouse").status == 200
