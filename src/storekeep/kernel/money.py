"""Money as whole minor units, and the few roundings that a shop needs.

No float ever comes near an amount. Rounding always happens once, in a named way, and with the sign put back
afterwards, so that a refund is rounded exactly like the charge it undoes. `spread` and `telescoping_share`
are the two ways in which one stored amount becomes several: over lines, and over units that come back at
different times. The number of decimals of a currency is that of ISO 4217; a payment provider may have other
ideas, which are its adapter's business.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Rounding = Literal["half_up", "half_even", "down"]

LARGEST_MINOR = 10**15
"""Amounts beyond this are typing errors; it leaves room for sums within a 64 bit column."""

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO_DECIMALS = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
    RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
    USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"

EXPONENTS: dict[str, int] = {
    code: exponent
    for exponent, codes in (
        (0, _NO_DECIMALS),
        (2, _TWO_DECIMALS),
        (3, _THREE_DECIMALS),
        (4, _FOUR_DECIMALS),
    )
    for code in codes.split()
}
"""ISO 4217 currency code -> number of decimals, for every active currency that has a minor unit defined."""


class MoneyError(ValueError):
    """Something was asked of an amount that has no honest answer."""


class UnknownCurrency(MoneyError):
    """The code is not an active ISO 4217 currency."""

    def __init__(self, currency: str) -> None:
        super().__init__(f"{currency!r} is not an ISO 4217 currency code that is in use")
        self.currency = currency


class CurrencyMismatch(MoneyError):
    """Amounts of two currencies met in one sum or comparison."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other} cannot be combined without an exchange rate")
        self.one = one
        self.other = other


class NotAnAmount(MoneyError):
    """A text that a person typed is not an amount; `reason` says why in words that can be shown beside the
    field.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(reason)
        self.text = text
        self.reason = reason


def exponent(currency: str) -> int:
    """The number of decimals of a currency by ISO 4217 (EUR 2, JPY 0, KWD 3, CLF 4).

    Raises `UnknownCurrency`.
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


# --- Rounding -------------------------------------------------------------------------------------


def divide_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, halves away from zero.

    The denominator must be positive.
    """
    if denominator <= 0:
        raise ValueError("the denominator must be positive")
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((denominator - 2 * numerator) // (2 * denominator))


def divide_half_even(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, halves to the even one.

    The denominator must be positive.
    """
    if denominator <= 0:
        raise ValueError("the denominator must be positive")
    quotient, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and quotient % 2):
        return quotient + 1
    return quotient


def round_half_up(value: Fraction) -> int:
    """The nearest integer, halves away from zero, so that the rounding of -x is minus the rounding of x."""
    return divide_half_up(value.numerator, value.denominator)


def round_half_even(value: Fraction) -> int:
    """The nearest integer, halves to the even neighbour; for statistics and for books that ask for it."""
    return divide_half_even(value.numerator, value.denominator)


