"""N: counts. What was posted is what was counted less the balance at the ledger's number, recomputed from moves."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.reports.verify.levels import NO_LOT
from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.scope import COUNTS
from storekeep.shop.reports.verify.sql import Rule, checks, twice

#: The counts that were made: line, which of its two, what was counted, at which number, and the difference.
_MADE = """SELECT c.id, c.variant_id, c.location_id, c.lot_id, 'the count' AS which,
COALESCE(c.counted_2, c.counted_1) AS counted,
c.at_seq AS seq, c.variance FROM count_line c WHERE c.at_seq IS NOT NULL
UNION ALL SELECT c.id, c.variant_id, c.location_id, c.lot_id, 'the first count', c.counted_1, c.at_seq_1, c.variance_1
FROM count_line c WHERE c.counted_2 IS NOT NULL"""

_LOT = f"COALESCE({{}}.lot_id, '{NO_LOT}')"

_HELD = f"""(SELECT COALESCE(SUM(CASE WHEN m.to_location_id = made.location_id THEN m.qty ELSE -m.qty END), 0)
FROM stock_move m WHERE m.variant_id = made.variant_id AND m.seq <= made.seq
AND {_LOT.format('m')} = {_LOT.format('made')}
AND made.location_id IN (m.from_location_id, m.to_location_id))"""

#: A counted move with what it brought to the place of its line.
_BROUGHT = """CASE WHEN m.to_location_id = c.location_id THEN m.qty
WHEN m.from_location_id = c.location_id THEN -m.qty ELSE 0 END"""

#: An older move of a touched variant is that of a count which is not looked at again.
_NEW_MOVES = {**COUNTS, "stock_move": "id >= [floor] AND variant_id IN [counted]"}

_N1 = checks(
    "count_line",
    Rule("count_line", "its difference is not what was counted less what the ledger had there", f"""
        SELECT id, which, counted - held AS expected, variance AS found FROM (
        SELECT made.*, {_HELD} AS held FROM ({_MADE}) made) walked WHERE variance <> counted - held"""),
    Rule("count_line", "a posted difference has no move, or a move is there without one", """
        SELECT id, CASE WHEN status = 'posted' AND variance <> 0 THEN 'a move' ELSE 'no move' END AS expected,
        COALESCE(CAST(move_id AS TEXT), 'no move') AS found FROM count_line
        WHERE (move_id IS NOT NULL) <> (status = 'posted' AND COALESCE(variance, 0) <> 0)"""),
    Rule("count_line", "its move is not its difference at its place and of its lot", f"""
        SELECT c.id, c.variance AS expected, {_BROUGHT} AS found
        FROM count_line c JOIN stock_move m ON m.id = c.move_id
        WHERE {_BROUGHT} <> c.variance OR m.variant_id <> c.variant_id OR m.kind <> 'adjust'
        OR {_LOT.format('m')} <> {_LOT.format('c')}
        OR m.document_type <> 'count_line' OR m.document_id <> c.id OR m.seq <= c.at_seq
        OR m.value_minor <> ABS(c.value_minor)"""),
    Rule("stock_move", "it says that a count posted it, and no count did", """
        SELECT m.id, m.document_id, 'its count' AS expected, COALESCE(c.status, 'no count') AS found
        FROM stock_move m LEFT JOIN count_line c ON c.move_id = m.id
        WHERE m.document_type = 'count_line' AND c.id IS NULL""", within=_NEW_MOVES),
    Rule("count_line", "it was posted more than once",
         twice("document_id", "stock_move", "document_type = 'count_line'")),
    within=COUNTS,
)  # fmt: skip

_N2 = checks(
    "count_task",
    Rule("count_line", "it lacks what its status needs, or has what it does not", """
        SELECT id, status AS expected, COALESCE(counter_1, 'nobody') || ' and ' || COALESCE(counter_2, 'nobody')
        AS found FROM count_line
        WHERE (status IN ('open', 'canceled') AND counted_1 IS NOT NULL)
        OR (status NOT IN ('open', 'canceled') AND (counted_1 IS NULL OR counter_1 IS NULL OR at_seq_1 IS NULL))
        OR (counted_1 IS NULL) <> (counter_1 IS NULL) OR (counted_2 IS NULL) <> (counter_2 IS NULL)
        OR (counted_2 IS NULL AND (COALESCE(at_seq, -1) <> COALESCE(at_seq_1, -1)
        OR COALESCE(variance, 0) <> COALESCE(variance_1, 0))) OR (status = 'rejected' AND approver IS NULL)
        OR (status IN ('posted', 'rejected', 'canceled')) <> (settled_at IS NOT NULL)"""),
    Rule("count_line", "one person counted it twice", """
        SELECT id, 'somebody else' AS expected, counter_2 AS found FROM count_line WHERE counter_1 = counter_2"""),
    Rule("count_line of place, variant and lot", "it is asked for twice at once",
         twice("location_id, variant_id, lot_id", "count_line", "status IN ('open', 'counted', 'recount', 'review')")),
    Rule("count_task", "it is not where its lines are", """
        SELECT id, stage AS expected, status AS found FROM (SELECT t.id, t.status, CASE
        WHEN SUM(CASE WHEN c.status IN ('open', 'counted') THEN 1 ELSE 0 END) > 0 THEN 'open'
        WHEN SUM(CASE WHEN c.status = 'recount' THEN 1 ELSE 0 END) > 0 THEN 'recount'
        WHEN SUM(CASE WHEN c.status = 'review' THEN 1 ELSE 0 END) > 0 THEN 'review'
        WHEN SUM(CASE WHEN c.status IN ('posted', 'rejected') THEN 1 ELSE 0 END) > 0 THEN 'done'
        ELSE 'canceled' END AS stage FROM count_task t LEFT JOIN count_line c ON c.task_id = t.id
        GROUP BY t.id, t.status) staged WHERE stage <> status"""),
    Rule("count_line", "its lot is one of another variant", """
        SELECT c.id, t.variant_id AS expected, c.variant_id AS found
        FROM count_line c JOIN lot t ON t.id = c.lot_id WHERE t.variant_id <> c.variant_id"""),
    Rule("count_line", "its place is not that of its task", """
        SELECT c.id, t.location_id AS expected, c.location_id AS found
        FROM count_line c JOIN count_task t ON t.id = c.task_id WHERE t.location_id <> c.location_id"""),
    within=COUNTS,
)  # fmt: skip

#: The value of what is dearer than a variant in its warehouse, and of all that was sorted there.
_BEFORE = """SELECT k.*, SUM(value_minor) OVER (PARTITION BY warehouse_id) AS in_all,
SUM(value_minor) OVER (PARTITION BY warehouse_id ORDER BY value_minor DESC, variant_id
ROWS UNBOUNDED PRECEDING) - value_minor AS before FROM count_class k"""
_GRADE = "CASE WHEN before * 100 < 80 * in_all THEN 'A' WHEN before * 100 < 95 * in_all THEN 'B' ELSE 'C' END"

_N3 = checks(
    "SELECT variant_id FROM count_class",
    Rule("count_class", "it is in another class than its value in its warehouse", f"""
        SELECT warehouse_id, variant_id, {_GRADE} AS expected, grade AS found FROM ({_BEFORE}) ranked
        WHERE {_GRADE} <> grade"""),
    Rule("count_class", "not all of its warehouse was sorted at once", """
        SELECT warehouse_id, MAX(sorted_at) AS expected, MIN(sorted_at) AS found FROM count_class
        GROUP BY warehouse_id HAVING MAX(sorted_at) <> MIN(sorted_at)"""),
    within={"count_class": "sorted_at >= :since"},
)  # fmt: skip

INVARIANTS = (
    Invariant("N1", "A posted count has exactly its move: what was counted less the balance at its number.", _N1),
    Invariant("N2", "Every count was made by whom its status says, two by two people, and its task is where it is.",
              _N2),
    Invariant("N3", "The class of every variant is that of the value with which it was sorted, in its warehouse.", _N3),
)  # fmt: skip
