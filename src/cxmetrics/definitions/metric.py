"""A published metric: dbt's own keys and ``config.meta.cx``, both closed.

dbt has no field for what makes a metric trustworthy (who is accountable, what n is, how certain the value is, what the
sources say), so that stands under ``config.meta.cx``. Reading a metric imports neither dbt nor MetricFlow.

The models below are complete: what a file leaves out is filled in before they are made (``defaults``). The texts below
their fields are the reference of the metric file and the descriptions of its JSON Schema.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from cxmetrics.definitions.closed_model import ClosedModel, validate
from cxmetrics.definitions.defaults import ENABLED_PATH, META_PATH, METRIC_PATH, at, filled
from cxmetrics.definitions.models import Block
from cxmetrics.definitions.units import shown_unit
from cxmetrics.definitions.windows import PATTERN
from cxmetrics.definitions.yaml_file import YamlFile
from cxmetrics.errors import CxError

Domain = Literal["service", "experience"]
Scope = Literal["interaction", "service_touchpoint", "touchpoint", "journey", "relationship"]
Stance = Literal["reactive", "proactive", "both"]
Kind = Literal["operation", "perception", "outcome"]
Grain = Literal["day", "week", "month", "quarter", "year", "all"]
Unit = Literal["share", "points", "minutes", "seconds", "days", "per_100_customers", "score", "count", "currency"]
Direction = Literal["up", "down", "none"]
Source = Literal["sims_2021", "kelley", "zonka_2023", "doyen_2022", "obrien_2024"]
State = Literal["draft", "active", "deprecated"]

DOMAINS: tuple[str, ...] = get_args(Domain)
GRAINS: tuple[Grain, ...] = get_args(Grain)
NAME_PATTERN = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=60)]
Text = Annotated[str, Field(min_length=1)]
# YAML reads 2025-01-01 as a date, dbt's JSON hands it back as text; both are one date.
Date = Annotated[datetime.date, Field(strict=False)]
# In a file it may also be the name of a variable, or a sum; the reader has put in the days.
Days = Annotated[
    int,
    Field(ge=0),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": PATTERN}]}, mode="validation"
    ),
]


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class _Described(ClosedModel):
    """A part of a metric file: the text below a field describes it."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Input(_Described):
    """An input metric; in YAML its bare name will do. MetricFlow's offsets are refused: n and the interval would be
    those of another period than the value."""

    name: Name
    """Name of a simple metric or of another metric."""
    alias: Name | None = None
    """The name it has in the expression."""
    filter: str | None = None
    """A filter in MetricFlow's words, for this input alone."""


InputOrName = Annotated[Input, BeforeValidator(_named, json_schema_input_type=Name | Input)]


class Change(_Described):
    """One entry of a metric's changelog."""

    version: Annotated[int, Field(ge=1)]
    """The version that the change made."""
    date: Date
    """The day from which the definition is in force."""
    change: Text
    """What changed."""


class Classification(_Described):
    """What decides between service and experience; see ``cxmetrics.definitions.classification`` for the rule."""

    scope: Scope
    """What one value is about. It decides the domain."""
    stance: Stance
    """Whether somebody asked for help first."""
    kind: Kind
    """What is measured: the handling, how it felt, or what it led to."""
    rationale: Text | None = None
    """Why it belongs to its domain; needed when every other trait contradicts the scope."""


class Position(_Described):
    """What one published source says about the metric."""

    source: Source
    """The publication."""
    domain: Domain
    """The domain it places the metric in."""
    says: Text
    """What it says, in one sentence."""


class Wilson(_Described):
    """Wilson score interval of a share: counts of successes and trials."""

    method: Literal["wilson"]
    """How the interval is computed."""
    successes: Name
    """Simple metric: the numerator."""
    trials: Name
    """Simple metric: the denominator."""


class Nps(_Described):
    """Adjusted Wald interval of a net promoter score: three counts."""

    method: Literal["nps"]
    """How the interval is computed."""
    promoters: Name
    """Simple metric: answers of 9 and 10."""
    detractors: Name
    """Simple metric: answers from 0 to 6."""
    answers: Name
    """Simple metric: all answers."""


class Mean(_Described):
    """Normal interval of a mean, from count, sum and sum of squares; all of them times ``scale``."""

    method: Literal["mean"]
    """How the interval is computed."""
    count: Name
    """Simple metric: how many values."""
    sum: Name
    """Simple metric: their sum."""
    sum_of_squares: Name
    """Simple metric: the sum of their squares."""
    scale: float = 1.0
    """What the mean is multiplied by to give the metric."""


