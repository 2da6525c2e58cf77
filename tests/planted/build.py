"""Builds of the shop with one bug in it: a folder to put first on PYTHONPATH."""

from pathlib import Path

from planted.bug import Bug

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "storekeep"


class DoesNotApply(Exception):
    """The code has changed under a bug: what it replaces is not there exactly once."""


def changed_text(bug: Bug, source: Path = SOURCE) -> str:
    """The text of the bug's file with the bug in it. Raises `DoesNotApply` unless `old` is there exactly once."""
    path = source / bug.path
    if not path.is_file():
        raise DoesNotApply(f"{bug.name}: there is no {bug.path}")
    text = path.read_text()
    found = text.count(bug.old)
    if found != 1:
        raise DoesNotApply(f"{bug.name}: what it replaces is {found} times in {bug.path}, not once")
    return text.replace(bug.old, bug.new)


def built(bug: Bug, folder: Path, source: Path = SOURCE) -> Path:
    """The shop with this bug, as `folder`/storekeep; returns `folder`, which must not hold one yet.

    Everything but the changed file is a link to the source, so a build costs nothing and follows later changes.
    """
    text = changed_text(bug, source)
    here, there = folder / "storekeep", source
    for step in (*Path(bug.path).parts, None):
        if step is None:
            here.write_text(text)
            break
        here.mkdir(parents=True)
        for entry in sorted(there.iterdir()):
            if entry.name not in {step, "__pycache__"}:
                (here / entry.name).symlink_to(entry)
        here, there = here / step, there / step
    return folder
