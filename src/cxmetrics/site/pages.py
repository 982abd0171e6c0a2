"""What stands on the pages, before any HTML: definitions and figures brought together."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cxmetrics.definitions.classification import Verdict, classify
from cxmetrics.definitions.words import humanized
from cxmetrics.published.figures import Figure, MetricFigures, trend_grain
from cxmetrics.published.schedules import Schedule, counts_business_time, late_holidays, schedule_words
from cxmetrics.published.schema import ALL
from cxmetrics.site import charts
from cxmetrics.site.worked_example import WorkedExample, read_example

if TYPE_CHECKING:
    from cxmetrics.definitions.claims import Claim
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.models import Block
    from cxmetrics.definitions.people import People
    from cxmetrics.definitions.project import Project
    from cxmetrics.site.lineage import Lineage, Step
    from cxmetrics.site.prose import DocTexts, Prose

# A dimension with more values than this shows its largest ones, so that no page grows without limit.
DIMENSION_ROWS = 15
# A metric of more stages than this speaks of the whole journey and not of a stretch of it.
STRETCH = 5


@dataclass(frozen=True)
class Stage:
    """A journey stage in its order; ``is_service`` marks the one that customer service is."""

    name: str
    label: str
    accountable: str
    group: str

    @property
    def is_service(self) -> bool:
        return self.name == "service"


@dataclass(frozen=True)
class Tile:
    """A metric on the map. ``columns`` are the first and last of the stages it speaks of, counted from 1; None for the
    whole journey. ``facets`` is what the filters compare: the domain's first letter, group, kind, state and numbers
    of stages."""

    metric: Metric
    figures: MetricFigures
    sparkline: Markup | None
    owner: str
    state: str
    columns: tuple[int, int] | None
    facets: str


@dataclass(frozen=True)
class DimensionRow:
    """One value of a dimension: now, over all time, and a picture of the latter's interval."""

    value: str
    now: Figure | None
    overall: Figure | None
    picture: Markup | None
    trend: Markup | None


@dataclass(frozen=True)
class DimensionTable:
    """A metric by one dimension, largest samples first; ``left_out`` counts the values not shown."""

    name: str
    rows: tuple[DimensionRow, ...]
    left_out: int


@dataclass(frozen=True)
class BlockRow:
    """A simple metric and the time column that places its rows in a period: its own, or its model's."""

    block: Block
    time_column: str | None


@dataclass(frozen=True)
class MetricPage:
    """A metric's page."""

    metric: Metric
    figures: MetricFigures
    grain: str | None
    chart: Markup | None
    dimensions: tuple[DimensionTable, ...]
    definition: Markup
    verdict: Verdict
    owner: str
    owner_description: str
    blocks: tuple[BlockRow, ...]
    example: WorkedExample | None
    sql: str | None
    way: list[tuple[str, list[Step]]]
    schedules: tuple[Schedule, ...] = ()
    claims: tuple[Claim, ...] = ()

    @property
    def business_time(self) -> list[str]:
        """Sentences about the schedules its minutes are counted on; none for a metric in other units."""
        return [*filter(None, [schedule_words(self.schedules)]), *late_holidays(self.schedules)]

    @property
    def is_outdated(self) -> bool:
        """The figures were computed with another version of the definition."""
        return any(figure.version != self.metric.meta.version for figure in self.figures.trend)