class Ratio(_Described):
    """Delta-method interval of ``scale * sum(x) / sum(y)``, from the count and the five sums."""

    method: Literal["ratio"]
    """How the interval is computed."""
    count: Name
    """Simple metric: how many independent units; the sample."""
    x: Name
    """Simple metric: the numerator."""
    y: Name
    """Simple metric: the denominator."""
    xx: Name
    """Simple metric: the sum of squares of x over the units."""
    yy: Name
    """Simple metric: the sum of squares of y over the units."""
    xy: Name
    """Simple metric: the sum of products of x and y over the units."""
    scale: float = 1.0
    """What the ratio is multiplied by to give the metric."""


class Quantile(_Described):
    """Order-statistic interval of a quantile: ``value`` is a sum over the measured column, ``entity`` the fact's
    primary entity, so that the two together give the single values."""

    method: Literal["quantile"]
    """How the interval is computed."""
    value: Name
    """Simple metric: the sum of the measured column."""
    entity: Name
    """The primary entity of the fact."""
    quantile: Annotated[float, Field(gt=0, lt=1)]
    """Which quantile: 0.5 is the median."""


class ProductLimit(_Described):
    """Interval of a quantile of the product-limit estimate: where its log-log limits reach the share. It is that of a
    survival metric, and needs no simple metrics of its own."""

    method: Literal["product_limit"]
    """How the interval is computed."""


class NoInterval(_Described):
    """No interval is defined, and why."""

    method: Literal["none"]
    """How the interval is computed."""
    reason: Text
    """Why there is none."""


Interval = Annotated[Wilson | Nps | Mean | Ratio | Quantile | ProductLimit | NoInterval, Field(discriminator="method")]
_NOT_BLOCKS = {"method", "scale", "quantile", "entity", "reason"}


class Target(_Described):
    """The value aimed at from ``since`` on, in the metric's unit; for one segment or for everybody."""

    since: Date
    """The first day it is in force."""
    value: float
    """The value aimed at, in the unit of the metric."""
    segment: Text | None = None
    """The segment of customers it is for; null is everybody without one of their own."""


class Response(_Described):
    """How many of those who were asked answered: counts of invitations to the very survey the metric reads. Below
    ``floor`` the answers are those of few, and say so."""

    answered: Name
    """Simple metric: the invitations that were answered."""
    invited: Name
    """Simple metric: all invitations whose days to answer are over."""
    floor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """The response rate below which values are marked."""


class Baseline(_Described):
    """The same share among those the value is set against, without whom it says nothing: silence before leaving means
    little where those who stay are as silent. Beside the value stand their share and the difference, with its
    interval."""

    successes: Name
    """Simple metric: the numerator among them."""
    trials: Name
    """Simple metric: all of them."""
    who: Text
    """Who they are, in words that follow "among"."""


class Lifecycle(_Described):
    """A draft may change without notice and has no values; a deprecated metric names its successor."""

    state: State = "active"
    """Draft, active or deprecated. A metric that is to be nowhere has dbt's `enabled: false` instead."""
    replaced_by: Name | None = None
    """The metric to use instead of a deprecated one."""
    sunset: Date | None = None
    """The day a deprecated metric goes."""


