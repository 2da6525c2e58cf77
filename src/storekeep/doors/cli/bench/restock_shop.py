"""How long a shop takes to know what to order: reading two years of orders, forecasting, writing, and the proof."""

import time
from collections.abc import Callable
from typing import Any

from storekeep.doors.cli.bench import machine, seeding
from storekeep.doors.cli.bench.restock_past import Past
from storekeep.doors.cli.bench.restock_size import peak_mb
from storekeep.flows import restock
from storekeep.kernel.clock import DAY, SystemClock, VirtualClock
from storekeep.kernel.db import Database
from storekeep.shop.replenishment import queries
from storekeep.shop.reports import demand

ZONE = "Europe/Berlin"


def measure(kind: str, *, skus: int, weeks: int, say: Callable[[str], object]) -> dict[str, Any]:
    """Seconds of each step on a fresh shop with `weeks` weeks of orders, and megabytes more than before the run."""
    with machine.fresh_database(kind) as site:
        clock = VirtualClock(SystemClock().now() - (weeks + 1) * 7 * DAY)
        db = Database(site.url, clock=clock)
        seeding.open_shop(db, skus)
        clock.sleep((weeks + 1) * 7 * DAY)
        say(f"writing {weeks} weeks of orders of {skus:,} SKUs")
        with db.read() as tx:
            past = Past(tx, tx.now - tx.now % DAY, weeks)
        lines = past.write(db)
        if kind != "sqlite":
            with db.engine.connect() as conn:
                conn.exec_driver_sql("ANALYZE")
        steps, found = _steps(db)
        db.close()
    return {
        "database": "sqlite" if kind == "sqlite" else "postgresql", "skus": skus, "weeks": weeks,
        "order_lines": lines, "seconds": steps, **found, "machine": machine.described(),
    }  # fmt: skip


def _steps(db: Database) -> tuple[dict[str, float], dict[str, Any]]:
    from storekeep.shop.replenishment import advice

    before, seconds = peak_mb(), {}

    def timed(name: str, act: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        found = act()
        seconds[name] = round(time.perf_counter() - began, 3)
        return found

    def reading(act: Callable[[Any], Any]) -> Callable[[], Any]:
        def run() -> Any:
            with db.read() as tx:
                return act(tx)

        return run

    facts = timed("read", reading(restock.gather))
    timed("forecast", lambda: advice.advise(facts))
    first = timed("whole_run", lambda: restock.suggest(db, "bench 1"))
    second = timed("run_again", lambda: restock.suggest(db, "bench 2"))
    peak = peak_mb() - before
    rows = timed("board_page", reading(lambda tx: (queries.groups(tx), queries.open_lines(tx, ""))[1]))
    key = (rows[0].variant_id, rows[0].warehouse_id)
    timed("one_variants_weeks", reading(lambda tx: demand.history(tx, ZONE, variant_id=key[0])))
    shop = timed("proof_of_the_shop", reading(lambda tx: restock.prove(tx, restock.Asked())))
    timed("proof_of_one", reading(lambda tx: restock.prove(tx, restock.Asked(variant_id=key[0]))))
    history = facts.history
    masked = sum(len(weeks) for weeks in history.masked.values())
    return seconds, {
        "suggested": first.made, "made_again": second.made, "kept": second.kept, "run_mb": round(peak, 1),
        "masked_share": round(masked / (len(facts.items) * history.weeks), 4),
        "proof": {"series": shop.series, "rule_fill_bp": shop.rule.fill_bp, "rule_stock": shop.rule.mean_stock,
                  "thumb_fill_bp": shop.thumb.fill_bp, "thumb_stock": shop.thumb.mean_stock},
    }  # fmt: skip


def text(found: dict[str, Any]) -> str:
    """The figures for people."""
    head = (f"{found['skus']:,} SKUs, {found['weeks']} weeks, {found['order_lines']:,} order lines, "
            f"{found['database']}: {found['suggested']:,} suggestions, {found['run_mb']} MB more")  # fmt: skip
    steps = [f"  {name.replace('_', ' '):24}{seconds:8.2f} s" for name, seconds in found["seconds"].items()]
    return "\n".join([head, *steps, f"  {found['machine']}"])
