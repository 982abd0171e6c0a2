"""Service or experience: the rule, as plain code.

The published sources disagree on single metrics but agree on what tells the two apart. A metric's **scope** decides:

- ``interaction`` and ``service_touchpoint`` are service: one occasion on which somebody asked for help;
- ``touchpoint`` (any other), ``journey`` and ``relationship`` are experience.

The other traits are votes, which do not decide but expose a metric whose declaration does not fit together:

- stance: ``reactive`` votes service, ``proactive`` and ``both`` vote experience;
- accountable group: support votes service, any other experience;
- kind: ``operation`` votes service (how well one need was handled), ``outcome`` votes experience (what the relationship
  led to). ``perception`` abstains: what a customer feels is about whatever was asked about, so the answer "satisfied"
  says how one need was handled after a service touchpoint, and how the relationship feels elsewhere. Its scope tells.

When every vote that is cast contradicts the scope, the metric needs a written rationale. An operation can still be
experience (contacts per customer) and an outcome service (recovery after a failed ticket): the other votes carry it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cxmetrics.definitions.metric import Classification

SUPPORT_GROUP = "support"

DOMAIN_OF_SCOPE = {
    "interaction": "service",
    "service_touchpoint": "service",
    "touchpoint": "experience",
    "journey": "experience",
    "relationship": "experience",
}
VOTE_OF_STANCE = {"reactive": "service", "proactive": "experience", "both": "experience"}
VOTE_OF_KIND = {"operation": "service", "outcome": "experience", "perception": None}


@dataclass(frozen=True)
class Verdict:
    """The domain the scope decides, and the vote of each other trait (None where it abstains)."""

    domain: str
    votes: dict[str, str | None]

    @property
    def is_contradicted(self) -> bool:
        """Every vote that is cast is for the other domain."""
        cast = [vote for vote in self.votes.values() if vote is not None]
        return self.domain not in cast


def classify(classification: Classification, group: str) -> Verdict:
    """The verdict of the rule for a metric with these traits, accountable to ``group``."""
    return Verdict(
        domain=DOMAIN_OF_SCOPE[classification.scope],
        votes={
            "stance": VOTE_OF_STANCE[classification.stance],
            "kind": VOTE_OF_KIND[classification.kind],
            "accountable": "service" if group == SUPPORT_GROUP else "experience",
        },
    )
