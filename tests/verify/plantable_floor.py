"""Faults in batches, their totes and stops."""

from planting import Fault

_TOTE = (
    "SELECT t.id, t.fulfillment_id, t.batch_id FROM pick_tote t JOIN pick_batch b ON b.id = t.batch_id "
    "WHERE b.status = '{}' ORDER BY t.id LIMIT 1"
)
_BATCH = "SELECT number, id FROM pick_batch WHERE status = '{}' ORDER BY number LIMIT 1"

FLOOR = (
    Fault("F1", "an order in two batches", _TOTE.format("released"),
          ("UPDATE pick_tote SET fulfillment_id = '{b}' WHERE batch_id IN "
           "(SELECT id FROM pick_batch WHERE status = 'planned')",), ("pick_tote",), named=("{b}",)),
    Fault("F1", "a tote open in a batch that is done", _TOTE.format("done"),
          ("UPDATE pick_tote SET outcome = 'open' WHERE id = '{a}'",), ("pick_tote",), named=("{a}",)),
    Fault("F1", "work of another warehouse", _TOTE.format("released"),
          ("UPDATE pick_batch SET warehouse_id = (SELECT id FROM staff ORDER BY id LIMIT 1) WHERE id = '{c}'",),
          named=("{a}",)),
    Fault("F2", "a stop for an order of no tote",
          "SELECT s.id FROM pick_stop s JOIN pick_batch b ON b.id = s.batch_id WHERE b.status = 'released' "
          "ORDER BY s.id LIMIT 1",
          ("UPDATE pick_stop SET fulfillment_line_id = (SELECT l.id FROM fulfillment_line l JOIN fulfillment f "
           "ON f.id = l.fulfillment_id WHERE f.status = 'handed_over' ORDER BY l.id LIMIT 1) WHERE id = '{a}'",),
          ("pick_stop",)),
    Fault("F2", "a stop for more than is ordered",
          "SELECT s.id FROM pick_stop s JOIN pick_batch b ON b.id = s.batch_id WHERE b.status = 'released' "
          "ORDER BY s.id LIMIT 1",
          ("UPDATE pick_stop SET qty = 1000 WHERE id = '{a}'",)),
    Fault("F2", "goods that wait where nobody will come by",
          "SELECT r.id, s.id FROM pick_stop s JOIN pick_batch b ON b.id = s.batch_id JOIN reservation r "
          "ON r.fulfillment_line_id = s.fulfillment_line_id AND r.location_id = s.location_id "
          "WHERE b.status = 'released' AND r.status = 'assigned' ORDER BY r.id LIMIT 1",
          ("DELETE FROM pick_stop WHERE id = '{b}'",), named=("{a}",)),
    Fault("F3", "a running batch that has ended", _BATCH.format("in_progress"),
          ("UPDATE pick_batch SET ended_at = 1 WHERE id = '{b}'",)),
    Fault("F3", "a batch without work", _BATCH.format("released"),
          ("UPDATE pick_tote SET outcome = 'left' WHERE batch_id = '{b}'",)),
    Fault("F3", "a full tote of which nothing was scanned", _TOTE.format("planned"),
          ("UPDATE pick_tote SET outcome = 'picked' WHERE id = '{a}'",), named=("{a}",)),
    Fault("K2", "a batch that is not where its history ends", _BATCH.format("released"),
          ("UPDATE pick_batch SET status = 'planned' WHERE id = '{b}'",), named=("{b}",)),
)  # fmt: skip
