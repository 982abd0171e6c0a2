"""The checks that a table has without naming an expectation: those every table has, and those its keys, times and
references ask for. SQL in the dialect of the load; Great Expectations runs it."""

from __future__ import annotations

from datetime import datetime, timedelta

from cxmetrics.engines.interface import Loading
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.inputs.declaration import ROW, UNCASTABLE, InputExpectation, RawSource, RawTable, Reference

NOT_NULL = "expect_column_values_to_not_be_null"
ROW_QUERY = "unexpected_rows_expectation"

# Clocks and zones differ by less than a day. 1900-01-01 and 1970-01-01 stand for nothing in many exports.
TOLERATED = timedelta(days=1)
EARLIEST_MOMENT = datetime(1980, 1, 1)

# What is compiled here is a template again: Great Expectations puts the table into it.
BATCH = Sql("{batch}")
ROWS = sql("select {row} from {batch}", row=ROW, batch=BATCH)

# The severity of a row in whose place another is used.
SUPERSEDE = "supersede"

# Rules, as they stand in quarantine.
UNCASTABLE_RULE, SUPERSEDED = "uncastable", "superseded"


def implied(
    source: RawSource, table: RawTable, given: frozenset[str], now: datetime, loading: Loading
) -> list[InputExpectation]:
    """The implied checks of a table. ``given`` are the tables of the source that have files: a row of a table that was
    not given is not missing, it is unknown. ``now`` is the UTC time of the run."""
    checks = [
        _expectation(table, UNCASTABLE_RULE, "expect_column_values_to_be_null", {"column": UNCASTABLE}, (UNCASTABLE,))
    ]
    checks += [_expectation(table, NOT_NULL, NOT_NULL, {"column": column}, (column,)) for column in table.required]
    if table.key:
        older = _older_rows(table.key, table.newest_by, loading)
        checks.append(_query(table, SUPERSEDED, older, table.key, SUPERSEDE))
    for column in table.happened:
        name = _name(column, loading)
        latest, earliest = (_moment(moment, loading) for moment in (now + TOLERATED, EARLIEST_MOMENT))
        late = sql("{rows} where {name} > {latest}", rows=ROWS, name=name, latest=latest)
        early = sql("{rows} where {name} < {earliest}", rows=ROWS, name=name, earliest=earliest)
        checks.append(_query(table, "in_the_future", late, (column,)))
        checks.append(_query(table, "before_1980", early, (column,)))
    for reference in table.references:
        if reference.to in given:
            checks += _of_reference(source, table, reference, loading)
    return checks


def _of_reference(source: RawSource, table: RawTable, reference: Reference, loading: Loading) -> list[InputExpectation]:
    """The row it names exists; and what happened here happened after it, but for what clocks may differ."""
    column, key = _name(reference.column, loading), _name(reference.key, loading)
    other = _braced(loading.relation(source.schema, reference.to))
    # As in every query with a join, where Great Expectations gives {batch} no alias, and PostgreSQL wants one.
    names = {"rows": sql("{rows} as raw_rows", rows=ROWS), "column": column, "key": key, "other": other}
    missing = sql(
        "{rows} left join (select distinct {key} as cx_referred from {other}) as referred"
        " on {column} = cx_referred where {column} is not null and cx_referred is null",
        **names,
    )
    line, about = reference.line, (reference.column,)
    checks = [_query(table, f"not_in_{reference.to}", missing, about, reference.severity, line)]
    if reference.time is None or reference.not_before is None:
        return checks
    time, not_before = _name(reference.time, loading), _name(reference.not_before, loading)
    # Of several rows with one key the last one counts, as everywhere; the earliest would excuse more than it should.
    begun = sql(
        "{rows} inner join (select {key} as cx_referred, max({not_before}) as cx_begun from {other}"
        " group by {key}) as referred on {column} = cx_referred",
        not_before=not_before,
        **names,
    )
    allowed = sql("cx_begun - interval '{seconds} seconds'", seconds=reference.tolerated_seconds)
    # A date without a time of day is midnight here; what happened on that day may have begun on it.
    day = sql("cast({time} as date)", time=time)
    dated = sql("({time} = cast({day} as timestamp) and {day} = cast(cx_begun as date))", time=time, day=day)
    compared = {"begun": begun, "time": time, "allowed": allowed, "dated": dated}
    early = sql("{begun} where {time} < {allowed} and not {dated}", **compared)
    skewed = sql("{begun} where {time} < cx_begun and {time} >= {allowed} and not {dated}", **compared)
    rule = f"before_{reference.not_before}_of_{reference.to}"
    about = (reference.time,)
    checks.append(_query(table, rule, early, about, reference.time_severity, line))
    if reference.tolerated_seconds:
        checks.append(_query(table, "clock_skew", skewed, about, "warn", line))
    return checks


def _older_rows(key: tuple[str, ...], newest_by: str | None, loading: Loading) -> Sql:
    """SQL of the rows that a later row with the same key replaces, later by the column ``newest_by`` and then by its
    place. A row that cannot be read replaces nothing.

    Only keys that come twice are joined: next to none, where a list of every newest row would be as long as the table.
    """
    columns = [_name(column, loading) for column in key]
    numbered = list(enumerate(columns))
    has_key = [sql("{name} is not null", name=name) for name in columns]
    readable = joined([*has_key, sql("{name} is null", name=UNCASTABLE)], " and ")
    given = {"row": ROW, "batch": BATCH, "readable": readable}
    repeated = sql(
        "select {keys}, max({row}) as cx_newest from {batch} as keyed where {readable}"
        " group by {columns} having count(*) > 1",
        keys=joined(sql("{name} as cx_key_{index}", name=name, index=index) for index, name in numbered),
        columns=joined(columns),
        **given,
    )
    among = sql(
        "{batch} as raw_rows inner join ({repeated}) as repeated on {same} where {readable}",
        repeated=repeated,
        same=joined([sql("{name} = cx_key_{index}", name=name, index=index) for index, name in numbered], " and "),
        **given,
    )
    if newest_by is None:
        return sql("select {row} from {among} and {row} < cx_newest", among=among, row=ROW)
    return sql(
        "select {row} from (select {row}, row_number() over (partition by {columns} order by"
        " case when {newest} is null then 1 else 0 end, {newest} desc, {row} desc) as cx_rank from {among}) as ranked"
        " where cx_rank > 1",
        row=ROW,
        columns=joined(columns),
        newest=_name(newest_by, loading),
        among=among,
    )


def _moment(moment: datetime, loading: Loading) -> Sql:
    return sql("timestamp {moment}", moment=loading.literal(f"{moment:%Y-%m-%d %H:%M:%S}"))


def _name(column: str, loading: Loading) -> Sql:
    return _braced(loading.identifier(column))


def _braced(quoted: Sql) -> Sql:
    """For a query that is a template."""
    return Sql(quoted.replace("{", "{{").replace("}", "}}"))


def _query(
    table: RawTable, rule: str, query: str, columns: tuple[str, ...], severity: str = "reject", line: int | None = None
) -> InputExpectation:
    return _expectation(table, rule, ROW_QUERY, {"unexpected_rows_query": query}, columns, severity, line)


def _expectation(
    table: RawTable,
    rule: str,
    type: str,
    arguments: dict[str, str],
    columns: tuple[str, ...],
    severity: str = "reject",
    line: int | None = None,
) -> InputExpectation:
    return InputExpectation(type, arguments, severity, rule, columns, table.file, line or table.line)
