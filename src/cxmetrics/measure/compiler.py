"""Metrics as SQL. The only package that imports MetricFlow.

MetricFlow compiles; it never connects: the client it is given can render a dialect and nothing else, so neither a dbt
adapter nor a database is needed. Import and engine together take about half a second, so one engine serves a process.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow_semantic_interfaces.implementations.filters.where_filter import (
    PydanticWhereFilter,
    PydanticWhereFilterIntersection,
)
from metricflow_semantic_interfaces.implementations.metric import (
    PydanticMetric,
    PydanticMetricAggregationParams,
    PydanticMetricInput,
)
from metricflow_semantic_interfaces.implementations.semantic_model import PydanticSemanticModel
from metricflow_semantic_interfaces.type_enums.dimension_type import DimensionType
from metricflow_semantic_interfaces.type_enums.entity_type import EntityType
from metricflow_semantic_interfaces.type_enums.metric_type import MetricType
from metricflow_semantics.errors.error_classes import MetricFlowException
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from cxmetrics.definitions.periods import ISO, PERIOD_GRAINS
from cxmetrics.engines.interface import BUILD_PREFIX
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError, known
from cxmetrics.measure import remembered
from cxmetrics.measure.dialects import DIALECTS, MARK, MARKED_GRAIN, literal, marking, render_only, unmarked, with_weeks
from cxmetrics.measure.filters import translate

if TYPE_CHECKING:
    from cxmetrics.definitions.calendar import Calendar

# MetricFlow bounds a half-open range by 2000 and 2040; the lower end is only advice, the upper one is enforced.
EARLIEST = datetime.date(1900, 1, 1)
LATEST = datetime.date(2040, 12, 31)

# MetricFlow runs a filter as a template. So a filter's texts never get there: each is compiled as a mark, and written
# into the SQL in the place of it.
TEXT = re.compile(r"'\$text([0-9]+)\$'")

# Metrics, grain and dimensions of a question without a filter and a range.
Asked = tuple[tuple[str, ...], str | None, tuple[str, ...]]

# Without a handler Python prints the library's warnings to stderr, in the middle of a table or of JSON.
for library in ("metricflow", "metricflow_semantics", "metricflow_semantic_interfaces"):
    logging.getLogger(library).addHandler(logging.NullHandler())


@dataclass(frozen=True)
class GroupBy:
    """Something metrics can be sliced by: ``ticket__channel`` is the dimension ``channel`` reached by ``ticket``."""

    element: str
    dunder: str
    is_entity: bool

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.dunder.split("__")[:-1])

    @property
    def reference(self) -> str:
        """As it stands in a MetricFlow filter."""
        return f"{{{{ {'Entity' if self.is_entity else 'Dimension'}('{self.dunder}') }}}}"


class Semantics:
    """The semantic manifest of a project, ready to compile queries in one dialect."""

    def __init__(self, manifest_json: str, dialect: str = "duckdb", calendar: Calendar = ISO):
        if dialect not in DIALECTS:
            raise CxError("metrics cannot be compiled for this dialect", got=dialect, allowed=sorted(DIALECTS))
        manifest = parse_manifest_from_dbt_generated_manifest(manifest_json_string=manifest_json)
        self.dialect = dialect
        # Whose weeks are meant; MetricFlow's own begin on Monday.
        self.calendar = calendar
        # The relation of the time spine: every day of the data.
        self.days = Sql(manifest.project_configuration.time_spines[0].node_relation.relation_name)
        self._metrics: dict[str, PydanticMetric] = {metric.name: metric for metric in manifest.metrics}
        self._models: dict[str, PydanticSemanticModel] = {model.name: model for model in manifest.semantic_models}
        self._manifest = manifest
        self._plain_names: dict[str, str] = {}
        self._group_bys: dict[tuple[str, ...], tuple[GroupBy, ...]] = {}
        self._compiled: dict[tuple[object, ...], Sql] = {}
        # What MetricFlow answered to questions without a filter and a range, also in an earlier build.
        self._explained: dict[Asked, str] = {}
        self._kept: Path | None = None

    @classmethod
    def load(
        cls,
        path: Path,
        dialect: str = "duckdb",
        published: Callable[[str, str], str] | None = None,
        calendar: Calendar = ISO,
    ) -> Semantics:
        """Read dbt's ``semantic_manifest.json``, whatever target it was written for.

        The SQL reads the relations dbt built, or, given the engine's ``relation``, those that were published. Raises
        CxError when the file is missing or MetricFlow refuses it.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise CxError("dbt has not described the metrics yet", file=path, next_step="cx build") from error
        try:
            semantics = cls(text if published is None else _of_published(text, published), dialect, calendar)
            if published is None:
                semantics._recall(remembered.place(path, text, dialect, calendar.days_to_monday))
            return semantics
        except (ValueError, KeyError, MetricFlowException) as error:
            raise CxError(
                f"MetricFlow cannot read the semantic manifest: {first_message(error)}",
                file=path,
                next_step="mf validate-configs",
            ) from error

    def _recall(self, file: Path) -> None:
        self._kept = file
        found = remembered.read(file)
        try:
            explained = {(tuple(metrics), grain, tuple(by)): sql for metrics, grain, by, sql in found["sql"]}
            group_bys = {tuple(m): tuple(GroupBy(*item) for item in items) for m, items in found["group_bys"]}
        except (KeyError, TypeError, ValueError):
            return  # nothing was kept, or nothing that can be read
        self._explained, self._group_bys = explained, group_bys

    def remember(self) -> None:
        """Keep what was compiled beside the manifest, for a build of the same definitions. The SQL of filters and
        ranges is not kept."""
        if self._kept is not None:
            group_bys = [[metrics, [*map(astuple, items)]] for metrics, items in self._group_bys.items()]
            sql = [[*asked, text] for asked, text in self._explained.items()]
            remembered.write(self._kept, {"sql": sql, "group_bys": group_bys})

    @cached_property
    def _engines(self) -> tuple[MetricFlowEngine, MetricFlowEngine | None]:
        """What compiles, and what compiles with a mark in the place of a grain; made anew when metrics are added."""
        lookup = SemanticManifestLookup(self._manifest)
        sql_engine, renderer = DIALECTS[self.dialect]
        marked = marking(renderer)
        if self.calendar.days_to_monday:
            renderer = with_weeks(renderer, self.calendar)
        return (
            MetricFlowEngine(lookup, render_only(sql_engine, renderer)),
            MetricFlowEngine(lookup, render_only(sql_engine, marked)) if marked else None,
        )

    @property
    def _engine(self) -> MetricFlowEngine:
        return self._engines[0]

    @cached_property
    def _can_mark(self) -> bool:
        return marking(DIALECTS[self.dialect][1]) is not None

    @property
    def _marking_engine(self) -> MetricFlowEngine | None:
        return self._engines[1]

    def filtered(self, block: str, filters: tuple[str, ...]) -> str:
        """The name of the simple metric ``block`` with more filters, in MetricFlow's words; itself without any.

        Raises CxError when there is no such metric.
        """
        if not filters:
            return block
        self.require(block)
        # The name says nothing but that two of the same name are the same; PostgreSQL cuts names after 63 bytes.
        name = f"filtered_{hashlib.sha256(json.dumps([block, *filters]).encode()).hexdigest()[:16]}"
        if name not in self._metrics:
            plain = self._metrics[block]
            own = list(plain.filter.where_filters) if plain.filter else []
            added = [PydanticWhereFilter(where_sql_template=text) for text in filters]
            every = PydanticWhereFilterIntersection(where_filters=[*own, *added])
            self._metrics[name] = plain.copy(update={"name": name, "filter": every})
            self._plain_names[name] = block
            self._manifest.metrics.append(self._metrics[name])
            # MetricFlow reads the manifest when it begins, and what it can reach changes with it.
            self.__dict__.pop("_engines", None)
        return name

    def unfiltered(self, block: str) -> str:
        """The name of the simple metric that ``filtered`` made ``block`` of; the same where it did not."""
        return self._plain_names.get(block, block)

    @cached_property
    def published(self) -> list[str]:
        """Names of the metrics that are not hidden simple metrics."""
        return sorted(name for name, metric in self._metrics.items() if not metric.type_params.is_private)

    def require(self, metric: str) -> None:
        """Raises CxError with the nearest name when there is no such metric, published or hidden."""
        if metric not in self._metrics:
            raise CxError("there is no such metric", got=metric, allowed=self.published)

    def simple_inputs(self, metric: str) -> list[str]:
        """The simple metrics (simple metrics) a metric is made of, itself when it is one."""
        self.require(metric)
        declared = self._metrics[metric]
        if declared.type is MetricType.SIMPLE:
            return [metric]
        inputs = [name for used in _used(declared) for name in self.simple_inputs(used)]
        return list(dict.fromkeys(inputs))

    def facts(self, metric: str) -> list[str]:
        """The models a metric reads, those of its first inputs first."""
        models = (self._aggregation(name).semantic_model for name in self.simple_inputs(metric))
        return list(dict.fromkeys(models))

    def _aggregation(self, block: str) -> PydanticMetricAggregationParams:
        return known(self._metrics[block].type_params.metric_aggregation_params)

    def adds_up(self, block: str) -> bool:
        """Whether a simple metric is a number of rows or a sum over them, so that of no rows it is zero."""
        return self._aggregation(block).agg.value in ("sum", "sum_boolean", "count", "count_distinct")

    def group_bys(self, metrics: Iterable[str]) -> tuple[GroupBy, ...]:
        """Every dimension and entity that all of ``metrics`` can be sliced by, paths through own facts first."""
        metrics = tuple(dict.fromkeys(metrics))
        if metrics not in self._group_bys:
            for metric in metrics:
                self.require(metric)
            own = [self._primary_entity(fact) for metric in metrics for fact in self.facts(metric)]
            self._group_bys[metrics] = tuple(sorted(self._reachable(metrics), key=lambda item: _distance(item, own)))
        return self._group_bys[metrics]

    def _reachable(self, metrics: tuple[str, ...]) -> set[GroupBy]:
        dimensions = {
            GroupBy(dimension.name, dimension.dunder_name, False)
            for dimension in self._engine.list_dimensions(list(metrics))
            if dimension.type is DimensionType.CATEGORICAL
        }
        entities = {
            GroupBy(entity.name, entity.name, True) for entity in self._engine.entities_for_metrics(list(metrics))
        }
        return dimensions | entities

    def _primary_entity(self, model: str) -> str | None:
        declared = self._models[model]
        primary = [entity.name for entity in declared.entities if entity.type is EntityType.PRIMARY]
        return primary[0] if primary else declared.primary_entity

    def resolve(self, name: str, metrics: Iterable[str]) -> GroupBy:
        """The group-by a dimension name such as ``channel`` or ``ticket__channel`` means for all of ``metrics``.

        The metrics' own facts come first, then the shortest path. Raises CxError with what is reachable.
        """
        metrics = tuple(metrics)
        reachable = self.group_bys(metrics)
        for item in reachable:
            if name == item.dunder:
                return item
        for item in reachable:
            if name == item.element:
                return item
        raise CxError(
            f"{metrics[0]} cannot be sliced by this",
            got=name,
            allowed=list(dict.fromkeys(item.element for item in reachable)),
        )

    def finest_grain(self, metrics: Iterable[str]) -> str:
        """The finest grain all of ``metrics`` have: ``day``, or ``month`` when one of them is kept by month."""
        grains = {self._time_grain(name) for metric in metrics for name in self.simple_inputs(metric)}
        return max(grains, key=PERIOD_GRAINS.index)

    def _time_grain(self, block: str) -> str:
        parameters = self._aggregation(block)
        model = self._models[parameters.semantic_model]
        time = parameters.agg_time_dimension or (model.defaults.agg_time_dimension if model.defaults else None)
        for dimension in model.dimensions:
            if dimension.name == time and dimension.type_params is not None:
                grain = dimension.type_params.time_granularity.value
                return grain if grain in PERIOD_GRAINS else "day"
        return "day"

    def sql(
        self,
        metrics: Sequence[str],
        grain: str | None,
        by: Sequence[str] = (),
        where: Sequence[str] = (),
        since: datetime.date | None = None,
        until: datetime.date | None = None,
    ) -> Sql:
        """One query for many metrics, published or hidden.

        One row per period (when ``grain`` is given) and combination of dimensions, with the columns ``period_start``
        (date, the period's first day), the dimensions under the names they were asked by, and the metrics. A fact row
        whose clock is null lies in no period, also when ``grain`` is None. ``since`` and ``until`` are inclusive and
        are widened to whole periods. Raises CxError for unknown metrics and dimensions, filters that cannot be read,
        and a grain the metrics do not have.
        """
        key = (tuple(metrics), grain, tuple(by), tuple(where), since, until)
        if key not in self._compiled:
            # MetricFlow wrote it from the project's definitions; of a filter it has seen no text.
            self._compiled[key] = Sql(self._compile(*key))
        return self._compiled[key]

    def _compile(
        self,
        metrics: tuple[str, ...],
        grain: str | None,
        by: tuple[str, ...],
        where: tuple[str, ...],
        since: datetime.date | None,
        until: datetime.date | None,
    ) -> str:
        groups = {name: self.resolve(name, metrics) for name in by}
        self._check(metrics, grain, since, until)
        # A range is widened to the grain, and a filter may name a time: both are compiled for the grain asked for.
        is_plain = not (where or since or until)
        is_marked = self._can_mark and (grain != "week" or not self.calendar.days_to_monday)
        if is_marked and is_plain and self._differs_by_name_only(metrics):
            asked: Asked = (metrics, MARK, by)
            if asked not in self._explained:
                request = self._request(metrics, MARKED_GRAIN.value, groups, [], None, None)
                self._explained[asked] = self._explain(known(self._marking_engine), request, metrics, ())
            sql = unmarked(self._explained[asked], grain)
            return _renamed(sql, metrics, MARKED_GRAIN.value, groups, shows_period=grain is not None)
        asked = (metrics, grain, by)
        texts: list[str] = []
        found = self._explained.get(asked) if is_plain else None
        if found is None:
            filters = self._filters(metrics, grain, where, texts)
            request = self._request(metrics, grain, groups, filters, since, until)
            found = self._explain(self._engine, request, metrics, where)
            if is_plain:
                self._explained[asked] = found
        sql = _renamed(found, metrics, grain, groups)
        if grain == "week" and self.calendar.days_to_monday:
            sql += self._whole_weeks(since, until)
        return TEXT.sub(lambda mark: literal(self.dialect, texts[int(mark[1])]), sql)

    def _whole_weeks(self, since: datetime.date | None, until: datetime.date | None) -> Sql:
        """MetricFlow widens a range to weeks from Monday, and so takes parts of the weeks around the range."""
        bounds = [
            sql(
                " and cast(metric_time__week as date) {relation} cast({day} as date)",
                relation=relation,
                day=literal(self.dialect, str(day)),
            )
            for relation, day in ((Sql(">="), since), (Sql("<="), until))
            if day
        ]
        return joined(bounds, "")

    def _differs_by_name_only(self, metrics: Iterable[str]) -> bool:
        """Whether the SQL for two grains differs in the grain's name only: no running totals, no offsets in time."""
        declared = [self._metrics[name] for metric in metrics for name in self._all_inputs(metric)]
        plain = (MetricType.SIMPLE, MetricType.RATIO, MetricType.DERIVED)
        inputs = [used for metric in declared for used in _input_metrics(metric)]
        return all(metric.type in plain and metric.time_granularity is None for metric in declared) and not any(
            used.offset_window or used.offset_to_grain for used in inputs
        )

    def _all_inputs(self, metric: str) -> list[str]:
        return [metric, *(name for used in _used(self._metrics[metric]) for name in self._all_inputs(used))]

    def _request(
        self,
        metrics: Sequence[str],
        grain: str | None,
        groups: dict[str, GroupBy],
        filters: Sequence[str],
        since: datetime.date | None,
        until: datetime.date | None,
    ) -> MetricFlowQueryRequest:
        return MetricFlowQueryRequest.create(
            metric_names=list(metrics),
            group_by_names=[
                *([f"metric_time__{grain}"] if grain else []),
                *(group.dunder for group in groups.values()),
            ],
            where_constraints=list(filters) or None,
            time_constraint_start=_midnight(since or EARLIEST) if since or until else None,
            time_constraint_end=_midnight(until or LATEST) if since or until else None,
        )

    def _check(
        self, metrics: Sequence[str], grain: str | None, since: datetime.date | None, until: datetime.date | None
    ) -> None:
        finest = self.finest_grain(metrics)
        allowed = PERIOD_GRAINS[PERIOD_GRAINS.index(finest) :]
        if grain is not None and grain not in allowed:
            raise CxError(f"{metrics[0]} has no values by this grain", got=grain, allowed=[*allowed, "all"])
        if since and until and since > until:
            raise CxError("the first day lies after the last one", got=f"{since} to {until}")
        for day in (since, until):
            if day and not EARLIEST <= day <= LATEST:
                raise CxError("the day is out of range", got=day, allowed=[f"{EARLIEST} to {LATEST}"])

    def _filters(self, metrics: Sequence[str], grain: str | None, where: Sequence[str], texts: list[str]) -> list[str]:
        """The filters as MetricFlow takes them, with marks for their texts, which are added to ``texts``."""

        def marked(text: str) -> str:
            texts.append(text)
            return f"'$text{len(texts) - 1}$'"

        filters = [translate(text, lambda name: self.resolve(name, metrics).reference, marked) for text in where]
        if grain is None:
            filters.append(f"{{{{ TimeDimension('metric_time', '{self.finest_grain(metrics)}') }}}} is not null")
        return filters

    def _explain(
        self, engine: MetricFlowEngine, request: MetricFlowQueryRequest, metrics: Sequence[str], where: Sequence[str]
    ) -> str:
        try:
            return engine.explain(request).sql_statement.without_descriptions.sql
        except MetricFlowException as error:
            if where:
                raise CxError(
                    f"the filter cannot be used: {first_message(error)}",
                    got=" and ".join(where),
                    allowed=[item.element for item in self.group_bys(metrics)],
                    next_step="--where \"channel = 'email' and priority in ('high', 'urgent')\"",
                ) from error
            raise CxError(
                f"MetricFlow cannot compile {', '.join(metrics)}: {first_message(error)}",
                next_step="mf validate-configs",
            ) from error