# --- One amount into several ----------------------------------------------------------------------


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` over `weights` by largest remainder; ties go to the earlier position.

    The shares add up to `total` exactly and carry its sign. For 0 <= total <= sum(weights) no share exceeds
    its weight. Raises ValueError for a negative weight, or when there is something to share and no weight to
    carry it.
    """
    if total < 0:
        return [-share for share in spread(-total, weights)]
    whole = sum(weights)
    if weights and min(weights) < 0:
        raise ValueError("a weight must not be negative")
    if whole == 0:
        if total:
            raise ValueError("there is an amount to spread, but every weight is 0")
        return [0] * len(weights)
    products = [total * weight for weight in weights]
    shares = [product // whole for product in products]
    left = total - sum(shares)
    if left:
        # sorted() is stable, so equal remainders keep the order of their positions
        by_remainder = sorted(range(len(products)), key=lambda at: -(products[at] % whole))
        for at in by_remainder[:left]:
            shares[at] += 1
    return shares


def telescoping_share(total: int, units: int, done: int, n: int) -> int:
    """What `n` more of `units` units carry of `total`, when `done` units were taken before.

    round(total * (done + n) / units) - round(total * done / units): whatever the steps, all units together
    carry `total` exactly. 100 over 3 units, one at a time, is 33, 34, 33. Raises ValueError beyond the units
    there are.
    """
    if units <= 0 or done < 0 or n < 0 or done + n > units:
        raise ValueError(f"cannot take {n} of {units} units after {done}")
    if total < 0:
        return -telescoping_share(-total, units, done, n)
    double = 2 * units
    return (2 * total * (done + n) + units) // double - (2 * total * done + units) // double


# --- Text -----------------------------------------------------------------------------------------

_CODE = re.compile(r"^([A-Z]{3})\s*(?=[-0-9.,])|(?<=[0-9])\s*([A-Z]{3})$")
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "−": "-"})
_GROUPED = re.compile(r"[0-9]{1,3}([ '.,])[0-9]{3}(?:\1[0-9]{3})*")


def parse_money(text: str, currency: str, *, negative: bool = False) -> int:
    """Read an amount that a person typed ("12.50", "12,50", "1 234,50", "12.50 EUR") as minor units.

    Point and comma are both decimal marks; what could be read in two ways is refused rather than guessed, as
    is a minus sign unless `negative` is set. Raises `NotAnAmount` with a reason to show, or
    `UnknownCurrency`.
    """
    decimals = exponent(currency)
    typed = text.translate(_SPACES).strip()
    if not typed:
        raise NotAnAmount(text, "Enter an amount.")
    code = _CODE.search(typed)
    if code:
        named = code.group(1) or code.group(2)
        if named != currency:
            raise NotAnAmount(text, f"The amount is in {named}, but {currency} is expected here.")
        typed = (typed[: code.start()] + typed[code.end() :]).strip()
    sign = 1
    if typed.startswith("-"):
        if not negative:
            raise NotAnAmount(text, "The amount must not be negative.")
        sign, typed = -1, typed[1:].lstrip()
    whole, fraction = _whole_and_fraction(text, typed, currency, decimals)
    if len(whole) > 18:
        raise NotAnAmount(text, "The amount is too large.")
    minor = int((whole + fraction.ljust(decimals, "0")) or "0")
    if minor > LARGEST_MINOR:
        raise NotAnAmount(text, "The amount is too large.")
    return sign * minor


def _whole_and_fraction(text: str, typed: str, currency: str, decimals: int) -> tuple[str, str]:
    """Split an unsigned number into its digits before and after the decimal mark, or say what is wrong with
    it.
    """
    example = format_plain(1234 * 10**decimals, currency)
    marks = [at for at, char in enumerate(typed) if char in ".,"]
    repeated = len(marks) > 1 and len({typed[at] for at in marks}) == 1
    if marks and not repeated:
        whole, fraction = typed[: marks[-1]], typed[marks[-1] + 1 :]
        if not fraction:
            raise NotAnAmount(text, f"Digits are missing after the decimal mark. Write it like {example}.")
    else:
        whole, fraction = typed, ""
    if not whole.isascii() or not whole.isdigit():
        if _GROUPED.fullmatch(whole):
            whole = re.sub(r"[^0-9]", "", whole)
        elif whole or not fraction:
            raise NotAnAmount(text, f"This is not an amount. Write it like {example}.")
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        raise NotAnAmount(text, f"This is not an amount. Write it like {example}.")
    if len(fraction) > decimals:
        allowed = "no decimals" if decimals == 0 else f"at most {decimals} decimals"
        raise NotAnAmount(text, f"{currency} has {allowed}. Write it like {example}, without separators.")
    return whole, fraction


def format_plain(minor: int, currency: str) -> str:
    """The amount as digits with a decimal point and nothing else ("12.50", "-0.05"; JPY "1200")."""
    decimals = exponent(currency)
    if decimals == 0:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**decimals)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{decimals}d}"


# --- The value ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units with its currency. Mixing currencies raises `CurrencyMismatch`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        if self.currency not in EXPONENTS:
            raise UnknownCurrency(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{format_plain(self.minor, self.currency)} {self.currency}"

    def times(self, factor: int | Fraction | Decimal, rounding: Rounding) -> "Money":
        """Multiply by an exact factor and round once, in the way named.

        Raises TypeError for a float or a bool.
        """
        if isinstance(factor, bool) or not isinstance(factor, int | Fraction | Decimal):
            raise TypeError(f"multiply money by int, Fraction or Decimal, not {type(factor).__name__}")
        if isinstance(factor, Decimal) and not factor.is_finite():
            raise ValueError(f"{factor} is not a number to multiply money by")
        exact = self.minor * Fraction(factor)
        if rounding == "half_up":
            return Money(round_half_up(exact), self.currency)
        if rounding == "half_even":
            return Money(round_half_even(exact), self.currency)
        if rounding == "down":
            return Money(int(exact), self.currency)
        raise ValueError(f"{rounding!r} is not a rounding: half_up, half_even or down")

    def _same(self, other: "Money") -> int:
        if not isinstance(other, Money):
            raise TypeError(f"expected Money, not {type(other).__name__}")
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.minor
