"""F: the floor. Batches hold work once, their stops are where their goods wait, and an ended one has nothing open."""

# ruff: noqa: S608 - every query here is put together from constants of this package

from storekeep.shop.fulfillment.states import LIVE_BATCH
from storekeep.shop.reports.verify.model import Invariant
from storekeep.shop.reports.verify.sql import Rule, checks, twice

_LIVE = ", ".join(f"'{status}'" for status in sorted(LIVE_BATCH))

#: Batches with work and those that moved lately, with their totes and stops.
_WITHIN = {
    "pick_batch": f"status IN ({_LIVE}) OR id IN [changed]",
    "pick_tote": "outcome = 'open' OR id >= [floor] OR batch_id IN [changed]",
    "pick_stop": f"id >= [floor] OR batch_id IN (SELECT id FROM pick_batch WHERE status IN ({_LIVE}))",
}

_F1 = checks(
    "pick_tote",
    Rule("fulfillment", "it is in more than one live batch", twice("fulfillment_id", "pick_tote", "outcome = 'open'")),
    Rule("pick_tote", "it is open in a batch that has ended", f"""
        SELECT t.id, b.number AS expected, b.status AS found FROM pick_tote t JOIN pick_batch b ON b.id = t.batch_id
        WHERE t.outcome = 'open' AND b.status NOT IN ({_LIVE})"""),
    Rule("pick_tote", "its work is of another warehouse than its batch", """
        SELECT t.id, b.warehouse_id AS expected, f.warehouse_id AS found FROM pick_tote t
        JOIN pick_batch b ON b.id = t.batch_id JOIN fulfillment f ON f.id = t.fulfillment_id
        WHERE f.warehouse_id <> b.warehouse_id"""),
    within=_WITHIN,
)  # fmt: skip

_F2 = checks(
    "pick_stop",
    Rule("pick_stop", "it is for a line of no order in its batch", """
        SELECT s.id, b.number AS expected, s.fulfillment_line_id AS found FROM pick_stop s
        JOIN pick_batch b ON b.id = s.batch_id JOIN fulfillment_line l ON l.id = s.fulfillment_line_id
        WHERE NOT EXISTS (SELECT 1 FROM pick_tote t
        WHERE t.batch_id = s.batch_id AND t.fulfillment_id = l.fulfillment_id)"""),
    Rule("pick_stop", "more is to be taken there than the line has", """
        SELECT s.id, l.qty AS expected, s.qty AS found FROM pick_stop s
        JOIN fulfillment_line l ON l.id = s.fulfillment_line_id WHERE s.qty > l.qty"""),
    Rule("reservation", "its goods wait in a bin that is no stop of its batch", """
        SELECT r.id, b.number AS expected, r.location_id AS found FROM pick_batch b
        JOIN pick_tote t ON t.batch_id = b.id AND t.outcome = 'open'
        JOIN fulfillment_line l ON l.fulfillment_id = t.fulfillment_id
        JOIN reservation r ON r.fulfillment_line_id = l.id AND r.status = 'assigned'
        WHERE b.status IN ('released', 'in_progress') AND NOT EXISTS (SELECT 1 FROM pick_stop s
        WHERE s.batch_id = b.id AND s.fulfillment_line_id = r.fulfillment_line_id
        AND s.location_id = r.location_id)"""),
    within=_WITHIN,
)  # fmt: skip

_F3 = checks(
    "pick_batch",
    Rule("pick_batch", "it has ended without a time, or has one and goes on", f"""
        SELECT number, id, status AS expected, COALESCE(CAST(ended_at AS TEXT), 'no end') AS found FROM pick_batch
        WHERE (status IN ({_LIVE})) <> (ended_at IS NULL)"""),
    Rule("pick_batch", "it goes on without any open tote", f"""
        SELECT b.number, b.id, 'an open tote' AS expected, b.status AS found FROM pick_batch b
        WHERE b.status IN ({_LIVE})
        AND NOT EXISTS (SELECT 1 FROM pick_tote t WHERE t.batch_id = b.id AND t.outcome = 'open')"""),
    Rule("pick_tote", "it counts as picked, and its work was never touched", """
        SELECT t.id, 'picked work' AS expected, f.status AS found FROM pick_tote t
        JOIN fulfillment f ON f.id = t.fulfillment_id WHERE t.outcome = 'picked' AND f.status = 'open'
        AND NOT EXISTS (SELECT 1 FROM scan_log s WHERE s.fulfillment_id = f.id)"""),
    within=_WITHIN,
)  # fmt: skip

INVARIANTS = (
    Invariant("F1", "A fulfillment is in at most one live batch, and only live batches have open totes.", _F1),
    Invariant("F2", "Stops are for orders of their batch, and all that waits for a batch waits at one of them.", _F2),
    Invariant("F3", "A batch that ended has nothing open, and a live one has work.", _F3),
)