def _of_published(manifest_json: str, relation: Callable[[str, str], str]) -> str:
    """The manifest with every table under its published name, in the database that is connected to."""

    def moved(node: dict[str, Any]) -> dict[str, Any]:
        if "relation_name" in node and "schema_name" in node:
            schema = (node["schema_name"] or "").removeprefix(BUILD_PREFIX)
            node |= {"database": None, "schema_name": schema, "relation_name": relation(schema, node["alias"])}
        return node

    return json.dumps(json.loads(manifest_json, object_hook=moved))


def _used(metric: PydanticMetric) -> list[str]:
    """Names of a metric's direct inputs, whatever its type."""
    parameters = metric.type_params
    inputs = [used.name for used in _input_metrics(metric)]
    if parameters.cumulative_type_params and parameters.cumulative_type_params.metric:
        inputs.append(parameters.cumulative_type_params.metric.name)
    return inputs


def _input_metrics(metric: PydanticMetric) -> list[PydanticMetricInput]:
    parameters = metric.type_params
    inputs = [parameters.numerator, parameters.denominator, *(parameters.metrics or [])]
    return [used for used in inputs if used is not None]


def _distance(item: GroupBy, own: Sequence[str | None]) -> tuple[bool, int, str]:
    """Sorts a fact's own dimensions first, then short paths, then by name so that the choice is stable."""
    return not item.path or item.path[0] not in own, len(item.path), item.dunder


def _renamed(
    sql: str, metrics: Sequence[str], grain: str | None, groups: dict[str, GroupBy], shows_period: bool = True
) -> str:
    columns = [f"cast(metric_time__{grain} as date) as period_start"] if grain and shows_period else []
    columns += [f"{group.dunder} as {name}" for name, group in groups.items()]
    where = f"\nwhere metric_time__{grain} is not null" if grain else ""
    return f"select {', '.join([*columns, *metrics])}\nfrom (\n{sql.strip()}\n) as answer{where}"


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time())


def first_message(error: Exception) -> str:
    """The first sentence of an error of MetricFlow, which otherwise runs to pages and may contain a traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if "Message:" in lines:
        lines = lines[lines.index("Message:") + 1 :]
    sentence = " ".join(lines).split("Common issues", 1)[0].split(". ", 1)[0]
    return sentence.split("Got exception", 1)[0].strip().rstrip(".:")[:300]
