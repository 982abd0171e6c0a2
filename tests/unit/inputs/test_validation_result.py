"""What a run of the inputs says, and when it stops a build."""

from __future__ import annotations

import pytest

from cxmetrics.errors import InputsBlocked
from cxmetrics.inputs.validation_result import TableResult, ValidationResult, blocked_reason

RULES = (("uncastable of at", 6), ("unique_key of id", 2), ("in_the_future of at", 1), ("before_1980 of at", 1))


def table(name: str, blocked: str | None = None) -> TableResult:
    return TableResult("shop", name, 1, 100, 8, RULES, ("a column more",), (), blocked)


def result(*tables: TableResult) -> ValidationResult:
    return ValidationResult("run 1", ("shop",), False, tables, "here", {"load": 0.5}, ("a note",))


@pytest.mark.parametrize(
    ("rejected", "raw", "limit", "is_blocked"),
    [(5, 100, 0.05, False), (6, 100, 0.05, True), (0, 0, 0.0, False), (1, 1, 1.0, False), (1, 100, 0.0, True)],
)
def test_a_table_is_blocked_above_its_limit_and_not_at_it(rejected: int, raw: int, limit: float, is_blocked: bool):
    assert bool(blocked_reason(rejected, raw, limit, RULES)) is is_blocked


def test_the_reason_names_the_three_rules_that_rejected_most():
    assert blocked_reason(1_000, 2_000, 0.05, RULES) == (
        "1,000 of 2,000 rows rejected, the limit is 5.0%; most by uncastable of at (6), unique_key of id (2),"
        " in_the_future of at (1)"
    )


def test_accepted_is_what_was_not_rejected_and_the_top_rule_is_the_first():
    assert (table("tickets").accepted, table("tickets").top_rule) == (92, "uncastable of at")
    assert TableResult("shop", "none", 0, 0, 0, (), (), (), None).top_rule is None


def test_every_blocked_table_is_named_with_the_query_that_shows_its_rows():
    result(table("tickets")).raise_if_blocked()
    with pytest.raises(
        InputsBlocked, match=r"nothing was built: shop\.tickets: too many; shop\.agents: too few"
    ) as caught:
        result(table("tickets", "too many"), table("orders"), table("agents", "too few")).raise_if_blocked()
    assert "where source_name = 'shop' and table_name = 'tickets'" in caught.value.next_step
    assert caught.value.file == "here"


def test_json_has_everything():
    said = result(table("tickets"), table("agents", "too few")).as_dict()
    assert (said["is_blocked"], said["notes"], said["seconds"]) == (True, ["a note"], {"load": 0.5})
    assert said["tables"][0]["accepted"] == 92
    assert said["tables"][0]["rules"] == dict(RULES)
