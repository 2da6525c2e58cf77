"""Selling early: an owner who lets goods be ordered before they are here, launches new ones, and changes the limits."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select

from storekeep.flows import back_in_stock, cancel, receive
from storekeep.kernel.clock import day_of
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.catalog.tables import variant
from storekeep.shop.customers import signups
from storekeep.shop.inventory import ahead, policies
from storekeep.shop.inventory.model import ReceiveLine
from storekeep.shop.inventory.promises import PolicyDraft
from storekeep.shop.inventory.queries import availability_of, warehouses
from storekeep.shop.inventory.tables import availability, location, reservation, sell_ahead
from storekeep.shop.orders.tables import order_line, order_wait, sales_order
from storekeep.world.simulator.market import Visit
from storekeep.world.simulator.play import Life

#: How many variants are sold early at most.
MOST = 40


def decide(life: Life) -> None:
    """Open what runs low to back-orders, launch something on pre-order, and change or stop what is open."""
    trouble = life.play.trouble
    for row in life.read(_overdue):
        life.write("owner", partial(_bring, row=row, command=f"{life.name} {life.now} {row.variant_id}"))
        life.note("late goods bought elsewhere")
    for row in life.read(_kept_back):
        if life.rng.random() < 0.4:
            _keep_back(life, row.variant_id, row.warehouse_id, 0)
    if life.chance(trouble.sells_early):
        wanted = life.read(_wanted)
        for chosen in life.rng.sample(wanted, min(len(wanted), 6)):
            _set(life, "back-orders opened", chosen.variant_id, "backorder", life.rng.randint(1, 9),
                 life.rng.randint(1, 5))  # fmt: skip
            _keep_back(life, *chosen)
        if wanted:
            chosen = life.rng.choice(wanted)
            _set(life, "launches on pre-order", chosen.variant_id, "preorder", life.rng.randint(2, 8),
                 life.rng.randint(2, 4))  # fmt: skip
            _keep_back(life, *chosen)
    if life.chance(trouble.owner_changes_limits):
        opened = life.read(_opened)
        if opened:
            chosen = life.rng.choice(opened)
            kind = life.rng.choice(("backorder", "backorder", "stopped"))
            life.note("fault: limits changed")
            _set(life, "limits changed", chosen, kind, life.rng.randint(1, 4), life.rng.randint(0, 9))


def give_up(life: Life) -> None:
    """A buyer who is told to wait longer, or simply has enough of it, cancels."""
    for order_id in life.read(_waiting):
        if life.chance(life.play.trouble.gives_up_waiting):
            command = f"{life.name} gives up {order_id}"
            drop = partial(cancel.cancel_order, order_id=order_id, reason="waited long enough", command_id=command)
            try:
                life.write("shopper", drop)
            except StorekeepError:
                life.note("came too late to cancel")
                continue
            life.note("orders given up while they waited")


def miss(life: Life, visit: Visit) -> None:
    """A shopper who wanted what is sold out leaves an address, and says yes in the mail or not; some end it again."""
    trouble = life.play.trouble
    if not life.chance(trouble.signs_up):
        return
    for variant_id in life.read(partial(_sold_out, skus=[wanted.sku for wanted in visit.lines])):
        wish = life.write("shopper", partial(back_in_stock.sign_up, variant_id=variant_id, email=visit.email))
        life.note("wishes to be told")
        life.dawdle(life.play.rhythm.think)
        if life.chance(trouble.never_confirms):
            continue
        life.write("shopper", partial(signups.confirm, signup_id=wish))
        if life.chance(trouble.wants_no_more_mail):
            life.write("shopper", partial(signups.end, signup_id=wish))


def _sold_out(tx: Tx, skus: list[str]) -> list[str]:
    query = select(variant.c.id).where(variant.c.sku.in_(skus), variant.c.status == "active").order_by(variant.c.id)
    there = availability_of(tx, [row.id for row in tx.rows(query)])
    return [each for each, one in there.items() if one.available <= 0]


def _set(life: Life, what: str, variant_id: str, kind: str, limit: int, days: int) -> None:
    def act(tx: Tx) -> None:
        house = warehouses(tx)[0]
        day = (date.fromisoformat(day_of(tx.now, house.timezone)) + timedelta(days=days)).isoformat()
        ships_on = day if kind == "preorder" else None
        ahead.set_policy(tx, PolicyDraft(variant_id, house.id, kind, limit, 0 if ships_on else days, ships_on))

    try:
        life.write("owner", act)
        life.note(what)
    except StorekeepError as refusal:
        life.note(f"limits refused: {type(refusal).__name__}")


def _overdue(tx: Tx) -> Any:
    """What orders have waited for longer than they were promised, by variant."""
    r, v = reservation.c, variant.c
    today = day_of(tx.now, warehouses(tx)[0].timezone)
    query = (
        select(r.variant_id, v.tracking, v.shelf_life_days, v.cost_minor, func.sum(r.qty).label("qty"))
        .join_from(reservation, variant, v.id == r.variant_id)
        .where(r.status == "waiting", r.promised_on < today)
        .group_by(r.variant_id, v.tracking, v.shelf_life_days, v.cost_minor)
        .order_by(r.variant_id)
    )
    return tx.rows(query)


def _bring(tx: Tx, row: Any, command: str) -> None:
    """The owner buys what is missing somewhere else and puts it into a bin."""
    at, house = location.c, warehouses(tx)[0].id
    query = select(at.id).where(at.kind == "bin", at.is_sellable, at.status == "active", at.warehouse_id == house)
    place = tx.scalar(query.order_by(at.walk_sequence, at.id).limit(1))
    today = day_of(tx.now, "UTC")
    code = f"LATE-{today}" if row.tracking == "lot" else None
    keeps = row.shelf_life_days if row.tracking == "lot" else None
    until = (date.fromisoformat(today) + timedelta(days=keeps)).isoformat() if keeps else None
    line = ReceiveLine(row.variant_id, int(row.qty), int(row.cost_minor), place, code, until)
    receive.receive(tx, [line], house, command, "bought elsewhere")


def _keep_back(life: Life, variant_id: str, warehouse_id: str, units: int) -> None:
    """Keep what is there off the shop's pages, as for a launch or a shop window; 0 gives it free."""
    life.write("owner", lambda tx: policies.set_buffer(tx, variant_id, warehouse_id, units))
    life.note("shelves kept back" if units else "shelves given free")


