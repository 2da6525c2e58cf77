"""Every command that `storekeep` lists is where the list says, and a stranger is no command."""

import click
import pytest

from storekeep.doors.cli.main import COMMANDS, storekeep


@pytest.mark.parametrize("name", COMMANDS)
def test_a_listed_command_is_found_by_its_name(name: str) -> None:
    found = storekeep.get_command(click.Context(storekeep), name)
    assert found is not None
    assert found.name == name
    assert found.get_short_help_str()


def test_a_stranger_is_no_command() -> None:
    assert storekeep.get_command(click.Context(storekeep), "fly") is None
