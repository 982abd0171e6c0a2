"""What stands on the pages, before any HTML: definitions and figures brought together."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cxmetrics.classification import Verdict, classify
from cxmetrics.site import charts
from cxmetrics.site.figures import ALL, Figure, MetricFigures, trend_grain
from cxmetrics.site.wording import DOMAINS, PUBLICATIONS, TARGET_STATUS, humanized
from cxmetrics.site.worked_example import WorkedExample, read_example

if TYPE_CHECKING:
    from cxmetrics.metric import Metric
    from cxmetrics.project import Block, Project
    from cxmetrics.site.prose import DocTexts, Prose

# A slice with more values than this shows its largest ones, so that no page grows without limit.
SLICE_ROWS = 25


@dataclass(frozen=True)
class Stage:
    """A journey stage in its order; ``is_service`` marks the one that customer service is."""

    name: str
    label: str
    accountable: str

    @property
    def is_service(self) -> bool:
        return self.name == "service"


@dataclass(frozen=True)
class Tile:
    """A metric on the map; ``words`` is what the search box looks through."""

    metric: Metric
    figures: MetricFigures
    sparkline: Markup | None
    owner: str
    words: str


@dataclass(frozen=True)
class SliceRow:
    """One value of a slice: now, over all time, and a picture of the latter's interval."""

    value: str
    now: Figure | None
    overall: Figure | None
    picture: Markup | None


@dataclass(frozen=True)
class SliceTable:
    """A metric by one dimension, largest samples first; ``left_out`` counts the values not shown."""

    name: str
    rows: tuple[SliceRow, ...]
    left_out: int


@dataclass(frozen=True)
class BlockRow:
    """A building block and the time column that places its rows in a period: its own, or its model's."""

    block: Block
    time_column: str | None


@dataclass(frozen=True)
class MetricPage:
    """A metric's page."""

    metric: Metric
    figures: MetricFigures
    grain: str | None
    chart: Markup | None
    slices: tuple[SliceTable, ...]
    definition: Markup
    verdict: Verdict
    owner: str
    owner_description: str
    blocks: tuple[BlockRow, ...]
    example: WorkedExample | None

    @property
    def is_outdated(self) -> bool:
        """The figures were computed with another version of the definition."""
        return any(figure.version != self.metric.meta.version for figure in self.figures.trend)


@dataclass(frozen=True)
class Definitions:
    """The metrics and what they refer to, read once for all pages."""

    project: Project
    metrics: dict[str, Metric]
    texts: DocTexts
    prose: Prose

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
        return [Stage(row["journey_stage"], row["label"], self.owner(row["accountable_group"])) for row in rows]

    def tile(self, metric: Metric, figures: MetricFigures) -> Tile:
        """The metric's tile on the map."""
        owner = self.owner(metric.group)
        return Tile(metric, figures, charts.sparkline(figures.trend), owner, _search_words(metric, figures, owner))

    def page(self, metric: Metric, figures: MetricFigures) -> MetricPage:
        """The metric's page. Raises CxError when its golden case cannot be read."""
        grain = trend_grain(metric)
        group = self.project.read_declared().groups.get(metric.group)
        return MetricPage(
            metric=metric,
            figures=figures,
            grain=grain,
            chart=charts.trend(figures.trend, grain, metric.meta.unit) if grain else None,
            slices=tuple(_slice_tables(metric, figures)),
            definition=self.prose.html(self.texts.resolved(metric.description)),
            verdict=classify(metric.meta.classification, metric.group),
            owner=self.owner(metric.group),
            owner_description=group.description if group else "",
            blocks=tuple(self._block_rows(metric)),
            example=read_example(self.project, metric),
        )

    def _block_rows(self, metric: Metric) -> Iterator[BlockRow]:
        blocks, models = self.project.blocks(), self.project.models()
        for block in (blocks[name] for name in metric.blocks if name in blocks):
            yield BlockRow(block, block.agg_time_dimension or models[block.model].agg_time_dimension)


def _search_words(metric: Metric, figures: MetricFigures, owner: str) -> str:
    traits = metric.meta.classification
    words = [metric.label, metric.name, DOMAINS[metric.domain], owner, traits.kind, *metric.meta.stages]
    words.append("no data" if figures.now is None else TARGET_STATUS[figures.now.target_status][1])
    words += [PUBLICATIONS[position.source].short for position in metric.meta.positions]
    return " ".join(dict.fromkeys(humanized(word).lower() for word in words))


def _slice_tables(metric: Metric, figures: MetricFigures) -> list[SliceTable]:
    found: dict[str, dict[str, dict[bool, Figure]]] = {}
    for figure in figures.sliced:
        found.setdefault(figure.slice, {}).setdefault(figure.slice_value, {})[figure.grain == ALL] = figure
    tables = []
    for name in metric.meta.slices:
        values = found.get(name, {})
        by_size = sorted(values.items(), key=lambda item: (-max(f.n for f in item[1].values()), item[0]))
        shown = by_size[:SLICE_ROWS]
        if shown:
            scale = charts.interval_scale([pair[True] for _, pair in shown if True in pair])
            rows = tuple(_slice_row(value, pair, scale) for value, pair in shown)
            tables.append(SliceTable(name, rows, len(by_size) - len(shown)))
    return tables


def _slice_row(value: str, pair: dict[bool, Figure], scale: Any) -> SliceRow:
    overall = pair.get(True)
    return SliceRow(value, pair.get(False), overall, charts.interval_bar(overall, scale) if overall else None)
