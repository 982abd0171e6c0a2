"""A published metric: dbt's own keys and ``config.meta.cx``, both closed.

dbt has no field for what makes a metric trustworthy (who is accountable, what n is, how certain the value is, what the
sources say), so that stands under ``config.meta.cx``. Reading a metric imports neither dbt nor MetricFlow.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from cxmetrics.definitions.closed_model import ClosedModel, validate
from cxmetrics.definitions.yaml_file import KeyPath, YamlFile
from cxmetrics.errors import CxError

Domain = Literal["service", "experience"]
Scope = Literal["interaction", "service_touchpoint", "touchpoint", "journey", "relationship"]
Stance = Literal["reactive", "proactive", "both"]
Kind = Literal["operation", "perception", "outcome"]
Grain = Literal["day", "week", "month", "quarter", "year", "all"]
Unit = Literal["share", "points", "minutes", "seconds", "days", "per_100_customers", "score", "count", "currency"]
Direction = Literal["up", "down", "none"]
Source = Literal["sims_2021", "kelley", "zonka_2023", "doyen_2022", "obrien_2024"]

DOMAINS: tuple[str, ...] = get_args(Domain)
GRAINS: tuple[str, ...] = get_args(Grain)
NAME_PATTERN = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=60)]
Text = Annotated[str, Field(min_length=1)]
# YAML reads 2025-01-01 as a date, dbt's JSON hands it back as text; both are one date.
Date = Annotated[datetime.date, Field(strict=False)]


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class Input(ClosedModel):
    """An input metric; in YAML its bare name will do."""

    name: Name
    alias: Name | None = None
    filter: str | None = None
    offset_window: str | None = None
    offset_to_grain: str | None = None


InputOrName = Annotated[Input, BeforeValidator(_named)]


class Change(ClosedModel):
    """One entry of a metric's changelog."""

    version: Annotated[int, Field(ge=1)]
    date: Date
    change: Text


class Classification(ClosedModel):
    """What decides between service and experience; see ``cxmetrics.definitions.classification`` for the rule."""

    scope: Scope
    stance: Stance
    kind: Kind
    rationale: Text | None = None


class Position(ClosedModel):
    """What one published source says about the metric."""

    source: Source
    domain: Domain
    says: Text


class Clock(ClosedModel):
    """When a row counts. ``period`` is the time column that places it in a period, the rest are words for people."""

    period: Name
    start: Text
    end: Text
    null_rule: Text


class Wilson(ClosedModel):
    """Wilson score interval of a share: counts of successes and trials."""

    method: Literal["wilson"]
    successes: Name
    trials: Name


class Nps(ClosedModel):
    """Adjusted Wald interval of a net promoter score: three counts."""

    method: Literal["nps"]
    promoters: Name
    detractors: Name
    answers: Name


class Mean(ClosedModel):
    """Normal interval of a mean, from count, sum and sum of squares; all of them times ``scale``."""

    method: Literal["mean"]
    count: Name
    sum: Name
    sum_of_squares: Name
    scale: float = 1.0


class Ratio(ClosedModel):
    """Delta-method interval of ``scale * sum(x) / sum(y)``, from the count and the five sums."""

    method: Literal["ratio"]
    count: Name
    x: Name
    y: Name
    xx: Name
    yy: Name
    xy: Name
    scale: float = 1.0


class Quantile(ClosedModel):
    """Order-statistic interval of a quantile: ``value`` is a sum block over the measured column, ``entity`` the fact's
    primary entity, so that the two together give the single values."""

    method: Literal["quantile"]
    value: Name
    entity: Name
    quantile: Annotated[float, Field(gt=0, lt=1)]


class NoInterval(ClosedModel):
    """No interval is defined, and why."""

    method: Literal["none"]
    reason: Text


Interval = Annotated[Wilson | Nps | Mean | Ratio | Quantile | NoInterval, Field(discriminator="method")]
_NOT_BLOCKS = {"method", "scale", "quantile", "entity", "reason"}


class Target(ClosedModel):
    """The value aimed at from ``since`` on, in the metric's unit; for one segment or for everybody."""

    since: Date
    value: float
    segment: Text | None = None


class Response(ClosedModel):
    """How many of those who were asked answered: counts of invitations to the very survey the metric reads. Below
    ``floor`` the answers are those of few, and say so."""

    answered: Name
    invited: Name
    floor: Annotated[float, Field(gt=0, lt=1)] = 0.1


class Lifecycle(ClosedModel):
    """A draft may change without notice; a deprecated metric names its successor."""

    state: Literal["draft", "active", "deprecated"] = "active"
    replaced_by: Name | None = None
    sunset: Date | None = None


