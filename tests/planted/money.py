"""Bugs of the money: what comes in, what is asked for, what goes back, and how it is booked."""

from planted.bug import Bug

MONEY = (
    Bug(
        "a_webhook_is_believed",
        "flows/settle.py",
        """
    wanted = list(dict.fromkeys(row.id for row in about.values() if row is not None))
""",
        """
    for job in jobs:
        payment = about[job.id]
        if payment and job.headers["type"] == "checkout.session.completed" and job.headers["payment_ref"]:
            shown = ProviderPayment(
                payment.session_ref, "complete", job.headers["payment_ref"], "captured", payment.currency,
                payment.amount_minor, payment.amount_minor, 0, payment.amount_minor, 0, (), (), payment.created_at,
            )
            with services.db.begin(actor="provider") as tx:
                fold(tx, payment.id, shown)
            return [Done() for _ in jobs]
    wanted = list(dict.fromkeys(row.id for row in about.values() if row is not None))
""",
        "The session is completed, so the order is paid: why ask the provider again? It is only authorized.",
    ),
    Bug(
        "a_time_out_of_a_void_is_done",
        "flows/collect.py",
        """
        return observe(services, attempt.payment_id)
    except (ProviderUnknown, ProviderUnavailable) as silence:
""",
        """
        return observe(services, attempt.payment_id)
    except (ProviderUnknown, ProviderUnavailable) as silence:
        if job.kind == "payment.void":
            return Done()
""",
        "Pages and authorizations run out by themselves, so a void that got no answer was not thought worth a retry.",
    ),
    Bug(
        "a_capture_is_folded_in_two_commits",
        "flows/collect.py",
        """
        with services.db.begin(actor="provider") as tx:
            fold_many(tx, seen)
    return [outcomes.get(job.key, Done()) for job in jobs]
""",
        """
        with services.db.begin(actor="provider") as tx:
            events.fold_many(tx, events.lock_payments(tx, list(seen)), seen)
        with services.db.begin(actor="provider") as tx:
            fold_many(tx, seen)
    return [outcomes.get(job.key, Done()) for job in jobs]
""",
        "The payments are committed first so that the money is safe, the orders after; a crash between leaves half.",
    ),
    Bug(
        "what_is_set_aside_is_taken_whole",
        "flows/packing.py",
        """
        due = order.owed_minor - order.received_minor + order.given_back_minor
        part = min(due, order.authorized_minor)
        if part > 0:
            parts[order.id] = part
""",
        """
        if order.authorized_minor > 0:
            parts[order.id] = order.authorized_minor
""",
        "Capturing the authorization is what every example does; it charges for what was canceled since.",
    ),
    Bug(
        "parcels_leave_on_a_mere_authorization",
        "flows/dispatch.py",
        """
        missing = order.owed_minor - order.received_minor + order.given_back_minor
""",
        """
        missing = order.owed_minor - order.received_minor - order.authorized_minor + order.given_back_minor
""",
        "The money is set aside and the capture is queued, so the van need not wait; some captures fail.",
    ),
    Bug(
        "a_refund_has_a_new_key_per_try",
        "flows/returned_money.py",
        "provider.refund(row.payment_ref, row.amount_minor, job.key, refund_id, currency=row.currency)",
        """provider.refund(
            row.payment_ref, row.amount_minor, f"{job.key}:{job.attempt_count}", refund_id, currency=row.currency
        )""",
        "Each try gets a key of its own, so that the log tells them apart; a time-out after the effect pays twice.",
    ),
    Bug(
        "a_refund_sent_again_is_never_sent",
        "flows/returned_money.py",
        "count = 1 + tx.scalar(refunds.times_sent(refund_id))",
        "count = tx.scalar(refunds.times_sent(refund_id))",
        "An off-by-one in a key: the outbox knows it already, and leaves what it knows as it is.",
    ),
    Bug(
        "refunds_under_way_do_not_count",
        "shop/payments/refunds.py",
        """
    for row in rows:
        pending = tables.payment.c.refund_pending_minor + row["amount_minor"]
        tx.run(
            update(tables.payment).where(tables.payment.c.id == row["payment_id"]).values(refund_pending_minor=pending)
        )
    outbox.send_new(""",
        """
    outbox.send_new(""",
        "Folding the provider's answer computes the amounts anew, so writing them here looked redundant; until then "
        "the cap of a second refund does not know of the first.",
    ),
    Bug(
        "a_refund_is_posted_twice",
        "shop/payments/events.py",
        """
    _post(tx, [payment], new)
    return Folded(""",
        """
    _post(tx, [payment], new)
    if answer.status == "succeeded":
        cash = accounts.CLEARING if payment.tender == "card" else accounts.BANK
        entry = recipes.refunded(
            payment.id, payment.order_id, refund_id, f"refund:{refund_id}", answer.amount_minor, payment.currency,
            cash_account=cash,
        )
        ledger.post(tx, [entry])
    return Folded(""",
        "The answer to a refund of ours is booked where it arrives, under the refund's own key, by somebody who did "
        "not see that folding the event books it under the provider's.",
    ),
    Bug(
        "the_ledger_reads_the_wall_clock",
        "shop/payments/ledger.py",
        """
    heads, sides = [], []
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        entry_id = tx.new_id()
        heads.append(
            {
                "id": entry_id,
                "kind": entry.kind,
                "occurred_at": tx.now if""",
        """
    import time

    heads, sides = [], []
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        entry_id = tx.new_id()
        heads.append(
            {
                "id": entry_id,
                "kind": entry.kind,
                "occurred_at": time.time_ns() // 1_000 if""",
        "An entry is stamped with the time at which it is written, read where it is written.",
        found_by_twice=True,
    ),
    Bug(
        "each_share_is_rounded_alone",
        "shop/orders/shares.py",
        "return upto(amount, part.units, end) - upto(amount, part.units, start)",
        "return amount * (end - start) // part.units",
        "Some units of a line are worth their share of it, says everybody; the shares of all units then lack a cent.",
    ),
    Bug(
        "a_discount_loses_a_cent",
        "kernel/money.py",
        "for at in by_remainder[:left]:",
        "for at in by_remainder[: left - 1]:",
        "An off-by-one in who gets the cents that are left over.",
    ),
    Bug(
        "the_tax_of_refunded_delivery_stays",
        "flows/resolve.py",
        "taxes=shares.taxes(made.shares),",
        "taxes=shares.taxes(goods),",
        "The list of goods stood ready two lines above; delivery is taxed too.",
    ),
)
