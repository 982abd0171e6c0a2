"""Where a build runs. One small object per engine behind one interface, chosen once by ``engine_for``.

Nothing outside this package asks which engine it is on: what differs is a method or an attribute here, and the SQL that
is the same everywhere is written once, by who needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cxmetrics.engines.sql import Sql
from cxmetrics.errors import BuildFailed, known

if TYPE_CHECKING:
    from cxmetrics.engines.file_reader import FileReader
    from cxmetrics.engines.quoting import Constant

# What is published, and nothing else.
PUBLISHED_SCHEMAS = ("service", "experience", "journey", "metrics")
# Where what is built and what is published share one database, dbt builds the published schemas under these names
# (macros/build_schema_prefix.sql).
BUILD_PREFIX = "build_"


class Answer(Protocol):
    """The rows of a query; what a statement answers has none."""

    @property
    def description(self) -> Sequence[Sequence[Any]] | None:
        """For each column a sequence that begins with its name."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, None after the last one."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that have not been fetched yet."""


class Connection(Protocol):
    """Runs SQL of its engine."""

    def execute(self, sql: str, /) -> Answer: ...


def first_row(connection: Connection, query: str) -> tuple[Any, ...]:
    """The first row of a query that always has one, as a count has."""
    return known(connection.execute(query).fetchone())


class Quoting(Protocol):
    """Names and constants in an engine's SQL. Whoever writes SQL for any engine asks the engine, and never chooses."""

    def identifier(self, name: str) -> Sql:
        """``name`` quoted for SQL."""

    def relation(self, schema: str, table: str) -> Sql:
        """``schema.table`` quoted for SQL."""

    def literal(self, text: Constant) -> Sql:
        """A text, or the text of a date or a moment, as a string constant; ``null`` for None."""


@dataclass(frozen=True)
class StoredTable:
    """A table that is already in the warehouse: the SQL that names it, and its columns with the engine's types."""

    relation: Sql
    columns: Mapping[str, str]


