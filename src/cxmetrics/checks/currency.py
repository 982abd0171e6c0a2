"""The reporting currency and the rates to it."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.errors import CxError
from cxmetrics.inputs.currency_rates import SEED, rates_of


def currency_rates_are_unambiguous(definitions: Definitions) -> Iterator[Finding]:
    """A rate that cannot be read converts nothing, and of two rates of one month and currency each would convert every
    amount, which would count twice. The reporting currency is worth itself."""
    rows = list(definitions.seed_rows(SEED))
    if not rows and "currency" not in definitions.project.vars:
        return
    try:
        rates = rates_of(definitions.project)
    except CxError as error:
        yield Finding.of(error, "correct it")
        return
    first: dict[tuple[str, str], int] = {}
    for line, row in rows:
        month, currency = row.get("month") or "", row.get("currency") or ""
        if currency == rates.reporting:
            sentence = "this is the reporting currency: its amounts are not converted"
            yield Finding(SEED, line, sentence, "remove the row", currency)
        before = first.setdefault((month, currency), line)
        if before != line:
            sentence = f"the currency has a rate in this month already, in line {before}"
            yield Finding(SEED, line, sentence, "remove one of the two", f"{month},{currency}")
