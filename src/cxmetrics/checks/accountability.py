"""Who answers for a metric."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.classification import SUPPORT_GROUP

SEEDS_WITH_GROUPS = ("seeds/journey_stages.csv", "seeds/contact_reasons.csv")


def accountable_groups_are_declared(definitions: Definitions) -> Iterator[Finding]:
    """A number nobody answers for is not improved by anybody."""
    groups = definitions.declared.groups
    help = "name a group of models/groups.yml, or declare it there with an owner"
    for metric in definitions.metrics.values():
        if metric.group not in groups:
            line = metric.line_of("config", "group")
            yield Finding(metric.file, line, "the group does not exist", help, metric.group, list(groups))
    for seed in SEEDS_WITH_GROUPS:
        for line, row in definitions.seed_rows(seed):
            name = row.get("accountable_group") or ""
            if name not in groups:
                yield Finding(seed, line, "the accountable group does not exist", help, name, list(groups))
    for group in groups.values():
        if not (group.owner.get("name") or group.owner.get("email")):
            sentence = f"the group '{group.name}' has no owner"
            yield Finding(group.file, group.line, sentence, "add owner: {name: ...}, a team rather than a person")


def experience_is_not_left_to_support(definitions: Definitions) -> Iterator[Finding]:
    """Support cannot fix what other functions break: no experience metric is accountable to support alone."""
    for metric in definitions.metrics.values():
        if metric.domain == "experience" and metric.group == SUPPORT_GROUP:
            yield Finding(
                metric.file,
                metric.line_of("config", "group"),
                "an experience metric is accountable to the support function alone",
                "name the function that can change it",
                metric.group,
                [name for name in definitions.declared.groups if name != SUPPORT_GROUP],
            )
