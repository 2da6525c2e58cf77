"""A transfer from its first scan to its end, through the pages and by keyboard alone."""

from floor_desk import Desk
from test_warehouse_pages import second

from storekeep.shop.inventory import queries
from storekeep.shop.inventory.tables import location
from storekeep.shop.transfers import store

URL = "/console/transfers"


def begun(desk: Desk) -> tuple[str, str]:
    """(transfer's id, the bin that the mugs lie in)."""
    north = second(desk, "BOWL" if "BOWL" in desk.shop.variants else "MUG", 1)
    with desk.shop.db.read() as tx:
        main = next(row.id for row in queries.warehouses(tx) if row.id != north)
        at = queries.balances_of(tx, [desk.shop.variants["MUG"]], warehouse_id=main)[0].location_id
        code = tx.scalar(location.select().with_only_columns(location.c.code).where(location.c.id == at))
    fields = {"from": main, "to": north, "note": "refill", "command_id": "begin-one"}
    done = desk.post(f"{URL}/open", fields, "warehouse")
    assert done.status == 303, done.text
    return done.place.rsplit("/", 1)[1], str(code)


def act(desk: Desk, transfer_id: str, name: str, **fields: str) -> str:
    """Do it and follow the redirect; returns the page."""
    page = desk.get(f"{URL}/{transfer_id}", "warehouse")
    done = desk.post(f"{URL}/{transfer_id}/{name}", {"command_id": page.hidden("command_id"), **fields}, "warehouse")
    return done.text if done.status != 303 else desk.get(done.place, "warehouse").text


def test_a_transfer_is_scanned_from_shelf_to_shelf(desk: Desk) -> None:
    transfer_id, code = begun(desk)
    assert code in act(desk, transfer_id, "want", sku="MUG", wanted="5")
    assert f'name="at" value="{code}"' in act(desk, transfer_id, "load", code=code.lower())
    assert "5 units" in act(desk, transfer_id, "load", code="MUG", at=code, qty="5").replace("\xa0", " ")
    assert "The lorry is empty" in act(desk, transfer_id, "depart")
    assert 'name="at" value="N-1"' in act(desk, transfer_id, "arrive", code="N-1")
    assert "2 still on the way" in act(desk, transfer_id, "arrive", code="mug", at="N-1", qty="3")
    assert "a crack" in act(desk, transfer_id, "arrive", code="MUG", condition="damaged", reason="a crack")
    with desk.shop.db.read() as tx:
        (line,) = store.lines_of(tx, transfer_id)
    assert (line.sent, line.received, line.damaged, line.on_the_way) == (5, 3, 1, 1)
    assert f'id="fate-{line.id}-error"' in act(desk, transfer_id, "finish")
    page = act(desk, transfer_id, "finish", **{f"fate-{line.id}": "lost", f"why-{line.id}": "fell off"})
    assert "Closed with loss" in page
    assert "fell off" in page
    assert "TR-1" in desk.get(f"{URL}?status=ended", "warehouse").text


def test_what_cannot_be_is_said_and_changes_nothing(desk: Desk) -> None:
    transfer_id, code = begun(desk)
    assert "scan the bin first" in act(desk, transfer_id, "load", code="MUG")
    assert "neither an item nor a bin" in act(desk, transfer_id, "load", code="4711")
    assert "Nothing here bears" in act(desk, transfer_id, "want", sku="NOPE", wanted="1")
    for qty in ("0", "-1", "1.5", "1e3", "99999999999"):
        assert 'id="qty-error"' in act(desk, transfer_id, "load", code="MUG", at=code, qty=qty)
    assert "not in the warehouse that sends" in act(desk, transfer_id, "load", code="MUG", at="N-1")
    assert "has no lot" in act(desk, transfer_id, "load", code="MUG", at=code, lot_code="X9")
    assert "cannot be taken" in act(desk, transfer_id, "load", code="MUG", at=code, qty="100000")
    assert "nothing is loaded" in act(desk, transfer_id, "depart").lower()
    with desk.shop.db.read() as tx:
        assert not store.lines_of(tx, transfer_id)
    act(desk, transfer_id, "load", code="MUG", at=code)
    act(desk, transfer_id, "depart")
    assert "were sent. Count again" in act(desk, transfer_id, "arrive", code="MUG", qty="2")
    assert "Say what is wrong" in act(desk, transfer_id, "arrive", code="MUG", condition="damaged")
    assert desk.get(f"{URL}/no-such", "warehouse").status == 404
    assert desk.get(URL, "agent").status == 403
    house = desk.get(URL, "warehouse").text.split('<option value="')[1].partition('"')[0]
    same = {"from": house, "to": house, "command_id": "begin-two"}
    assert "another warehouse" in desk.post(f"{URL}/open", same, "warehouse").text


def test_a_form_sent_twice_loads_once(desk: Desk) -> None:
    transfer_id, code = begun(desk)
    fields = {"command_id": "load-me-once", "code": "MUG", "at": code, "qty": "2"}
    for _ in range(2):
        assert desk.post(f"{URL}/{transfer_id}/load", fields, "warehouse").status == 303
    with desk.shop.db.read() as tx:
        assert [line.sent for line in store.lines_of(tx, transfer_id)] == [2]
