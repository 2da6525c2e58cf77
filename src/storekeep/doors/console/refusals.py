"""A verb's refusal brought back to the fields of the form that caused it."""

from collections.abc import Callable, Mapping

from storekeep.doors.console.frame import sentence
from storekeep.doors.web import Fields, Req
from storekeep.kernel.errors import Conflict, Refused


def to_fields(form: Fields, refused: Refused, names: Mapping[str, str] | None = None, first: str = "") -> None:
    """Note each problem at its field: the last part of its path, renamed by `names`; without a path at `first`.

    A number in the path (the row of a list of one) is left out.
    """
    for problem in refused.problems:
        parts = [part for part in problem.path.split(".") if part and not part.isdigit()]
        name = parts[-1].split("[")[0] if parts else first
        form.fail((names or {}).get(name, name) or first, sentence(problem.text))


def outcome(form: Fields, field: str, act: Callable[[], str]) -> str:
    """What an act says when it is done; nothing when it is refused, which is noted at this one field."""
    try:
        return act()
    except Refused as refused:
        for problem in refused.problems:
            form.fail(field, sentence(problem.text))
    except Conflict as reason:
        form.fail(field, sentence(str(reason)))
    return ""


def asked(req: Req, name: str, longest: int = 200) -> str:
    """A text from the address, trimmed and cut; characters that no database stores are left out."""
    return "".join(char for char in req.query.get(name, "") if char.isprintable()).strip()[:longest]
