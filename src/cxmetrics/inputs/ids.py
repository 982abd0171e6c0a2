"""What programs do to ids on their way: a spreadsheet or pandas makes 1004.0 of 1004, and 1.14E+11 of a long one."""

from __future__ import annotations

from cxmetrics.engines.sql import Sql, sql
from cxmetrics.inputs.privacy import Dialect

DECIMAL = r"[0-9]+\.0+"
# The digits between the first and the last are gone: several ids have become one.
LOST_DIGITS = r"[0-9]+([.,][0-9]+)?[eE]\+[0-9]+|[0-9]+[.,][0-9]+[eE][0-9]+"


def whole(text: str, dialect: Dialect) -> Sql:
    """SQL of an id without the decimals that it never had. Leading zeros are part of an id and stay."""
    return sql(
        "case when right({text}, 1) = '0' and {decimal} then split_part({text}, '.', 1) else {text} end",
        text=text,
        decimal=dialect.matches(text, DECIMAL),
    )


def has_lost_digits(text: str, dialect: Dialect) -> Sql:
    """SQL: whether the text is what a spreadsheet makes of a long number."""
    return sql("{lost}", lost=dialect.matches(text, LOST_DIGITS))