class MetricMeta(_Described):
    """``config.meta.cx`` of a published metric."""

    version: Annotated[int, Field(ge=1)] = 1
    """Version of the definition; a change of the number raises it."""
    changelog: Annotated[list[Change], Field(min_length=1)]
    """What changed in which version."""
    unit: Unit
    """Unit of value, interval and target; a share is a fraction of 1."""
    direction: Direction
    """Which way is better; none where neither is."""
    classification: Classification
    """The traits that decide between service and experience."""
    stages: Annotated[list[Name], Field(min_length=1)]
    """Journey stages the metric says something about."""
    counterpart: Name | None = None
    """The metric of the other domain that is mistaken for this one."""
    positions: list[Position] = Field(default_factory=list)
    """What the published sources say about it."""
    positions_note: Text | None = None
    """Why there are none, or why they differ."""
    sample: Name
    """The simple metric that counts n."""
    period: Name | None
    """The time column that places a row in a period; it is always that of the sample."""
    told_by: list[Annotated[list[Name], Field(min_length=1)]] = Field(default_factory=list)
    """Tables of the sources that tell of it, one of each list: where they begin or end inside a period its value is
    partial, and there is none where they tell nothing."""
    interval: Interval
    """The method of the 95 % interval and the simple metrics it needs."""
    minimum_sample: Annotated[int, Field(ge=1)] = 30
    """With a smaller n the status is insufficient_sample."""
    maturity_days: Days = 0
    """Days after the end of a period in which its value can still change. A window that a variable of dbt_project.yml
    holds is named (`repeat_contact_days`) or added up (`recovery_days + churn_grace_days`), never typed again. Its
    name ends with the unit: days, hours or months."""
    targets: list[Target] = Field(default_factory=list)
    """Values aimed at, each from a date on."""
    grains: Annotated[list[Grain], Field(min_length=1, default_factory=lambda: list(GRAINS))]
    """Lengths of the periods it has values for."""
    horizon_months: Annotated[int, Field(ge=1)] | None = None
    """A value looks back so many calendar months from the end of its period, at those who were there meanwhile or when
    they began. Such a metric has values by month only: the horizons of two months overlap and do not add up."""
    dimensions: list[Name] = Field(default_factory=list)
    """Dimensions it has values by."""
    partial_dimensions: dict[Name, Annotated[dict[Name, Name], Field(min_length=1)]] = Field(default_factory=dict)
    """Dimensions that only a part of the metric knows: dimension, simple metric, and the one that replaces it there."""
    only_by: list[Name] = Field(default_factory=list)
    """Dimensions without which it has no value: over the stages of a journey, or over terms of a month and of a year, a
    share would blend what has no common meaning. A question asks by each of them, or holds it fixed with a filter."""
    breaks_by: Name | None = None
    """Dimension whose values are not comparable with each other, such as the scale of a survey: where their mix changes
    from one period to the next, the series breaks there, and the change is none of what is measured."""
    response: Response | None = None
    """The simple metrics of the response rate, and its floor."""
    baseline: Baseline | None = None
    """The simple metrics of the share that the value is set against."""
    related: list[Name] = Field(default_factory=list)
    """Metrics to read beside it."""
    not_a_proxy_for: list[Name] = Field(default_factory=list)
    """Metrics it must not be taken for."""
    lifecycle: Lifecycle = Lifecycle()
    """Draft, active, or deprecated with a successor."""

    @property
    def interval_blocks(self) -> dict[str, str]:
        """Role -> simple metric of the interval method; empty for ``none``."""
        return {role: name for role, name in self.interval.model_dump().items() if role not in _NOT_BLOCKS}


class Meta(_Described):
    """dbt's place for what is not its own."""

    cx: MetricMeta
    """What cxmetrics knows of the metric."""


class Config(_Described):
    """dbt's configuration of the metric."""

    enabled: bool = True
    """dbt's own switch: with false the metric is nowhere."""
    group: Name
    """The accountable dbt group."""
    meta: Meta
    """What cxmetrics knows of the metric."""


class _Definition(_Described):
    name: Name
    """Name; the file and its text have the same."""
    label: Text
    """Name for people."""
    description: Text
    """Always a reference to the doc text beside the file."""
    config: Config
    """Who answers for it, and what cxmetrics knows of it."""
    filter: str | None = None
    """A filter in MetricFlow's words; it counts in value, n, interval and response rate."""


class RatioDefinition(_Definition):
    """Sum of the numerator over sum of the denominator."""

    type: Literal["ratio"]
    """dbt's type of the metric."""
    numerator: InputOrName
    """What is counted."""
    denominator: InputOrName
    """What it is counted of."""

    @property
    def used(self) -> list[Input]:
        """The input metrics, in the order written."""
        return [self.numerator, self.denominator]


class DerivedDefinition(_Definition):
    """An expression over other metrics."""

    type: Literal["derived"]
    """dbt's type of the metric."""
    expr: Text
    """SQL over the names of the input metrics."""
    input_metrics: Annotated[list[InputOrName], Field(min_length=1)]
    """What the expression reads."""

    @property
    def used(self) -> list[Input]:
        """The input metrics, in the order written."""
        return self.input_metrics


class CumulativeDefinition(_Definition):
    """A running total: the state that the changes up to the end of a period add up to."""

    type: Literal["cumulative"]
    """dbt's type of the metric."""
    input_metric: InputOrName
    """The changes that are added up."""
    period_agg: Literal["last"]
    """The value of a longer period is that of its last day."""

    @property
    def used(self) -> list[Input]:
        """The input metrics, in the order written."""
        return [self.input_metric]


class SurvivalDefinition(_Definition):
    """A quantile of how long it takes, with the cases that still wait: the product-limit estimate of Kaplan and Meier.
    dbt and MetricFlow have no such type, so the file is named in `.dbtignore`; its two simple metrics are dbt's own."""

    type: Literal["survival"]
    """A type of cxmetrics, which dbt does not know."""
    time: Name
    """Simple metric: the sum of the time from the start to the end, or for as long as the case was watched."""
    event: Name
    """Simple metric: how many of them have ended."""
    entity: Name
    """The primary entity of the fact: one of them is one case."""
    quantile: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Which quantile: 0.5 is the median."""

    @property
    def used(self) -> list[Input]:
        """What is read of the cases: the time, and whether it ended."""
        return [Input.model_construct(name=name) for name in (self.time, self.event)]


Definition = RatioDefinition | DerivedDefinition | CumulativeDefinition | SurvivalDefinition


class MetricFile(_Described):
    """A file below ``metrics/``: exactly one metric."""

    version: Literal[2] = 2
    """dbt's version of the file format."""
    metrics: Annotated[list[Annotated[Definition, Field(discriminator="type")]], Field(min_length=1, max_length=1)]
    """The metric, as the only entry of a list."""


