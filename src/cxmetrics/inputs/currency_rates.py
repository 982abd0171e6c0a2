"""Which amounts can be converted: those in the reporting currency, and those whose currency has a rate in their month.
Two currencies have no sum, so a row without a rate is rejected."""

from __future__ import annotations

import csv
import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from cxmetrics.definitions.project import Project

SEED = "seeds/currency_rates.csv"
# The column that says of a row in which currency its amounts are.
CURRENCY = "currency"
RULE = "no_currency_rate"
CODE = re.compile("[A-Z]{3}")


@dataclass(frozen=True)
class Rates:
    """The reporting currency, and the currencies that have a rate in a month."""

    reporting: str
    known: frozenset[tuple[str, datetime.date]]

    @property
    def help(self) -> str:
        """What to do about a row without a rate."""
        have = ", ".join(sorted({currency for currency, _ in self.known})) or "no currency"
        return (
            f"give {SEED} the rate of the row's currency to {self.reporting} in the month of its date; it has rates of"
            f" {have}. A currency is an ISO code in capitals"
        )

    def query(self, date_column: str) -> Sql:
        """SQL of the rows without a rate, as a template in which Great Expectations names the table."""
        batch, reporting, foreign = Sql("{batch}"), literal(self.reporting), Sql(CURRENCY)
        values = [
            sql("({currency}, date {month})", currency=literal(currency), month=literal(month.isoformat()))
            for currency, month in sorted(self.known)
        ]
        if not values:
            return sql(
                "select _cx_row from {batch} where {foreign} <> {reporting}",
                batch=batch,
                foreign=foreign,
                reporting=reporting,
            )
        return sql(
            "select _cx_row from {batch} as raw_rows left join (values {values}) as rates(cx_currency, cx_month)"
            " on {foreign} = cx_currency and cast(date_trunc('month', {date}) as date) = cx_month"
            " where {foreign} <> {reporting} and cx_currency is null",
            batch=batch,
            values=joined(values),
            foreign=foreign,
            date=date_column,
            reporting=reporting,
        )


def rates_of(project: Project) -> Rates:
    """The rates of the project. Raises CxError for a currency or a rate that cannot be read."""
    file = project.root / SEED
    reporting = str(project.vars.get("currency") or "")
    if not CODE.fullmatch(reporting):
        what = "the variable 'currency' is no ISO code in capitals"
        raise CxError(what, file="dbt_project.yml", got=reporting, next_step="currency: EUR")
    known = set(_rates(file)) if file.is_file() else set()
    return Rates(reporting, frozenset(known))


def _rates(file: Path) -> list[tuple[str, datetime.date]]:
    found = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            for row in reader:
                currency, month = row.get("currency") or "", datetime.date.fromisoformat(row.get("month") or "")
                if not CODE.fullmatch(currency) or month.day != 1 or not float(row.get("rate") or 0) > 0:
                    raise ValueError(f"{month},{currency},{row.get('rate')}")
                found.append((currency, month))
    except (OSError, ValueError, csv.Error) as error:
        raise CxError(
            f"a currency rate cannot be read: {error}",
            file=SEED,
            line=reader.line_num if isinstance(error, ValueError) else None,
            next_step="write the first day of a month, an ISO code in capitals and a rate above zero",
        ) from error
    return found
