"""Scans fold into one status, whatever their order; lifecycles hold together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeep.kernel.lifecycle import Machine
from storekeep.shop.shipping.states import LABEL_PURCHASE, SHIPMENT
from storekeep.shop.shipping.tracking_fold import (
    DAY_US,
    EXCEPTIONS,
    MILESTONES,
    STATUS_MAPS,
    ScanEvent,
    Tracking,
    code_for,
    fold,
    silence,
)

NUMBER = "SW1"
ROWS = [(carrier, code) for carrier, rows in STATUS_MAPS.items() for code in rows]
CODES = [*STATUS_MAPS["swallow"], "X99", "?"]


def scan(at: int, code: str, received_at: int | None = None, place: str = "", number: str = NUMBER) -> ScanEvent:
    return ScanEvent("swallow", number, at, code, "", place, at if received_at is None else received_at)


def status(*codes: str) -> Tracking:
    return fold("swallow", NUMBER, 0, [scan(at, code) for at, code in enumerate(codes, start=1)])


scans = st.lists(
    st.builds(
        scan,
        st.integers(-3, 12),
        st.sampled_from(CODES),
        st.integers(0, 20) | st.just(-2 * DAY_US),
        st.sampled_from(["Hamburg", "Köln"]),
        st.sampled_from([NUMBER, "SW2"]),
    ),
    max_size=12,
)


@given(scans, st.randoms(use_true_random=False))
def test_order_and_repetition_of_scans_change_nothing(events: list[ScanEvent], random) -> None:  # type: ignore[no-untyped-def]
    again = events + [random.choice(events) for _ in events]
    random.shuffle(again)
    assert fold("swallow", NUMBER, 0, again) == fold("swallow", NUMBER, 0, events)


@given(scans)
def test_delivered_comes_only_from_an_explicit_code(events: list[ScanEvent]) -> None:
    tracking = fold("swallow", NUMBER, 0, events)
    if tracking.milestone == "delivered":
        assert any(s.event.code in ("S70", "S71") and not s.ignored_because for s in tracking.steps)


@pytest.mark.parametrize(("carrier", "code"), ROWS)
def test_every_row_of_every_status_map_does_what_it_says(carrier: str, code: str) -> None:
    row = STATUS_MAPS[carrier][code]
    assert row.milestone is None or row.milestone in MILESTONES
    assert row.exception in EXCEPTIONS
    assert row.text
    tracking = fold(carrier, "N1", 0, [ScanEvent(carrier, "N1", 5, f" {code.lower()} ", "", "", 6)])
    assert (tracking.milestone, tracking.exception) == (row.milestone or "label_created", row.exception)
    assert tracking.unmapped_count == 0


def test_an_unmapped_code_is_movement_and_is_counted_but_takes_nothing_back() -> None:
    tracking = status("X99", "X99", "ZZ")
    assert (tracking.milestone, tracking.unmapped) == ("in_transit", (("X99", 2), ("ZZ", 1)))
    assert status("S50", "X99").milestone == "out_for_delivery"
    assert status("S70", "X99").milestone == "delivered"


@pytest.mark.parametrize(
    ("codes", "milestone"),
    [
        (("S50", "S30"), "in_transit"),
        (("S60", "S50"), "out_for_delivery"),
        (("S40", "S20"), "at_facility_dest"),
        (("S50", "S40"), "out_for_delivery"),
        (("S70", "S50"), "delivered"),
        (("S70", "S31"), "delivered"),
        (("S70", "S80"), "returning"),
        (("S70", "S75"), "in_transit"),
        (("S80", "S70"), "returning"),
        (("S80", "S85"), "returned"),
        (("S85", "S30"), "returned"),
        (("S15", "S20"), "accepted"),
        (("S30", "S15"), "in_transit"),
    ],
)
def test_progress_falls_back_only_where_that_is_legal(codes: tuple[str, ...], milestone: str) -> None:
    assert status(*codes).milestone == milestone


def test_an_exception_lasts_until_the_next_scan_and_stays_out_of_a_delivered_parcel() -> None:
    assert status("S31").exception == "delayed"
    assert status("S31", "S40").exception == "none"
    assert status("S30", "S95").exception == "lost"
    assert status("S71", "S31").exception == "damaged"
    assert status("S70", "S95").exception == "none"


def test_scans_from_before_the_label_or_from_the_far_future_are_kept_and_ignored() -> None:
    events = [scan(5, "S70"), scan(15, "S20"), scan(20 + 2 * DAY_US, "S70", received_at=20)]
    tracking = fold("swallow", NUMBER, 10, events)
    assert tracking.milestone == "accepted"
    assert [bool(step.ignored_because) for step in tracking.steps] == [True, False, True]
    assert (tracking.accepted_at, tracking.delivered_at, tracking.last_scan_at) == (15, None, 15)


def test_an_event_id_does_not_depend_on_the_place_or_on_when_we_heard() -> None:
    assert scan(1, "S20", 2, "Köln").event_id == scan(1, "S20", 9, "Cologne").event_id
    assert len({scan(1, "S20").event_id, scan(2, "S20").event_id, scan(1, "S30").event_id}) == 3


def test_a_typed_scan_finds_the_carriers_own_code() -> None:
    assert code_for("swallow", "delivered") == "S70"
    assert code_for("northline", "in_transit") == "HUB"
    with pytest.raises(KeyError, match="no code for delivered"):
        code_for("swallow", "delivered", "weather")


def test_silence_is_what_exceeds_the_threshold() -> None:
    assert [silence(100, now, 50) for now in (90, 150, 151)] == [0, 0, 1]


@pytest.mark.parametrize("machine", [SHIPMENT, LABEL_PURCHASE], ids=lambda m: m.name)
def test_a_lifecycle_names_and_reaches_each_of_its_statuses(machine: Machine) -> None:
    reached, todo = {machine.initial}, [machine.initial]
    while todo:
        new = machine.edges[todo.pop()] - reached
        reached |= new
        todo.extend(new)
    assert reached == set(machine.edges) == set(machine.labels)
    assert {label.tone for label in machine.labels.values()} <= {"good", "warn", "bad", "info", "idle"}
    icons = {"ring", "half", "tick", "triangle", "octagon", "dash", "question"}
    assert {label.icon for label in machine.labels.values()} <= icons


def test_a_shipment_is_canceled_only_before_hand_over_and_a_lost_answer_is_never_simply_resent() -> None:
    assert {s for s in SHIPMENT.edges if SHIPMENT.allows(s, "canceled")} == {"draft", "label_pending", "labelled"}
    assert not any(LABEL_PURCHASE.allows(s, "sent") for s in ("sent", "unknown", "bought"))
