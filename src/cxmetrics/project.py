"""The project as its files declare it: metrics, building blocks, models, groups, sources, and where things are made.

Reads YAML itself, so that nothing here waits for dbt or MetricFlow to be imported. The only module that reads the JSON
dbt writes (``manifest``, ``run_results``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cxmetrics import yaml_file
from cxmetrics.errors import CxError
from cxmetrics.metric import DOMAINS, Metric, read_metric
from cxmetrics.yaml_file import KeyPath, YamlFile

PROJECT_FILE = "dbt_project.yml"


@dataclass(frozen=True)
class Column:
    """A declared column; ``entity`` is its MetricFlow entity, ``is_dimension`` whether values can be sliced by it."""

    name: str
    data_type: str | None
    description: str
    entity: str | None
    entity_type: str | None
    is_dimension: bool
    line: int


@dataclass(frozen=True)
class Model:
    """A dbt model with a description; ``folder`` is its folder below ``models/``, ``schema`` where dbt builds it."""

    name: str
    description: str
    columns: tuple[Column, ...]
    folder: str
    schema: str | None
    agg_time_dimension: str | None
    primary_entity: str | None
    file: str
    line: int

    def column(self, name: str) -> Column | None:
        """The column called ``name``, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Block:
    """A building block: a hidden simple metric declared beside the fact it reads."""

    name: str
    model: str
    agg: str
    expr: str | None
    agg_time_dimension: str | None
    percentile: float | None
    filter: str | None
    file: str
    line: int
    source: YamlFile
    key_path: KeyPath

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


class Project:
    """One project folder. Definitions are read when first asked for, and once."""

    def __init__(self, root: Path):
        self.root = root.resolve()
        self.warehouse = self._below_root(os.environ.get("CX_WAREHOUSE") or "warehouse")
        self.target = self._below_root(os.environ.get("DBT_TARGET_PATH") or "target")
        self.site = self.target / "site"

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """The project ``start`` (default: the working folder) lies in, unless DBT_PROJECT_DIR names one.

        Raises CxError when there is none.
        """
        named = os.environ.get("DBT_PROJECT_DIR")
        if start is None and named:
            if not (Path(named) / PROJECT_FILE).is_file():
                raise CxError(f"DBT_PROJECT_DIR has no {PROJECT_FILE}", file=named)
            return cls(Path(named))
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / PROJECT_FILE).is_file():
                return cls(folder)
        raise CxError(
            f"no {PROJECT_FILE} here or in any folder above",
            file=start,
            next_step="run cx inside the project, or set DBT_PROJECT_DIR to its folder",
        )

    @cached_property
    def settings(self) -> YamlFile:
        """``dbt_project.yml``. Raises CxError when it is not a mapping."""
        settings = self.read(self.root / PROJECT_FILE)
        if not isinstance(settings.data, dict):
            raise CxError("must hold keys and values", file=settings.name, line=1)
        return settings

    @property
    def vars(self) -> dict[str, Any]:
        """The variables of ``dbt_project.yml`` with their defaults."""
        return _mapping(self.settings.data.get("vars"))

    @cached_property
    def source_names(self) -> tuple[str, ...]:
        """Every source there is: the folders of ``models/staging`` that hold a file."""
        staging = self.root / "models" / "staging"
        if not staging.is_dir():
            return ()
        return tuple(sorted(folder.name for folder in staging.iterdir() if folder.is_dir() and any(folder.iterdir())))

    def metrics(self) -> dict[str, Metric]:
        """The published metrics by name, sorted. Raises CxError for the first file that is wrong."""
        metrics, problems = self.read_metrics()
        if problems:
            first = problems[0]
            if len(problems) > 1 and first.next_step is None:
                first.next_step = f"cx check lists all {len(problems)} problems"
            raise first
        return {metric.name: metric for metric in sorted(metrics, key=lambda metric: metric.name)}

    def read_metrics(self) -> tuple[list[Metric], list[CxError]]:
        """Every metric that can be read, and everything that is wrong with the shape of the other files."""
        return self._metrics

    @cached_property
    def _metrics(self) -> tuple[list[Metric], list[CxError]]:
        metrics: list[Metric] = []
        problems: list[CxError] = []
        for path in sorted((self.root / "metrics").rglob("*.yml")):
            folder = path.parent.relative_to(self.root / "metrics").as_posix()
            try:
                source = self.read(path)
                if folder not in DOMAINS:
                    where = "a metric file lies directly in metrics/<domain>/"
                    raise CxError(where, file=source.name, line=1, got=folder, allowed=DOMAINS)
            except CxError as error:
                problems.append(error)
                continue
            metric, found = read_metric(source, folder)
            problems.extend(found)
            if metric is not None:
                metrics.append(metric)
        return metrics, problems

    def models(self) -> dict[str, Model]:
        """Every model described in ``models/**/*.yml``, sorted by name. Raises CxError for a file that is wrong."""
        return self._models

    @cached_property
    def _models(self) -> dict[str, Model]:
        found = (self._model(source, key_path, entry) for source, key_path, entry in self._entries("models"))
        return _by_name(found, "model")

    def blocks(self) -> dict[str, Block]:
        """Every building block, sorted by name. Raises CxError for a file that is wrong or a name used twice."""
        return self._blocks

    @cached_property
    def _blocks(self) -> dict[str, Block]:
        blocks = (
            _block(source, (*key_path, "metrics", index), entry["name"], metric)
            for source, key_path, entry in self._entries("models")
            for index, metric in enumerate(_list(entry.get("metrics"), source, (*key_path, "metrics")))
        )
        return _by_name(blocks, "building block")

    def groups(self) -> dict[str, dict[str, Any]]:
        """The owner of every dbt group, by group name."""
        return {name: group.owner for name, group in self.declared_groups().items()}

    def declared_groups(self) -> dict[str, Group]:
        """Every dbt group with owner, description and line, sorted by name."""
        return self._groups

    @cached_property
    def _groups(self) -> dict[str, Group]:
        groups = (
            Group(
                name=entry["name"],
                owner=_mapping(entry.get("owner")),
                description=str(entry.get("description") or "").strip(),
                file=source.name,
                line=source.line((*key_path, "name")),
            )
            for source, key_path, entry in self._entries("groups")
        )
        return _by_name(groups, "group")

    def manifest(self) -> dict[str, Any]:
        """dbt's ``manifest.json``. Raises CxError when dbt has not run."""
        return self._json("manifest.json")

    def run_results(self) -> dict[str, Any]:
        """dbt's ``run_results.json``. Raises CxError when dbt has not run."""
        return self._json("run_results.json")

    @property
    def semantic_manifest_path(self) -> Path:
        """Where dbt writes what MetricFlow reads."""
        return self.target / "semantic_manifest.json"

    def read(self, path: Path) -> YamlFile:
        """One YAML file, named by its path below the root. Raises CxError."""
        return yaml_file.read(path, self.root)

    @cached_property
    def model_files(self) -> tuple[YamlFile, ...]:
        """Every YAML file below ``models/``, in the order of their paths."""
        return tuple(self.read(path) for path in sorted((self.root / "models").rglob("*.yml")))

    def _below_root(self, folder: str) -> Path:
        return (self.root / folder).resolve()

    def _entries(self, section: str) -> Iterator[tuple[YamlFile, KeyPath, dict[str, Any]]]:
        """The named entries of a top-level list (``models``, ``groups``) in all files below ``models/``."""
        for source in self.model_files:
            data = source.data if source.data is not None else {}
            if not isinstance(data, dict):
                raise CxError("must hold keys and values", file=source.name, line=1)
            for index, entry in enumerate(_list(data.get(section), source, (section,))):
                yield source, (section, index), entry

    def _model(self, source: YamlFile, key_path: KeyPath, entry: dict[str, Any]) -> Model:
        folder = source.path.parent.relative_to(self.root / "models").as_posix()
        declared = enumerate(_list(entry.get("columns"), source, (*key_path, "columns")))
        return Model(
            name=entry["name"],
            description=str(entry.get("description") or "").strip(),
            columns=tuple(_column(column, source.line((*key_path, "columns", index))) for index, column in declared),
            folder=folder,
            schema=self._schema(folder),
            agg_time_dimension=entry.get("agg_time_dimension"),
            primary_entity=entry.get("primary_entity"),
            file=source.name,
            line=source.line((*key_path, "name")),
        )

    def _schema(self, folder: str) -> str | None:
        """The ``+schema`` of the innermost folder that sets one in ``dbt_project.yml``."""
        level = _mapping(_mapping(self.settings.data.get("models")).get(self.settings.data.get("name")))
        schema = level.get("+schema")
        for part in folder.split("/"):
            level = _mapping(level.get(part))
            schema = level.get("+schema", schema)
        return schema

    def _json(self, name: str) -> dict[str, Any]:
        path = self.target / name
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise CxError(f"dbt has not written {name} yet", file=path, next_step="cx build") from error
        except (OSError, ValueError) as error:
            raise CxError(f"{name} cannot be read: {error}", file=path, next_step="cx build") from error


