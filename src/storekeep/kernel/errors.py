"""How the shop says no: one class per kind of refusal, each with a sentence that a person can act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in the way of a command: for the page, the API and other programs alike."""

    code: str
    text: str
    severity: str = "fix"  # fix | ask_buyer | review | stop
    path: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    action: str = ""


class StorekeepError(Exception):
    """Anything that the shop refuses on purpose. The text is meant to be shown."""


class NotFound(StorekeepError):
    """There is no such thing, or it is not yours to see."""


class Conflict(StorekeepError):
    """The thing moved on since you looked: look again and decide again."""


class IllegalMove(Conflict):
    """A status does not lead where the command wants to go."""

    def __init__(self, subject: str, subject_id: str, current: str, wanted: str) -> None:
        super().__init__(f"{subject} is {current}; it cannot become {wanted}")
        self.subject, self.subject_id, self.current, self.wanted = subject, subject_id, current, wanted


class Forbidden(StorekeepError):
    """This person may not do that."""


class Refused(StorekeepError):
    """The command cannot be done; every reason at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.text for problem in problems))
        self.problems = tuple(problems)


class Invalid(Refused):
    """A value that was typed in does not fit; the path names the field."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__([Problem(code="invalid", text=text, path=path)])
