"""The methods of `forecast` once more, one SKU at a time, in plain Python: slow, and easy to compare with the books."""

from collections.abc import Sequence
from math import ceil

from storekeep.shop.replenishment.forecast import MOST_SUMMED, SES_CONSTANTS


def since_first_sale(units: Sequence[int], masked: Sequence[bool]) -> list[int]:
    """What counts of a past: without masked periods, from the first sale on."""
    counted = [have for have, hidden in zip(units, masked, strict=True) if not hidden]
    first = next((n for n, have in enumerate(counted) if have > 0), len(counted))
    return counted[first:]


def tsb(past: Sequence[int], constant: float = 0.2) -> float:
    size, chance = float(past[0]), 1.0
    for units in past[1:]:
        chance += constant * ((units > 0) - chance)
        if units > 0:
            size += constant * (units - size)
    return size * chance


def croston(past: Sequence[int], constant: float = 0.1) -> float:
    size, gap, waited = float(past[0]), 1.0, 0
    for units in past[1:]:
        waited += 1
        if units > 0:
            size += constant * (units - size)
            gap += constant * (waited - gap)
            waited = 0
    return (1 - constant / 2) * size / gap


def moving_average(past: Sequence[int], window: int = 8) -> float:
    last = past[-window:]
    return sum(last) / len(last)


def smoothed(past: Sequence[int], constant: float) -> tuple[float, float]:
    """Level and sum of squared one-step errors."""
    level, squared = float(past[0]), 0.0
    for units in past[1:]:
        squared += (units - level) ** 2
        level += constant * (units - level)
    return level, squared


def ses(past: Sequence[int]) -> float:
    return min((smoothed(past, constant) for constant in SES_CONSTANTS), key=lambda found: found[1])[0]


def imapa(past: Sequence[int]) -> float:
    most = min(MOST_SUMMED, ceil(len(past) / sum(units > 0 for units in past)), len(past))
    levels = []
    for size in range(1, max(1, most) + 1):
        whole = past[len(past) % size :]
        levels.append(ses([sum(whole[n : n + size]) for n in range(0, len(whole), size)]) / size)
    return sum(levels) / len(levels)
