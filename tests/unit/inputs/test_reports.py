"""What programs write around the rows: header rows, a line for Excel, a footer; and other ways to write rows."""

from __future__ import annotations

import pytest

from cxmetrics.errors import CxError
from support.raw_inputs import DECLARATION, HEADER, Inputs

ROWS = "t1,2024-01-01,open,1\nt2,2024-01-02,solved,2\n"
READ = [("t1", "open"), ("t2", "solved")]


def read(shop: Inputs) -> list[tuple[str, str]]:
    table = shop.table("tickets")
    assert (table.raw, table.rejected) == (2, 0)
    return shop.query("select ticket_id, status from raw_shop.tickets order by _cx_row")


def test_a_line_that_tells_excel_the_delimiter(shop: Inputs):
    content = "\ufeffsep=;\n" + (HEADER + ROWS).replace(",", ";")
    (shop.raw / "tickets.csv").write_text(content, encoding="utf-8")
    assert read(shop) == READ


def test_header_rows_of_a_survey_are_recognised_by_their_import_ids(shop: Inputs):
    questions = 'Ticket,Created,"Which state\nis it in?",Minutes\n'
    ids = ",".join(f'"{{""ImportId"":""Q{number}""}}"' for number in range(4)) + "\n"
    shop.give("tickets.csv", HEADER + questions + ids + ROWS)
    assert read(shop) == READ
    assert any("its first 3 rows are no data" in note for note in shop.table("tickets").drift)


def test_a_row_of_kinds_of_answers_is_a_header_row(shop: Inputs):
    shop.give("tickets.csv", HEADER + ",,,Open-Ended Response\n" + ROWS)
    assert read(shop) == READ


def test_header_rows_may_be_declared(shop: Inputs):
    shop.declare(DECLARATION.replace("key: [ticket_id]", "key: [ticket_id]\n              header_rows: 2"))
    shop.give("tickets.csv", HEADER + "the ticket,when,state,spent\n" + ROWS)
    assert read(shop) == READ


def test_the_line_of_a_row_is_that_of_the_file_whatever_comes_before_it(shop: Inputs):
    ids = ",".join(f'"{{""ImportId"":""Q{number}""}}"' for number in range(4)) + "\n"
    shop.give("tickets.csv", f'sep=,\n{HEADER}a,b,"c\nd",e\n{ids}{ROWS}t3,2024-01-01,lost,1\nt4,2024-01-01\n')
    assert shop.table("tickets").rejected == 2
    found = shop.query("select file_row, file_line, rule from quarantine.rejected_rows order by file_line")
    assert found == [(3, 8, "expect_column_values_to_be_in_set"), (None, 9, "line_with_too_few_columns")]


def test_missing_columns_are_named_with_the_rows_of_the_header(shop: Inputs):
    ids = ",".join(f'"{{""ImportId"":""Q{number}""}}"' for number in range(3)) + "\n"
    shop.give("tickets.csv", "Id,Status,CreatedAt\n" + ids + "t1,open,2024-01-01\n")
    with pytest.raises(CxError) as caught:
        shop.load()
    assert caught.value.what == "the required columns 'ticket_id', 'created_at' of table tickets are missing"
    step = str(caught.value.next_step)
    assert "rename the columns 'Id' to 'ticket_id', 'CreatedAt' to 'created_at', 'Status' to 'status'" in step
    assert "the first 2 rows belong to the header" in step


FOOTER = '\n\n"Tickets of January"\n"Made by a program, 3/6/2024, 9:15 AM"\n'


def test_the_footer_of_a_report_is_named_and_no_row(shop: Inputs):
    shop.give("tickets.csv", HEADER + ROWS + FOOTER)
    assert read(shop) == READ
    assert "tickets.csv: lines 6 to 7 are the footer of a report and not read" in shop.table("tickets").drift


@pytest.mark.parametrize("end", ["t3\n", '\n"a note"\nt3,2024-01-01,open,1\n', "\nt3,2024-01-01\n"])
def test_what_is_no_footer_is_rejected(shop: Inputs, end: str):
    shop.give("tickets.csv", HEADER + ROWS + end)
    table = shop.table("tickets")
    assert (table.rejected, dict(table.rules)) == (1, {"line_with_too_few_columns": 1})


def test_quotes_behind_a_backslash_are_read_where_that_is_declared(shop: Inputs):
    row = r't3,2024-01-01,"op\"en, \\","3"' + "\n"
    shop.give("tickets.csv", HEADER + ROWS * 3 + row)
    assert any("declare escape: backslash" in note for note in shop.table("tickets").drift)
    declaration = DECLARATION.replace("key: [ticket_id]", "key: [ticket_id]\n              escape: backslash")
    shop.declare(declaration.replace("value_set: [open, solved]", "value_set: [open, solved], severity: warn"))
    shop.give("tickets.csv", HEADER + row)
    assert shop.table("tickets").rejected == 0
    assert shop.query("select minutes, status like 'op%en, %' from raw_shop.tickets") == [(3.0, True)]


@pytest.mark.parametrize("name", ["tickets.json", "tickets.jsonl", "tickets/2024.ndjson", "tickets.json.gz"])
def test_objects_one_a_line_are_rows(shop: Inputs, name: str):
    shop.give(
        name,
        '{"ticket_id": "t1", "created_at": "2024-01-01T10:00:00Z", "status": "open", "tags": ["a"]}\n'
        '{"ticket_id": "t2", "created_at": 1709632800, "status": "solved", "minutes": 1.5}\n',
    )
    assert read(shop) == READ
    assert shop.query("select created_at::varchar, minutes from raw_shop.tickets order by _cx_row") == [
        ("2024-01-01 10:00:00", None),
        ("2024-03-05 10:00:00", 1.5),
    ]


def test_a_list_of_objects_is_rows_and_long_numbers_stay_whole(shop: Inputs):
    ids = [12345678901234567890123, 12345678901234567890124]
    rows = ", ".join(f'{{"ticket_id": {id}, "created_at": "2024-01-01", "status": null}}' for id in ids)
    shop.give("tickets.json", f"[{rows}]")
    assert shop.table("tickets").accepted == 2
    assert shop.query("select ticket_id from raw_shop.tickets order by 1") == [(str(id),) for id in ids]


@pytest.mark.parametrize("content", ['{"ticket_id": ', '["t1"]', "[]", "secret"])
def test_json_that_holds_no_rows_is_refused_without_showing_it(shop: Inputs, content: str):
    shop.give("tickets.json", content)
    with pytest.raises(CxError) as caught:
        shop.load()
    assert caught.value.next_step == "write one object per row, as a list or one a line"
    assert "t1" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_without_a_file_the_files_that_are_there_are_named_masked(shop: Inputs):
    shop.give("Anna.csv", "a\n")
    with pytest.raises(CxError) as caught:
        shop.load()
    assert caught.value.got == "aaaa.csv (masked)"
    assert "name each file after its table" in str(caught.value.next_step)


def test_columns_nobody_needs_are_one_line(shop: Inputs):
    extra = [f"field_{letter}" for letter in "abcdefgh"]
    shop.give("tickets.csv", ",".join([HEADER.strip(), *extra]) + "\nt1,2024-01-01,open,1" + "," * len(extra) + "\n")
    (note,) = (note for note in shop.table("tickets").drift if "not declared" in note)
    assert "8 columns are not declared and were ignored: 'field_a'" in note
    assert note.endswith(" and 3 more")
