"""Why a raw row was rejected, or that it was not: what quarantine says of it, and the expectation behind it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import Connection, Engine, Quoting
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.errors import CxError
from cxmetrics.inputs.declaration import RawSource, RawTable, read_source
from cxmetrics.inputs.implied import SUPERSEDED
from cxmetrics.inputs.text_files import LINE_RULES

# What the rules that no .yml names ask for.
MEANINGS = {
    "uncastable": "the value must be of the declared type, in the declared format",
    SUPERSEDED: "a later row has the same key and takes its place",
    "expect_column_values_to_not_be_null": "the column needs a value",
    "in_the_future": "what has happened is not in the future; a day is tolerated",
    "before_1980": "1900-01-01, 1970-01-01 and their like stand for a time that is not known",
    **dict.fromkeys(LINE_RULES.values(), "the line is no row: it is not in the raw table"),
}


@dataclass(frozen=True)
class Reason:
    """Why a row was rejected. ``meaning`` is what the rule asks for, ``declared`` where it stands."""

    rule: str
    column: str | None
    masked_value: str | None
    meaning: str
    declared: str


@dataclass(frozen=True)
class Explanation:
    """One raw row. No reason: it was accepted."""

    source: str
    table: str
    row: str
    location: str | None
    reasons: tuple[Reason, ...]

    @property
    def became(self) -> str:
        """What became of it, in a word."""
        if not self.reasons:
            return "accepted"
        return "superseded" if self.reasons[0].rule == SUPERSEDED else "rejected"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def explain(project: Project, engine: Engine, sources: list[str], row: str) -> list[Explanation]:
    """What became of ``row`` in the last run: ``table:number`` (its ``_cx_row``), or ``file:line`` of a text file.

    Raises CxError when it names no table or file that was read, or a row that is not there.
    """
    name, _, number = row.rpartition(":")
    if not name or not number.isascii() or not number.isdigit() or len(number) > 18:
        raise CxError("a row is named by its table and number, or by its file and line", got=row,
                      allowed=["tickets:12", "tickets.csv:13"])  # fmt: skip
    declared = [read_source(project, source) for source in sources]
    of_table = [(source, table) for source in declared for table in source.tables if table.name == name]
    with engine.building() as connection:
        rejected = _Rejected(connection, engine)
        try:
            if of_table:
                return [rejected.row(source, table, number) for source, table in of_table]
            return rejected.line(declared, name, number)
        except engine.failure as error:
            raise CxError("nothing has been loaded yet", next_step="cx inputs") from error


class _Rejected:
    """The quarantine of an engine. Row numbers and file names come from whoever asks, so all of them are quoted."""

    def __init__(self, connection: Connection, quoting: Quoting):
        self._connection = connection
        self._literal = quoting.literal

    def row(self, source: RawSource, table: RawTable, number: str) -> Explanation:
        """A row of a table. Raises CxError when the table has none of this number."""
        query = sql(
            "select coalesce(max(raw_rows), 0), coalesce(max(rejected_rows + coalesce(superseded_rows, 0)), 0)"
            " from quarantine.loads where {of_table}",
            of_table=self._of(source, table),
        )
        raw_rows, kept_rows = self._connection.execute(query).fetchone() or (0, 0)
        if not 1 <= int(number) <= raw_rows:
            raise CxError(f"{source.name}.{table.name} has no such row", got=number, allowed=[f"1 to {raw_rows:,}"])
        key = str(int(number))
        where = sql("row_key = {key}", key=self._literal(key))
        found = self._reasons(source, table, where) if kept_rows else {}
        return next(iter(found.values()), Explanation(source.name, table.name, key, None, ()))

    def line(self, sources: list[RawSource], file: str, line: str) -> list[Explanation]:
        """The rejected rows that begin on a line of a file. Raises CxError when there is none."""
        where = sql("file_name = {file} and file_line = {line}", file=self._literal(file), line=int(line))
        found = [
            explanation
            for source in sources
            for table in source.tables
            for explanation in self._reasons(source, table, where).values()
        ]
        if not found and "." not in file:
            tables = [table.name for source in sources for table in source.tables]
            raise CxError("no such table", got=file, allowed=tables, next_step="cx inputs --explain TABLE:NUMBER")
        if not found:
            raise CxError(
                "no rejected row begins on this line",
                file=file,
                line=int(line),
                next_step="name it by its table and number (tickets:12), or look into quarantine.rejected_rows",
            )
        return found

    def _reasons(self, source: RawSource, table: RawTable, where: Sql) -> dict[str, Explanation]:
        """The rejected rows that ``where`` selects, by their key."""
        query = sql(
            "select row_key, file_name, file_line, file_row, rule, column_name, masked_value"
            " from quarantine.rejected_rows where {of_table} and {where} order by rule, column_name",
            of_table=self._of(source, table),
            where=where,
        )
        found: dict[str, Explanation] = {}
        for key, file, line, number, rule, column, value in self._connection.execute(query).fetchall():
            location = f"{file}:{line}" if line else f"{file}, row {number}" if number else file
            before = found[key].reasons if key in found else ()
            reason = Reason(rule, column, value, *_meaning(table, rule, column))
            found[key] = Explanation(source.name, table.name, key, location, (*before, reason))
        return found

    def _of(self, source: RawSource, table: RawTable) -> Sql:
        names = {"source": self._literal(source.name), "table": self._literal(table.name)}
        return sql("source_name = {source} and table_name = {table}", **names)


def _meaning(table: RawTable, rule: str, column: str | None) -> tuple[str, str]:
    """What a rule asks for, and where it is declared."""
    for expectation in table.expectations:
        if expectation.rule == rule and ", ".join(expectation.columns) == (column or ""):
            arguments = {name: value for name, value in expectation.arguments.items() if not name.startswith("column")}
            asked = ", ".join(f"{name}: {value}" for name, value in arguments.items())
            return expectation.help or asked or expectation.type, f"{expectation.file}:{expectation.line}"
    for reference in table.references:
        if rule in (f"not_in_{reference.to}", f"before_{reference.not_before}_of_{reference.to}"):
            asked = f"{reference.column} names a row of {reference.to}"
            if reference.time:
                asked += f", and {reference.time} is not before its {reference.not_before}"
            return asked, f"{table.file}:{reference.line}"
    return MEANINGS.get(rule, rule), f"{table.file}:{table.line}"