@dataclass(frozen=True)
class Metric:
    """One published metric, complete; ``domain`` is the folder it lies in, ``currency`` that of money."""

    definition: Definition
    domain: str
    source: YamlFile
    currency: str = ""

    @property
    def shown_unit(self) -> str:
        """The unit as people read it: money in the reporting currency."""
        return shown_unit(self.meta.unit, self.currency)

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
        return [used.name for used in self.definition.used]

    @property
    def is_count(self) -> bool:
        """A full count, not a rate, a mean or a score: zero is a value, and n is the count itself."""
        return self.meta.unit == "count"

    @property
    def is_survival(self) -> bool:
        """A quantile with the cases that still wait, which MetricFlow does not know."""
        return isinstance(self.definition, SurvivalDefinition)

    @property
    def asked(self) -> list[str]:
        """What MetricFlow knows of the metric: its name, or the simple metrics of one that it does not know."""
        return self.inputs if self.is_survival else [self.name]

    @property
    def blocks(self) -> list[str]:
        """Every metric the value, the sample or the interval needs, each once, inputs first."""
        return list(dict.fromkeys([*self.inputs, self.meta.sample, *self.meta.interval_blocks.values()]))

    @property
    def side_blocks(self) -> list[str]:
        """Simple metrics of what stands beside the value: those of partial dimensions, the response rate and the
        baseline."""
        parts = [name for substitutes in self.meta.partial_dimensions.values() for name in substitutes.values()]
        response, baseline = self.meta.response, self.meta.baseline
        return [
            *parts,
            *((response.answered, response.invited) if response else ()),
            *((baseline.successes, baseline.trials) if baseline else ()),
        ]

    @property
    def told_blocks(self) -> list[str]:
        """Every simple metric that a reader of the definition meets, those beside the value last."""
        return list(dict.fromkeys([*self.blocks, *self.side_blocks]))

    @property
    def file(self) -> str:
        """The file as shown to people: relative to the project root."""
        return self.source.name

    @property
    def line(self) -> int:
        return self.line_of("name")

    def is_written(self, *keys: str | int) -> bool:
        """Whether the file itself has a key of the metric or of ``config.meta.cx``, and not the defaults."""
        return any((*prefix, *keys) in self.source.lines for prefix in (METRIC_PATH, META_PATH))

    def line_of(self, *keys: str | int) -> int:
        """The line of a key of the metric (``"numerator"``) or, failing that, of ``config.meta.cx`` (``"stages"``)."""
        for prefix in (METRIC_PATH, META_PATH):
            if (*prefix, *keys) in self.source.lines:
                return self.source.line((*prefix, *keys))
        return self.source.line((*META_PATH, *keys))

    def line_of_input(self, name: str) -> int:
        """The line on which one of ``inputs`` is named."""
        for key in ("numerator", "denominator", "input_metric", "time", "event"):
            named = getattr(self.definition, key, None)
            if named is not None and name in (named, getattr(named, "name", None)):
                return self.line_of(key)
        return self.line_of("input_metrics", self.inputs.index(name))


def is_switched_off(source: YamlFile) -> bool:
    """Whether dbt does not know the metric of a file: ``config: {enabled: false}``. Nothing else of it counts."""
    return at(source.data, ENABLED_PATH) is False


def name_of(source: YamlFile) -> str:
    """The name of the metric of a file; the file's own where it says none."""
    name = at(source.data, (*METRIC_PATH, "name"))
    return name if isinstance(name, str) else source.path.stem


def read_metric(
    source: YamlFile, domain: str, blocks: Mapping[str, Block], variables: Mapping[str, Any]
) -> tuple[Metric | None, list[CxError]]:
    """The metric of a file with what it leaves out, or None and everything that is wrong with the file's shape.

    ``blocks`` are the simple metrics of the project, ``variables`` those of ``dbt_project.yml``.
    """
    data, problems = filled(source, blocks, variables)
    parsed, refused = validate(MetricFile, data, source)
    if parsed is None or problems:
        return None, [*problems, *refused]
    currency = str(variables.get("currency") or "")
    return Metric(definition=parsed.metrics[0], domain=domain, source=source, currency=currency), []
