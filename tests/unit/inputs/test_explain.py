"""Why a row was rejected."""

from __future__ import annotations

import json

import pytest

from cxmetrics.errors import CxError
from cxmetrics.inputs.explain import explain
from support.raw_inputs import DECLARATION, HEADER, Inputs


def test_a_row_is_explained_by_its_number_and_by_its_line(shop: Inputs):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,lost,1\nt3\n")
    shop.load()
    (by_number,) = explain(shop.project, shop.engine, ["shop"], "tickets:2")
    assert [by_number] == explain(shop.project, shop.engine, ["shop"], "tickets.csv:3")
    (reason,) = by_number.reasons
    assert (by_number.location, reason.column, reason.masked_value) == ("tickets.csv:3", "status", "aaaa")
    assert reason.meaning == "value_set: ['open', 'solved']"
    assert reason.declared == "models/staging/shop/_shop__sources.yml:13"
    (line,) = explain(shop.project, shop.engine, ["shop"], "tickets.csv:4")
    assert [reason.rule for reason in line.reasons] == ["line_with_too_few_columns"]
    (accepted,) = explain(shop.project, shop.engine, ["shop"], "tickets:1")
    assert accepted.reasons == ()


def test_a_rule_with_a_help_is_explained_by_it(shop: Inputs):
    limit = "column: minutes, min_value: 0"
    shop.declare(DECLARATION.replace(limit, f"{limit}, help: count from the first message"))
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,open,-1\n")
    shop.load()
    (found,) = explain(shop.project, shop.engine, ["shop"], "tickets:2")
    assert [reason.meaning for reason in found.reasons] == ["count from the first message"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("tickets", "a row is named by its table and number"),
        ("tickets:x", "a row is named by its table and number"),
        ("tickets:0", "shop.tickets has no such row"),
        ("tickets:2", "shop.tickets has no such row"),
        ("ticket:1", "no such table"),
        ("tickets.csv:2", "no rejected row begins on this line"),
    ],
)
def test_a_row_that_is_not_there_is_answered(shop: Inputs, row: str, said: str):
    with pytest.raises(CxError, match="nothing has been loaded yet"):
        explain(shop.project, shop.engine, ["shop"], "tickets:1")
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\n")
    shop.load()
    with pytest.raises(CxError) as caught:
        explain(shop.project, shop.engine, ["shop"], row)
    assert said in caught.value.what


def test_a_file_is_named_as_it_is_however_its_name_reads_in_sql(shop: Inputs):
    name = "it's a \\ file.csv"
    files = f"key: [ticket_id]\n              files: [{json.dumps(name)}]"
    shop.declare(DECLARATION.replace("key: [ticket_id]", files))
    shop.give(name, HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,lost,1\n")
    shop.load()
    (found,) = explain(shop.project, shop.engine, ["shop"], f"{name}:3")
    assert (found.location, [reason.column for reason in found.reasons]) == (f"{name}:3", ["status"])