class MetricMeta(ClosedModel):
    """``config.meta.cx`` of a published metric."""

    version: Annotated[int, Field(ge=1)]
    changelog: Annotated[list[Change], Field(min_length=1)]
    unit: Unit
    direction: Direction
    classification: Classification
    stages: Annotated[list[Name], Field(min_length=1)]
    counterpart: Name | None = None
    positions: list[Position]
    positions_note: Text | None = None
    clock: Clock
    sample: Name
    interval: Interval
    minimum_sample: Annotated[int, Field(ge=1)] = 30
    maturity_days: Annotated[int, Field(ge=0)] = 0
    targets: list[Target] = Field(default_factory=list)
    grains: Annotated[list[Grain], Field(min_length=1, default_factory=lambda: list(GRAINS))]
    slices: list[Name] = Field(default_factory=list)
    # Slice -> block -> the block that stands in for it there, because what the others count knows nothing of the slice.
    part_slices: dict[Name, Annotated[dict[Name, Name], Field(min_length=1)]] = Field(default_factory=dict)
    response: Response | None = None
    related: list[Name] = Field(default_factory=list)
    not_a_proxy_for: list[Name] = Field(default_factory=list)
    lifecycle: Lifecycle = Lifecycle()

    @property
    def interval_blocks(self) -> dict[str, str]:
        """Role -> building block of the interval method; empty for ``none``."""
        return {role: name for role, name in self.interval.model_dump().items() if role not in _NOT_BLOCKS}


class _Meta(ClosedModel):
    cx: MetricMeta


class _Config(ClosedModel):
    group: Name
    meta: _Meta


class _Definition(ClosedModel):
    name: Name
    label: Text
    description: Text
    config: _Config
    filter: str | None = None


class RatioDefinition(_Definition):
    """Sum of the numerator over sum of the denominator."""

    type: Literal["ratio"]
    numerator: InputOrName
    denominator: InputOrName

    @property
    def inputs(self) -> list[str]:
        return [self.numerator.name, self.denominator.name]


class DerivedDefinition(_Definition):
    """An expression over other metrics."""

    type: Literal["derived"]
    expr: Text
    input_metrics: Annotated[list[InputOrName], Field(min_length=1)]

    @property
    def inputs(self) -> list[str]:
        return [metric.name for metric in self.input_metrics]


class CumulativeDefinition(_Definition):
    """A running total: the state that the changes up to the end of a period add up to."""

    type: Literal["cumulative"]
    input_metric: InputOrName
    period_agg: Literal["last"]

    @property
    def inputs(self) -> list[str]:
        return [self.input_metric.name]


class ConstantProperty(ClosedModel):
    """A property that must be equal in both events of a conversion."""

    base_property: Text
    conversion_property: Text


class ConversionDefinition(_Definition):
    """Base events of an entity followed by a conversion event within a window."""

    type: Literal["conversion"]
    entity: Name
    calculation: Literal["conversions", "conversion_rate"]
    base_metric: InputOrName
    conversion_metric: InputOrName
    window: str | None = None
    constant_properties: list[ConstantProperty] = Field(default_factory=list)

    @property
    def inputs(self) -> list[str]:
        return [self.base_metric.name, self.conversion_metric.name]


Definition = RatioDefinition | DerivedDefinition | CumulativeDefinition | ConversionDefinition


class MetricFile(ClosedModel):
    """A file below ``metrics/``: exactly one metric."""

    version: Literal[2] = 2
    metrics: Annotated[list[Annotated[Definition, Field(discriminator="type")]], Field(min_length=1, max_length=1)]


META_PATH: KeyPath = ("metrics", 0, "config", "meta", "cx")


@dataclass(frozen=True)
class Metric:
    """One published metric; ``domain`` is the folder it lies in."""

    definition: Definition
    domain: str
    source: YamlFile

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def label(self) -> str:
        return self.definition.label

    @property
    def description(self) -> str:
        """As written: a reference to the doc text."""
        return self.definition.description

    @property
    def type(self) -> str:
        return self.definition.type

    @property
    def group(self) -> str:
        """The accountable dbt group."""
        return self.definition.config.group

    @property
    def meta(self) -> MetricMeta:
        return self.definition.config.meta.cx

    @property
    def inputs(self) -> list[str]:
        """Names of the input metrics, in the order written."""
        return self.definition.inputs

    @property
    def is_count(self) -> bool:
        """A full count, not a rate, a mean or a score: zero is a value, and n is the count itself."""
        return self.meta.unit == "count"

    @property
    def blocks(self) -> list[str]:
        """Every metric the value, the sample or the interval needs, each once, inputs first."""
        return list(dict.fromkeys([*self.inputs, self.meta.sample, *self.meta.interval_blocks.values()]))

    @property
    def side_blocks(self) -> list[str]:
        """Building blocks of what stands beside the value: the stand-ins of its part slices, its response rate."""
        parts = [name for stand_ins in self.meta.part_slices.values() for name in stand_ins.values()]
        response = self.meta.response
        return [*parts, *((response.answered, response.invited) if response else ())]

    @property
    def file(self) -> str:
        """The file as shown to people: relative to the project root."""
        return self.source.name

    @property
    def line(self) -> int:
        return self.line_of("name")

    def line_of(self, *keys: str | int) -> int:
        """The line of a key of the metric (``"numerator"``) or, failing that, of ``config.meta.cx`` (``"clock"``)."""
        for prefix in (("metrics", 0), META_PATH):
            if (*prefix, *keys) in self.source.lines:
                return self.source.line((*prefix, *keys))
        return self.source.line((*META_PATH, *keys))


def read_metric(source: YamlFile, domain: str) -> tuple[Metric | None, list[CxError]]:
    """The metric of a file, or None and everything that is wrong with the file's shape."""
    parsed, problems = validate(MetricFile, source.data, source)
    if parsed is None:
        return None, problems
    return Metric(definition=parsed.metrics[0], domain=domain, source=source), []