@dataclass(frozen=True)
class Catalogue:
    """The metrics and what they refer to, read once for all pages."""

    project: Project
    metrics: dict[str, Metric]
    texts: DocTexts
    prose: Prose
    lineage: Lineage | None = None
    sql: dict[str, str] = field(default_factory=dict)
    schedules: Sequence[Schedule] = ()
    claims: tuple[Claim, ...] = ()

    def owner(self, group: str) -> str:
        """The name of a group's owner, or the group's own where none is declared."""
        return str(self.project.groups().get(group, {}).get("name") or humanized(group))

    def stages(self) -> list[Stage]:
        """The journey's stages in their order, from the seed; none when there is no such seed."""
        path = self.project.root / "seeds" / "journey_stages.csv"
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(row["position"]))
        return [
            Stage(row["journey_stage"], row["label"], self.owner(row["accountable_group"]), row["accountable_group"])
            for row in rows
        ]

    def tile(self, metric: Metric, figures: MetricFigures, stages: Sequence[Stage]) -> Tile:
        """The metric's tile on the map."""
        numbers = [i for i, stage in enumerate(stages, start=1) if stage.name in metric.meta.stages]
        is_stretch = bool(numbers) and len(numbers) <= STRETCH and metric.domain == "experience"
        state, kind = target_state(figures), metric.meta.classification.kind
        facets = f"{metric.domain[0]} {metric.group} {kind} {state} {','.join(map(str, numbers))}"
        return Tile(
            metric,
            figures,
            charts.sparkline(figures.settled),
            self.owner(metric.group),
            state,
            (numbers[0], numbers[-1]) if is_stretch else None,
            facets,
        )

    def page(self, metric: Metric, figures: MetricFigures) -> MetricPage:
        """The metric's page. Raises CxError when its golden case cannot be read."""
        grain = trend_grain(metric)
        group = self.project.read_declared().groups.get(metric.group)
        return MetricPage(
            metric=metric,
            figures=figures,
            grain=grain,
            chart=charts.trend(figures.trend, grain, metric.meta.unit) if grain else None,
            dimensions=tuple(_dimension_tables(metric, figures, self.project.people)),
            definition=self.prose.html(self.texts.resolved(metric.description)),
            verdict=classify(metric.meta.classification, metric.group),
            owner=self.owner(metric.group),
            owner_description=group.description if group else "",
            blocks=tuple(self._block_rows(metric)),
            example=read_example(self.project, metric),
            sql=self.sql.get(metric.name),
            way=self._way(metric),
            claims=tuple(claim for claim in self.claims if metric.name in claim.metrics),
            schedules=tuple(self.schedules) if counts_business_time(metric, self.project.blocks()) else (),
        )

    def _way(self, metric: Metric) -> list[tuple[str, list[Step]]]:
        blocks = self.project.blocks()
        models = {blocks[name].model for name in metric.told_blocks if name in blocks}
        return self.lineage.way_to(models) if self.lineage else []

    def _block_rows(self, metric: Metric) -> Iterator[BlockRow]:
        blocks, models = self.project.blocks(), self.project.models()
        for block in (blocks[name] for name in metric.told_blocks if name in blocks):
            yield BlockRow(block, block.agg_time_dimension or models[block.model].agg_time_dimension)


def target_state(figures: MetricFigures) -> str:
    """What the latest number says of the target: a key of ``wording.STATES``."""
    if figures.now is None:
        return "no_data"
    if figures.now.status in ("no_data", "insufficient_sample"):
        return figures.now.status
    return figures.now.target_status


def _dimension_tables(metric: Metric, figures: MetricFigures, people: People) -> list[DimensionTable]:
    found: dict[str, dict[str, dict[bool, Figure]]] = {}
    for figure in figures.sliced:
        found.setdefault(figure.dimension, {}).setdefault(figure.dimension_value, {})[figure.grain == ALL] = figure
    tables = []
    # What was published before the policy changed may still hold values by agent.
    for name in filter(people.publishes, metric.meta.dimensions):
        values = found.get(name, {})
        by_size = sorted(values.items(), key=lambda item: (-max(f.n for f in item[1].values()), item[0]))
        shown = by_size[:DIMENSION_ROWS]
        if shown:
            scale = charts.interval_scale([pair[True] for _, pair in shown if True in pair])
            trends = {value: figures.dimension_trends.get((name, value), ()) for value, _ in shown}
            target = figures.now.target if figures.now else None
            small = charts.spark_scale(trends.values(), target)
            rows = tuple(
                _dimension_row(value, pair, scale, charts.spark(trends[value], target, small)) for value, pair in shown
            )
            tables.append(DimensionTable(name, rows, len(by_size) - len(shown)))
    return tables


def _dimension_row(value: str, pair: dict[bool, Figure], scale: Any, trend: Markup | None) -> DimensionRow:
    overall = pair.get(True)
    return DimensionRow(
        value, pair.get(False), overall, charts.interval_bar(overall, scale) if overall else None, trend
    )
