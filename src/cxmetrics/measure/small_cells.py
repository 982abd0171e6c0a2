"""Values of so few cases of one person that they would show single cases, not the person: they are not shown.

Their n is: it says why there is no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cxmetrics.definitions.people import AGENT, CUSTOMER
from cxmetrics.definitions.project import PROJECT_FILE
from cxmetrics.errors import CxError
from cxmetrics.published.schema import Status

if TYPE_CHECKING:
    from cxmetrics.definitions.people import People, RoleName
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.question import Question

SUPPRESSED: Status = "suppressed"


def persons(semantics: Semantics, metrics: Sequence[str], question: Question) -> set[RoleName]:
    """Whose values the dimensions and filters of a question single out: whatever has an id of its own is somebody's.

    Raises CxError for a name that the metrics do not reach.
    """
    reached = (semantics.resolve(name, metrics) for name in (*question.by, *question.filtered))
    return {AGENT if item.element == AGENT else CUSTOMER for item in reached if item.is_entity}


def smallest_group(people: People, roles: Iterable[RoleName]) -> int:
    """The fewest cases that a value about these roles rests on; 0 for one about nobody.

    Raises CxError where the project publishes nothing by agent.
    """
    roles = set(roles)
    if AGENT in roles and not people.publishes(AGENT):
        raise CxError(
            "values by agent are not published",
            file=PROJECT_FILE,
            got=AGENT,
            next_step="ask by team; or set ids: true below vars, people, agent and run cx build:"
            " docs/guides/people.md says what to settle first",
        )
    return max((people.smallest_group(role) for role in roles), default=0)
