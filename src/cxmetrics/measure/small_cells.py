"""Values of so few cases of one agent that they would show single cases, not the agent: they are not shown.

Their n is: it says why there is no value, and gives nothing away.
"""

from __future__ import annotations

from collections.abc import Iterable

from cxmetrics.published.schema import Status

# The entity whose values are values of a person; also the name of the slice.
PERSON = "agent"
LEAST_SHOWN = 5
SUPPRESSED: Status = "suppressed"


def is_about_a_person(names: Iterable[str]) -> bool:
    """Whether slices or filters of these names (``agent``, ``ticket__agent``) single out one agent."""
    return any(name.split("__")[-1] == PERSON for name in names)


def shown(column: str) -> str:
    """SQL for a column of a row with a status: null in a suppressed row."""
    return f"case when status <> '{SUPPRESSED}' then {column} end as {column}"
