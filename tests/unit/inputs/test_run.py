"""What is accepted, what is rejected and why, when the build is blocked, and what a failed run leaves."""

from __future__ import annotations

import random
import re

import duckdb
import pytest

from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import sql
from cxmetrics.errors import CxError, InputsBlocked
from cxmetrics.inputs.run import run_inputs
from support.raw_inputs import DECLARATION, Inputs

HEADER = "ticket_id,created_at,status,minutes\n"
GOOD = "".join(f"t{number},2024-01-01 10:00,open,{number}\n" for number in range(10))
REJECTED = "select row_key, rule, column_name, masked_value from quarantine.rejected_rows order by all"


def test_good_rows_are_accepted(shop: Inputs):
    shop.give("tickets.csv", HEADER + GOOD)
    table = shop.table("tickets")
    assert (table.files, table.raw, table.accepted, table.rejected, table.blocked) == (1, 10, 10, 0, None)
    assert shop.query(REJECTED) == []


@pytest.mark.parametrize(
    ("row", "rejected"),
    [
        ("t99,2024-01-01,lost,1", ("expect_column_values_to_be_in_set", "status", "aaaa")),
        ("t99,2024-01-01,open,-1", ("expect_column_values_to_be_between", "minutes", "-9.9")),
        (",2024-01-01,open,1", ("expect_column_values_to_not_be_null", "ticket_id", None)),
        ("t99,,open,1", ("expect_column_values_to_not_be_null", "created_at", None)),
        ("t99,2024-01-01,open,x7", ("uncastable", "minutes", "minutes: a9")),
    ],
)
def test_a_rejected_row_names_its_rule_column_and_masked_value(shop: Inputs, row: str, rejected: tuple):
    shop.give("tickets.csv", HEADER + GOOD + row + "\n")
    assert (shop.table("tickets").accepted, shop.query(REJECTED)) == (10, [("11", *rejected)])


def test_a_rejected_row_names_its_file_and_row_there(shop: Inputs):
    shop.declare(DECLARATION.replace("key: [ticket_id]", 'key: [ticket_id]\n              files: ["t*.csv"]'))
    shop.give("t1.csv", HEADER + GOOD)
    shop.give("t2.csv", HEADER + "t88,2024-01-01,open,1\nt99,2024-01-01,lost,1\n")
    shop.load()
    assert shop.query("select row_key, file_name, file_row from quarantine.rejected_rows") == [("12", "t2.csv", 2)]


def test_a_row_that_fails_two_rules_is_two_reasons_and_one_rejected_row(shop: Inputs):
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,lost,-1\n")
    assert shop.table("tickets").rejected == 1
    assert len(shop.query(REJECTED)) == 2
    assert shop.query("select raw_rows, rejected_rows from quarantine.loads where table_name = 'tickets'") == [(11, 1)]


def test_of_rows_with_one_key_the_last_is_accepted(shop: Inputs):
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,open,1\nt99,2024-01-02,open,1\nt99,2024-01-03,solved,1\n")
    table = shop.table("tickets")
    assert (table.raw, table.accepted, table.superseded, table.rejected) == (13, 11, 2, 0)
    assert shop.query(REJECTED) == [("11", "superseded", "ticket_id", "a99"), ("12", "superseded", "ticket_id", "a99")]
    assert shop.query("select rejected_rows, superseded_rows from quarantine.loads where files = 1") == [(0, 2)]


def test_monthly_files_that_overlap_block_nothing(shop: Inputs):
    shop.declare(DECLARATION.replace("max_rejected_share: 0.5", "max_rejected_share: 0"))
    for month, first, status in (("2024-01", 0, "open"), ("2024-02", 5, "open"), ("2024-03", 10, "solved")):
        rows = "".join(f"t{number},{month}-15,{status},1\n" for number in range(first, first + 15))
        shop.give(f"tickets/{month}.csv", HEADER + rows)
    table = shop.table("tickets")
    assert (table.raw, table.accepted, table.superseded, table.rejected, table.blocked) == (45, 25, 20, 0, None)
    accepted = shop.query(
        "select status, count(*) from raw_shop.tickets where not exists (select 1 from quarantine.rejected_rows"
        " where row_key = cast(_cx_row as varchar)) group by 1 order by 1"
    )
    assert accepted == [("open", 10), ("solved", 15)]