def _block(source: YamlFile, key_path: KeyPath, model: str, entry: dict[str, Any]) -> Block:
    return Block(
        name=entry["name"],
        model=model,
        agg=str(entry.get("agg") or ""),
        expr=None if entry.get("expr") is None else str(entry["expr"]),
        agg_time_dimension=entry.get("agg_time_dimension"),
        percentile=entry.get("percentile"),
        filter=entry.get("filter"),
        file=source.name,
        line=source.line((*key_path, "name")),
        source=source,
        key_path=key_path,
    )


def _column(entry: dict[str, Any], line: int) -> Column:
    entity = entry.get("entity")
    return Column(
        name=entry["name"],
        data_type=entry.get("data_type"),
        description=str(entry.get("description") or "").strip(),
        entity=entity.get("name", entry["name"]) if isinstance(entity, dict) else (entry["name"] if entity else None),
        entity_type=entity.get("type") if isinstance(entity, dict) else entity,
        is_dimension=bool(entry.get("dimension")),
        line=line,
    )


def _list(value: Any, source: YamlFile, at: KeyPath) -> list[dict[str, Any]]:
    """``value`` as a list of entries that each have a name. Raises CxError when it is anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise CxError(f"'{at[-1]}' must be a list", file=source.name, line=source.line(at))
    for index, entry in enumerate(value):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise CxError(f"an entry of '{at[-1]}' needs a name", file=source.name, line=source.line((*at, index)))
    return value


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _by_name(items: Iterable[Any], what: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        if item.name in found:
            first = found[item.name]
            raise CxError(
                f"the {what} '{item.name}' is declared twice, first in {first.file}:{first.line}",
                file=item.file,
                line=item.line,
            )
        found[item.name] = item
    return dict(sorted(found.items()))
