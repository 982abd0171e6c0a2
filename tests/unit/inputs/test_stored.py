"""Raw tables that are in the warehouse already, on DuckDB."""

from __future__ import annotations

import pytest

from cxmetrics.errors import CxError
from cxmetrics.inputs.run import load_inputs
from cxmetrics.inputs.stored import RawSchema
from cxmetrics.inputs.validation_result import ValidationResult
from support.raw_inputs import DECLARATION, Inputs

ROWS = "select ticket_id, created_at, status, minutes from raw_shop.tickets order by ticket_id"


def stored(shop: Inputs, table: str) -> ValidationResult:
    """Load a schema with this table of tickets."""
    with shop.engine.building() as connection:
        connection.execute("create schema if not exists crm")
        connection.execute(f"create or replace table crm.tickets as {table}")
    return load_inputs(shop.project, shop.engine, ["shop"], RawSchema("crm"))


def test_a_table_is_loaded_and_checked_like_a_file(shop: Inputs):
    text = "t1,2024-01-01 10:00,open,1\nt2,2024-01-02,lost,2\nt3,2024-01-03,,\n"
    shop.give("tickets.csv", "ticket_id,created_at,status,minutes\n" + text)
    shop.load()
    by_file = shop.query(ROWS), shop.query("select row_key, rule, masked_value from quarantine.rejected_rows")
    result = stored(
        shop,
        "select ticket_id, created_at::timestamp as created_at, status, minutes"
        " from (values ('t1', '2024-01-01 10:00:00', 'open', 1), ('t2', '2024-01-02', 'lost', 2),"
        " ('t3', '2024-01-03', ' ', null)) as given(ticket_id, created_at, status, minutes)",
    )
    assert (shop.query(ROWS), shop.query("select row_key, rule, masked_value from quarantine.rejected_rows")) == by_file
    assert [(table.table, table.files, table.raw, table.rejected) for table in result.tables] == [
        ("tickets", 1, 3, 1),
        ("agents", 0, 0, 0),
    ]
    assert shop.query("select distinct _cx_file, _cx_uncastable from raw_shop.tickets") == [("crm.tickets", None)]


def test_moments_with_a_zone_become_utc_and_numbers_become_ids(shop: Inputs):
    moment = "timestamptz '2024-01-01 10:00:00+02' as created_at"
    stored(shop, f"select 7 as ticket_id, {moment}, 1.5::decimal(4, 1) as minutes")
    assert shop.query("select ticket_id, created_at::varchar, minutes from raw_shop.tickets") == [
        ("7", "2024-01-01 08:00:00", 1.5)
    ]


@pytest.mark.parametrize(
    ("column", "declared"),
    [
        ("'2024-01-01' as created_at", "timestamp"),
        ("current_date as created_at, '1' as minutes", "double"),
        ("current_date as created_at, true as status", "string"),
    ],
)
def test_a_column_that_cannot_be_stored_is_named_with_what_can(shop: Inputs, column: str, declared: str):
    with pytest.raises(CxError, match=f"of crm.tickets cannot be stored as {declared}") as caught:
        stored(shop, f"select 'a' as ticket_id, {column}")
    assert caught.value.got
    assert caught.value.allowed


def test_a_missing_required_column_is_named_with_the_nearest(shop: Inputs):
    with pytest.raises(CxError, match="required column 'created_at'") as caught:
        stored(shop, "select 'a' as ticket_id, current_date as createdAt")
    assert caught.value.where == "crm.tickets"
    assert caught.value.next_step == "rename the column 'createdAt' to 'created_at' in this table"


def test_a_schema_without_any_of_the_tables_is_an_error_and_keeps_what_was_loaded(shop: Inputs):
    stored(shop, "select 'a' as ticket_id, current_date as created_at")
    with pytest.raises(CxError, match="no table of source shop is in the schema nowhere"):
        load_inputs(shop.project, shop.engine, ["shop"], RawSchema("nowhere"))
    assert shop.query("select count(*) from raw_shop.tickets") == [(1,)]


def test_a_schema_is_not_loaded_into_itself(shop: Inputs):
    stored(shop, "select 'a' as ticket_id, current_date as created_at")
    with pytest.raises(CxError, match="cannot be read from it"):
        load_inputs(shop.project, shop.engine, ["shop"], RawSchema("raw_shop"))
    assert shop.query("select count(*) from raw_shop.tickets") == [(1,)]


def test_a_missing_required_table_is_named(shop: Inputs):
    shop.declare(
        DECLARATION.replace("- name: agents", "- name: agents\n        config: {meta: {cx: {is_required: true}}}")
    )
    with pytest.raises(CxError, match="the required table agents of source shop is not in the schema crm"):
        stored(shop, "select 'a' as ticket_id, current_date as created_at")