class Loading(Connection, Quoting, Protocol):
    """One load: raw tables and quarantine are written here and checked, and kept when the block ends without an error.

    It need not be the warehouse itself. An engine may load and check elsewhere, and hand over what came out at the end.
    All SQL given to it is in the dialect its own methods quote for.
    """

    def begin(self, reader: FileReader) -> None:
        """Read files so from here on, and hash with its key; before anything is loaded."""

    def forget_key(self) -> None:
        """Nothing is hashed any more: what runs here later cannot read the key."""

    def create_schema(self, schema: str) -> None:
        """A schema to load into, if it is not there. Raises CxError when it is there and another role's."""

    def create_table(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        """An empty table in the place of one with this name. ``columns``: data types by name."""

    def append(self, schema: str, table: str, select: str) -> int:
        """Store the rows of ``select``, which DuckDB runs whatever the engine is; how many they are.

        Its columns are those of the table, in their order. Raises duckdb.Error for a file that cannot be read and
        CxError for rows the engine cannot store.
        """

    def insert(self, schema: str, table: str, select: str) -> int:
        """Store the rows of a ``select`` over ``stored`` tables, in the order of the columns; how many they are."""

    def close_files(self) -> None:
        """All files are read: from now on SQL, some of which people write into declarations, reaches tables alone."""

    def stored(self, schema: str) -> dict[str, StoredTable]:
        """The tables and views of a schema of the warehouse, by name; empty when there is no such schema."""

    def gx_data_source(self, context: Any) -> Any:
        """A data source of a Great Expectations context that sees what was loaded here."""

    def runnable(self, query: str) -> Sql:
        """A query that Great Expectations wrote, as ``execute`` takes it."""

    def masked(self, text: str) -> Sql:
        """SQL: the first 40 characters with digits as 9, letters as a, control characters as blanks and signs of ASCII
        as they are; without all others."""

    def hashed(self, text: str) -> Sql:
        """SQL: the HMAC-SHA256 of a text with the key of the load, in hexadecimal digits. The key stands in no SQL."""

    def matches(self, text: str, pattern: str) -> Sql:
        """SQL: whether the whole text has the form of a pattern."""


@dataclass(frozen=True)
class Publication:
    """What is to be published: ``tables`` (``schema.table``) of ``schemas``, of which ``required`` must hold rows.

    ``comments``: texts by table and column; the table's own under ``""``.
    """

    schemas: tuple[str, ...]
    tables: frozenset[str]
    required: str
    comments: Mapping[str, Mapping[str, str]]

    def chosen(self, built: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[str]]:
        """Of the tables that were ``built`` (schema and name) those to publish, and sentences about the others: what a
        model left that is no longer there would otherwise be published for ever, and never change.

        Raises BuildFailed when one is missing.
        """
        names = {".".join(table): table for table in built}
        missing = sorted(self.tables - set(names))
        _require(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing from the build", not missing)
        others = sorted(set(names) - self.tables)
        notes = [f"{name} is in the build and no model describes it, so it was not published" for name in others]
        return [table for name, table in names.items() if name in self.tables], notes

    def require_rows(self, table: str, built: int, copied: int) -> None:
        """Raises BuildFailed when a table's copy is not as long as what was built, or the required one is empty."""
        _require(f"{table} has {copied} rows in the copy and {built} in the build", built == copied)
        _require(f"{table} has no row", copied > 0 or table != self.required)


@dataclass(frozen=True)
class Published:
    """A publication that people read, or one before it that is kept. ``state``: current, kept, or withdrawn: it was
    rolled back, so that no roll-back goes to it unless it is named."""

    name: str
    published_at: str
    state: str
    location: str
    as_of: str
    sources: str
    is_synthetic: bool


class History(Protocol):
    """The publications an engine keeps."""

    def publications(self) -> list[Published]:
        """The current one and those that are kept, the latest first."""

    def roll_back(self, name: str | None) -> tuple[Published, Published | None]:
        """Publish the one before the current one again, or the one called ``name``: what it went back to, and what was
        current.

        Readers see the one or the other. Raises CxError when there is none or a build is at work, and BuildFailed, with
        nothing changed, when it cannot be put into its place.
        """


def _require(problem: str, holds: bool) -> None:
    if not holds:
        raise BuildFailed(f"the build was not published: {problem}", next_step="cx build")


class Engine(Quoting, Protocol):
    """One target of ``profiles.yml``."""

    name: str
    # The target's name in profiles.yml, as dbt takes it.
    target: str
    # MetricFlow's renderer (a key of ``measure.dialects.DIALECTS``).
    dialect: str
    # What the engine calls a 64-bit float and a text of any length.
    double: str
    text: str
    # BUILD_PREFIX where dbt builds beside what is published, else nothing.
    build_prefix: str

    @property
    def failure(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What ``execute`` raises for SQL that cannot be run."""

    @property
    def history(self) -> History | None:
        """What was published before; None where what was replaced is not kept."""

    @property
    def build_location(self) -> str:
        """Where the build lies, for people; never with a password."""

    @property
    def published_location(self) -> str:
        """Where people find what was published."""

    def reserved(self) -> AbstractContextManager[list[str]]:
        """Held for a whole build, with sentences about what a killed one had left and was fixed.

        Raises CxError when another build is at work in the same place, saying whose and since when.
        """

    def loading(self) -> AbstractContextManager[Loading]:
        """For ``cx inputs``: kept as a whole or, after an exception, not at all."""

    def building(self) -> AbstractContextManager[Connection]:
        """A connection to what dbt built. It is closed before dbt's process or another connection is started."""

    def writing(self) -> AbstractContextManager[Connection]:
        """Like ``building``, for statements that belong together; one transaction where the engine has any."""

    def published(self, writes: Path | None = None) -> AbstractContextManager[Connection]:
        """A connection that reads what was published last, with the least rights there are: one query at a time, no
        file but the one that ``write_parquet`` will write. Raises NothingPublished when nothing was."""

    def publish(self, publication: Publication) -> list[str]:
        """Replace what is published by what was built; sentences about what people should know.

        Readers see the old or the new. Raises BuildFailed, and leaves what was published before.
        """

    def write_parquet(self, connection: Any, query: str, file: Path) -> None:
        """The answer to a query as a Parquet file: the one that ``published`` was told of."""
