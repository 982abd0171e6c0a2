"""Whether the newest day of a table brought about as many rows as its weekday usually does."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from statistics import median

from cxmetrics.engines.interface import Loading, first_row
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.inputs.declaration import ROW, RawSource, RawTable

WEEKS = 8
LEAST_WEEKS = 4
# Half and double happen; so does everything within four standard deviations of a count.
FACTOR, DEVIATIONS = 2, 4


def unusual_volume(loading: Loading, source: RawSource, table: RawTable) -> str | None:
    """A sentence when the newest day's accepted rows are far from usual, else None.

    The newest day is seldom over: earlier days are counted up to the same time of day.
    """
    if not table.happened:
        return None
    accepted = sql(
        "(select {column} as cx_at from {raw} as raw_rows left join (select distinct row_key"
        " from quarantine.rejected_rows where source_name = {source} and table_name = {table}) as rejected"
        " on rejected.row_key = cast(raw_rows.{row} as varchar)"
        " where {column} is not null and rejected.row_key is null) as accepted",
        column=loading.identifier(table.happened[0]),
        raw=loading.relation(source.schema, table.name),
        source=loading.literal(source.name),
        table=loading.literal(table.name),
        row=ROW,
    )
    first, last = first_row(loading, sql("select min(cx_at), max(cx_at) from {accepted}", accepted=accepted))
    if last is None:
        return None
    weeks = min(WEEKS, (last.date() - first.date()).days // 7)
    if weeks < LEAST_WEEKS:
        return None
    days = [last.date() - timedelta(weeks=week) for week in range(weeks + 1)]
    counts = Counter(dict(_counts(loading, accepted, days, f"{last:%H:%M:%S.%f}")))
    return _sentence(days[0], counts[days[0]], median(counts[day] for day in days[1:]))


def _counts(loading: Loading, accepted: Sql, days: list[date], until: str) -> list[tuple[date, int]]:
    query = sql(
        "select cast(cx_at as date), count(*) from {accepted}"
        " where cast(cx_at as date) in ({days}) and cast(cx_at as time) <= time {until} group by 1",
        accepted=accepted,
        days=joined(sql("date {day}", day=loading.literal(day)) for day in days),
        until=loading.literal(until),
    )
    return loading.execute(query).fetchall()


def _sentence(day: date, rows: int, usual: float) -> str | None:
    is_far = rows * FACTOR < usual or rows > usual * FACTOR
    if not is_far or abs(rows - usual) <= DEVIATIONS * max(usual, 1) ** 0.5:
        return None
    return f"{rows:,} rows on {day:%A}, {day}; up to that time of day it is usually {usual:,.0f}"
