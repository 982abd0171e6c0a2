"""What the cited articles claim, beside the metrics they name."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


def claims_are_measured_or_explained(definitions: Definitions) -> Iterator[Finding]:
    """A claim without a metric and without a reason reads as if nobody had thought of it, and a metric that was renamed
    leads readers nowhere."""
    claims = definitions.claims
    for problem in claims.problems:
        yield Finding.of(problem, "correct it here")
    if claims.file is None:
        return
    seen: set[str] = set()
    for index, claim in enumerate(claims.claims):
        if claim.claim in seen:
            line = claims.line(index, "claim")
            yield Finding(claims.file.name, line, f"there are two claims '{claim.claim}'", "give it another name")
        seen.add(claim.claim)
        if not claim.metrics and claim.missing is None:
            sentence = f"the claim '{claim.claim}' names no metric, and no reason why"
            help = "name the metrics that measure it, or say in missing why none does"
            yield Finding(claims.file.name, claims.line(index), sentence, help)
        for position, name in enumerate(claim.metrics):
            if name not in definitions.metric_names and name not in definitions.switched_off:
                sentence = f"the claim '{claim.claim}' names a metric that does not exist"
                line = claims.line(index, "metrics", position)
                names = definitions.metric_names
                yield Finding(claims.file.name, line, sentence, "name a published metric", name, names)
