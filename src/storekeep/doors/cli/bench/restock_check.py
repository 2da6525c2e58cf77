"""The same forecasts by somebody else's code: statsforecast, when it is installed (extra `restock-check`)."""

import importlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from storekeep.shop.replenishment import forecast
from storekeep.shop.replenishment.grid import Fit, Ints, first_sales
from storekeep.shop.replenishment.quantile import quantiles

_SERIES = 500
_CONSTANT = 0.2


def against_statsforecast(units: Ints | None) -> dict[str, Any]:
    """The largest difference per method, relative to the level, over the first 500 series sold for 13 periods or more;
    and of quantiles against scipy's. `skipped` says why when it cannot be done.

    IMAPA is not compared: they find its constants and its longest sum in another way.
    """
    if units is None:
        return {"skipped": "there is no demand to forecast"}
    try:
        theirs = importlib.import_module("statsforecast.models")
        distribution = importlib.import_module("scipy.stats").nbinom
    except ImportError as missing:
        return {"skipped": f"{missing.name} is not installed (pip install 'storekeep[restock-check]')"}
    start = first_sales(units)
    rows = np.flatnonzero(start <= units.shape[1] - 13)[:_SERIES]
    pairs: dict[str, tuple[Callable[[Ints], Fit], Any]] = {
        "TSB": (forecast.tsb, theirs.TSB(alpha_d=_CONSTANT, alpha_p=_CONSTANT)),
        "Croston SBA": (forecast.croston, theirs.CrostonSBA()),
        "SES": (lambda u: forecast.ses(u, constants=[_CONSTANT]), theirs.SimpleExponentialSmoothing(alpha=_CONSTANT)),
    }
    found: dict[str, Any] = {"series": len(rows), "methods": {}}
    for name, (ours, model) in pairs.items():
        began = time.perf_counter()
        level = ours(units[rows]).level[:, -1]
        middle = time.perf_counter()
        past = [units[row, start[row] :].astype(np.float64) for row in rows]
        other = np.array([model.forecast(y=one, h=1)["mean"][0] for one in past])
        apart = np.abs(level - other) / np.maximum(other, 0.01)
        found["methods"][name] = {
            "largest_difference": float(apart.max()),
            "median_difference": float(np.median(apart)),
            "ours_s": middle - began,
            "theirs_s": time.perf_counter() - middle,
        }
    found["quantile_largest_difference"] = _quantiles_apart(distribution)
    return found


def _quantiles_apart(distribution: Any) -> float:
    chance = np.random.default_rng(3)
    mean = np.exp(chance.uniform(np.log(0.05), np.log(50_000), 5_000))
    variance = mean * (1.02 + np.exp(chance.uniform(-3, np.log1p(mean))))
    targets = np.array([0.7, 0.9, 0.95, 0.99, 0.999])
    size = mean**2 / (variance - mean)
    other = distribution.ppf(targets, size[:, None], (size / (size + mean))[:, None])
    return float((np.abs(quantiles(mean, variance, targets.tolist()) - other) / np.maximum(other, 1)).max())
