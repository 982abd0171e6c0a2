"""The pages that speak of all metrics at once: journey, audit, scorecard, owners, sources, data quality, query it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cxmetrics.definitions.metric import DOMAINS
from cxmetrics.definitions.words import humanized
from cxmetrics.published.schema import ALL, UNKNOWN
from cxmetrics.site import charts
from cxmetrics.site.wording import CITED_SOURCES, CLAIM_STATES

if TYPE_CHECKING:
    from cxmetrics.definitions.claims import Claim
    from cxmetrics.definitions.metric import Metric, Position
    from cxmetrics.published.figures import Figure, MetricFigures
    from cxmetrics.published.rows import Row
    from cxmetrics.published.tables import PublishedTables
    from cxmetrics.site.pages import Catalogue, Stage, Tile

# Dimensions whose values are stages of the journey.
STAGE_DIMENSIONS = ("stage", "cause_stage")
REACHED = ("completed", "in_progress", "dropped")


@dataclass(frozen=True)
class MatrixRow:
    """A metric by stage: for each its figure of all time, True where the metric speaks of it without one, or None."""

    metric: Metric
    dimension: str | None
    cells: tuple[Figure | bool | None, ...]


@dataclass(frozen=True)
class StageRow:
    """A stage with the journeys that reached it, by status, and those of ``all_journeys`` that did not."""

    stage: Stage
    reached: int
    counts: dict[str, int]
    all_journeys: int


@dataclass(frozen=True)
class Owner:
    """A group: the stages, contact reasons and metrics it answers for."""

    name: str
    label: str
    description: str
    stages: tuple[Stage, ...]
    reasons: tuple[Row, ...]
    tiles: tuple[Tile, ...]

    @property
    def contacts(self) -> int:
        return sum(reason["contacts"] for reason in self.reasons)


@dataclass(frozen=True)
class Said:
    """A metric and what each publication says of it, None where one says nothing."""

    metric: Metric
    positions: tuple[Position | None, ...]

    @property
    def is_disputed(self) -> bool:
        return len({position.domain for position in self.positions if position}) > 1


@dataclass(frozen=True)
class AuditRow:
    """A row of ``journey.experience_audit`` with its pictures; bars are percentages of the longest."""

    row: Row
    difference: Markup | None
    contacts_bar: float
    risk_bar: float


class Overview:
    """What the pages show, each part made when a template asks for it."""

    def __init__(
        self,
        catalogue: Catalogue,
        figures: dict[str, MetricFigures],
        tables: PublishedTables,
        tiles: list[Tile],
        stages: list[Stage],
    ):
        self.catalogue = catalogue
        self.figures = figures
        self.tables = tables
        self.tiles = tiles
        self.stages = stages

    def of_domain(self, domain: str) -> list[Tile]:
        """The tiles of one domain: what has a target first, then by label."""
        own = [tile for tile in self.tiles if tile.metric.domain == domain]
        return sorted(own, key=lambda tile: (not tile.metric.meta.targets, tile.metric.label.lower()))

    def states(self, domain: str) -> dict[str, int]:
        """How many metrics of a domain are in which state."""
        found: dict[str, int] = {}
        for tile in self.of_domain(domain):
            found[tile.state] = found.get(tile.state, 0) + 1
        return found

    def matrix(self, domain: str) -> list[MatrixRow]:
        """Every metric of a domain by stage, those with a value by stage first."""
        rows = [self._matrix_row(tile.metric) for tile in self.of_domain(domain)]
        return sorted(rows, key=lambda row: (row.dimension is None, row.metric.label.lower()))

    def _matrix_row(self, metric: Metric) -> MatrixRow:
        name = next((name for name in STAGE_DIMENSIONS if name in metric.meta.dimensions), None)
        sliced = self.figures[metric.name].sliced
        found = {f.dimension_value: f for f in sliced if f.dimension == name and f.grain == ALL and f.value is not None}
        cells = tuple(found.get(stage.name) or (stage.name in metric.meta.stages or None) for stage in self.stages)
        return MatrixRow(metric, name if found else None, cells)

    def funnel(self) -> list[StageRow]:
        """How far journeys came; empty without any journey."""
        counts: dict[str, dict[str, int]] = {}
        for row in self.tables.stages:
            counts.setdefault(row["stage"], {})[row["status"]] = row["journeys"]
        rows = []
        for stage in self.stages:
            own = counts.get(stage.name, {})
            reached = sum(own.get(status, 0) for status in REACHED)
            rows.append(StageRow(stage, reached, own, sum(own.values())))
        return rows if any(row.all_journeys for row in rows) else []

    def flow(self) -> Markup | None:
        """Contacts from the stage that caused them by who answers for the cause to the team that handles them."""
        labels = {stage.name: stage.label for stage in self.stages}
        links = [
            (
                (
                    labels.get(str(row["cause_stage"]), str(row["cause_stage"])),
                    self.catalogue.owner(row["accountable_group"]),
                    humanized(row["handling_team"] or UNKNOWN),
                ),
                int(row["contacts"]),
            )
            for row in self._known_causes()
        ]
        return charts.flow(links) if links else None

    def causes(self) -> list[Row]:
        """Contacts by the stage that caused them, with the share that is avoidable."""
        found: dict[str, Row] = {}
        for row in self._known_causes():
            own = found.setdefault(row["cause_stage"], {"stage": row["cause_stage"], "contacts": 0, "avoidable": 0})
            own["contacts"] += int(row["contacts"])
            own["avoidable"] += int(row["avoidable"])
        total = sum(row["contacts"] for row in found.values())
        return [row | {"share": row["contacts"] / total} for row in found.values() if total]

    def _known_causes(self) -> list[Row]:
        return [row for row in self.tables.causes if row["cause_stage"]]

    def owners(self) -> list[Owner]:
        """Every group that answers for a metric, a stage or a reason for contact."""
        groups = self.catalogue.project.read_declared().groups
        names = {tile.metric.group for tile in self.tiles} | {stage.group for stage in self.stages} | set(groups)
        return [
            Owner(
                name,
                self.catalogue.owner(name),
                groups[name].description if name in groups else "",
                tuple(stage for stage in self.stages if stage.group == name),
                tuple(row for row in self.tables.reasons if row["accountable_group"] == name),
                tuple(
                    tile for domain in reversed(DOMAINS) for tile in self.of_domain(domain) if tile.metric.group == name
                ),
            )
            for name in sorted(names)
        ]

    def said(self) -> list[Said]:
        """Every metric that a publication places, disputed ones first, then those most of them speak of."""
        rows = [
            Said(tile.metric, tuple(by_source.get(source) for source in CITED_SOURCES))
            for tile in self.tiles
            if (by_source := {position.source: position for position in tile.metric.meta.positions})
        ]
        return sorted(
            rows,
            key=lambda row: (not row.is_disputed, -len(list(filter(None, row.positions))), row.metric.label.lower()),
        )

    def claims(self) -> dict[str, tuple[Claim, ...]]:
        """What the publications claim beside the metrics they name, by how much of it is measured: a key of
        ``wording.CLAIM_STATES``."""
        claims = self.catalogue.claims
        return {state: tuple(claim for claim in claims if _claim_state(claim) == state) for state in CLAIM_STATES}

    def audit(self, *, is_all: bool) -> list[AuditRow]:
        """The audit of everybody, or that of the segments."""
        rows = [row for row in self.tables.audit if (row["segment"] == ALL) == is_all]
        scale = charts.Scale.over(
            [0.0, *(row[end] for row in rows for end in ("ci_low", "ci_high", "adjusted_difference"))],
            charts.RANGE_EDGE,
            charts.RANGE_WIDTH - charts.RANGE_EDGE,
        )
        most = {name: _most(rows, name) for name in ("contacts_per_100_journeys", "revenue_at_risk")}
        return [
            AuditRow(
                row,
                None
                if row["adjusted_difference"] is None
                else charts.interval_mark(row["adjusted_difference"], row["ci_low"], row["ci_high"], 0.0, scale),
                _share(row["contacts_per_100_journeys"], most["contacts_per_100_journeys"]),
                _share(row["revenue_at_risk"], most["revenue_at_risk"]),
            )
            for row in rows
        ]

    def validation_results(self) -> list[Row]:
        """Per raw table how many expectations were checked, and those that did not hold."""
        found: dict[tuple[str, str], Row] = {}
        for row in self.tables.inputs:
            found[(row["source_name"], row["table_name"])] = row | {"checked": 0, "failed": []}
        for row in self.tables.validation_results:
            own = found.get((row["source_name"], row["table_name"]))
            if own is not None:
                own["checked"] += 1
                own["failed"] += [] if row["is_success"] and not row["unexpected_rows"] else [row]
        return list(found.values())


def _claim_state(claim: Claim) -> str:
    if not claim.metrics:
        return "not_measured"
    return "in_part" if claim.missing else "measured"


def _most(rows: list[Row], name: str) -> float:
    return max((abs(row[name]) for row in rows if row[name] is not None), default=0.0)


def _share(value: Any, most: float) -> float:
    return round(100 * max(value, 0.0) / most, 1) if value is not None and most else 0.0
