"""What a source's ``_<source>__sources.yml`` declares, read without dbt.

dbt reads the same file and checks its own keys; here ``config.meta.cx`` of tables and columns is checked, which is
closed: a key that is not known is refused with file and line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from cxmetrics.definitions.closed_model import ClosedModel, validate
from cxmetrics.definitions.project import Project
from cxmetrics.definitions.yaml_file import KeyPath, YamlFile
from cxmetrics.errors import CxError
from cxmetrics.inputs.currency_rates import CURRENCY, RULE, rates_of
from cxmetrics.inputs.labels import seeded_labels
from cxmetrics.inputs.source_settings import (
    ID,
    LISTED,
    ColumnSettings,
    ExpectationSettings,
    Privacy,
    ReferenceSettings,
    TableSettings,
)

DATA_TYPES = ("string", "bigint", "integer", "double", "boolean", "date", "timestamp")

IN_SET = "expect_column_values_to_be_in_set"

# Formats of dates and timestamps that are numbers: days since 1899, and seconds or milliseconds since 1970.
EXCEL, EPOCH, EPOCH_MS = "excel", "epoch", "epoch_ms"

# Columns the loader adds to every raw table.
FILE, ROW, UNCASTABLE = "_cx_file", "_cx_row", "_cx_uncastable"


@dataclass(frozen=True)
class InputExpectation:
    """One check of a table. ``type`` and ``arguments`` are Great Expectations' own names; ``columns`` are the columns
    it is about, none for a check of whole rows or tables. ``help`` tells whoever sees it fail what to do."""

    type: str
    arguments: dict[str, Any]
    severity: str
    rule: str
    columns: tuple[str, ...]
    file: str
    line: int
    help: str | None = None

    @property
    def is_closed_set(self) -> bool:
        """Whether a column has no value but those of a set."""
        return self.type == IN_SET and self.severity == "reject" and "column" in self.arguments


@dataclass(frozen=True)
class RawColumn:
    """A declared column of a raw table. Where only listed labels are kept, ``labels`` are those of ``labels_of``.
    ``decimal`` is what begins the decimals of a number, where that is declared. ``is_id``: its values identify rows."""

    name: str
    data_type: str
    formats: tuple[str, ...] = ()
    personal: str | None = None
    keep: str | None = None
    labels_of: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    decimal: Literal[",", "."] | None = None
    is_id: bool = False
    line: int = 0

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.data_type in ("bigint", "integer", "double")

    @property
    def is_hashed(self) -> bool:
        """Whether values of it are stored as hashes."""
        return self.personal in ("person", "hash")


@dataclass(frozen=True)
class Reference:
    """``column`` names a row of the table ``to`` by its ``key``. A ``time`` here is not before the time ``not_before``
    there; up to ``tolerated_seconds`` clocks may differ."""

    column: str
    to: str
    key: str
    severity: str
    time: str | None
    not_before: str | None
    time_severity: str
    tolerated_seconds: int
    line: int


@dataclass(frozen=True)
class RawTable:
    """A declared raw table. ``key`` columns identify a row: the last row of a key wins, last by ``newest_by`` and then
    by its place. A file must have the ``required`` columns, the key among them, and every row a value in them.
    ``happened`` columns hold what has happened: nothing in the future; by the first of them the rows of a day are
    counted. ``priced`` is the date whose month has the rate of a row's currency."""

    name: str
    columns: tuple[RawColumn, ...]
    patterns: tuple[str, ...]
    is_required: bool
    key: tuple[str, ...]
    newest_by: str | None
    required: tuple[str, ...]
    max_rejected_share: float
    null_values: tuple[str, ...]
    encoding: str | None
    escape: str
    header_rows: int | None
    happened: tuple[str, ...]
    priced: str | None
    references: tuple[Reference, ...]
    expectations: tuple[InputExpectation, ...]
    file: str
    line: int


@dataclass(frozen=True)
class RawSource:
    """A declared source; ``schema`` is where its raw tables are loaded."""

    name: str
    schema: str
    tables: tuple[RawTable, ...]
    file: str