def _wanted(tx: Tx) -> Any:
    """What sells best and is not sold early yet, with what is free of it; nothing while enough is."""
    a, s, line = availability.c, sell_ahead.c, order_line.c
    if len(tx.rows(select(s.variant_id))) >= MOST:
        return []
    query = (
        select(a.variant_id, a.warehouse_id, (a.on_hand_sellable - a.reserved).label("free"))
        .join_from(availability, order_line, line.variant_id == a.variant_id)
        .where(a.variant_id.not_in(select(s.variant_id)), a.buffer == 0)
        .group_by(a.variant_id, a.warehouse_id, a.on_hand_sellable, a.reserved)
        .order_by(func.sum(line.ordered).desc(), a.variant_id)
        .limit(20)
    )
    return tx.rows(query)


def _kept_back(tx: Tx) -> Any:
    a, s = availability.c, sell_ahead.c
    query = select(a.variant_id, a.warehouse_id).where(a.buffer > 0, a.variant_id.in_(select(s.variant_id)))
    return tx.rows(query.order_by(a.variant_id, a.warehouse_id))


def _opened(tx: Tx) -> list[str]:
    return [row.variant_id for row in tx.rows(select(sell_ahead.c.variant_id).order_by(sell_ahead.c.variant_id))]


def _waiting(tx: Tx) -> list[Any]:
    w, o = order_wait.c, sales_order.c
    query = (
        select(w.order_id)
        .join_from(order_wait, sales_order, o.id == w.order_id)
        .where(w.ended_at.is_(None), o.status == "open")
        .order_by(w.order_id)
        .limit(100)
    )
    return [row.order_id for row in tx.rows(query)]
