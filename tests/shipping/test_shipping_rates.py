"""Rates, the choice of a service, the promise and tracking numbers."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeep.shop.shipping.carriers import CarrierError, LabelRequest, RateRequest, TableCarrier
from storekeep.shop.shipping.carriers.demo_cards import NORTHLINE, SWALLOW, demo_cards, demo_carriers
from storekeep.shop.shipping.carriers.table import check_number, tracking_number_for
from storekeep.shop.shipping.model import Address, Parcel, RateCard, ServiceOffer, zone_of
from storekeep.shop.shipping.promise import promise
from storekeep.shop.shipping.services import NoServiceOffered, choose

BERLIN = "Europe/Berlin"
SHOP = Address("Tidewater Kitchen", "Hafenstraße 12", "", "Hamburg", "20457", "", "DE", "")
BUYER = Address("Petronella Quill", "Kirschweg 7", "", "Tübingen", "72070", "", "DE", "")
BOX = Parcel(1_000, 300, 200, 100)


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


MONDAY_MORNING = instant("2026-11-23T08:00:00")


def request(**changes: object) -> RateRequest:
    return replace(RateRequest(SHOP, BUYER, BOX, MONDAY_MORNING, BERLIN), **changes)  # type: ignore[arg-type]


def offers(**changes: object) -> dict[str, ServiceOffer]:
    return {o.service: o for c in demo_carriers().values() for o in c.rate(request(**changes))}


@pytest.mark.parametrize(
    ("country", "zone"), [("DE", "domestic"), ("at", "eu-near"), ("ES", "eu"), ("GB", "world"), ("US", "world")]
)
def test_a_zone_follows_from_the_country(country: str, zone: str) -> None:
    assert zone_of("DE", country) == zone


def test_a_weight_on_the_bracket_pays_that_bracket_and_one_gram_more_pays_the_next() -> None:
    assert offers()["swallow-economy"].price_minor == 345
    assert offers(parcel=replace(BOX, weight_g=1_001))["swallow-economy"].price_minor == 425


def test_every_service_answers_with_a_price_or_a_reason() -> None:
    abroad = offers(destination=replace(BUYER, country="US"))
    heavy = offers(parcel=replace(BOX, weight_g=40_000))
    nowhere = offers(destination=replace(BUYER, country="?"))
    unweighed = offers(parcel=replace(BOX, weight_g=0))
    assert {len(answer) for answer in (abroad, heavy, nowhere, unweighed)} == {4}
    assert "does not serve" in abroad["northline-standard"].rejected_because
    assert "40000 g is over its limit of 5000 g" in heavy["swallow-economy"].rejected_because
    assert "two-letter country code" in nowhere["swallow-tracked"].rejected_because
    assert "weigh it" in unweighed["northline-express"].rejected_because


def test_the_card_in_force_on_the_day_of_hand_over_sets_the_price() -> None:
    old = next(c for c in demo_cards() if (c.service, c.zone) == ("swallow-economy", "domestic"))
    new = replace(old, effective_from="2026-11-24", brackets=((5_000, 999),))
    carrier = TableCarrier(SWALLOW, "Swallow Post", "SW", [replace(old, effective_to="2026-11-23"), new])
    assert carrier.rate(request())[0].price_minor == 345
    assert carrier.rate(request(handling_days=1))[0].price_minor == 999
    late = replace(old, effective_from="2027-01-01")
    closed = TableCarrier(SWALLOW, "Swallow Post", "SW", [late]).rate(request())[0]
    assert closed.rejected_because == "No rate card is in force on 2026-11-23."


def test_overlapping_or_foreign_cards_are_refused() -> None:
    card = demo_cards()[0]
    with pytest.raises(ValueError, match="two cards in force on 2020-01-01"):
        TableCarrier(SWALLOW, "Swallow Post", "SW", [card, replace(card, effective_from="2020-01-01")])
    with pytest.raises(ValueError, match="rate cards of swallow"):
        TableCarrier(NORTHLINE, "Northline", "NL", [card])


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"brackets": ()}, "no weight brackets"),
        ({"brackets": ((500, 300), (400, 400))}, "must be positive and rise"),
        ({"brackets": ((500, 300), (5_000, 200))}, "may not cost less"),
        ({"max_weight_g": 9_000}, "cover the maximum weight"),
        ({"effective_from": "23.11.2026"}, "not a date"),
        ({"effective_to": "2001-01-01"}, "ends before it begins"),
        ({"zone": "moon"}, "unknown zone"),
    ],
)
def test_a_faulty_rate_card_is_refused_with_its_fault(changes: dict[str, object], fault: str) -> None:
    card: RateCard = demo_cards()[0]
    with pytest.raises(ValueError, match=fault):
        replace(card, **changes)  # type: ignore[arg-type]


def test_the_cheapest_service_that_keeps_the_promise_is_chosen_with_reasons() -> None:
    choice = choose(list(offers().values()), "2026-11-25")
    assert (choice.offer.service, choice.meets_promise) == ("swallow-tracked", True)
    assert {r.service: r.code for r in choice.rejections} == {
        "swallow-economy": "late",
        "northline-standard": "dearer",
        "northline-express": "dearer",
    }
    assert choice.reasons["swallow-economy"] == "It would arrive on 2026-11-27, after 2026-11-25."


def test_without_a_feasible_promise_the_earliest_is_chosen_and_flagged() -> None:
    choice = choose(list(offers().values()), "2026-11-20")
    assert (choice.offer.service, choice.meets_promise) == ("northline-express", False)


def test_the_order_of_the_offers_does_not_change_the_choice() -> None:
    asked = [replace(o, price_minor=500, arrives_on="2026-11-25") for o in offers().values()]
    assert {choose(order, "2026-11-25").offer.service for order in permutations(asked)} == {"swallow-tracked"}


def test_a_parcel_that_nobody_takes_says_why() -> None:
    with pytest.raises(NoServiceOffered, match="over its limit") as refused:
        choose(list(offers(parcel=replace(BOX, weight_g=40_000)).values()), "2026-11-25")
    assert len(refused.value.reasons) == 4


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23T12:59:59", "2026-11-24"),  # Monday 13:59 in Berlin, before the cut-off
        ("2026-11-23T13:00:00", "2026-11-25"),  # the cut-off itself is too late
        ("2026-11-27T14:00:00", "2026-12-01"),  # Friday evening: work starts on Monday
        ("2026-11-27T08:00:00", "2026-11-28"),  # handed over on Friday, carried on Saturday
        ("2026-03-28T23:30:00", "2026-03-31"),  # the night in which the clock jumps
    ],
)
def test_a_promise_counts_business_days_in_local_time(now: str, expected: str) -> None:
    assert promise(instant(now), 14, BERLIN, 0, 1) == expected


def test_a_holiday_moves_both_handling_and_transit() -> None:
    assert promise(instant("2026-12-24T08:00:00"), 14, BERLIN, 1, 1, {"2026-12-25"}) == "2026-12-29"
    with pytest.raises(ValueError, match="not a known time zone"):
        promise(MONDAY_MORNING, 14, "Mars/Olympus", 0, 1)


@given(st.text(max_size=40), st.integers(0, 17), st.integers(1, 9))
def test_a_wrong_digit_never_passes_the_check(key: str, place: int, by: int) -> None:
    number = tracking_number_for("SW", key)
    assert check_number(number, "SW")
    assert number == tracking_number_for("SW", key)
    if place >= 2:
        wrong = str((int(number[place]) + by) % 10)
        assert not check_number(number[:place] + wrong + number[place + 1 :], "SW")


def test_a_number_is_read_in_lower_case_and_groups_but_only_by_its_own_carrier() -> None:
    number = tracking_number_for("NL", 7)
    carriers = demo_carriers()
    assert carriers[NORTHLINE].check(f" {number[:2].lower()} {number[2:8]}-{number[8:]} ")
    assert not carriers[SWALLOW].check(number)
    assert not any(carriers[SWALLOW].check(bad) for bad in ("", "SW", "SW12", "ＳＷ１", "SW" + "٣" * 16))


def test_the_same_key_buys_the_same_label_and_another_parcel_is_refused() -> None:
    carrier = demo_carriers()[SWALLOW]
    wanted = LabelRequest(request(), "swallow-tracked", "1042")
    assert carrier.find_purchase("key-1").answer == "absent"
    bought = carrier.buy(wanted, "key-1")
    assert carrier.buy(wanted, "key-1") == bought
    assert demo_carriers()[SWALLOW].buy(wanted, "key-1") == bought
    assert carrier.find_purchase("key-1").bought == bought
    assert carrier.buy(wanted, "key-2").tracking_number != bought.tracking_number
    with pytest.raises(CarrierError) as refused:
        carrier.buy(replace(wanted, order_number="1043"), "key-1")
    assert (refused.value.kind, refused.value.code) == ("input", "key_reused")
    with pytest.raises(CarrierError, match="too heavy"):
        carrier.buy(replace(wanted, rate=request(parcel=replace(BOX, weight_g=40_000))), "key-3")
    assert carrier.find_purchase("key-3").answer == "absent"
    assert carrier.void(bought.tracking_number, "void-1").answer == "voided"
    assert carrier.void("SW1", "void-2").answer == "refused"
