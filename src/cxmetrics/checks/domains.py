"""Service or experience: the folder, the scope and the other traits must agree."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.classification import DOMAIN_OF_SCOPE, classify


def folders_agree_with_the_rule(definitions: Definitions) -> Iterator[Finding]:
    """The folder is what people see; the scope is what is true."""
    for metric in definitions.metrics.values():
        verdict = classify(metric.meta.classification, metric.group)
        if verdict.domain != metric.domain:
            scope = metric.meta.classification.scope
            scopes = [name for name, domain in DOMAIN_OF_SCOPE.items() if domain == metric.domain]
            yield Finding(
                metric.file,
                metric.line_of("classification", "scope"),
                f"the scope '{scope}' makes it a {verdict.domain} metric, but it lies in metrics/{metric.domain}/",
                f"move it to metrics/{verdict.domain}/, with doc text and golden case, or correct the scope "
                f"(in {metric.domain}: {', '.join(scopes)})",
            )


def scopes_are_supported_or_explained(definitions: Definitions) -> Iterator[Finding]:
    """When stance, kind and accountable group all speak for the other domain, the scope is probably wrong."""
    for metric in definitions.metrics.values():
        classification = metric.meta.classification
        verdict = classify(classification, metric.group)
        if verdict.is_contradicted and classification.rationale is None:
            cast = ", ".join(trait for trait, vote in verdict.votes.items() if vote is not None)
            scope = classification.scope
            yield Finding(
                metric.file,
                metric.line_of("classification"),
                f"the scope '{scope}' says {verdict.domain}, and every other trait contradicts it ({cast})",
                "correct the traits, or say in classification.rationale why it belongs there all the same",
            )
