"""What quarantine keeps of rows and checks."""

from __future__ import annotations

from cxmetrics.inputs.declaration import read_source
from cxmetrics.inputs.quarantine import Quarantine
from cxmetrics.inputs.text_files import BadLine
from support.raw_inputs import HEADER, Inputs


def test_a_quarantine_of_an_older_version_is_kept_and_gets_the_new_columns(shop: Inputs):
    with shop.engine.building() as connection:
        connection.execute("create schema quarantine")
        connection.execute(
            "create table quarantine.verdicts (run_id varchar, source_name varchar, table_name varchar,"
            " expectation varchar, column_name varchar, severity varchar, evaluated_rows bigint,"
            " unexpected_rows bigint, is_success boolean,"
            " seconds double precision, forgotten varchar)"
        )
        connection.execute("insert into quarantine.verdicts (run_id, seconds) values ('old', 1)")
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,lost,1\n")
    assert shop.table("tickets").rejected == 1
    assert shop.query("select seconds, rule from quarantine.validation_results where run_id = 'old'") == [(1.0, None)]
    new = "from quarantine.validation_results where run_id <> 'old'"
    assert shop.query(f"select count(*), count(rule) {new}")[0][0] == shop.query(f"select count(rule) {new}")[0][0] > 0
    assert shop.query("select file_line from quarantine.rejected_rows") == [(3,)]


def test_lines_that_are_no_rows_are_kept_masked_and_counted_with_the_rows(shop: Inputs):
    source = read_source(shop.project, "shop")
    tickets, agents = source.tables
    with shop.engine.loading() as loading:
        quarantine = Quarantine(loading, "run 1")
        bad = [
            (BadLine(30, "line_with_a_stray_quote", "it's Erika, 7"), 3),
            (BadLine(99, "line_that_is_no_row", ""), None),
        ]
        quarantine.reject_lines(source, tickets, "tickets.csv", bad)
        found = quarantine.rejections(source, tickets)
        assert (found.rows, found.by_rule) == (2, (("line_that_is_no_row", 1), ("line_with_a_stray_quote", 1)))
        assert quarantine.rejections(source, agents).rows == 0
    assert shop.query("select row_key, masked_value, file_line from quarantine.rejected_rows order by 1") == [
        ("tickets.csv:3", "aa'a aaaaa, 9", 3),
        ("tickets.csv@99", "", None),
    ]


def test_the_state_of_a_source_is_forgotten_and_its_history_is_not(shop: Inputs):
    source = read_source(shop.project, "shop")
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,lost,1\n")
    shop.load()
    (validation_results,) = shop.query("select count(*) from quarantine.validation_results")
    with shop.engine.loading() as loading:
        quarantine = Quarantine(loading, "run 2")
        loading.execute("insert into quarantine.loads (source_name) values ('other')")
        quarantine.forget(source)
    assert shop.query("select source_name from quarantine.loads") == [("other",)]
    assert shop.query("select count(*) from quarantine.rejected_rows") == [(0,)]
    assert shop.query("select count(*) from quarantine.validation_results") == [validation_results]
    assert validation_results > (0,)
