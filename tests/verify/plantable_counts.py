"""Faults in counts and classes: a fault for each rule of N1, N2 and N3."""

from planting import Fault, copy

NEW_ID = "'0192f000-0000-7000-8000-00000000f001'"

_MOVE = (
    "id, warehouse_id, seq, variant_id, qty, from_location_id, to_location_id, kind, reason, value_minor, "
    "document_type, document_id, line_id, command_id, line_no, reverses_move_id, actor, posted_at"
)
_POSTED = "SELECT id, move_id FROM count_line WHERE move_id IS NOT NULL ORDER BY id LIMIT 1"
_TWICE = "SELECT id FROM count_line WHERE counted_2 IS NOT NULL ORDER BY id LIMIT 1"

COUNTS = (
    Fault("N1", "a difference to the balance of now, not of then", _POSTED,
          ("UPDATE count_line SET variance = variance + 7 WHERE id = '{a}'",), ("count_line",), ("{a}",)),
    Fault("N1", "a number of the ledger at which less lay there",
          "SELECT id FROM count_line WHERE status = 'posted' AND counted_1 > 0 ORDER BY id LIMIT 1",
          ("UPDATE count_line SET at_seq = 0 WHERE id = '{a}'",)),
    Fault("N1", "a first count that was changed afterwards", _TWICE,
          ("UPDATE count_line SET counted_1 = counted_1 + 1 WHERE id = '{a}'",)),
    Fault("N1", "a posted difference that lost its move", _POSTED,
          ("UPDATE count_line SET move_id = NULL WHERE id = '{a}'",), named=("{a}", "no move")),
    Fault("N1", "a move of a unit more than the difference", _POSTED,
          ("UPDATE stock_move SET qty = qty + 1 WHERE id = '{b}'",), named=("{a}", "its move is not")),
    Fault("N1", "a move of another value", _POSTED,
          ("UPDATE count_line SET value_minor = value_minor + 1 WHERE id = '{a}'",), named=("{a}",)),
    Fault("N1", "a count posted again under another command", _POSTED,
          (copy("stock_move", "{b}", _MOVE, {"id": NEW_ID, "seq": "90001", "command_id": "'again'"}),),
          named=("{a}", "more than once")),
    Fault("N1", "a move of a count that there is not", "SELECT id FROM stock_move WHERE kind = 'adjust' "
          "AND document_type <> 'count_line' ORDER BY seq LIMIT 1",
          ("UPDATE stock_move SET document_type = 'count_line' WHERE id = '{a}'",)),
    Fault("N2", "one person who counted twice", _TWICE,
          ("UPDATE count_line SET counter_2 = counter_1 WHERE id = '{a}'",), ("count_line",)),
    Fault("N2", "a counted line without its counter",
          "SELECT id FROM count_line WHERE status = 'posted' ORDER BY id LIMIT 1",
          ("UPDATE count_line SET counter_1 = NULL WHERE id = '{a}'",)),
    Fault("N2", "a rejection by nobody", "SELECT id FROM count_line WHERE status = 'rejected'",
          ("UPDATE count_line SET approver = NULL WHERE id = '{a}'",)),
    Fault("N2", "a settled line that is not settled",
          "SELECT id FROM count_line WHERE status = 'posted' ORDER BY id LIMIT 1",
          ("UPDATE count_line SET settled_at = NULL WHERE id = '{a}'",), ("count_line",)),
    Fault("N2", "a task that is done while a line waits",
          "SELECT t.id FROM count_task t JOIN count_line c ON c.task_id = t.id WHERE c.status = 'open' "
          "ORDER BY t.id LIMIT 1", ("UPDATE count_task SET status = 'done', closed_at = 1 WHERE id = '{a}'",)),
    Fault("N2", "a line of another place",
          "SELECT c.id, l.id FROM count_line c, location l WHERE c.status = 'posted' AND l.code = 'H-10-3' "
          "ORDER BY c.id LIMIT 1", ("UPDATE count_line SET location_id = '{b}' WHERE id = '{a}'",), named=("{a}",)),
    Fault("N2", "a place that is asked for twice at once",
          "SELECT location_id, variant_id FROM count_line WHERE status = 'rejected' ORDER BY id LIMIT 1",
          ("UPDATE count_line SET status = 'open' WHERE location_id = '{a}' AND variant_id = '{b}'",),
          ("count_line",), ("{a}", "{b}")),
    Fault("N1", "a difference of a lot that was counted as another's",
          "SELECT c.id, o.id FROM count_line c JOIN lot o ON o.variant_id = c.variant_id AND o.id <> c.lot_id "
          "WHERE c.status = 'posted' AND c.variance = -1 ORDER BY c.id, o.id LIMIT 1",
          ("UPDATE count_line SET lot_id = '{b}' WHERE id = '{a}'",), named=("{a}", "what was counted less")),
    Fault("N1", "a difference that was posted on another lot",
          "SELECT c.id, c.move_id, o.id FROM count_line c JOIN lot o ON o.variant_id = c.variant_id "
          "AND o.id <> c.lot_id WHERE c.move_id IS NOT NULL ORDER BY c.id, o.id LIMIT 1",
          ("UPDATE stock_move SET lot_id = '{c}' WHERE id = '{b}'",), named=("{a}", "its move is not")),
    Fault("N1", "a difference that was posted on no lot at all",
          "SELECT id, move_id FROM count_line WHERE move_id IS NOT NULL AND lot_id IS NOT NULL ORDER BY id LIMIT 1",
          ("UPDATE stock_move SET lot_id = NULL WHERE id = '{b}'",), named=("{a}", "its move is not")),
    Fault("N2", "a line for a lot of other goods",
          "SELECT c.id, v.id FROM count_line c, variant v WHERE c.lot_id IS NOT NULL AND v.id <> c.variant_id "
          "AND c.status = 'posted' ORDER BY c.id, v.id LIMIT 1",
          ("UPDATE count_line SET variant_id = '{b}' WHERE id = '{a}'",), named=("{a}", "of another variant")),
    Fault("N2", "a lot that is asked for twice at once",
          "SELECT location_id, lot_id FROM count_line WHERE status = 'rejected' AND lot_id IS NOT NULL",
          ("UPDATE count_line SET status = 'open' WHERE location_id = '{a}' AND lot_id = '{b}'",),
          ("count_line",), ("{a}", "{b}")),
    Fault("N3", "a class that its value does not give",
          "SELECT variant_id FROM count_class WHERE grade = 'A' ORDER BY variant_id LIMIT 1",
          ("UPDATE count_class SET grade = 'C' WHERE variant_id = '{a}'",)),
    Fault("N3", "a value that was changed afterwards",
          "SELECT variant_id FROM count_class ORDER BY value_minor LIMIT 1",
          ("UPDATE count_class SET value_minor = 1000000000 WHERE variant_id = '{a}'",)),
    Fault("N3", "a class that was sorted at another time", "SELECT warehouse_id, variant_id FROM count_class "
          "ORDER BY variant_id LIMIT 1",
          ("UPDATE count_class SET sorted_at = sorted_at + 1 WHERE variant_id = '{b}'",), named=("{a}", "at once")),
)  # fmt: skip
