"""How many orders can be placed in a second: over HTTP, or in this process without it; and the bare loop beside it."""

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from storekeep.doors.cli.bench import bare, machine, seeding
from storekeep.doors.cli.bench.machine import BenchFailed, Site
from storekeep.doors.cli.bench.seeding import ReadyCart
from storekeep.flows import checkout
from storekeep.kernel.db import Database
from storekeep.kernel.writer import Writer
from storekeep.shop.orders.tables import sales_order

WARM_UP = 500
SAMPLE = 4_000


def measure(
    kind: str, *, skus: int, orders: int, patterns: Sequence[str], connections: int, in_process: bool
) -> dict[str, Any]:
    """Place `orders` orders per pattern (`spread`, `hot`) on a fresh database of a kind; all figures."""
    with machine.fresh_database(kind) as site:
        port = machine.free_port()
        db = Database(site.url)
        variants = seeding.open_shop(db, skus, f"http://127.0.0.1:{port}")
        carts = {
            pattern: seeding.fill_carts(db, variants, orders + WARM_UP, hot=pattern == "hot", seed=seed)
            for seed, pattern in enumerate(patterns)
        }
        if in_process:
            runs = {pattern: _in_process(db, made) for pattern, made in carts.items()}
        else:
            with machine.server(site, port) as pid:
                runs = {pattern: _over_http(site, db, port, pid, made, connections) for pattern, made in carts.items()}
        sampled = bare.sample(db, min(SAMPLE, orders))
        db.close()
        loop = bare.run(site.url, sampled)
    for figures in runs.values():
        figures["of_bare_loop"] = round(figures["orders_per_s"] / loop["one_by_one_per_s"], 2)
    return {
        "database": "sqlite (synchronous=FULL)" if kind == "sqlite" else "postgresql (fsync on)",
        "skus": skus,
        "lines_per_order": 3,
        "orders": orders,
        "connections": 0 if in_process else connections,
        "runs": runs,
        "bare_loop": loop,
        "machine": machine.described(),
    }


def _over_http(
    site: Site, db: Database, port: int, pid: int, carts: Sequence[ReadyCart], connections: int
) -> dict[str, Any]:
    requests = [_press(port, one) for one in carts]
    _check(machine.drive(site.folder, port, requests[:WARM_UP], connections))
    server_before, database_before = machine.cpu_s(pid), machine.cpu_s(site.postgres_pid)
    done_before = _count(db)
    report = machine.drive(site.folder, port, requests[WARM_UP:], connections)
    _check(report)
    count = len(requests) - WARM_UP
    if _count(db) - done_before != count:
        raise BenchFailed(f"{_count(db) - done_before} orders came of {count} carts")
    wall = report["wall_s"]
    figures = {
        "orders_per_s": round(count / wall),
        "p50_ms": round(report["p50_ms"], 1),
        "p99_ms": round(report["p99_ms"], 1),
        "mean_batch": _mean_batch(db, count),
        "server_cpu_percent": round(100 * (machine.cpu_s(pid) - server_before) / wall),
        "driver_cpu_percent": round(100 * report["cpu_s"] / wall),
    }
    if site.postgres_pid is not None:
        used = machine.cpu_s(site.postgres_pid) - database_before
        figures["database_cpu_percent"] = round(100 * used / wall)
    return figures


def _press(port: int, cart: ReadyCart) -> str:
    """The request that a browser sends when the button of a saved checkout is pressed."""
    body = f"seen_total={cart.total_minor}"
    return (
        f"POST /checkout/place HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Sec-Fetch-Site: same-origin\r\nCookie: __Host-shop={cart.token}\r\nAccept: text/html\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


def _check(report: Any) -> None:
    others = {status: count for status, count in report["statuses"].items() if status != "303"}
    if others:
        raise BenchFailed(f"not every order was placed: {others}; the first answer was {report['first_failure']}")


def _in_process(db: Database, carts: Sequence[ReadyCart]) -> dict[str, Any]:
    writer: Writer[checkout.PlaceOrder, checkout.PlaceAnswer] = Writer(db, checkout.place, lambda one: one.key)
    commands = [checkout.PlaceOrder(one.id, one.total_minor) for one in carts]
    for command in commands[:WARM_UP]:
        writer.submit(command)
    while writer.step():
        pass
    writer.batch_sizes.clear()
    futures = [writer.submit(command) for command in commands[WARM_UP:]]
    wall, cpu = time.perf_counter(), time.process_time()
    while writer.step():
        pass
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    refused = [answer for future in futures if isinstance(answer := future.result(), checkout.NotPlaced)]
    if refused:
        raise BenchFailed(f"{len(refused)} of {len(futures)} orders were refused: {refused[0]}")
    return {
        "orders_per_s": round(len(futures) / wall),
        "mean_batch": round(sum(writer.batch_sizes) / len(writer.batch_sizes), 1),
        "cpu_percent": round(100 * cpu / wall),
    }


def _count(db: Database) -> int:
    with db.read() as tx:
        return int(tx.scalar(sa.select(sa.func.count()).select_from(sales_order)))


def _mean_batch(db: Database, newest: int) -> float:
    """Orders per transaction among the newest: those of one transaction were placed at one instant."""
    recent = sa.select(sales_order.c.placed_at).order_by(sales_order.c.number.desc()).limit(newest).subquery()
    with db.read() as tx:
        instants = int(tx.scalar(sa.select(sa.func.count(sa.distinct(recent.c.placed_at)))))
    return round(newest / instants, 1)
