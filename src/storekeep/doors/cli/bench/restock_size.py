"""One replenishment run of N SKUs over T weeks, from demand to proposals: how long, and how much memory more than
before.

Run as a process of its own: `python -m storekeep.doors.cli.bench.restock_size 3000 104` prints JSON. Demand is made
up from a seed; its levels and lumpiness span those of a shop. Memory is the peak of the process (Linux: VmHWM), first
before numpy is loaded, then before the run, then after it.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any


def peak_mb() -> float:
    """The most memory that this process has held so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def run(skus: int, periods: int) -> dict[str, Any]:
    """The best and the first of five runs in seconds, and the growth of the peak in MB."""
    bare = peak_mb()
    import numpy as np

    from storekeep.shop.replenishment import forecast, policy, spread

    chance = np.random.default_rng(7)
    mean = np.exp(chance.normal(1.0, 1.5, size=(skus, 1)))
    demand = chance.negative_binomial(0.4, 0.4 / (0.4 + mean), size=(skus, periods))
    masked = chance.random((skus, periods)) < 0.02
    on_hand = (3 * mean[:, 0]).astype(np.int64).tolist()
    rounding = policy.Rounding(multiple=6, moq=12)
    before, seconds, ordered = peak_mb(), [], 0
    for _ in range(5):
        began = time.perf_counter()
        fit = forecast.tsb(demand, masked)
        level, own = fit.level[:, -1], spread.own(fit)
        variance = spread.shrunk(level, own, spread.law(level, own))
        up_to = policy.order_up_to(*policy.protected_demand(level, variance, 1.0, 2.0, 0.5), 0.95)
        proposals = [policy.propose(s, have, rounding) for s, have in zip(up_to.tolist(), on_hand, strict=True)]
        seconds.append(time.perf_counter() - began)
        ordered = sum(one.units > 0 for one in proposals)
    after = peak_mb()
    return {
        "skus": skus,
        "periods": periods,
        "to_order": ordered,
        "first_s": seconds[0],
        "best_s": min(seconds),
        "run_mb": after - before,
        "with_numpy_mb": after - bare,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))
