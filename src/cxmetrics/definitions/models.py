"""What the YAML files below ``models/`` declare: models with their columns, simple metrics and groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cxmetrics.definitions.yaml_file import KeyPath, YamlFile
from cxmetrics.errors import CxError

# The tables of the sources that tell of something: one of each of these is needed.
ToldBy = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Column:
    """A declared column. ``entity`` is the MetricFlow entity it identifies, ``granularity`` that of a time column.

    ``scale`` names the columns with the ends of the scale each row is on, ``instead`` columns that are on one for all.
    ``is_apart`` says that rows of different values have no share in common.
    """

    name: str
    data_type: str | None
    description: str
    entity: str | None
    entity_type: str | None
    is_dimension: bool
    granularity: str | None
    line: int
    scale: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    told_by: ToldBy = ()
    is_apart: bool = False


@dataclass(frozen=True)
class Model:
    """A dbt model with a description; ``folder`` is its folder below ``models/``, ``schema`` where dbt builds it.

    ``told_by`` are the tables of the sources that its rows, of a column its values, come from.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    folder: str
    schema: str | None
    agg_time_dimension: str | None
    primary_entity: str | None
    file: str
    line: int
    told_by: ToldBy = ()

    def column(self, name: str) -> Column | None:
        """The column called ``name``, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def dimensions(self) -> list[str]:
        """Columns whose values metrics can be sliced or placed in time by."""
        return [column.name for column in self.columns if column.is_dimension]

    @property
    def foreign_entities(self) -> list[str]:
        """Entities of other models that its rows refer to."""
        return [column.entity for column in self.columns if column.entity and column.entity_type == "foreign"]


@dataclass(frozen=True)
class Block:
    """A simple metric: a hidden simple metric declared beside the fact it reads.

    ``agg_time_dimension`` is its own or its model's; ``expr`` is None when the block's name is the column. ``told_by``
    are the tables that tell of its model's rows and of the columns it reads.
    """

    name: str
    model: str
    agg: str
    expr: str | None
    agg_time_dimension: str | None
    percentile: float | None
    filter: str | None
    source: YamlFile = field(repr=False)
    key_path: KeyPath
    told_by: ToldBy = ()

    @property
    def file(self) -> str:
        return self.source.name

    @property
    def line(self) -> int:
        return self.line_of("name")

    def line_of(self, key: str) -> int:
        """The line of one of the block's keys, for example ``expr``."""
        return self.source.line((*self.key_path, key))


@dataclass(frozen=True)
class Group:
    """A dbt group: who is accountable."""

    name: str
    owner: dict[str, Any]
    description: str
    file: str
    line: int


def declared_models(source: YamlFile, folder: str, schema: str | None) -> Iterator[Model]:
    """The models of one file, which lies in ``folder``. Raises CxError for a file of the wrong shape."""
    for key_path, entry in entries(source, "models"):
        columns = [
            _column(column, source.line((*key_path, "columns", index)))
            for index, column in enumerate(_named(entry.get("columns"), source, (*key_path, "columns")))
        ]
        primary = next((column.entity for column in columns if column.entity_type == "primary"), None)
        yield Model(
            name=entry["name"],
            description=_text(entry),
            columns=tuple(columns),
            folder=folder,
            schema=schema,
            agg_time_dimension=entry.get("agg_time_dimension"),
            primary_entity=entry.get("primary_entity") or primary,
            file=source.name,
            line=source.line((*key_path, "name")),
            told_by=_told_by(entry),
        )


def declared_blocks(source: YamlFile) -> Iterator[Block]:
    """The simple metrics of one file. Raises CxError for a file of the wrong shape."""
    for key_path, entry in entries(source, "models"):
        of_model = _told_by(entry)
        of_columns = {str(column.get("name")): _told_by(column) for column in entry.get("columns") or []}
        for index, metric in enumerate(_named(entry.get("metrics"), source, (*key_path, "metrics"))):
            yield Block(
                name=metric["name"],
                model=entry["name"],
                agg=str(metric.get("agg") or ""),
                expr=None if metric.get("expr") is None else str(metric["expr"]),
                agg_time_dimension=metric.get("agg_time_dimension") or entry.get("agg_time_dimension"),
                percentile=metric.get("percentile"),
                filter=metric.get("filter"),
                source=source,
                key_path=(*key_path, "metrics", index),
                told_by=merged([of_model, *(of_columns[name] for name in _words(metric) if name in of_columns)]),
            )


def merged(told_by: Iterable[ToldBy]) -> ToldBy:
    """Everything that several things need, each once."""
    return tuple(dict.fromkeys(needed for needs in told_by for needed in needs))


def _words(metric: dict[str, Any]) -> list[str]:
    """The words of what a simple metric reads; those that are no columns do no harm."""
    read = (metric.get("expr") or metric["name"], metric.get("filter"))
    return re.findall(r"\w+", " ".join(str(text) for text in read if text))


def declared_groups(source: YamlFile) -> Iterator[Group]:
    """The groups of one file. Raises CxError for a file of the wrong shape."""
    for key_path, entry in entries(source, "groups"):
        owner = entry.get("owner")
        yield Group(
            name=entry["name"],
            owner=owner if isinstance(owner, dict) else {},
            description=_text(entry),
            file=source.name,
            line=source.line((*key_path, "name")),
        )


def entries(source: YamlFile, section: str) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """The entries of a top-level list with their key paths. Raises CxError for one without a name."""
    data = {} if source.data is None else source.data
    if not isinstance(data, dict):
        raise CxError("must hold keys and values", file=source.name, line=1)
    for index, entry in enumerate(_named(data.get(section), source, (section,))):
        yield (section, index), entry


def _named(value: Any, source: YamlFile, at: KeyPath) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise CxError(f"'{at[-1]}' must be a list", file=source.name, line=source.line(at))
    for index, entry in enumerate(value):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise CxError(f"an entry of '{at[-1]}' needs a name", file=source.name, line=source.line((*at, index)))
    return value


def _column(entry: dict[str, Any], line: int) -> Column:
    entity = entry.get("entity")
    entity = entity if isinstance(entity, dict) else {"type": entity} if entity else {}
    return Column(
        name=entry["name"],
        data_type=entry.get("data_type"),
        description=_text(entry),
        entity=entity.get("name", entry["name"]) if entity else None,
        entity_type=entity.get("type"),
        is_dimension=bool(entry.get("dimension")),
        granularity=entry.get("granularity"),
        line=line,
        scale=_names(entry, "scale"),
        instead=_names(entry, "instead"),
        told_by=_told_by(entry),
        is_apart=_setting(entry, "apart") is True,
    )


def _names(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    """A list of column names in the column's ``config.meta.cx``."""
    found = _setting(entry, key)
    return tuple(str(name) for name in found) if isinstance(found, list) else ()


def _told_by(entry: dict[str, Any]) -> ToldBy:
    """``told_by`` of a model or column: table names, and lists of tables any of which will do."""
    found = _setting(entry, "told_by") if isinstance(entry, dict) else None
    needs = found if isinstance(found, list) else []
    return tuple(tuple(map(str, need)) if isinstance(need, list) else (str(need),) for need in needs)


def _setting(entry: dict[str, Any], key: str) -> Any:
    found: Any = entry
    for part in ("config", "meta", "cx", key):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _text(entry: dict[str, Any]) -> str:
    return str(entry.get("description") or "").strip()
