"""What is published about people: the policy that ``dbt_project.yml`` declares as the variable ``people``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cxmetrics.definitions.closed_model import ClosedModel

RoleName = Literal["agent", "customer"]
AGENT: RoleName = "agent"
CUSTOMER: RoleName = "customer"
# Below this a group is no group: the value of one case is that case.
SMALLEST = 2

SmallestGroup = Annotated[int, Field(ge=SMALLEST)]


class Customers(ClosedModel):
    """Facts carry the hashed ids of customers, which join them. A value by one customer, or by anything that has an id
    of its own, such as a ticket, rests on at least ``smallest_group`` cases or is not shown."""

    smallest_group: SmallestGroup = 5


class Agents(ClosedModel):
    """``ids``: facts carry the hashed ids of agents, and metrics have values by agent. Such a value rests on at least
    ``smallest_group`` cases or is not shown."""

    ids: bool = False
    smallest_group: SmallestGroup = 5


class People(ClosedModel):
    """The policy, by role."""

    agent: Agents = Agents()
    customer: Customers = Customers()

    def smallest_group(self, role: RoleName) -> int:
        """The fewest cases of one person in this role, or of one thing of theirs, whose value is shown."""
        return self.agent.smallest_group if role == AGENT else self.customer.smallest_group

    def publishes(self, dimension: str) -> bool:
        """Whether there are values by this dimension at all."""
        return dimension != AGENT or self.agent.ids
