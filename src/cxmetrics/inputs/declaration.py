"""What a source's ``_<source>__sources.yml`` declares, read without dbt.

dbt reads the same file and checks its own keys; here ``config.meta.cx`` of tables and columns is checked, which is
closed: a key that is not known is refused with file and line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import Field, field_validator

from cxmetrics.closed_model import ClosedModel, validate
from cxmetrics.errors import CxError
from cxmetrics.project import Project
from cxmetrics.yaml_file import KeyPath, YamlFile

DATA_TYPES = ("string", "bigint", "integer", "double", "boolean", "date", "timestamp")
SEVERITIES = ("warn", "reject", "block")

# Columns the loader adds to every raw table.
FILE, ROW, UNCASTABLE = "_cx_file", "_cx_row", "_cx_uncastable"


class ColumnSettings(ClosedModel):
    """``config.meta.cx`` of a column."""

    format: str | None = Field(default=None, description="strptime format of a date or timestamp in text files")


class TableSettings(ClosedModel):
    """``config.meta.cx`` of a table. ``expectations`` are checked one by one, against Great Expectations itself."""

    files: list[str] | None = Field(default=None, min_length=1)
    is_required: bool = False
    key: list[str] = Field(default_factory=list)
    required: list[str] = Field(default_factory=list)
    max_rejected_share: float = Field(default=0.05, ge=0, le=1, strict=False)
    null_values: list[str] = Field(default_factory=list)
    expectations: list[dict[str, Any]] = Field(default_factory=list)

    @field_validator("files")
    @classmethod
    def _stay_in_the_folder(cls, patterns: list[str] | None) -> list[str] | None:
        for pattern in patterns or []:
            path = PurePosixPath(pattern)
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"'{pattern}' leaves the raw folder")
        return patterns


class ExpectationSettings(ClosedModel):
    """The keys of an expectation that are ours; every other key is an argument of Great Expectations."""

    expectation: str
    severity: Literal["warn", "reject", "block"] = "reject"
    rule: str | None = None


@dataclass(frozen=True)
class Expectation:
    """One check of a table. ``type`` and ``arguments`` are Great Expectations' own names; ``columns`` are the columns
    it is about, none for a check of whole rows or tables."""

    type: str
    arguments: dict[str, Any]
    severity: str
    rule: str
    columns: tuple[str, ...]
    file: str
    line: int


@dataclass(frozen=True)
class Column:
    """A declared column of a raw table."""

    name: str
    data_type: str
    format: str | None


@dataclass(frozen=True)
class Table:
    """A declared raw table. ``key`` columns identify a row: the last row of a key wins. A file must have the
    ``required`` columns, the key among them, and every row a value in them."""

    name: str
    columns: tuple[Column, ...]
    patterns: tuple[str, ...]
    is_required: bool
    key: tuple[str, ...]
    required: tuple[str, ...]
    max_rejected_share: float
    null_values: tuple[str, ...]
    expectations: tuple[Expectation, ...]
    file: str
    line: int


@dataclass(frozen=True)
class Source:
    """A declared source; ``schema`` is where its raw tables are loaded."""

    name: str
    schema: str
    tables: tuple[Table, ...]
    file: str


def read_source(project: Project, name: str) -> Source:
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
            return Source(
                name=name,
                schema=entry.get("schema", name),
                tables=tuple(_table(file, table, (*at, "tables", number)) for number, table in enumerate(tables)),
                file=file.name,
            )
    raise CxError(f"the file declares no source called '{name}'", file=file.name, line=file.line(("sources",)))


def _path(project: Project, name: str) -> Path:
    return project.root / "models" / "staging" / name / f"_{name}__sources.yml"


def _table(file: YamlFile, entry: dict[str, Any], at: KeyPath) -> Table:
    name = _name(file, entry, at)
    settings = _settings(file, entry, at, TableSettings)
    declared = _list(file, entry.get("columns"), (*at, "columns"))
    columns = tuple(_column(file, column, (*at, "columns", index)) for index, column in enumerate(declared))
    names = [column.name for column in columns]
    for setting, chosen in (("key", settings.key), ("required", settings.required)):
        for index, column in enumerate(chosen):
            if column not in names:
                line = file.line((*at, "config", "meta", "cx", setting, index))
                what = f"'{setting}' of {name} names a column that is not declared"
                raise CxError(what, file=file.name, line=line, got=column, allowed=names)
    expectations_at = (*at, "config", "meta", "cx", "expectations")
    expectations = [
        _expectation(file, item, (*expectations_at, index), names) for index, item in enumerate(settings.expectations)
    ]
    return Table(
        name=name,
        columns=columns,
        patterns=tuple(settings.files or _default_patterns(name)),
        is_required=settings.is_required,
        key=tuple(settings.key),
        required=tuple(dict.fromkeys([*settings.key, *settings.required])),
        max_rejected_share=settings.max_rejected_share,
        null_values=tuple(settings.null_values),
        expectations=tuple(expectations),
        file=file.name,
        line=file.line((*at, "name")),
    )


def _default_patterns(table: str) -> list[str]:
    return [f"{table}{suffix}" for suffix in (".parquet", ".csv", ".csv.gz", ".csv.zst", "/*.parquet")]


def _column(file: YamlFile, entry: dict[str, Any], at: KeyPath) -> Column:
    name = _name(file, entry, at)
    data_type = entry.get("data_type")
    if data_type not in DATA_TYPES:
        line = file.line((*at, "data_type"))
        raise CxError(f"bad data_type of '{name}'", file=file.name, line=line, got=data_type, allowed=DATA_TYPES)
    settings = _settings(file, entry, at, ColumnSettings)
    if settings.format is not None and data_type not in ("date", "timestamp"):
        line = file.line((*at, "config", "meta", "cx", "format"))
        raise CxError(f"only dates and timestamps have a format; '{name}' is {data_type}", file=file.name, line=line)
    return Column(name, data_type, settings.format)


def _expectation(file: YamlFile, entry: dict[str, Any], at: KeyPath, columns: list[str]) -> Expectation:
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
    return Expectation(
        type=settings.expectation,
        arguments=arguments,
        severity=settings.severity,
        rule=settings.rule or settings.expectation,
        columns=tuple(about),
        file=file.name,
        line=file.line(at),
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
