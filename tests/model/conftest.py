"""The fixture that gives both shops, as often as one asks."""

import pytest

pytest.register_assert_rewrite("agreeing", "bothshops", "trading", "floorwork", "handling")

from fresh_shops import Copies, on_postgres, on_sqlite  # noqa: E402 - after their assertions are made to speak


@pytest.fixture(scope="module")
def copies(engine_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """Gives both shops, fresh, as often as one asks; they are the same each time."""
    return (on_sqlite if engine_kind == "sqlite" else on_postgres)(request, tmp_path_factory.mktemp("model"))
