"""The price rules as one bundle, and discount codes that never pass their cap."""

import threading

import pytest

from storekeep.kernel.clock import DAY
from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid, NotFound
from storekeep.shop.pricing import Band, DeliveryMethod, QuoteLine, QuoteRequest, TaxRule, coupons, quote, rules
from storekeep.shop.pricing import queries as price_queries
from storekeep.shop.pricing.coupons import NewCode, NotRedeemed, Redeemed, Redemption
from storekeep.shop.pricing.rules import CountrySetting

COUNTRIES = [CountrySetting("AT", "Austria", True, "home"), CountrySetting("US", "United States", False, "far", False)]
TAXES = [TaxRule("AT", name, rate, "VAT") for name, rate in (("standard", 2000), ("reduced", 1000), ("zero", 0))]
POST = DeliveryMethod("post", "Post", "home", "flat", 490, (), 5_000, "standard", 2, 3, 30_000)
VAN = DeliveryMethod(
    "van", "Van", "home", "weight_banded", 0, (Band(1_000, 900), Band(None, 1_900)), None, "standard", 1, 1, None
)


def set_up(db: Database) -> None:
    with db.begin(actor="staff:1") as tx:
        rules.set_countries(tx, COUNTRIES)
        rules.set_taxes(tx, TAXES)
        rules.set_delivery_methods(tx, [POST, VAN])


def test_rules_come_back_as_they_were_set_and_a_quote_uses_them(db: Database) -> None:
    set_up(db)
    with db.read() as tx:
        book = rules.load(tx)
    assert book.rules.methods == (POST, VAN)
    assert [one.country for one in book.rules.countries] == ["AT"]
    assert book.country_names == {"AT": "Austria"}
    line = QuoteLine("1", "v", "S", "Mug", 2, 1_000, "standard", 500)
    found = quote(QuoteRequest(book.currency, "AT", (line,), "van", None, 0, book.rules))
    assert (found.problems, found.total_minor) == ((), 2_900)


def test_the_revision_moves_with_each_change_and_only_then(db: Database) -> None:
    set_up(db)
    with db.begin() as tx:
        before = rules.revision(tx)
        rules.set_taxes(tx, TAXES)
        rules.set_delivery_methods(tx, [POST, VAN])
        assert rules.revision(tx) == before
        rules.set_delivery_methods(tx, [VAN, POST], inactive=["post"])
        assert rules.revision(tx) == before + 1
        assert rules.load(tx).rules.methods == (VAN,)
        assert rules.delivery_methods(tx) == [VAN, POST]


def test_bad_rules_are_named_and_the_old_ones_stay(db: Database) -> None:
    set_up(db)
    bad = [
        DeliveryMethod("post", "", "home", "flat", -1, (), -5, "luxury", 3, 2, None),
        DeliveryMethod(
            "post", "Van", "home", "weight_banded", 0, (Band(None, 1), Band(5, 1)), None, "zero", 1, 1, None
        ),
        DeliveryMethod("x", "X", "home", "odd", 0, (), None, "zero", 1, 1, None),  # type: ignore[arg-type]
    ]
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        rules.set_delivery_methods(tx, bad)
    assert {problem.path for problem in caught.value.problems} == {
        "0.label", "0.tax_class", "0.amount_minor", "0.free_over_minor", "0.max_days", "1.bands", "1.code", "2.kind",
        "2.bands",
    }  # fmt: skip
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        rules.set_countries(tx, [CountrySetting("at", "", True, "home"), COUNTRIES[0], COUNTRIES[0]])
    assert [problem.path for problem in caught.value.problems] == ["0.country", "0.name", "2.country"]
    with pytest.raises(Invalid, match="lacks a rate for reduced, zero"), db.begin() as tx:
        rules.set_taxes(tx, TAXES[:1])
    with db.read() as tx:
        assert len(rules.load(tx).rules.tax_rules) == 3


def code(db: Database, max_uses: int | None = None) -> str:
    with db.begin() as tx:
        return coupons.create_codes(tx, [NewCode("spring 10", 1_000, max_uses=max_uses)])[0]


def used(db: Database) -> int:
    with db.read() as tx:
        return price_queries.codes_typed(tx, ["Spring10"])[0].used_count


def test_a_code_is_counted_to_its_cap_in_the_order_of_asking(db: Database) -> None:
    one = code(db, 2)
    with db.begin() as tx:
        orders = [tx.new_id() for _ in range(3)]
        first, second, third = coupons.redeem(tx, [Redemption(one, order) for order in orders])
        assert isinstance(first, Redeemed)
        assert isinstance(second, Redeemed)
        assert third == NotRedeemed("used_up")
    with db.begin() as tx:
        assert coupons.redeem(tx, [Redemption(one, orders[0]), Redemption(one, orders[2])]) == [first, third]
    assert used(db) == 2
    with db.begin() as tx:
        assert coupons.return_uses(tx, orders) == 2
        assert coupons.return_uses(tx, orders) == 0
        assert coupons.redeem(tx, [Redemption(one, orders[0])]) == [NotRedeemed("returned")]
        assert isinstance(coupons.redeem(tx, [Redemption(one, orders[2])])[0], Redeemed)
    assert used(db) == 1


def test_the_last_use_goes_to_one_of_many_at_once(db: Database) -> None:
    one = code(db, 3)
    won: list[object] = []

    def ask() -> None:
        with db.begin() as tx:
            won.extend(coupons.redeem(tx, [Redemption(one, tx.new_id())]))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(answer, Redeemed) for answer in won) == 3
    assert used(db) == 3


def test_a_code_switched_off_or_unknown_is_not_redeemed(db: Database) -> None:
    one = code(db)
    with db.begin() as tx:
        coupons.set_active(tx, [one], False)
        asked = [Redemption(one, tx.new_id()), Redemption(tx.new_id(), tx.new_id())]
        assert coupons.redeem(tx, asked) == [NotRedeemed("inactive"), NotRedeemed("unknown")]
        with pytest.raises(NotFound):
            coupons.set_active(tx, [tx.new_id()], True)
        assert [found.is_active for found in price_queries.codes_listed(tx).codes] == [False]


def test_bad_codes_are_named_at_their_fields(db: Database) -> None:
    code(db)
    bad = [
        NewCode("SPRING10", 0), NewCode("", 10_001, -1), NewCode("x" * 41, 1, max_uses=0),
        NewCode("FINE", 1, ends_at=DAY), NewCode("fine", 1), NewCode("ÉTÉ10", 1),
    ]  # fmt: skip
    with pytest.raises(Invalid) as caught, db.begin() as tx:
        coupons.create_codes(tx, bad)
    assert [problem.path for problem in caught.value.problems] == [
        "0.code", "0.percent_bp", "1.code", "1.percent_bp", "1.min_goods_minor", "2.code", "2.max_uses", "3.ends_at",
        "4.code", "5.code",
    ]  # fmt: skip
    with db.read() as tx:
        assert len(price_queries.codes_listed(tx).codes) == 1
        assert price_queries.codes_typed(tx, ["", "nope"]) == ()
