"""A busy day in the warehouse, with everything going wrong that can, leaves books in which every number is proven."""

from pathlib import Path

from test_packing_and_dispatch import record, scan
from warehouse import Work, open_shop

from storekeep.flows import cancel, dispatch
from storekeep.kernel.clock import DAY, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.reports.verify.run import run


def test_after_a_day_of_trouble_every_invariant_holds(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    shop = open_shop(db, clock, tmp_path)
    baskets = ({"MUG": 3}, {"BOWL": 2, "TEA": 1}, {"TEA": 4}, {"MUG": 2})
    mugs, bowls, tea, none = (Work(shop, wanted) for wanted in baskets)
    mugs.claim()
    mugs.short("MUG", found=2)
    bowls.claim()
    bowls.scan("BOWL")
    bowls.scan("TEA")
    bowls.undo()
    bowls.short("BOWL", found=0, reason="damaged", command_id="short 2")
    bowls.scan("TEA")
    tea.to_the_door()
    with db.begin(actor="staff:x") as tx:
        dispatch.cancel_fulfillment(tx, tea.id, "address is wrong")
        cancel.cancel_order(tx, tea.order_id, reason="address is wrong", command_id="cancel 0")
    none.claim()
    none.scan("MUG")
    with db.begin(actor="shopper") as tx:
        cancel.cancel_order(tx, none.order_id, reason="changed my mind", command_id="cancel 1")
    assert none.scan("MUG").kind == "stop"
    mugs.scan("MUG", mugs.line("MUG").to_pick)
    for work in (mugs, bowls):
        work.pack_all()
    shop.work()
    assert [work.ship().is_done for work in (mugs, bowls)] == [True, True]
    clock.sleep(DAY)
    record(shop, [scan(mugs.parcel, "delivered", clock.now()), scan(bowls.parcel, "way", clock.now())])
    shop.work()
    with db.read() as tx:
        report = run(tx)
    assert [(one.id, one.offenders, one.reason) for one in report.results if one.status != "ok"] == []
