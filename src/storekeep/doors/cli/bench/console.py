"""How quickly the pages of stock and restocking are shown to one person at a desk when the ledger of goods is long."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from storekeep.doors.cli.bench import machine, report, seeding
from storekeep.doors.cli.bench.machine import BenchFailed, Site
from storekeep.doors.cli.bench.restock_past import Past
from storekeep.doors.web import cookies
from storekeep.flows import restock
from storekeep.kernel.clock import DAY, SystemClock, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.access import sessions, staff
from storekeep.shop.access.staff import NewStaff
from storekeep.shop.inventory.queries import availability_of
from storekeep.shop.inventory.tables import stock_move
from storekeep.shop.replenishment import queries

#: Moves that the made-up past leaves behind per variant and week: it is made as long as the moves asked for take.
_MOVES_A_WEEK = 0.82
_WARM_UP = 20


def measure(kind: str, *, skus: int, moves: int, pages: int, say: Callable[[str], object]) -> dict[str, Any]:
    """p50 and p95 in milliseconds of each page, asked for `pages` times, one after the other, on one connection."""
    weeks = max(30, round(moves / skus / _MOVES_A_WEEK))
    with machine.fresh_database(kind) as site:
        port = machine.free_port()
        clock = VirtualClock(SystemClock().now() - (weeks + 1) * 7 * DAY)
        db = Database(site.url, clock=clock)
        variants = seeding.open_shop(db, skus, f"http://127.0.0.1:{port}")
        clock.sleep((weeks + 1) * 7 * DAY)
        say(f"writing {weeks} weeks of orders of {skus:,} SKUs")
        token, counted = _past(db, weeks)
        paths = _paths(db, variants, pages)
        db.close()
        with machine.server(site, port):
            runs = {name: _ask(site, port, token, asked) for name, asked in paths.items()}
        reading = _availability(site, variants, pages)
    return {
        "database": "sqlite" if kind == "sqlite" else "postgresql", "skus": skus, "weeks": weeks, "moves": counted,
        "runs": runs, "availability_ms": reading, "machine": machine.described(),
    }  # fmt: skip


def _past(db: Database, weeks: int) -> tuple[str, int]:
    """Orders, moves and suggestions, and somebody who is logged in; the token of the session and the count of moves."""
    with db.read() as tx:
        past = Past(tx, tx.now - tx.now % DAY, weeks)
    past.write(db)
    restock.suggest(db, "bench")
    with db.begin(actor="bench") as tx:
        owner = staff.create(tx, [NewStaff("bench@example.com", "Bench", "owner", "$argon2id$unused")])[0]
        token = sessions.start(tx, owner)
        counted = int(tx.scalar(select(func.count()).select_from(stock_move)) or 0)
    if db.dialect == "postgresql":
        with db.engine.connect() as conn:
            conn.exec_driver_sql("ANALYZE")
    return token, counted


def _paths(db: Database, variants: Sequence[str], pages: int) -> dict[str, list[str]]:
    """The addresses of each kind of page; those of one variant go over all variants."""
    own = [variants[n * len(variants) // pages] for n in range(pages)]
    with db.read() as tx:
        groups = queries.groups(tx)
        lines = queries.open_lines(tx, groups[0].name) if groups else []
    return {
        "stock list": [f"/console/stock?after=SKU-{n * len(variants) // pages:05}" for n in range(pages)],
        "why this number": [f"/console/stock/{one}" for one in own],
        "restock board": ["/console/restock"] * pages,
        "one suggestion": [f"/console/restock/{lines[n % len(lines)].id}" for n in range(pages if lines else 0)],
        "counts": ["/console/counts"] * pages,
        "purchase orders": ["/console/purchases"] * pages,
    }


def _ask(site: Site, port: int, token: str, paths: Sequence[str]) -> dict[str, float]:
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\nCookie: {cookies.STAFF}={token}\r\n\r\n"
        for path in paths
    ]
    machine.drive(site.folder, port, requests[:_WARM_UP], 1)
    found = machine.drive(site.folder, port, requests, 1)
    if set(found["statuses"]) != {"200"}:
        raise BenchFailed(f"unexpected answers {found['statuses']}: {found['first_failure']}")
    return {name: round(found[name], 1) for name in ("p50_ms", "p95_ms", "p99_ms")}


def _availability(site: Site, variants: Sequence[str], count: int) -> dict[str, float]:
    """What can be sold of one variant, read without a page."""
    db, taken = Database(site.url), []
    for n in range(count):
        with db.read() as tx:
            began = time.perf_counter()
            availability_of(tx, [variants[n * len(variants) // count]])
            taken.append(1000 * (time.perf_counter() - began))
    db.close()
    taken.sort()
    return {"p50_ms": round(taken[count // 2], 2), "p95_ms": round(taken[count * 95 // 100], 2)}


def text(found: Mapping[str, Any]) -> str:
    """The figures for people."""
    lines = [
        f"console {found['database']}, {found['skus']:,} variants, {found['moves']:,} moves of goods, "
        f"{found['weeks']} weeks of orders, one connection"
    ]
    for name, run in found["runs"].items():
        lines.append(f"  {name:16} p50 {run['p50_ms']:>6} ms, p95 {run['p95_ms']:>6} ms, p99 {run['p99_ms']:>6} ms")
    read = found["availability_ms"]
    lines.append(f"  availability of one variant: p50 {read['p50_ms']} ms, p95 {read['p95_ms']} ms")
    return "\n".join([*lines, report.machine(found)])
