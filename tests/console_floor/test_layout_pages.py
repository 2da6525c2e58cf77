"""A bin becomes a reserve, another a face to pick from; the refill is listed, carried by scan, and gone."""

from floor_desk import Desk

from storekeep.shop.inventory import layout, queries
from storekeep.shop.inventory.tables import location

BINS = "/console/stock/bins"


def places(desk: Desk) -> tuple[str, tuple[str, str], tuple[str, str]]:
    """(warehouse, (id, code) of the bin with mugs, (id, code) of an empty one)."""
    with desk.shop.db.read() as tx:
        house = queries.warehouses(tx)[0].id
        full = queries.balances_of(tx, [desk.shop.variants["MUG"]], warehouse_id=house)[0].location_id
        rows = tx.rows(location.select().where(location.c.warehouse_id == house, location.c.kind == "bin"))
        code = {row.id: row.code for row in rows}
        empty = next(each for each in sorted(code) if not queries.contents_of(tx, each))
    return house, (full, code[full]), (empty, code[empty])


def test_a_reserve_refills_a_face_by_scan(desk: Desk) -> None:
    house, (full, _), (empty, code) = places(desk)
    assert desk.post(f"{BINS}/zones", {"warehouse_id": house, "zone_code": "cold", "zone_name": "Cold"}).status == 303
    with desk.shop.db.read() as tx:
        zone = layout.zones_of(tx, house)[0].id
    assert desk.post(f"{BINS}/{full}/facts", {"role": "bulk", "zone_id": zone, "max_units": "500"}).status == 303
    assert desk.post(f"{BINS}/{empty}/face", {"sku": "mug", "least": "2", "most": "6"}).status == 303
    assert "COLD" in desk.get(BINS + f"?warehouse={house}").text
    page = desk.get("/console/stock/refills", "warehouse")
    key = f"{empty}-{full}"
    assert f'name="qty-{key}"' in page.text
    fields = {"command_id": page.hidden("command_id"), "variant_id": desk.shop.variants["MUG"], "from_id": full,
              "face_id": empty, f"qty-{key}": "6"}  # fmt: skip
    wrong = desk.post("/console/stock/refills", {**fields, f"bin-{key}": "WRONG"}, "warehouse")
    assert wrong.status == 422
    assert f"carry it to {code}" in wrong.text
    for _ in range(2):
        assert desk.post("/console/stock/refills", {**fields, f"bin-{key}": code}, "warehouse").status == 303
    with desk.shop.db.read() as tx:
        assert sum(row.qty for row in queries.contents_of(tx, empty)) == 6
    assert "Nothing to refill" in desk.get("/console/stock/refills", "warehouse").text


def test_what_does_not_fit_is_said_and_nothing_is_kept(desk: Desk) -> None:
    house, (full, _), (empty, _) = places(desk)
    assert 'id="max_units-error"' in desk.post(f"{BINS}/{full}/facts", {"role": "bulk", "max_units": "-1"}).text
    assert desk.post(f"{BINS}/{full}/facts", {"role": "attic"}).status == 422
    assert 'id="sku-error"' in desk.post(f"{BINS}/{empty}/face", {"sku": "NOPE", "least": "1", "most": "2"}).text
    assert 'id="most-error"' in desk.post(f"{BINS}/{empty}/face", {"sku": "MUG", "least": "3", "most": "2"}).text
    zone = {"warehouse_id": house, "zone_code": "a", "zone_name": "A"}
    desk.post(f"{BINS}/zones", zone)
    assert 'id="zone_code-error"' in desk.post(f"{BINS}/zones", zone).text
    assert desk.post(f"{BINS}/{full}/facts", {"role": "bulk"}, "accountant").status == 403
    with desk.shop.db.read() as tx:
        assert layout.facts_of(tx, [full])[full] == layout.BinFacts()
        assert not layout.faces_of(tx, empty)
