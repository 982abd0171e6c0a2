"""The project as its files declare it: metrics, simple metrics, models, groups, sources, and where things are made.

Reads YAML itself, so that nothing here waits for dbt or MetricFlow to be imported. The only module that reads the JSON
dbt writes (``manifest``, ``run_results``).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cxmetrics.definitions import yaml_file
from cxmetrics.definitions.calendar import TIME_ZONE, WEEK_START, Calendar
from cxmetrics.definitions.closed_model import validate
from cxmetrics.definitions.metric import DOMAINS, Metric, is_switched_off, name_of, read_metric
from cxmetrics.definitions.models import Block, Group, Model, declared_blocks, declared_groups, declared_models
from cxmetrics.definitions.people import People
from cxmetrics.definitions.yaml_file import YamlFile
from cxmetrics.errors import CxError, known, nearest

PROJECT_FILE = "dbt_project.yml"


@dataclass(frozen=True)
class Declared:
    """Everything declared below ``models/``, and what is wrong with the files that could not be read."""

    models: dict[str, Model]
    blocks: dict[str, Block]
    groups: dict[str, Group]
    problems: list[CxError]


@dataclass(frozen=True)
class MetricFiles:
    """Everything below ``metrics/``: the metrics that can be read, the files of those that are switched off by name,
    and what is wrong with the shape of the other files."""

    metrics: list[Metric]
    switched_off: dict[str, YamlFile]
    problems: list[CxError]


class Project:
    """One project folder. Definitions are read when first asked for, and once."""

    def __init__(self, root: Path):
        self.root = root.resolve()
        self.warehouse = self._below_root(os.environ.get("CX_WAREHOUSE") or "warehouse")
        self.target = self._below_root(os.environ.get("DBT_TARGET_PATH") or "target")
        self.site = self.target / "site"
        # Beside the site, which is made anew by cx docs.
        self.data_docs = self.target / "data-docs"

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
        """The variables of ``dbt_project.yml`` as dbt takes them: those below the project's name come first."""
        declared = _mapping(self.settings.data.get("vars"))
        return declared | _mapping(declared.get(str(self.settings.data.get("name"))))

    @cached_property
    def people(self) -> People:
        """What is published about people. Raises CxError when the variable ``people`` cannot be read."""
        name = str(self.settings.data.get("name"))
        own = "people" in _mapping(_mapping(self.settings.data.get("vars")).get(name))
        at = ("vars", name, "people") if own else ("vars", "people")
        if "people" not in self.vars and (misspelt := nearest("people", self.vars)):
            what, line = "this variable is read by nobody", self.settings.line(("vars", misspelt))
            raise CxError(what, file=self.settings.name, line=line, got=misspelt, allowed=["people"])
        policy, problems = validate(People, self.vars.get("people", {}), self.settings, at)
        _raise_first(problems)
        return known(policy)

    @cached_property
    def calendar(self) -> Calendar:
        """Whose midnight begins a day, and which day a week. Raises CxError for a time zone or weekday there is not."""
        try:
            return Calendar.of(self.vars)
        except CxError as error:
            name = str(self.settings.data.get("name"))
            variable = TIME_ZONE if TIME_ZONE in error.what else WEEK_START
            own = variable in _mapping(_mapping(self.settings.data.get("vars")).get(name))
            error.file = self.settings.name
            error.line = self.settings.line(("vars", name, variable) if own else ("vars", variable))
            raise

    @cached_property
    def source_names(self) -> tuple[str, ...]:
        """Every source there is: the folders of ``models/staging`` that hold a file."""
        staging = self.root / "models" / "staging"
        if not staging.is_dir():
            return ()
        return tuple(sorted(folder.name for folder in staging.iterdir() if folder.is_dir() and any(folder.iterdir())))

    def metrics(self) -> dict[str, Metric]:
        """The published metrics by name, sorted. Raises CxError for the first file that is wrong."""
        _raise_first([*self.read_metrics().problems, *self.read_declared().problems])
        return self._metrics_by_name

    def read_metrics(self) -> MetricFiles:
        """Every metric that can be read, those that are switched off, and what is wrong with the other files.

        Raises CxError when ``dbt_project.yml`` itself cannot be read.
        """
        return self._metrics

    @cached_property
    def _metrics_by_name(self) -> dict[str, Metric]:
        return _sorted({metric.name: metric for metric in self._metrics.metrics})

    @cached_property
    def _metrics(self) -> MetricFiles:
        metrics: dict[str, Metric] = {}
        switched_off: dict[str, YamlFile] = {}
        problems: list[CxError] = []
        blocks = self.read_declared().blocks
        for path in sorted((self.root / "metrics").rglob("*.yml")):
            folder = path.parent.relative_to(self.root / "metrics").as_posix()
            try:
                source = self.read(path)
                if folder not in DOMAINS:
                    where = "a metric file lies directly in metrics/<domain>/"
                    raise CxError(where, file=source.name, line=1, got=folder, allowed=DOMAINS)
                if is_switched_off(source):
                    switched_off[name_of(source)] = source
                    continue
                metric, found = read_metric(source, folder, blocks, self.vars)
                problems.extend(found)
                if metric is not None:
                    _add(metrics, metric, "metric")
            except CxError as error:
                problems.append(error)
        return MetricFiles(list(metrics.values()), switched_off, problems)

    def models(self) -> dict[str, Model]:
        """Every model described in ``models/**/*.yml``, sorted by name. Raises CxError for the first wrong file."""
        _raise_first(self.read_declared().problems)
        return self.read_declared().models

    def blocks(self) -> dict[str, Block]:
        """Every simple metric, sorted by name. Raises CxError for the first wrong file."""
        _raise_first(self.read_declared().problems)
        return self.read_declared().blocks

    def groups(self) -> dict[str, dict[str, Any]]:
        """The owner of every dbt group, by group name. Raises CxError for the first wrong file."""
        _raise_first(self.read_declared().problems)
        return {name: group.owner for name, group in self.read_declared().groups.items()}

    def read_declared(self) -> Declared:
        """What the files below ``models/`` declare, with the problems of those that cannot be read.

        Raises CxError when ``dbt_project.yml`` itself cannot be read.
        """
        return self._declared

    @cached_property
    def _declared(self) -> Declared:
        models: dict[str, Model] = {}
        blocks: dict[str, Block] = {}
        groups: dict[str, Group] = {}
        problems: list[CxError] = []
        schemas = _mapping(_mapping(self.settings.data.get("models")).get(self.settings.data.get("name")))
        for path in sorted((self.root / "models").rglob("*.yml")):
            folder = path.parent.relative_to(self.root / "models").as_posix()
            try:
                source = self.read(path)
                for model in declared_models(source, folder, _schema(schemas, folder)):
                    _add(models, model, "model")
                for block in declared_blocks(source):
                    _add(blocks, block, "simple metric")
                for group in declared_groups(source):
                    _add(groups, group, "group")
            except CxError as error:
                problems.append(error)
        return Declared(_sorted(models), _sorted(blocks), _sorted(groups), problems)

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

    def _below_root(self, folder: str) -> Path:
        return (self.root / folder).resolve()

    def _json(self, name: str) -> dict[str, Any]:
        path = self.target / name
        try:
            return _mapping(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise CxError(f"dbt has not written {name} yet", file=path, next_step="cx build") from error
        except (OSError, ValueError) as error:
            raise CxError(f"{name} cannot be read: {error}", file=path, next_step="cx build") from error


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _schema(level: dict[str, Any], folder: str) -> str | None:
    """The ``+schema`` of the innermost folder that sets one."""
    schema = level.get("+schema")
    for part in folder.split("/"):
        level = _mapping(level.get(part))
        schema = level.get("+schema", schema)
    return schema


def _sorted(named: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(named.items()))


def _add(found: dict[str, Any], item: Metric | Model | Block | Group, what: str) -> None:
    if item.name in found:
        sentence = f"the {what} '{item.name}' is declared twice, first in {found[item.name].file}"
        raise CxError(sentence, file=item.file, line=item.line)
    found[item.name] = item


def _raise_first(problems: list[CxError]) -> None:
    if problems:
        first = problems[0]
        if len(problems) > 1 and first.next_step is None:
            first.next_step = f"cx check lists all {len(problems)} problems"
        raise first
