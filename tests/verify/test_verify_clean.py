"""A sound shop breaks no invariant, and looking at it changes nothing."""

from storekeep.kernel.db import Database
from storekeep.shop.reports import verify


def test_a_shop_with_many_stories_breaks_nothing(storied: Database) -> None:
    with storied.read() as tx:
        report = verify.run(tx)
    assert report.status == "ok", report.as_text()
    assert report.exit_code == 0
    unseen = [result.id for result in report.results if result.rows_checked == 0]
    assert unseen == [], "the stories give every invariant something to look at"


def test_an_empty_shop_breaks_nothing(db: Database) -> None:
    with db.read() as tx:
        report = verify.run(tx)
    assert report.status == "ok", report.as_text()
