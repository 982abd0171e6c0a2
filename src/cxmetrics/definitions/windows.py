"""Windows of time that variables of ``dbt_project.yml`` hold, in days."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

from cxmetrics.errors import CxError

# The name of a variable, or a sum of names and numbers.
_TERM = r"[a-z0-9_]{1,60}"
PATTERN = rf"^{_TERM}( \+ {_TERM})*$"
UNITS = ("_days", "_hours", "_months")
# The lengths of months repeat after so many, leap days included: four years.
_MONTHS = 48


def days_of(window: str, variables: Mapping[str, Any]) -> int:
    """The days of a window such as ``repeat_contact_days`` or ``recovery_days + churn_grace_days``.

    A variable ends with its unit: ``_days``; ``_hours``, of which a part of a day counts as one; ``_months``, of which
    the longest count. Raises CxError with got and allowed when the text cannot be read, a variable does not exist,
    has no unit or is no whole number from 0 on.
    """
    if not re.fullmatch(PATTERN, window):
        what = "a window is a number of days, a variable of dbt_project.yml or a sum of them"
        raise CxError(what, got=window, next_step="maturity_days: recovery_days + churn_grace_days")
    return sum(_term(term, variables) for term in window.split(" + "))


def _term(term: str, variables: Mapping[str, Any]) -> int:
    if term.isdecimal():
        return int(term)
    windows = [name for name in variables if name.endswith(UNITS)]
    if term not in windows:
        raise CxError("dbt_project.yml has no such window", got=term, allowed=windows)
    length = variables[term]
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        raise CxError(f"the variable {term} is not a whole number from 0 on", got=length)
    if term.endswith("_hours"):
        return -(-length // 24)
    return _longest(length) if term.endswith("_months") else length


def _longest(months: int) -> int:
    """The most days that so many months in a row can have."""
    first_days = [datetime.date(2024 + month // 12, month % 12 + 1, 1).toordinal() for month in range(_MONTHS)]
    whole, rest = divmod(months, _MONTHS)
    days = datetime.date(2028, 1, 1).toordinal() - first_days[0]
    following = [*first_days, *(day + days for day in first_days)]
    return whole * days + max(following[start + rest] - following[start] for start in range(_MONTHS))