def test_the_tenth_file_comes_after_the_ninth(shop: Inputs):
    shop.give("tickets/export_9.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,open,1\n")
    shop.give("tickets/export_10.csv", HEADER + "t1,2024-01-01,solved,2\n")
    assert shop.table("tickets").superseded == 1
    assert shop.query("select ticket_id, status from raw_shop.tickets order by _cx_row") == [
        ("t1", "open"), ("t2", "open"), ("t1", "solved"),
    ]  # fmt: skip
    assert shop.query("select row_key from quarantine.rejected_rows") == [("1",)]


def test_what_is_wrong_with_a_superseded_row_does_not_matter(shop: Inputs):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,lost,1\nt1,2024-01-02,open,1\n")
    table = shop.table("tickets")
    assert (table.accepted, table.superseded, table.rejected) == (1, 1, 0)
    assert shop.query(REJECTED) == [("1", "superseded", "ticket_id", "a9")]


def test_the_newest_row_is_that_of_the_declared_column(shop: Inputs):
    shop.declare(DECLARATION.replace("key: [ticket_id]", "key: [ticket_id]\n              newest_by: created_at"))
    rows = "t1,2024-01-03,solved,1\nt1,2024-01-01,open,1\nt1,,open,1\nt2,2024-01-02,open,1\nt2,2024-01-02,open,2\n"
    shop.give("tickets.csv", HEADER + rows)
    table = shop.table("tickets")
    assert (table.accepted, table.superseded, table.rejected) == (2, 3, 0)
    assert shop.query("select row_key from quarantine.rejected_rows order by 1") == [("2",), ("3",), ("4",)]


def test_a_row_that_cannot_be_read_replaces_no_other(shop: Inputs):
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,open,1\nt99,2024-01-02,open,x\n")
    shop.load()
    assert shop.query(REJECTED) == [("12", "uncastable", "minutes", "minutes: a")]


def test_sql_of_a_declaration_reads_no_file(shop: Inputs):
    shop.give("tickets.csv", HEADER + GOOD)
    secret = shop.give("secret.txt", "nobody reads this")
    query = sql("select content from {{batch}}, read_text({file})", file=literal(str(secret)))
    added = f'- {{expectation: unexpected_rows_expectation, severity: warn, unexpected_rows_query: "{query}"}}'
    shop.declare(DECLARATION.replace("expectations:", f"expectations:\n                {added}"))
    with pytest.raises(CxError, match="file system operations are disabled") as refused:
        shop.load()
    assert "nobody reads this" not in str(refused.value)


def test_a_key_of_two_columns_is_unique_as_a_pair(canonical: Inputs):
    canonical.give(
        "category_spend.csv",
        "customer_id,month,category_spend\na1,2024-01-01,1\na1,2024-02-01,1\nb1,2024-01-01,1\n"
        + "".join(f"c{number},2024-01-01,1\n" for number in range(40))
        + "a1,2024-02-01,2\n",
    )
    canonical.load()
    ((row, rule, columns, masked),) = canonical.query(REJECTED)
    assert (row, rule, columns) == ("2", "superseded", "customer_id, month")
    # What is masked is what is stored: of a customer, a hash.
    assert re.fullmatch("aaaaaa_[a9]{18}, 9999-99-99", masked)


def test_a_corrected_row_is_accepted_on_the_next_run(shop: Inputs):
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,lost,1\n")
    assert shop.table("tickets").rejected == 1
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,open,1\n")
    assert shop.table("tickets").rejected == 0
    assert shop.query(REJECTED) == []


def test_validation_results_of_earlier_runs_are_kept(shop: Inputs):
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,lost,1\n")
    shop.load()
    shop.give("tickets.csv", HEADER + GOOD)
    shop.load()
    assert shop.query(
        "select column_name, severity, evaluated_rows, unexpected_rows, is_success, seconds > 0"
        " from quarantine.validation_results where expectation = 'expect_column_values_to_be_in_set' order by run_id"
    ) == [("status", "reject", 11, 1, False, True), ("status", "reject", 10, 0, True, True)]