def read_source(project: Project, name: str) -> RawSource:
    """The declaration of a source. Raises CxError for an unknown source and for the first thing wrong in its file."""
    declared = [known for known in project.source_names if _path(project, known).is_file()]
    if name not in declared:
        raise CxError(f"unknown source '{name}'", got=name, allowed=declared, next_step="cx inputs --source NAME")
    file = project.read(_path(project, name))
    entries = _mapping(file, file.data, ()).get("sources")
    for index, entry in enumerate(_list(file, entries, ("sources",))):
        if entry.get("name") == name:
            at = ("sources", index)
            tables = _list(file, entry.get("tables"), (*at, "tables"))
            usual = _settings(file, entry, at, Privacy)
            read = [_table(file, tables, (*at, "tables", number), usual) for number in range(len(tables))]
            schema = entry.get("schema", name)
            tables_read = _with_rates(project, _with_labels(project, read))
            return RawSource(name=name, schema=schema, tables=tables_read, file=file.name)
    raise CxError(f"the file declares no source called '{name}'", file=file.name, line=file.line(("sources",)))


def _with_rates(project: Project, tables: tuple[RawTable, ...]) -> tuple[RawTable, ...]:
    """The tables with a check of every one that holds amounts: its rows have a rate.

    Raises CxError for rates that cannot be read.
    """
    if not any(table.priced for table in tables):
        return tables
    rates = rates_of(project)

    def checked(table: RawTable) -> RawTable:
        if table.priced is None:
            return table
        query = {"unexpected_rows_query": rates.query(table.priced)}
        about = (CURRENCY, table.priced)
        check = InputExpectation(
            "unexpected_rows_expectation", query, "reject", RULE, about, table.file, table.line, rates.help
        )
        return replace(table, expectations=(*table.expectations, check))

    return tuple(map(checked, tables))


def _with_labels(project: Project, tables: list[RawTable]) -> tuple[RawTable, ...]:
    """The tables with the labels of their columns: those of the seeds, and those of value sets anywhere in the source.

    Raises CxError for a seed that cannot be read.
    """
    wanted = {name for table in tables for column in table.columns for name in column.labels_of}
    if not wanted:
        return tuple(tables)
    seeded = seeded_labels(project.root, wanted)
    for expectation in (expectation for table in tables for expectation in table.expectations):
        column, values = expectation.arguments.get("column"), expectation.arguments.get("value_set")
        if expectation.type == IN_SET and column in wanted and isinstance(values, list):
            seeded[column] += tuple(value for value in values if isinstance(value, str))

    def listed(column: RawColumn) -> RawColumn:
        labels = dict.fromkeys(label for name in column.labels_of for label in seeded[name])
        return replace(column, labels=tuple(labels))

    return tuple(replace(table, columns=tuple(map(listed, table.columns))) for table in tables)


def _path(project: Project, name: str) -> Path:
    return project.root / "models" / "staging" / name / f"_{name}__sources.yml"


