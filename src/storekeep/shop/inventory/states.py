"""The lifecycles of a reservation, a lot, a count task and a count line, as data.

A reservation may split on its way (part of it picked, the rest not); its rows always add up to what was reserved.
"""

from storekeep.kernel.machine import Label, Machine

RESERVATION = Machine(
    name="reservation",
    initial="cart",
    edges={
        "cart": frozenset({"firm", "released"}),
        # Units that are not here yet: kept for a cart, then for an order that waits until they come.
        "ahead": frozenset({"waiting", "released"}),
        "waiting": frozenset({"firm", "released"}),
        "firm": frozenset({"assigned", "released"}),
        "assigned": frozenset({"picked", "firm", "released"}),
        # An undone pick lies in its bin again and is still this order's; a put-back is nobody's any more.
        "picked": frozenset({"consumed", "assigned", "released"}),
        "consumed": frozenset(),
        "released": frozenset(),
    },
    labels={
        "cart": Label("Held in a cart", "idle", "ring", "Kept for a shopper until the hold runs out."),
        "ahead": Label("Held before it is here", "idle", "ring", "Kept for a shopper out of what is still to come."),
        "waiting": Label("Waits for goods", "warn", "clock", "Promised to an order out of what is still to come."),
        "firm": Label("Sold", "info", "half", "Promised to an order; no bin chosen yet."),
        "assigned": Label("To be picked", "info", "half", "Promised, and the bin to fetch it from is known."),
        "picked": Label("Picked", "info", "half", "Taken from its bin and on its way to the parcel."),
        "consumed": Label("Sent", "good", "tick", "Left the house in a parcel."),
        "released": Label("Released", "idle", "dash", "No longer kept for anybody."),
    },
)

LOT = Machine(
    name="lot",
    initial="ok",
    edges={
        "ok": frozenset({"quarantined", "recalled", "expired"}),
        "quarantined": frozenset({"ok", "recalled", "expired"}),
        # Called back for good: what comes home of it is thrown away.
        "recalled": frozenset(),
        # Its day has passed; it can still be called back.
        "expired": frozenset({"recalled"}),
    },
    labels={
        "ok": Label("Good", "good", "tick", "Sold, the earliest expiry first."),
        "quarantined": Label("On hold", "warn", "triangle", "Not sold until somebody releases it."),
        "recalled": Label("Recalled", "bad", "octagon", "Called back; never sold again."),
        "expired": Label("Expired", "bad", "dash", "Its last day has passed; never sold again."),
    },
)

#: Counted in `availability.reserved`: the goods still stand in a bin that is sold from.
COUNTED = frozenset({"cart", "firm", "assigned"})
#: Released by canceling an order.
CANCELABLE = COUNTED | {"waiting"}
OPEN = frozenset({"cart", "firm", "assigned", "picked"})
#: Counted in `sell_ahead.waiting`: promised, and not here yet.
AWAITED = frozenset({"ahead", "waiting"})
#: Kept for a cart until it runs out.
HELD = frozenset({"cart", "ahead"})
DONE = frozenset({"consumed", "released"})

#: A task is as far as the line of it that is least far.
COUNT_TASK = Machine(
    name="count_task",
    initial="open",
    edges={
        "open": frozenset({"recount", "review", "done", "canceled"}),
        "recount": frozenset({"review", "done"}),
        "review": frozenset({"done"}),
        "done": frozenset(),
        "canceled": frozenset(),
    },
    labels={
        "open": Label("To count", "warn", "ring", "Somebody has yet to count it."),
        "recount": Label("To count again", "warn", "half", "It differs, and a second person counts it."),
        "review": Label("To decide", "info", "half", "Counted twice; somebody with the right decides."),
        "done": Label("Done", "good", "tick", "Every line is booked or dropped."),
        "canceled": Label("Called off", "idle", "dash", "It was not counted."),
    },
)

COUNT_LINE = Machine(
    name="count_line",
    initial="open",
    edges={
        "open": frozenset({"counted", "canceled"}),
        "counted": frozenset({"posted", "recount"}),
        "recount": frozenset({"review"}),
        "review": frozenset({"posted", "rejected"}),
        "posted": frozenset(),
        "rejected": frozenset(),
        "canceled": frozenset(),
    },
    labels={
        "open": Label("To count", "warn", "ring", "Nobody has counted it yet."),
        "counted": Label("Counted", "info", "half", "Counted, and compared with the books."),
        "recount": Label("To count again", "warn", "half", "It differs; a second person counts it."),
        "review": Label("To decide", "info", "half", "Somebody with the right books it or drops it."),
        "posted": Label("Booked", "good", "tick", "The books say what was counted."),
        "rejected": Label("Dropped", "idle", "dash", "The count was not believed; the books stay as they were."),
        "canceled": Label("Called off", "idle", "dash", "It was not counted."),
    },
)

#: A line that still asks something of somebody; a place and variant has one such line at most.
COUNT_LIVE = ("open", "counted", "recount", "review")
COUNT_TASK_LIVE = ("open", "recount", "review")
