"""How the site's settings say no: every field that does not fit, at once."""

from collections.abc import Sequence

from storekeep.kernel.errors import Invalid, Problem, Refused


class InvalidFields(Invalid):
    """Values that do not fit; one problem per field, `path` names the field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        Refused.__init__(self, problems)
