"""How numbers are shown to people, by unit. Files and JSON keep full precision; only tables and pages round."""

from __future__ import annotations

from collections.abc import Callable, Mapping

NOTHING = "–"


def _fewer_digits_when_large(value: float) -> str:
    """One decimal below 100, none above: three figures are what anybody reads."""
    # Rounded first, so that 99.96 does not become 100.0.
    return f"{value:,.1f}" if abs(round(value, 1)) < 100 else f"{value:,.0f}"


# Unit -> the number as text, and what stands behind it.
FORMATS: Mapping[str, tuple[Callable[[float], str], str]] = {
    "share": (lambda value: f"{100 * value:.1f}", " %"),
    "points": (lambda value: f"{value:+.1f}", ""),
    "minutes": (_fewer_digits_when_large, " min"),
    "seconds": (_fewer_digits_when_large, " s"),
    "days": (_fewer_digits_when_large, " d"),
    "per_100_customers": (_fewer_digits_when_large, " per 100"),
    "score": (lambda value: f"{value:,.2f}", ""),
    "count": (lambda value: f"{value:,.0f}", ""),
    "currency": (lambda value: f"{value:,.2f}", ""),
}


# Amounts of the reporting currency. Where pages and tables know its code, that is the unit.
CURRENCY = "currency"


def shown_unit(unit: str, currency: str) -> str:
    """The unit as it is shown: money in its currency."""
    return currency if unit == CURRENCY and currency else unit


def _format(unit: str) -> tuple[Callable[[float], str], str]:
    if unit in FORMATS:
        return FORMATS[unit]
    return FORMATS[CURRENCY][0], f" {unit}"


def format_value(value: float | None, unit: str) -> str:
    """``value`` rounded for ``unit``, with the unit: ``4.2 %``, ``+31.0``, ``2,550 min``; a dash for None."""
    if value is None:
        return NOTHING
    number, suffix = _format(unit)
    return _without_negative_zero(number(value)) + suffix


def format_interval(low: float | None, high: float | None, unit: str) -> str:
    """An interval as ``3.9 to 4.6 %``; an end that is None is open (``from 12 min``, ``up to 12 min``)."""
    if low is None and high is None:
        return NOTHING
    if low is None:
        return f"up to {format_value(high, unit)}"
    if high is None:
        return f"from {format_value(low, unit)}"
    suffix = _format(unit)[1]
    return f"{format_value(low, unit).removesuffix(suffix)} to {format_value(high, unit)}"


def format_difference(by: float | None, unit: str) -> str:
    """How much more or less, with its sign; a difference of shares is one of percentage points."""
    if by is None:
        return NOTHING
    if unit == "share":
        return f"{100 * by:+.1f} points"
    text = format_value(by, unit)
    return f"+{text}" if by > 0 and text[0] not in "+-" else text


def format_difference_interval(low: float | None, high: float | None, unit: str) -> str:
    """The interval of a difference as ``-1.2 to +4.6 points``; a dash where an end is not known."""
    if low is None or high is None:
        return NOTHING
    suffix = " points" if unit == "share" else _format(unit)[1]
    return f"{format_difference(low, unit).removesuffix(suffix)} to {format_difference(high, unit)}"


def _without_negative_zero(number: str) -> str:
    return number.lstrip("+-") if not number.strip("+-0.,") else number