def _table(file: YamlFile, tables: list[dict[str, Any]], at: KeyPath, usual: Privacy) -> RawTable:
    entry = tables[int(at[-1])]
    name = _name(file, entry, at)
    settings = _settings(file, entry, at, TableSettings)
    declared = _list(file, entry.get("columns"), (*at, "columns"))
    identifying = {*settings.key, *(reference.column for reference in settings.references)}
    columns = tuple(
        _column(file, column, (*at, "columns", index), usual, settings.decimal, identifying)
        for index, column in enumerate(declared)
    )
    names = [column.name for column in columns]
    settings_at = (*at, "config", "meta", "cx")
    for setting in ("key", "required", "happened"):
        for index, column in enumerate(getattr(settings, setting)):
            _require_column(f"'{setting}' of {name}", column, names, file, (*settings_at, setting, index))
    if settings.newest_by is not None:
        _require_column(f"'newest_by' of {name}", settings.newest_by, names, file, (*settings_at, "newest_by"))
    for column in (settings.priced, CURRENCY) if settings.priced else ():
        _require_column(f"'priced' of {name}", column, names, file, (*settings_at, "priced"))
    for column in columns:
        if column.personal == "drop" and column.name in (*settings.key, *settings.required):
            line = file.line((*at, "columns", names.index(column.name), "config", "meta", "cx", "personal"))
            raise CxError(f"'{column.name}' is required and cannot be dropped; hash it", file=file.name, line=line)
    return RawTable(
        name=name,
        columns=columns,
        patterns=tuple(settings.files or _default_patterns(name)),
        is_required=settings.is_required,
        key=tuple(settings.key),
        newest_by=settings.newest_by,
        required=tuple(dict.fromkeys([*settings.key, *settings.required])),
        max_rejected_share=settings.max_rejected_share,
        null_values=tuple(settings.null_values),
        encoding=settings.encoding,
        escape=settings.escape,
        header_rows=settings.header_rows,
        happened=tuple(settings.happened),
        priced=settings.priced,
        references=tuple(
            _reference(file, reference, tables, names, (*settings_at, "references", index))
            for index, reference in enumerate(settings.references)
        ),
        expectations=tuple(
            _expectation(file, item, (*settings_at, "expectations", index), names)
            for index, item in enumerate(settings.expectations)
        ),
        file=file.name,
        line=file.line((*at, "name")),
    )


def _require_column(what: str, column: str, names: list[str], file: YamlFile, at: KeyPath) -> None:
    if column not in names:
        problem = f"{what} names a column that is not declared"
        raise CxError(problem, file=file.name, line=file.line(at), got=column, allowed=names)


def _reference(
    file: YamlFile, given: ReferenceSettings, tables: list[dict[str, Any]], names: list[str], at: KeyPath
) -> Reference:
    """The reference with the key of the table it leads to, which must be one column."""
    by_name = {table.get("name"): index for index, table in enumerate(tables)}
    line = file.line(at)
    if given.to not in by_name:
        raise CxError("a reference leads to no table of this source", file=file.name, line=line, got=given.to,
                      allowed=by_name)  # fmt: skip
    other_at = (*at[:3], by_name[given.to])
    other = tables[by_name[given.to]]
    key = _settings(file, other, other_at, TableSettings).key
    if len(key) != 1:
        raise CxError(f"a reference needs a table with a key of one column; {given.to} has {len(key)}",
                      file=file.name, line=line)  # fmt: skip
    if (given.time is None) != (given.not_before is None):
        raise CxError("'time' and 'not_before' of a reference go together", file=file.name, line=line)
    theirs = [str(column.get("name")) for column in _list(file, other.get("columns"), (*other_at, "columns"))]
    _require_column("a reference", given.column, names, file, at)
    if given.time is not None and given.not_before is not None:
        _require_column("'time' of a reference", given.time, names, file, at)
        _require_column(f"'not_before' of a reference to {given.to}", given.not_before, theirs, file, at)
    return Reference(**given.model_dump(), key=key[0], line=line)


def _default_patterns(table: str) -> list[str]:
    kinds = (".parquet", ".csv", ".csv.gz", ".csv.zst", ".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson")
    return [f"{table}{kind}" for kind in kinds] + [f"{table}/*{kind}" for kind in kinds]


