"""The checker itself: it accepts what one person alone could have done, and refuses what nobody could have."""

import random
from typing import Any

import pytest
from linear import FOREVER, Operation, OutOfSteps, Stock, after, check, parts, search

TWO = Stock((("MUG", 2),))


def op(kind: str, start: float, end: float, answer: Any, **asked: Any) -> Operation:
    return Operation(kind, asked, answer, start, end)


def reserve(order: str, start: float, end: float, answer: Any, **units: int) -> Operation:
    return op("reserve", start, end, answer, order=order, units=units or {"MUG": 1})


def release(order: str, start: float, end: float, answer: Any) -> Operation:
    return op("release", start, end, answer, order=order, units={"MUG": 1})


def ship(order: str, start: float, end: float, answer: Any) -> Operation:
    return op("ship", start, end, answer, order=order, units={"MUG": 1})


def look(start: float, end: float, on_hand: int, reserved: int) -> Operation:
    return op("look", start, end, {"MUG": [on_hand, reserved]}, variants=["MUG"])


OK, ONE = {"ok": True}, {"MUG": 1}


def is_fine(*history: Operation, start: Stock = TWO) -> bool:
    return check(history, start).is_linear


def test_one_after_the_other_is_fine() -> None:
    assert is_fine(reserve("a", 0, 1, OK), look(2, 3, 2, 1), ship("a", 4, 5, ONE), look(6, 7, 1, 0),
                   reserve("b", 8, 9, {"short": {"MUG": 1}}, MUG=2))  # fmt: skip


def test_calls_at_once_may_have_happened_in_either_order() -> None:
    assert is_fine(reserve("a", 0, 9, OK, MUG=2), reserve("b", 1, 8, {"short": {"MUG": 0}}))
    assert is_fine(reserve("a", 0, 9, {"short": {"MUG": 1}}, MUG=2), reserve("b", 1, 8, OK))
    assert is_fine(reserve("a", 0, 9, OK), look(1, 8, 2, 0), look(2, 7, 2, 1))


def test_the_last_unit_sold_twice_is_refused() -> None:
    assert not is_fine(reserve("a", 0, 9, OK, MUG=2), reserve("b", 1, 8, OK))
    assert not is_fine(reserve("a", 0, 9, OK), reserve("b", 1, 8, OK), reserve("c", 2, 7, OK))


def test_a_lost_update_is_refused() -> None:
    # Both read 0 reserved and wrote 1: one of the two promises is forgotten.
    assert not is_fine(reserve("a", 0, 5, OK), reserve("b", 1, 4, OK), look(6, 7, 2, 1))


def test_short_while_it_was_there_all_along_is_refused() -> None:
    assert not is_fine(reserve("a", 0, 1, {"short": {"MUG": 1}}, MUG=2))
    assert not is_fine(reserve("a", 0, 1, OK), release("a", 2, 3, ONE),
                       reserve("b", 4, 5, {"short": {"MUG": 1}}, MUG=2))  # fmt: skip
    assert is_fine(reserve("a", 0, 1, OK), release("a", 2, 6, ONE), reserve("b", 4, 5, {"short": {"MUG": 1}}, MUG=2))


def test_a_release_of_what_nobody_had_is_refused() -> None:
    assert not is_fine(release("a", 0, 1, ONE))
    assert not is_fine(reserve("a", 0, 1, OK), release("a", 2, 3, ONE), release("a", 4, 5, ONE))
    assert is_fine(reserve("a", 0, 1, OK), release("a", 2, 3, ONE), release("a", 4, 5, {}))
    assert not is_fine(reserve("a", 0, 1, OK), release("a", 2, 6, ONE), ship("a", 3, 5, ONE)), "either, never both"


def test_a_look_back_in_time_is_refused() -> None:
    assert not is_fine(reserve("a", 0, 1, OK), look(2, 3, 2, 0))
    assert not is_fine(reserve("a", 0, 9, OK), look(1, 2, 2, 1), look(3, 4, 2, 0))


def test_a_call_without_an_answer_may_have_happened_or_not() -> None:
    lost = reserve("a", 0, FOREVER, None)
    assert is_fine(lost, look(2, 3, 2, 0))
    assert is_fine(lost, look(2, 3, 2, 0), look(4, 5, 2, 1))
    assert not is_fine(lost, look(2, 3, 2, 1), look(4, 5, 2, 0)), "but not be undone"
    assert not is_fine(look(-2, -1, 2, 1), lost), "nor before it began"


