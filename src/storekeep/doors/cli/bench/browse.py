"""How quickly pages are shown: product and search pages of a large catalogue, built, from memory, and revalidated."""

from collections.abc import Sequence
from typing import Any

from storekeep.doors.cli.bench import machine, seeding
from storekeep.doors.cli.bench.machine import BenchFailed, Site
from storekeep.kernel.db import Database

WARM_UP = 100


def measure(kind: str, *, skus: int, pages: int, connections: int) -> dict[str, Any]:
    """Ask for `pages` product pages and as many searches, each address three times; requests per second of each."""
    with machine.fresh_database(kind) as site:
        port = machine.free_port()
        db = Database(site.url)
        seeding.open_shop(db, skus, f"http://127.0.0.1:{port}")
        db.close()
        with machine.server(site, port):
            machine.drive(site.folder, port, [_get(port, "/") for _ in range(WARM_UP)], connections)
            runs = {
                "product": _three_times(site, port, _products(skus, pages), connections),
                "search": _three_times(site, port, _searches(skus, pages), connections),
            }
    return {
        "database": "sqlite" if kind == "sqlite" else "postgresql",
        "skus": skus,
        "pages": pages,
        "connections": connections,
        "runs": runs,
        "machine": machine.described(),
    }


def _products(skus: int, pages: int) -> list[str]:
    return [f"/products/product-{n % skus:05}" for n in range(pages)]


def _searches(skus: int, pages: int) -> list[str]:
    return [f"/search?q={seeding.words_of(n % skus)}+{n % skus:05}" for n in range(pages)]


def _three_times(site: Site, port: int, paths: Sequence[str], connections: int) -> dict[str, Any]:
    """First nobody has seen the page, then the server may remember it, then the browser asks whether it changed."""
    fresh = machine.drive(site.folder, port, [_get(port, path) for path in paths], connections, etags=True)
    again = machine.drive(site.folder, port, [_get(port, path) for path in paths], connections)
    known = [_get(port, path, etag) for path, etag in zip(paths, fresh["etags"], strict=True)]
    checked = machine.drive(site.folder, port, known, connections)
    for report, expected in ((fresh, {"200"}), (again, {"200"}), (checked, {"200", "304"})):
        if set(report["statuses"]) - expected:
            raise BenchFailed(f"unexpected answers {report['statuses']}: {report['first_failure']}")
    return {
        "uncached": _figures(fresh),
        "again": _figures(again),
        "revalidated": {**_figures(checked), "not_modified": checked["statuses"].get("304", 0)},
    }


def _figures(report: Any) -> dict[str, Any]:
    return {
        "requests_per_s": round(report["requests"] / report["wall_s"]),
        "p50_ms": round(report["p50_ms"], 1),
        "p99_ms": round(report["p99_ms"], 1),
    }


def _get(port: int, path: str, etag: str = "") -> str:
    known = f"If-None-Match: {etag}\r\n" if etag else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n{known}\r\n"