def _column(
    file: YamlFile,
    entry: dict[str, Any],
    at: KeyPath,
    usual: Privacy,
    decimal: Literal[",", "."] | None,
    identifying: set[str],
) -> RawColumn:
    name = _name(file, entry, at)
    data_type = entry.get("data_type")
    if data_type not in DATA_TYPES:
        line = file.line((*at, "data_type"))
        raise CxError(f"bad data_type of '{name}'", file=file.name, line=line, got=data_type, allowed=DATA_TYPES)
    settings = _settings(file, entry, at, ColumnSettings)
    if settings.format is not None and data_type not in ("date", "timestamp"):
        line = file.line((*at, "config", "meta", "cx", "format"))
        raise CxError(f"only dates and timestamps have a format; '{name}' is {data_type}", file=file.name, line=line)
    if settings.decimal is not None and data_type not in ("bigint", "integer", "double"):
        line = file.line((*at, "config", "meta", "cx", "decimal"))
        raise CxError(f"only numbers have decimals; '{name}' is {data_type}", file=file.name, line=line)
    if settings.personal in ("person", "hash") and data_type != "string":
        line = file.line((*at, "config", "meta", "cx", "personal"))
        raise CxError(f"only text is hashed; '{name}' is {data_type} and can be dropped", file=file.name, line=line)
    formats = [settings.format] if isinstance(settings.format, str) else settings.format or []
    privacy: Privacy = settings
    if settings.personal is None and data_type == "string":
        privacy = usual if settings.keep is None else usual.model_copy(update={"keep": settings.keep})
    _require_kept_for_a_reason(file, name, privacy, settings.labels, at)
    labels_of = tuple(settings.labels or [name]) if privacy.keep == LISTED else ()
    is_id = data_type == "string" and (privacy.personal == "person" or privacy.keep == ID or name in identifying)
    return RawColumn(
        name,
        data_type,
        tuple(formats),
        privacy.personal,
        privacy.keep,
        labels_of,
        decimal=settings.decimal or decimal,
        is_id=is_id,
        line=file.line((*at, "name")),
    )


def _require_kept_for_a_reason(
    file: YamlFile, column: str, privacy: Privacy, labels: list[str] | None, at: KeyPath
) -> None:
    """Raises CxError where what is kept has no meaning, or would let the id of a person through."""
    problem = None
    if privacy.keep is not None and privacy.personal not in ("person", "hash"):
        problem = f"'keep' needs personal: hash; '{column}' is not hashed"
    elif privacy.personal == "person" and privacy.keep not in (None, LISTED):
        problem = f"ids of persons are always hashed; '{column}' can keep listed labels only"
    elif labels is not None and privacy.keep != LISTED:
        problem = f"'labels' needs keep: listed; '{column}' keeps none"
    if problem is not None:
        raise CxError(problem, file=file.name, line=file.line((*at, "config", "meta", "cx")))


def _expectation(file: YamlFile, entry: dict[str, Any], at: KeyPath, columns: list[str]) -> InputExpectation:
    ours = {key: value for key, value in entry.items() if key in ExpectationSettings.model_fields}
    settings, problems = validate(ExpectationSettings, ours, file, at)
    if settings is None:
        raise problems[0]
    arguments = {key: value for key, value in entry.items() if key not in ours}
    about = [arguments[name] for name in ("column", "column_A", "column_B") if name in arguments]
    about += arguments.get("column_list", [])
    for column in about:
        if column not in columns:
            raise CxError(
                f"{settings.expectation} names a column that is not declared",
                file=file.name,
                line=file.line(at),
                got=column,
                allowed=columns,
            )
    return InputExpectation(
        type=settings.expectation,
        arguments=arguments,
        severity=settings.severity,
        rule=settings.rule or settings.expectation,
        columns=tuple(about),
        file=file.name,
        line=file.line(at),
        help=settings.help,
    )


def _settings(file: YamlFile, entry: dict[str, Any], at: KeyPath, model: type[ClosedModel]) -> Any:
    settings_at = at
    data: Any = entry
    for key in ("config", "meta", "cx"):
        settings_at = (*settings_at, key)
        data = _mapping(file, data.get(key), settings_at)
    settings, problems = validate(model, data, file, settings_at)
    if settings is None:
        raise problems[0]
    return settings


def _name(file: YamlFile, entry: dict[str, Any], at: KeyPath) -> str:
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise CxError("every table and column needs a name", file=file.name, line=file.line(at))
    return name


def _mapping(file: YamlFile, value: Any, at: KeyPath) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        where = at[-1] if at else "the file"
        raise CxError(f"'{where}' must hold keys and values", file=file.name, line=file.line(at))
    return value


def _list(file: YamlFile, value: Any, at: KeyPath) -> list[dict[str, Any]]:
    value = [] if value is None else value
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise CxError(f"'{at[-1]}' must be a list of keys and values", file=file.name, line=file.line(at))
    return value