def test_a_count_takes_units_from_orders_and_says_from_which() -> None:
    def count(answer: Any, seen: int | None = None, end: float = 3) -> Operation:
        return op("count", 2, end, answer, variant="MUG", delta=-1, seen=seen)

    both = (reserve("a", 0, 1, OK), reserve("b", 0, 1, OK))
    assert is_fine(*both, count({"displaced": {"b": 1}}), ship("a", 4, 5, ONE), ship("b", 4, 5, {}))
    assert not is_fine(*both, count({"displaced": {}}))
    assert not is_fine(*both, count({"displaced": {"b": 1}}), ship("b", 4, 5, ONE))
    assert is_fine(*both, count({"refused": "changed"}, seen=5))
    assert not is_fine(*both, count({"refused": "changed"}, seen=2))
    assert not is_fine(*both, count({"displaced": {"a": 1}}, seen=1))
    assert is_fine(*both, count(None, end=FOREVER), ship("a", 4, 5, {}), look(6, 7, 1, 1))
    assert not is_fine(*both, count(None, end=FOREVER), ship("a", 4, 5, {}), ship("b", 6, 7, {}))


def test_orders_of_several_things_hold_all_or_none() -> None:
    start = Stock((("BOWL", 1), ("MUG", 2)))
    both = {"variants": ["MUG", "BOWL"]}
    pair = reserve("a", 0, 1, OK, MUG=1, BOWL=1)
    assert is_fine(pair, op("look", 2, 3, {"MUG": [2, 1], "BOWL": [1, 1]}, **both), start=start)
    assert not is_fine(pair, op("look", 2, 3, {"MUG": [2, 1], "BOWL": [1, 0]}, **both), start=start)
    assert not is_fine(pair, reserve("b", 2, 3, {"short": {"MUG": 0}}, MUG=1, BOWL=1), start=start)


def test_things_that_are_never_touched_together_are_searched_apart() -> None:
    history = [reserve("a", 0, 1, OK, MUG=1, BOWL=1), reserve("b", 0, 1, OK, TEA=1), reserve("c", 2, 3, OK, BOWL=1),
               op("receive", 0, 1, {}, units={"POT": 1})]  # fmt: skip
    assert sorted(len(part) for part in parts(history)) == [1, 1, 2]


def test_made_up_histories_are_accepted_and_one_wrong_answer_in_them_is_refused() -> None:
    for seed in range(20):
        history = made_up(random.Random(seed), 300)
        assert is_fine(*history), seed
        at = max(n for n, each in enumerate(history) if each.kind == "look")
        on_hand, reserved = history[at].answer["MUG"]
        wrong = look(history[at].start, history[at].end, on_hand + 100, reserved)
        verdict = check([*history[:at], wrong, *history[at + 1 :]], TWO)
        assert not verdict.is_linear
        assert wrong in verdict.stuck


def test_a_search_that_takes_too_long_says_so() -> None:
    with pytest.raises(OutOfSteps):
        search([reserve(str(n), 0, 9, OK, MUG=1) for n in range(9)], Stock((("MUG", 8),)), most_steps=5)


def made_up(rng: random.Random, length: int) -> list[Operation]:
    """What four people did to one thing, each call blurred around the moment at which it truly happened."""
    stock, orders, made = TWO, ["a", "b", "c", "d"], list[Operation]()
    free_from = [0.0] * 4
    for n in range(length):
        who = rng.randrange(4)
        moment = float(10 * n + 5)
        start = max(free_from[who], moment - rng.uniform(0, 25)) + 0.001
        end = moment + rng.uniform(0, 25)
        if start > moment:
            continue
        free_from[who] = end
        order = orders[who]
        call = rng.choice([reserve(order, start, end, None), release(order, start, end, None),
                           ship(order, start, end, None), op("receive", start, end, None, units=ONE),
                           look(start, end, 0, 0)])  # fmt: skip
        if call.kind == "reserve" and stock.of(order):
            continue
        answer = true_answer(stock, call)
        call = Operation(call.kind, call.asked, answer, start, end)
        stock = next(after(stock, call))
        made.append(call)
    return made


def true_answer(stock: Stock, call: Operation) -> Any:
    if call.kind == "look":
        return {"MUG": [dict(stock.on_hand)["MUG"], stock.reserved("MUG")]}
    if call.kind in ("release", "ship"):
        return stock.of(call.order)
    if call.kind == "receive":
        return {}
    free = dict(stock.on_hand)["MUG"] - stock.reserved("MUG")
    return OK if free >= 1 else {"short": {"MUG": free}}
