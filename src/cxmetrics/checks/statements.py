"""What a metric says about itself: stages, positions, targets, versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cxmetrics.checks.accountability import seed_rows
from cxmetrics.checks.finding import Definitions, Finding


def stages_exist(definitions: Definitions) -> Iterator[Finding]:
    """The stages of a metric are those of the journey."""
    seed = "seeds/journey_stages.csv"
    stages = [row.get("journey_stage") or "" for _, row in seed_rows(definitions, seed)]
    for metric in definitions.metrics.values():
        for index, stage in enumerate(metric.meta.stages):
            if stage not in stages:
                line = metric.line_of("stages", index)
                yield Finding(metric.file, line, "the journey stage does not exist", f"see {seed}", stage, stages)


def positions_are_given_or_explained(definitions: Definitions) -> Iterator[Finding]:
    """Readers compare our classification with the published ones; silence must be told from forgetting."""
    for metric in definitions.metrics.values():
        positions, line = metric.meta.positions, metric.line_of("positions")
        if not positions and metric.meta.positions_note is None:
            sentence = "no source has a position on it, and no note says why"
            yield Finding(metric.file, line, sentence, "add positions, or say in positions_note why there are none")
        for source, count in Counter(position.source for position in positions).items():
            if count > 1:
                yield Finding(metric.file, line, f"the source '{source}' has {count} positions", "keep one a source")


def targets_are_unambiguous(definitions: Definitions) -> Iterator[Finding]:
    """Of two targets from one day on for the same customers, nobody knows which one counts."""
    for metric in definitions.metrics.values():
        seen: set[tuple[object, object]] = set()
        for index, target in enumerate(metric.meta.targets):
            key = (target.since, target.segment)
            line = metric.line_of("targets", index)
            if key in seen:
                whom = target.segment or "everybody"
                sentence = f"there are two targets since {target.since} for {whom}"
                yield Finding(metric.file, line, sentence, "keep one of them")
            seen.add(key)
            if metric.meta.direction == "none":
                sentence = "a metric without a direction cannot meet a target"
                yield Finding(metric.file, line, sentence, "say which direction is better, or remove the target")


def versions_have_a_changelog_entry(definitions: Definitions) -> Iterator[Finding]:
    """Whoever sees a number jump must find the change of its definition."""
    for metric in definitions.metrics.values():
        versions = [change.version for change in metric.meta.changelog]
        if metric.meta.version not in versions:
            sentence = f"version {metric.meta.version} has no changelog entry"
            yield Finding(metric.file, metric.line_of("version"), sentence, "say in changelog what changed, and when")
        for version, count in Counter(versions).items():
            if count > 1 or version > metric.meta.version:
                what = "is listed twice" if count > 1 else f"is newer than the metric's version {metric.meta.version}"
                sentence = f"version {version} {what} in the changelog"
                remedy = "correct the version or the entry"
                yield Finding(metric.file, metric.line_of("changelog"), sentence, remedy)
