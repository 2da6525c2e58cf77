"""Status histories against the lifecycles that the packages publish: allowed steps, one unbroken way, right ends."""

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


def beginnings(machines: Sequence[Machine]) -> str:
    """The histories that do not begin exactly once."""
    return f"""SELECT subject_id, 1 AS expected, begun AS found FROM (SELECT subject_id,
    SUM(CASE WHEN from_status IS NULL THEN 1 ELSE 0 END) AS begun FROM status_change
    WHERE machine IN ({_names(machines)}) GROUP BY subject_id) histories WHERE begun <> 1"""


def breaks(machines: Sequence[Machine]) -> str:
    """The statuses that a row left more or less often than it came to them; one of them, its end, it came to once more.

    With one beginning this says that the steps join into one way. It needs no order of the steps: their ids and times
    come from the clocks of several machines, which may differ.
    """
    steps = f"FROM status_change WHERE machine IN ({_names(machines)})"
    return f"""SELECT subject_id, status, 'left as often as come to' AS expected, more AS found FROM (
    SELECT subject_id, status, SUM(step) AS more FROM (SELECT subject_id, to_status AS status, 1 AS step {steps}
    UNION ALL SELECT subject_id, from_status AS status, -1 AS step {steps} AND from_status IS NOT NULL) ends
    GROUP BY subject_id, status) sums WHERE more NOT IN (0, 1)"""


def current(machine: Machine, table: str) -> str:
    """The rows whose status is not the end of their history: the one that was come to once more than it was left."""
    own, others = (f"{name}.subject_id = t.id AND {name}.machine = '{machine.name}'" for name in ("h", "o"))
    return f"""SELECT id, COALESCE(told, 'a history') AS expected, status AS found FROM (SELECT t.id, t.status,
    (SELECT h.to_status FROM status_change h WHERE {own} GROUP BY h.to_status HAVING COUNT(*) > (
    SELECT COUNT(*) FROM status_change o WHERE {others} AND o.from_status = h.to_status)
    ORDER BY h.to_status LIMIT 1) AS told FROM {table} t) ends WHERE COALESCE(told, '') <> status"""


def _names(machines: Sequence[Machine]) -> str:
    return _listed(machine.name for machine in machines)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))
