"""Bugs of the shelves: promising goods, letting them go, short picks, what comes back, what goods cost."""

from planted.bug import Bug

GOODS = (
    Bug(
        "last_unit_is_never_sold",
        "shop/inventory/sourcing.py",
        """
        if left < wanted:
            found.append(""",
        """
        if left <= wanted:
            found.append(""",
        "An off-by-one in a guard: 'less left than wanted' was written as 'not more left than wanted'.",
    ),
    Bug(
        "canceling_an_unpaid_order_keeps_its_goods",
        "flows/cancel.py",
        """
    reservations.release_order(tx, order_id, None if whole else units, "canceled")
""",
        """
    if not whole:
        reservations.release_order(tx, order_id, units, "canceled")
""",
        "Canceling each fulfillment gives its goods back already, so releasing once more looked needed for parts only; "
        "an order that is not paid yet has no fulfillment.",
    ),
    Bug(
        "a_refused_hold_gives_the_old_one_back",
        "shop/inventory/reservations.py",
        """
    if isinstance(found, Short):
        _take(stock, rooms, {key: row["qty"] for key, row in holds.items()})
    else:
        _take(stock, rooms, found)
    return found
""",
        """
    if not isinstance(found, Short):
        _take(stock, rooms, found)
    return found
""",
        "A refusal changes nothing, so undoing the give-back in memory looked like dead code; the hold stays, its "
        "units are free, and letting it go frees them again.",
    ),
    Bug(
        "holds_are_swept_early",
        "shop/inventory/reservations.py",
        """(sorted(HELD)), reservation.c.expires_at <= tx.now), limit""",
        """(sorted(HELD)), reservation.c.expires_at <= tx.now + 300_000_000), limit""",
        "The sweeper runs a little ahead so that no page shows a hold that is over; five minutes are half of it.",
    ),
    Bug(
        "a_short_pick_forgets_the_order_that_gave_way",
        "flows/shortage.py",
        """
    give_up(tx, outcome.displaced, REASONS[reason], command_id)
    return _told""",
        """
    if outcome.missing:
        give_up(tx, outcome.displaced, REASONS[reason], command_id)
    return _told""",
        "Nothing is missing when another bin has the units, so nobody need be told; but the one who gave way for them "
        "may be another order.",
    ),
    Bug(
        "replacements_cost_nothing",
        "flows/dispatch.py",
        """f"cost:{load.row.id}\"""",
        """f"cost:{load.order.id}\"""",
        "The cost of an order is booked once, so the key was made of the order; a parcel sent again has the same key, "
        "and posting a known key does nothing.",
    ),
    Bug(
        "a_return_is_worth_its_first_line",
        "flows/take_back.py",
        "value = sum(each.value_minor for each in goods)",
        "value = goods[0].value_minor",
        "Written when a return had one line.",
    ),
    Bug(
        "scrapped_returns_stay_where_they_are",
        "flows/take_back.py",
        """
    elif outcome == "scrap":
        value, why = 0, "returned, not fit for sale"
        for number, (came, n) in enumerate(arrived):  # one, or as many as there are lots in the line
            own = f"{command_id}:{number}" if number else command_id
            gone = adjusting.scrap(
                tx, line.variant_id, came.location_id, n, why, own, lot_id=came.lot_id, document=paper
            )
            value -= gone.value_minor
        currency = profile.load(tx).currency
        ledger.post(tx, [recipes.scrapped(line.return_id, f"scrapped:{command_id}", value, currency)])
""",
        "\n",
        "Goods in quarantine are not for sale anyway, so only restocking was thought to move any; the return says "
        "scrapped, and the shelf has a unit that somebody will put back for sale.",
    ),
    Bug(
        "revenue_of_units_that_never_left",
        "flows/revenue.py",
        "taken.append(shares.between(goods[line.order_line_id], start, start + line.packed))",
        "taken.append(shares.between(goods[line.order_line_id], start, start + line.qty))",
        "The line's quantity was taken for what is in the box; they differ after a short pick.",
    ),
)