def test_a_table_over_its_limit_blocks_and_says_how_to_go_on(shop: Inputs):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,lost,1\nt3,x,lost,1\n")
    with pytest.raises(InputsBlocked) as caught:
        run_inputs(shop.project, shop.engine, ["shop"], shop.raw)
    assert caught.value.exit_code == 3
    assert caught.value.file == str(shop.engine.build_file)
    assert caught.value.what == (
        "inputs are blocked, nothing was built: shop.tickets: created_at: 1 row with a (masked), no date this project"
        " can read: write it as 2024-01-31 10:00:00+01:00, or declare its format"
        " (models/staging/shop/_shop__sources.yml:17); 2 of 3 rows rejected, the limit is 50.0%; most by"
        " expect_column_values_to_be_in_set of status (2), uncastable of created_at (1)"
    )
    assert caught.value.next_step == (
        "select * from quarantine.rejected_rows where source_name = 'shop' and table_name = 'tickets'; correct the"
        " files, then run the command again (a limit is max_rejected_share in the source's .yml)"
    )
    assert shop.query("select count(distinct row_key) from quarantine.rejected_rows") == [(2,)]
    assert shop.query("select is_blocked from quarantine.loads order by table_name") == [(False,), (True,)]


def test_a_table_at_its_limit_is_accepted(shop: Inputs):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,lost,1\n")
    assert shop.table("tickets").blocked is None


def test_a_blocking_expectation_blocks_below_the_limit(shop: Inputs):
    shop.declare(DECLARATION.replace("min_value: 0}", "min_value: 0, severity: block}"))
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,open,-1\n")
    with pytest.raises(InputsBlocked) as caught:
        run_inputs(shop.project, shop.engine, ["shop"], shop.raw)
    assert "expect_column_values_to_be_between of minutes failed for 1 row" in caught.value.what
    assert "models/staging/shop/_shop__sources.yml:14" in caught.value.what
    assert shop.query(REJECTED) == []


def test_a_warning_rejects_nothing(shop: Inputs):
    shop.declare(DECLARATION.replace("min_value: 0}", "min_value: 0, severity: warn}"))
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,open,-1\n")
    table = shop.table("tickets")
    assert (table.rejected, table.blocked) == (0, None)
    assert table.warnings == (
        "expect_column_values_to_be_between of minutes failed for 1 row (models/staging/shop/_shop__sources.yml:14)",
    )


def test_a_check_of_a_whole_table_can_block(shop: Inputs):
    shop.declare(
        DECLARATION.replace(
            "{expectation: expect_column_values_to_be_between, column: minutes, min_value: 0}",
            "{expectation: expect_table_row_count_to_be_between, min_value: 100, severity: block}",
        )
    )
    shop.give("tickets.csv", HEADER + GOOD)
    assert "expect_table_row_count_to_be_between failed" in shop.table("tickets").blocked


def test_a_query_rejects_the_rows_it_selects(shop: Inputs):
    shop.declare(
        DECLARATION.replace(
            "{expectation: expect_column_values_to_be_between, column: minutes, min_value: 0}",
            "{expectation: unexpected_rows_expectation, rule: solved_in_no_time,"
            " unexpected_rows_query: \"select * from {batch} where status = 'solved' and minutes = 0\"}",
        )
    )
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,solved,0\n")
    shop.load()
    assert shop.query(REJECTED) == [("11", "solved_in_no_time", None, None)]


def test_an_error_leaves_what_the_run_before_left(shop: Inputs):
    shop.give("tickets.csv", HEADER + GOOD + "t99,2024-01-01,lost,1\n")
    shop.give("agents.csv", "agent_id,is_active\na,yes\n")
    shop.load()
    state = "select * from raw_shop.tickets order by _cx_row", "select * from quarantine.rejected_rows order by all"
    before = [shop.query(sql) for sql in state]
    # The first table is already loaded when the file of the second turns out to be broken.
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\n")
    (shop.raw / "agents.csv").unlink()
    duckdb.sql("select range::varchar as agent_id, true as is_active from range(100000)").write_parquet(
        str(shop.raw / "agents.parquet")
    )
    content = (shop.raw / "agents.parquet").read_bytes()
    (shop.raw / "agents.parquet").write_bytes(content[:1000] + b"x" * 1000 + content[2000:])
    with pytest.raises(CxError, match="agents"):
        shop.load()
    assert [shop.query(sql) for sql in state] == before


