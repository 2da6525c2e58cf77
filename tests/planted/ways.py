"""Bugs of the ways out and in: labels, scans, cases, mails, the queue and the records of who did what."""

from planted.bug import Bug

WAYS = (
    Bug(
        "a_label_without_an_answer_is_refused",
        "flows/labels.py",
        """is_final = error.kind in {"input", "unsupported"}""",
        """is_final = error.kind not in {"retryable", "carrier_down"}""",
        "What is not worth a retry was thought to be a no; a lost answer is neither, and the next "
        "label is a second one.",
    ),
    Bug(
        "scans_count_in_the_order_of_arrival",
        "shop/shipping/tracking_fold.py",
        "return sorted(unique.values(), key=lambda e: (e.at, _progress(e), e.code))",
        "return sorted(unique.values(), key=lambda e: (e.received_at, _progress(e), e.code))",
        "The newest news wins; carriers tell theirs late and out of order.",
    ),
    Bug(
        "a_parcel_that_was_never_scanned_is_not_missed",
        "flows/recover.py",
        "heard = func.coalesce(s.last_scan_at, s.handed_over_at)",
        "heard = s.last_scan_at",
        "Silence is the time since the last scan; a parcel without any compares with nothing, which is never true.",
    ),
    Bug(
        "a_mail_that_has_to_wait_is_never_sent",
        "shop/notify/sender.py",
        "return Again(str(error), tx.now + min(HOUR, max(10 * SECOND, age)), counts=age > PATIENCE)",
        "return Done()",
        "The mail is still marked as queued, so it looked as if somebody would come back for it; the job was the one.",
    ),
    Bug(
        "a_lease_does_not_hold",
        "kernel/queue.py",
        """table.c.status == "running", table.c.leased_until < bindparam("now"))""",
        """table.c.status == "running", table.c.leased_until < bindparam("now") + LEASE)""",
        "A lease should have some grace before others take the job; it was added on the wrong side.",
    ),
    Bug(
        "waits_between_tries_are_not_seeded",
        "kernel/queue.py",
        "return base * rng.randint(50, 150) // 100",
        "return base * random.randint(50, 150) // 100",
        "The module is imported for its type, and the name of the parameter was overlooked.",
        found_by_twice=True,
    ),
    Bug(
        "packing_leaves_no_history",
        "shop/fulfillment/store.py",
        """
        advance(tx, list(grams), "packed", packed_at=tx.now)
        statement = update(fulfillment).where(fulfillment.c.id == bindparam("of_id"))
        rows = [{"of_id": each, "to_grams": weight} for each, weight in sorted(grams.items())]
        tx.conn.execute(statement.values(weight_g=bindparam("to_grams")), rows)
""",
        """
        statement = update(fulfillment).where(fulfillment.c.id == bindparam("of_id"))
        rows = [{"of_id": each, "to_grams": weight} for each, weight in sorted(grams.items())]
        values = {"status": "packed", "packed_at": tx.now, "weight_g": bindparam("to_grams")}
        tx.conn.execute(statement.values(values), rows)
""",
        "One statement instead of three, to be faster; the history of the status was in one of the others.",
    ),
    Bug(
        "a_cancellation_is_not_audited",
        "flows/cancel.py",
        """
    audit.record(tx, [audit.Entry("order.canceled", "order", order_id, None, {"units": dict(units), "reason": reason})])
""",
        "\n",
        "The timeline says it already, one line above.",
    ),
)
