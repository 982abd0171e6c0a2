"""The schema ``quarantine`` of the build database: which raw rows are rejected and why, and what every check found.

``rejected_rows`` and ``loads`` are the state of the raw tables as they are now, rewritten for a source on each run, so
that a corrected row is accepted by itself. ``validation_results`` is history and only grows. Raw values are masked:
digits become 9, letters a.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cxmetrics.engines.interface import Loading, first_row
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import known
from cxmetrics.inputs.declaration import FILE, ROW, UNCASTABLE, InputExpectation, RawSource, RawTable
from cxmetrics.inputs.expectations import Outcome
from cxmetrics.inputs.files import masked
from cxmetrics.inputs.implied import NOT_NULL, SUPERSEDE, SUPERSEDED
from cxmetrics.inputs.text_files import BadLine

ROWS_A_STATEMENT = 1_000
LINES_LOOKED_UP = 10_000

TABLES = {
    "rejected_rows": {
        "source_name": "varchar",
        "table_name": "varchar",
        "row_key": "varchar",
        "rule": "varchar",
        "column_name": "varchar",
        "masked_value": "varchar",
        "file_name": "varchar",
        "file_row": "bigint",
        "run_id": "varchar",
        "file_line": "bigint",
    },
    "validation_results": {
        "run_id": "varchar",
        "source_name": "varchar",
        "table_name": "varchar",
        "expectation": "varchar",
        "column_name": "varchar",
        "severity": "varchar",
        "evaluated_rows": "bigint",
        "unexpected_rows": "bigint",
        "is_success": "boolean",
        "seconds": "double precision",
        "rule": "varchar",
    },
    "loads": {
        "source_name": "varchar",
        "table_name": "varchar",
        "files": "integer",
        "raw_rows": "bigint",
        "rejected_rows": "bigint",
        "is_synthetic": "boolean",
        "is_blocked": "boolean",
        "superseded_rows": "bigint",
    },
}


@dataclass(frozen=True)
class Rejections:
    """Rejected rows of one table: distinct rows, and rows by rule and column, the most frequent first. Superseded rows
    are counted apart."""

    rows: int
    by_rule: tuple[tuple[str, int], ...]
    superseded: int


class Quarantine:
    """Writes the quarantine of one load."""

    def __init__(self, loading: Loading, run_id: str):
        self._loading = loading
        self._run_id = run_id
        self._relation = {name: loading.relation("quarantine", name) for name in TABLES}
        loading.create_schema("quarantine")
        # What version 0.1 called verdicts is history and stays.
        old = loading.relation("quarantine", "verdicts")
        loading.execute(f"alter table if exists {old} rename to validation_results")
        for name, columns in TABLES.items():
            declared = ", ".join(f"{column} {data_type}" for column, data_type in columns.items())
            loading.execute(f"create table if not exists {self._relation[name]} ({declared})")
            # The table may be there from a version that had fewer columns; its history stays.
            for column, data_type in columns.items():
                loading.execute(f"alter table {self._relation[name]} add column if not exists {column} {data_type}")

    def forget(self, source: RawSource) -> None:
        """Remove the state of a source before it is written anew."""
        for name in ("rejected_rows", "loads"):
            name_of_source = self._loading.literal(source.name)
            self._loading.execute(
                sql("delete from {table} where source_name = {name}", table=self._relation[name], name=name_of_source)
            )

    def record(self, source: RawSource, table: RawTable, outcome: Outcome, raw_rows: int) -> int | None:
        """Keep what one expectation found, and its rows when it rejects or replaces them; how many rows were
        unexpected, or None for a check of a whole table."""
        unexpected = self._unexpected(outcome)
        if unexpected and outcome.expectation.severity in ("reject", SUPERSEDE):
            self._reject(source, table, outcome)
        expectation, literal = outcome.expectation, self._loading.literal
        values = [
            literal(self._run_id), literal(source.name), literal(table.name), literal(expectation.type),
            self._names(expectation), literal(expectation.severity), str(raw_rows),
            "null" if unexpected is None else str(unexpected), str(outcome.is_success), str(outcome.seconds),
            literal(expectation.rule),
        ]  # fmt: skip
        self._insert("validation_results", f"values ({', '.join(values)})")
        return unexpected

    def settle(self, source: RawSource, table: RawTable) -> None:
        """What is wrong with a row does not matter any more where a later one takes its place."""
        query = sql(
            "delete from {rejected_rows} where {of_table} and rule != {superseded} and row_key in"
            " (select row_key from {rejected_rows} where {of_table} and rule = {superseded})",
            rejected_rows=self._relation["rejected_rows"],
            of_table=self._of(source, table),
            superseded=self._loading.literal(SUPERSEDED),
        )
        self._loading.execute(query)

    def reject_lines(
        self, source: RawSource, table: RawTable, file: str, lines: Iterable[tuple[BadLine, int | None]]
    ) -> None:
        """Keep the lines of a file that are no rows, each with its number where that is known."""
        literal = self._loading.literal
        named = f"{literal(source.name)}, {literal(table.name)}"
        rows = [
            f"({named}, {literal(_line_key(file, bad, line))}, {literal(bad.rule)}, null, {literal(masked(bad.text))},"
            f" {literal(file)}, null, {literal(self._run_id)}, {line or 'null'})"
            for bad, line in lines
        ]
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            self._insert("rejected_rows", f"values {', '.join(rows[start : start + ROWS_A_STATEMENT])}")

    def rejected_rows_of(self, source: RawSource, table: RawTable, file: str) -> list[int]:
        """The numbers in its file of the first rejected rows; so many lines of a file are looked up at most."""
        query = sql(
            "select distinct file_row from {rejected_rows} where {of_table} and rule != {superseded}"
            " and file_name = {file} and file_row is not null order by 1 limit {most}",
            rejected_rows=self._relation["rejected_rows"],
            of_table=self._of(source, table),
            file=self._loading.literal(file),
            superseded=self._loading.literal(SUPERSEDED),
            most=LINES_LOOKED_UP,
        )
        return [row for (row,) in self._loading.execute(query).fetchall()]

    def locate(self, source: RawSource, table: RawTable, file: str, lines: Mapping[int, int]) -> None:
        """Keep the line each rejected row of a file begins on, by its number in the file."""
        numbers = list(lines.items())
        for start in range(0, len(numbers), ROWS_A_STATEMENT):
            pairs = numbers[start : start + ROWS_A_STATEMENT]
            update = sql(
                "update {rejected_rows} set file_line = found.line from (values {values}) as found(number, line)"
                " where file_row = found.number and {of_table} and file_name = {file}",
                rejected_rows=self._relation["rejected_rows"],
                values=joined(sql("({row}, {line})", row=row, line=line) for row, line in pairs),
                of_table=self._of(source, table),
                file=self._loading.literal(file),
            )
            self._loading.execute(update)

    def rejections(self, source: RawSource, table: RawTable) -> Rejections:
        """What this run rejected of a table."""
        named = {
            "rejected_rows": self._relation["rejected_rows"],
            "of_table": self._of(source, table),
            "superseded": self._loading.literal(SUPERSEDED),
        }
        query = sql(
            "select count(distinct case when rule != {superseded} then row_key end),"
            " count(case when rule = {superseded} then 1 end) from {rejected_rows} where {of_table}",
            **named,
        )
        rows, superseded = first_row(self._loading, query)
        query = sql(
            "select rule || coalesce(' of ' || column_name, ''), count(*) from {rejected_rows}"
            " where {of_table} and rule != {superseded} group by 1 order by 2 desc, 1",
            **named,
        )
        return Rejections(rows, tuple(self._loading.execute(query).fetchall()), superseded)

    def load(
        self,
        source: RawSource,
        table: RawTable,
        *,
        files: int,
        raw: int,
        rejected: int,
        superseded: int,
        is_synthetic: bool,
        is_blocked: bool,
    ) -> None:
        """Keep how many rows of a table were read, rejected and superseded."""
        literal = self._loading.literal
        values = [literal(source.name), literal(table.name), files, raw, rejected, is_synthetic, is_blocked, superseded]
        self._insert("loads", f"values ({', '.join(map(str, values))})")

    def _insert(self, table: str, rows: str, columns: int | None = None) -> None:
        """``rows`` is SQL of the first ``columns`` declared ones, all of them when it does not say."""
        names = ", ".join(list(TABLES[table])[:columns])
        self._loading.execute(f"insert into {self._relation[table]} ({names}) {rows}")

    def _reject(self, source: RawSource, table: RawTable, outcome: Outcome) -> None:
        literal = self._loading.literal
        expectation = outcome.expectation
        column, value = self._column_and_value(expectation)
        unreadable = sql("'; ' || coalesce(raw_rows.{column}, '')", column=UNCASTABLE)
        each, only = Sql(""), Sql("")
        if expectation.columns == (UNCASTABLE,):
            # "column: value; column: value", masked when the file was read: one row for each of them.
            names = joined(sql("({name})", name=literal(column.name)) for column in table.columns)
            named = Sql("'; ' || unreadable.name || ': '")
            place = sql("position({named} in {unreadable})", named=named, unreadable=unreadable)
            each = sql("inner join (values {names}) as unreadable(name) on {place} > 0", names=names, place=place)
            column = Sql("unreadable.name")
            value = sql("split_part(substr({all}, {place} + 2), '; ', 1)", all=unreadable, place=place)
        elif expectation.type == NOT_NULL and len(expectation.columns) == 1:
            # A value that could not be read was there.
            named = literal(f"; {expectation.columns[0]}: ")
            only = sql("and position({named} in {unreadable}) = 0", named=named, unreadable=unreadable)
        # A row is named by its place in its file; rows are numbered through all files of a table.
        rows = sql(
            """
            select {source}, {table}, cast(raw_rows.{row} as varchar), {rule}, {column}, {value},
                raw_rows.{file}, raw_rows.{row} - starts.first_row + 1, {run}
            from {raw} as raw_rows
            inner join (select {file}, min({row}) as first_row from {raw} group by {file}) as starts
                on raw_rows.{file} = starts.{file}
            {each}
            where raw_rows.{row} in (select unexpected.{row} from ({unexpected}) as unexpected) {only}
            """,
            source=literal(source.name),
            table=literal(table.name),
            rule=literal(expectation.rule),
            column=column,
            value=value,
            run=literal(self._run_id),
            raw=self._loading.relation(source.schema, table.name),
            row=ROW,
            file=FILE,
            each=each,
            only=only,
            unexpected=known(outcome.rows_query),
        )
        self._insert("rejected_rows", rows, columns=-1)

    def _unexpected(self, outcome: Outcome) -> int | None:
        if outcome.rows_query is None:
            return None
        if outcome.is_success and "mostly" not in outcome.expectation.arguments:
            return 0
        query = sql("select count(*) from ({rows}) as unexpected", rows=outcome.rows_query)
        rows: int = first_row(self._loading, query)[0]
        return rows

    def _column_and_value(self, expectation: InputExpectation) -> tuple[Sql, Sql]:
        """SQL of the name of the column a row is rejected for and of its masked value."""
        columns = expectation.columns
        if not columns or columns == (UNCASTABLE,):
            return Sql("null"), Sql("null")
        texts = joined(
            [
                sql("coalesce(cast(raw_rows.{name} as varchar), '')", name=self._loading.identifier(column))
                for column in columns
            ],
            " || ', ' || ",
        )
        masked_texts = self._loading.masked(sql("({texts})", texts=texts))
        return self._names(expectation), sql("nullif({texts}, '')", texts=masked_texts)

    def _names(self, expectation: InputExpectation) -> Sql:
        return self._loading.literal(", ".join(expectation.columns) or None)

    def _of(self, source: RawSource, table: RawTable) -> Sql:
        literal = self._loading.literal
        names = {"source": literal(source.name), "table": literal(table.name)}
        return sql("source_name = {source} and table_name = {table}", **names)


def _line_key(file: str, bad: BadLine, line: int | None) -> str:
    return f"{file}:{line}" if line else f"{file}@{bad.start}"