def test_a_table_without_a_file_is_empty_with_the_declared_columns(shop: Inputs):
    shop.give("tickets.csv", HEADER)
    shop.load()
    assert [row[:2] for row in shop.query("describe raw_shop.agents")] == [
        ("agent_id", "VARCHAR"),
        ("is_active", "BOOLEAN"),
        ("_cx_file", "VARCHAR"),
        ("_cx_row", "BIGINT"),
        ("_cx_uncastable", "VARCHAR"),
    ]
    assert shop.query("select count(*) from raw_shop.agents") == [(0,)]


def test_a_score_outside_its_scale_is_rejected(canonical: Inputs):
    header = "response_id,survey_type,score,scale_min,scale_max,responded_at\n"
    good = "".join(f"r{number},nps,{number % 11},0,10,2024-01-01\n" for number in range(60))
    canonical.give("survey_responses.csv", header + good + "low,nps,-1,0,10,2024-01-01\nhigh,csat,6,1,5,2024-01-01\n")
    canonical.load()
    assert canonical.query(REJECTED) == [
        ("61", "expect_column_pair_values_a_to_be_greater_than_b", "score, scale_min", "-9.9, 9.9"),
        ("62", "expect_column_pair_values_a_to_be_greater_than_b", "scale_max, score", "9.9, 9.9"),
    ]


CELLS = {
    "ticket_id": ["t1", "t2", "t3", "", "t4;", "'x'"],
    "created_at": ["2024-01-01", "2024-13-01", "", "31.12.2023", "2024-01-01T00:00:00+14:00"],
    "status": ["open", "solved", "Open", "", '"', "null"],
    "minutes": ["1", "-1", "", "1e309", "0", "drop table"],
}


@pytest.mark.parametrize("seed", range(6))
def test_accepted_and_rejected_rows_are_the_raw_rows(shop: Inputs, seed: int):
    draw = random.Random(seed)  # noqa: S311 (to be drawn again)
    shop.declare(DECLARATION.replace("max_rejected_share: 0.5", "max_rejected_share: 1"))
    quote = lambda cell: '"' + cell.replace('"', '""') + '"'  # noqa: E731
    rows = [",".join(quote(draw.choice(values)) for values in CELLS.values()) for _ in range(draw.randrange(1, 300))]
    shop.give("tickets.csv", HEADER + "\n".join(rows) + "\n")
    table = shop.table("tickets")
    accepted = shop.query(
        "select count(*) from raw_shop.tickets as r where not exists (select 1 from quarantine.rejected_rows as q"
        " where q.row_key = cast(r._cx_row as varchar))"
    )[0][0]
    assert table.raw == len(rows)
    assert table.accepted == accepted
    assert accepted + table.superseded + table.rejected == len(rows)
    assert table.rejected > 0
    assert shop.query("select count(*), count(rule) from quarantine.rejected_rows where rule is null") == [(0, 0)]
    # None of the rules holds for a row that was accepted.
    assert shop.query(
        "select count(*) from raw_shop.tickets as r where not exists (select 1 from quarantine.rejected_rows as q"
        " where q.row_key = cast(r._cx_row as varchar)) and (ticket_id is null or created_at is null or minutes < 0"
        " or status not in ('open', 'solved') or _cx_uncastable is not null)"
    ) == [(0,)]


def test_every_declared_and_implied_expectation_leaves_a_validation_result(canonical: Inputs):
    canonical.give("tickets.csv", "ticket_id,created_at,status,channel\n1,2024-01-01,open,email\n")
    canonical.load()
    assert canonical.query(
        "select expectation, column_name, severity from quarantine.validation_results"
        " where table_name = 'tickets' order by all"
    ) == [
        ("expect_column_values_to_be_in_set", "channel", "warn"),
        ("expect_column_values_to_be_in_set", "status", "reject"),
        ("expect_column_values_to_be_null", "_cx_uncastable", "reject"),
        ("expect_column_values_to_not_be_null", "created_at", "reject"),
        ("expect_column_values_to_not_be_null", "ticket_id", "reject"),
        ("newest_day_like_its_weekday", "created_at", "warn"),
        ("unexpected_rows_expectation", "created_at", "reject"),
        ("unexpected_rows_expectation", "created_at", "reject"),
        ("unexpected_rows_expectation", "ticket_id", "supersede"),
        ("unexpected_rows_expectation", None, "reject"),
    ]
