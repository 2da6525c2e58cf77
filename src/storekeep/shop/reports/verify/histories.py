"""Status histories against the lifecycles that the packages publish: allowed steps, unbroken chains, right ends."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from collections.abc import Iterable, Sequence

from storekeep.kernel.machine import Machine


def edges(machines: Sequence[Machine]) -> str:
    """The steps that no lifecycle allows."""
    legal = []
    for machine in machines:
        steps = [f"from_status = '{source}' AND to_status IN ({_listed(targets)})"
                 for source, targets in machine.edges.items() if targets]  # fmt: skip
        first = f"from_status IS NULL AND to_status IN ({_listed(machine.edges)})"
        legal.append(f"machine = '{machine.name}' AND ({' OR '.join([first, *steps])})")
    return f"""SELECT id, subject_id, machine || ' from ' || COALESCE(from_status, 'nothing') AS expected,
    to_status AS found FROM status_change
    WHERE machine IN ({_names(machines)}) AND NOT ({" OR ".join(legal)})"""


def chain(machines: Sequence[Machine]) -> str:
    """The steps that do not start where the row's step before ended; the first one starts from nothing."""
    return f"""SELECT id, subject_id, COALESCE(before, 'nothing') AS expected, COALESCE(from_status, 'nothing') AS found
    FROM (SELECT id, subject_id, from_status, LAG(to_status) OVER (PARTITION BY subject_id ORDER BY id) AS before
    FROM status_change WHERE machine IN ({_names(machines)})) steps
    WHERE COALESCE(before, '') <> COALESCE(from_status, '')"""


def current(machine: Machine, table: str) -> str:
    """The rows whose status is not the end of their history."""
    return f"""SELECT id, COALESCE(told, 'a history') AS expected, status AS found FROM (SELECT t.id, t.status,
    (SELECT h.to_status FROM status_change h WHERE h.subject_id = t.id AND h.machine = '{machine.name}'
    ORDER BY h.id DESC LIMIT 1) AS told FROM {table} t) ends WHERE COALESCE(told, '') <> status"""


def _names(machines: Sequence[Machine]) -> str:
    return _listed(machine.name for machine in machines)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))
