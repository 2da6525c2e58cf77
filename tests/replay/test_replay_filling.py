"""Carts that arrive complete are made at once, at the prices that were agreed, and nothing odd gets in."""

from dataclasses import replace

import pytest

from storekeep.kernel.db import Database
from storekeep.kernel.errors import Invalid
from storekeep.shop.orders import carts, filling
from storekeep.shop.orders.filling import AgreedLine, FullCart

VARIANT = "019b0000-0000-7000-8000-000000000001"
CART = FullCart("t", "GBP", "GB", "a@replay.example", {"name": "A"}, "m", (AgreedLine(VARIANT, 2, 150),), 10)


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ((), "0.lines"),
        ((AgreedLine(VARIANT, 0, 150),), "0.lines.0.qty"),
        ((AgreedLine(VARIANT, 1_000, 150),), "0.lines.0.qty"),
        ((AgreedLine(VARIANT, 1, -1),), "0.lines.0.unit_price"),
        ((AgreedLine(VARIANT, 1, 1), AgreedLine(VARIANT, 2, 2)), "0.lines.1.variant"),
    ],
)
def test_an_impossible_cart_is_refused_at_its_field(db: Database, lines: tuple[AgreedLine, ...], path: str) -> None:
    with db.begin() as tx:
        with pytest.raises(Invalid) as refused:
            filling.fill(tx, [replace(CART, lines=lines)])
        assert [problem.path for problem in refused.value.problems] == [path]
        assert carts.by_token(tx, "t") is None


def test_more_lines_than_a_shopper_may_have_need_a_limit_of_their_own(db: Database) -> None:
    many = tuple(AgreedLine(f"019b0000-0000-7000-8000-{n:012}", 1, 1) for n in range(carts.MAX_LINES + 1))
    with db.begin() as tx, pytest.raises(Invalid, match=r"1 to 200 different things"):
        filling.fill(tx, [replace(CART, lines=many)])
