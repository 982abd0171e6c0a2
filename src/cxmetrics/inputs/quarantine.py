"""The schema ``quarantine`` of the build database: which raw rows are rejected and why, and what every check found.

``rejected_rows`` and ``loads`` are the state of the raw tables as they are now, rewritten for a source on each run, so
that a corrected row is accepted by itself. ``verdicts`` is history and only grows. Raw values are masked: digits
become 9, letters a.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cxmetrics.engines.interface import Loading, first_row
from cxmetrics.inputs.declaration import FILE, ROW, UNCASTABLE, InputExpectation, RawSource, RawTable
from cxmetrics.inputs.expectations import Outcome
from cxmetrics.inputs.files import masked
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
    "verdicts": {
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
        "is_invented": "boolean",
        "is_blocked": "boolean",
    },
}


@dataclass(frozen=True)
class Rejections:
    """Rejected rows of one table: distinct rows, and rows by rule and column, the most frequent first."""

    rows: int
    by_rule: tuple[tuple[str, int], ...]


class Quarantine:
    """Writes the quarantine of one load."""

    def __init__(self, loading: Loading, run_id: str):
        self._loading = loading
        self._run_id = run_id
        self._relation = {name: loading.relation("quarantine", name) for name in TABLES}
        loading.create_schema("quarantine")
        for name, columns in TABLES.items():
            declared = ", ".join(f"{column} {data_type}" for column, data_type in columns.items())
            loading.execute(f"create table if not exists {self._relation[name]} ({declared})")
            # The table may be there from a version that had fewer columns; its history stays.
            for column, data_type in columns.items():
                loading.execute(f"alter table {self._relation[name]} add column if not exists {column} {data_type}")

    def forget(self, source: RawSource) -> None:
        """Remove the state of a source before it is written anew."""
        for name in ("rejected_rows", "loads"):
            self._loading.execute(
                f"delete from {self._relation[name]} where source_name = {self._loading.literal(source.name)}"  # noqa: S608
            )

    def record(self, source: RawSource, table: RawTable, outcome: Outcome, raw_rows: int) -> int | None:
        """Keep what one expectation found, and its rows when it rejects; how many rows were unexpected, or None for a
        check of a whole table."""
        unexpected = self._unexpected(outcome)
        if unexpected and outcome.expectation.severity == "reject":
            self._reject(source, table, outcome)
        expectation, literal = outcome.expectation, self._loading.literal
        values = [
            literal(self._run_id), literal(source.name), literal(table.name), literal(expectation.type),
            self._names(expectation), literal(expectation.severity), str(raw_rows),
            "null" if unexpected is None else str(unexpected), str(outcome.is_success), str(outcome.seconds),
            literal(expectation.rule),
        ]  # fmt: skip
        self._insert("verdicts", f"values ({', '.join(values)})")
        return unexpected

    def reject_lines(
        self, source: RawSource, table: RawTable, file: str, lines: Iterable[tuple[BadLine, int | None]]
    ) -> None:
        """Keep the lines of a file that are no rows, each with its number where that is known."""
        literal = self._loading.literal
        place = f"{literal(source.name)}, {literal(table.name)}"
        rows = [
            f"({place}, {literal(_line_key(file, bad, line))}, {literal(bad.rule)}, null, {literal(masked(bad.text))},"
            f" {literal(file)}, null, {literal(self._run_id)}, {line or 'null'})"
            for bad, line in lines
        ]
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            self._insert("rejected_rows", f"values {', '.join(rows[start : start + ROWS_A_STATEMENT])}")

    def rejected_rows_of(self, source: RawSource, table: RawTable, file: str) -> list[int]:
        """The numbers in its file of the first rejected rows; so many lines of a file are looked up at most."""
        literal = self._loading.literal
        rows = self._loading.execute(
            f"select distinct file_row from {self._relation['rejected_rows']}"  # noqa: S608
            f" where source_name = {literal(source.name)} and table_name = {literal(table.name)}"
            f" and file_name = {literal(file)} and file_row is not null order by 1 limit {LINES_LOOKED_UP}"
        ).fetchall()
        return [row for (row,) in rows]

    def locate(self, source: RawSource, table: RawTable, file: str, lines: Mapping[int, int]) -> None:
        """Keep the line each rejected row of a file begins on, by its number in the file."""
        literal, numbers = self._loading.literal, list(lines.items())
        for start in range(0, len(numbers), ROWS_A_STATEMENT):
            values = ", ".join(f"({row}, {line})" for row, line in numbers[start : start + ROWS_A_STATEMENT])
            self._loading.execute(
                f"update {self._relation['rejected_rows']} set file_line = found.line"  # noqa: S608
                f" from (values {values}) as found(number, line) where file_row = found.number"
                f" and source_name = {literal(source.name)} and table_name = {literal(table.name)}"
                f" and file_name = {literal(file)}"
            )

    def rejections(self, source: RawSource, table: RawTable) -> Rejections:
        """What this run rejected of a table."""
        literal = self._loading.literal
        where = f"source_name = {literal(source.name)} and table_name = {literal(table.name)}"
        relation = self._relation["rejected_rows"]
        query = f"select count(distinct row_key) from {relation} where {where}"  # noqa: S608
        (rows,) = first_row(self._loading, query)
        by_rule = self._loading.execute(
            f"select rule || coalesce(' of ' || column_name, ''), count(*) from {relation}"  # noqa: S608
            f" where {where} group by 1 order by 2 desc, 1"
        ).fetchall()
        return Rejections(rows, tuple(by_rule))

    def load(
        self,
        source: RawSource,
        table: RawTable,
        *,
        files: int,
        raw: int,
        rejected: int,
        is_invented: bool,
        is_blocked: bool,
    ) -> None:
        """Keep how many rows of a table were read and rejected."""
        literal = self._loading.literal
        values = [literal(source.name), literal(table.name), files, raw, rejected, is_invented, is_blocked]
        self._insert("loads", f"values ({', '.join(map(str, values))})")

    def _insert(self, table: str, rows: str, columns: int | None = None) -> None:
        """``rows`` is SQL of the first ``columns`` declared ones, all of them when it does not say."""
        names = ", ".join(list(TABLES[table])[:columns])
        self._loading.execute(f"insert into {self._relation[table]} ({names}) {rows}")

    def _reject(self, source: RawSource, table: RawTable, outcome: Outcome) -> None:
        raw, literal = self._loading.relation(source.schema, table.name), self._loading.literal
        column, value = self._column_and_value(outcome.expectation)
        # A row is named by its place in its file; rows are numbered through all files of a table.
        rows = f"""
            select {literal(source.name)}, {literal(table.name)}, cast(raw_rows.{ROW} as varchar),
                {literal(outcome.expectation.rule)}, {column}, {value},
                raw_rows.{FILE}, raw_rows.{ROW} - starts.first_row + 1, {literal(self._run_id)}
            from {raw} as raw_rows
            inner join (select {FILE}, min({ROW}) as first_row from {raw} group by {FILE}) as starts
                on raw_rows.{FILE} = starts.{FILE}
            where raw_rows.{ROW} in (select unexpected.{ROW} from ({outcome.rows_query}) as unexpected)
        """  # noqa: S608
        self._insert("rejected_rows", rows, columns=-1)

    def _unexpected(self, outcome: Outcome) -> int | None:
        if outcome.rows_query is None:
            return None
        if outcome.is_success and "mostly" not in outcome.expectation.arguments:
            return 0
        query = f"select count(*) from ({outcome.rows_query}) as unexpected"  # noqa: S608
        rows: int = first_row(self._loading, query)[0]
        return rows

    def _column_and_value(self, expectation: InputExpectation) -> tuple[str, str]:
        """SQL of the name of the column a row is rejected for and of its masked value."""
        columns = expectation.columns
        if columns == (UNCASTABLE,):  # "column: value", masked when the file was read
            return f"split_part(raw_rows.{UNCASTABLE}, ': ', 1)", f"raw_rows.{UNCASTABLE}"
        if not columns:
            return "null", "null"
        texts = [f"coalesce(cast(raw_rows.{self._loading.identifier(column)} as varchar), '')" for column in columns]
        joined = "(" + " || ', ' || ".join(texts) + ")"
        return self._names(expectation), f"nullif({self._loading.masked(joined)}, '')"

    def _names(self, expectation: InputExpectation) -> str:
        return self._loading.literal(", ".join(expectation.columns)) if expectation.columns else "null"


def _line_key(file: str, bad: BadLine, line: int | None) -> str:
    return f"{file}:{line}" if line else f"{file}@{bad.start}"
