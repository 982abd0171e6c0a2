"""References, times, volumes, archives, personal data; a quarantine of an older version; why a row was rejected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cxmetrics.errors import CxError
from cxmetrics.inputs.declaration import read_source
from cxmetrics.inputs.explain import explain
from cxmetrics.inputs.run import load_inputs
from support.raw_inputs import DECLARATION, Inputs

HEADER = "ticket_id,created_at,status,minutes\n"
EVENTS = """
      - name: events
        config:
          meta:
            cx:
              max_rejected_share: 1
              references: [{column: ticket_id, to: tickets, SETTINGS}]
        columns:
          - {name: ticket_id, data_type: string}
          - {name: at, data_type: timestamp}
"""
ORDER = "severity: reject, time: at, not_before: created_at, tolerated_seconds: 60"
REJECTED = "select table_name, row_key, rule, column_name from quarantine.rejected_rows order by all"


def declare(shop: Inputs, settings: str = ORDER, happened: str = "") -> None:
    tickets = DECLARATION.replace("key: [ticket_id]", f"key: [ticket_id]\n              happened: [{happened}]")
    shop.declare(tickets.rstrip() + EVENTS.replace("SETTINGS", settings))


def days(counts: dict[str, int], at: str = "12:00") -> str:
    """Rows of tickets by day, all at one time of day."""
    numbered = (f"{day} {at}" for day, count in counts.items() for _ in range(count))
    return "".join(f"t{at}{number},{moment},open,1\n" for number, moment in enumerate(numbered))


def mondays(count: int) -> list[str]:
    return [f"{datetime(2024, 1, 1) + timedelta(weeks=week):%Y-%m-%d}" for week in range(count)]


def test_a_row_that_refers_to_nothing_is_rejected(shop: Inputs):
    declare(shop)
    shop.give("tickets.csv", HEADER + "t1,2024-01-01 10:00,open,1\n")
    shop.give("events.csv", "ticket_id,at\nt1,2024-01-02\nt2,2024-01-02\n,2024-01-02\n")
    shop.load()
    assert shop.query(REJECTED) == [("events", "2", "not_in_tickets", "ticket_id")]


def test_a_table_that_was_not_given_is_unknown_and_nothing_is_missing_in_it(shop: Inputs):
    declare(shop)
    shop.give("events.csv", "ticket_id,at\nt2,2024-01-02\n")
    assert shop.table("events").rejected == 0
    shop.give("tickets.csv", HEADER)
    assert shop.table("events").rejected == 1


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        ("2024-01-01 10:00:00", None),
        ("2024-01-01 09:59:59", "clock_skew"),
        ("2024-01-01 09:59:00", "clock_skew"),
        ("2024-01-01 09:58:59", "before_created_at_of_tickets"),
    ],
)
def test_up_to_the_tolerated_seconds_an_earlier_time_is_clock_skew(shop: Inputs, at: str, rule: str | None):
    declare(shop)
    shop.give("tickets.csv", HEADER + "t1,2024-01-01 10:00,open,1\n")
    shop.give("events.csv", f"ticket_id,at\nt1,{at}\n")
    table = shop.table("events")
    assert table.rejected == (rule == "before_created_at_of_tickets")
    assert ("clock_skew" in "".join(table.warnings)) == (rule == "clock_skew")
    failed = shop.query("select rule, unexpected_rows from quarantine.verdicts where not is_success")
    assert failed == ([] if rule is None else [(rule, 1)])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("to: tickets, time: at", "unknown key"),
        ("time: at", "'time' and 'not_before' of a reference go together"),
        ("time: then, not_before: created_at", "'time' of a reference names a column that is not declared"),
        ("time: at, not_before: began", "'not_before' of a reference to tickets names a column that is not declared"),
    ],
)
def test_a_reference_that_cannot_be_is_refused_with_its_line(shop: Inputs, settings: str, said: str):
    declare(shop, settings)
    with pytest.raises(CxError) as caught:
        read_source(shop.project, "shop")
    assert said in caught.value.what or "twice" in caught.value.what
    assert caught.value.line == DECLARATION.count("\n") + 6


@pytest.mark.parametrize(
    ("moment", "rule"),
    [
        (datetime.now(UTC) + timedelta(hours=23), None),
        (datetime.now(UTC) + timedelta(hours=25), "in_the_future"),
        (datetime(1980, 1, 1), None),
        (datetime(1979, 12, 31, 23, 59, 59), "before_1980"),
    ],
)
def test_what_has_happened_is_neither_in_the_future_nor_before_1980(shop: Inputs, moment: datetime, rule: str | None):
    declare(shop, happened="created_at")
    good = "t1,2024-01-01,open,1\nt2,2024-01-01,open,1\n"
    shop.give("tickets.csv", HEADER + good + f"t3,{moment:%Y-%m-%d %H:%M:%S},open,1\n")
    shop.load()
    assert shop.query(REJECTED) == ([("tickets", "3", rule, "created_at")] if rule else [])


def test_invented_data_may_lie_in_the_future(shop: Inputs):
    declare(shop, happened="created_at")
    shop.give("tickets.csv", HEADER + "t1,2099-06-30,open,1\n")
    shop.give("demo.json", '{"invented": true, "as_of": "2099-06-30T23:59:59"}')
    assert shop.table("tickets").rejected == 0


@pytest.mark.parametrize(
    ("usual", "newest", "is_unusual"),
    [
        (100, 49, True),
        (100, 50, False),
        (100, 200, False),
        (100, 201, True),
        (40, 14, True),
        (40, 15, False),
        (2, 6, False),
    ],
)
def test_a_newest_day_unlike_its_weekday_is_a_warning(shop: Inputs, usual: int, newest: int, is_unusual: bool):
    # Less than half or more than twice as many, and more than four standard deviations of a count.
    declare(shop, happened="created_at")
    *before, last = mondays(9)
    shop.give("tickets.csv", HEADER + days(dict.fromkeys(before, usual) | {"2024-02-20": 3, last: newest}))
    table = shop.table("tickets")
    said = f"{newest} rows on Monday, {last}; up to that time of day it is usually {usual}"
    assert table.warnings == ((said,) if is_unusual else ())
    verdict = "select severity, is_success from quarantine.verdicts where rule = 'newest_day_like_its_weekday'"
    assert shop.query(verdict) == [("warn", not is_unusual)]


def test_a_day_that_is_not_over_is_compared_up_to_its_last_row(shop: Inputs):
    declare(shop, happened="created_at")
    *before, last = mondays(9)
    noon = days(dict.fromkeys(before, 100))
    shop.give("tickets.csv", HEADER + noon + days(dict.fromkeys([*before, last], 12), at="02:00"))
    assert shop.table("tickets").warnings == ()


def test_four_weeks_are_needed_to_know_what_is_usual(shop: Inputs):
    declare(shop, happened="created_at")
    for weeks, is_known in ((4, False), (5, True)):
        *before, last = mondays(weeks)
        shop.give("tickets.csv", HEADER + days(dict.fromkeys(before, 100) | {last: 1}))
        assert bool(shop.table("tickets").warnings) is is_known


def test_rejected_rows_are_no_day(shop: Inputs):
    declare(shop, happened="created_at")
    shop.give("tickets.csv", HEADER + days(dict.fromkeys(mondays(9), 100)) + "x,2024-03-04 23:00,lost,1\n")
    assert shop.table("tickets").warnings == ()


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
    assert shop.query("select seconds, rule from quarantine.verdicts where run_id = 'old'") == [(1.0, None)]
    assert shop.query("select count(*) from quarantine.verdicts where run_id <> 'old' and rule is null") == [(0,)]
    assert shop.query("select file_line from quarantine.rejected_rows") == [(3,)]


def test_a_row_is_explained_by_its_number_and_by_its_line(shop: Inputs):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,lost,1\nt3\n")
    shop.load()
    (by_number,) = explain(shop.project, shop.engine, ["shop"], "tickets:2")
    assert [by_number] == explain(shop.project, shop.engine, ["shop"], "tickets.csv:3")
    (reason,) = by_number.reasons
    assert (by_number.place, reason.column, reason.masked_value) == ("tickets.csv:3", "status", "aaaa")
    assert reason.meaning == "value_set: ['open', 'solved']"
    assert reason.declared == "models/staging/shop/_shop__sources.yml:13"
    (line,) = explain(shop.project, shop.engine, ["shop"], "tickets.csv:4")
    assert [reason.rule for reason in line.reasons] == ["line_with_too_few_columns"]
    (accepted,) = explain(shop.project, shop.engine, ["shop"], "tickets:1")
    assert accepted.reasons == ()


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


def test_data_docs_say_what_was_checked_and_hold_no_value(shop: Inputs, tmp_path: Path):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,SECRET,1\n")
    load_inputs(shop.project, shop.engine, ["shop"], shop.raw, pages=tmp_path / "pages")
    pages = {page.name: page.read_text() for page in (tmp_path / "pages").rglob("*.html")}
    assert "index.html" in pages
    assert any("status" in text and "open" in text for text in pages.values())
    assert not any("SECRET" in text for text in pages.values())


def test_data_docs_hold_no_page_of_a_run_before(shop: Inputs, tmp_path: Path):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\n")
    for _ in range(2):
        load_inputs(shop.project, shop.engine, ["shop"], shop.raw, pages=tmp_path / "pages")
    assert len(list((tmp_path / "pages" / "validations").rglob("*.html"))) == 1


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("{name: minutes, data_type: double, config: {meta: {cx: {personal: hash}}}}", "only text is hashed"),
        ("{name: minutes, data_type: string, config: {meta: {cx: {keep: id}}}}", "'keep' needs personal: hash"),
        ('{name: minutes, data_type: string, config: {meta: {cx: {personal: hash, keep: "("}}}}', "neither id, label"),
        ("{name: minutes, data_type: string, config: {meta: {cx: {personal: hide}}}}", "bad value for 'personal'"),
    ],
)
def test_a_wrong_word_about_personal_data_is_refused(shop: Inputs, column: str, said: str):
    shop.declare(DECLARATION.replace("{name: minutes, data_type: double}", column))
    with pytest.raises(CxError) as caught:
        read_source(shop.project, "shop")
    assert said in caught.value.what
    assert caught.value.line == 19


def test_a_required_column_is_not_dropped(shop: Inputs):
    dropped = "{name: created_at, data_type: timestamp, config: {meta: {cx: {personal: drop}}}}"
    shop.declare(DECLARATION.replace("{name: created_at, data_type: timestamp}", dropped))
    with pytest.raises(CxError, match="'created_at' is required and cannot be dropped"):
        read_source(shop.project, "shop")


@pytest.mark.parametrize(
    ("value", "is_kept"),
    [
        ("T0000001-004-I", True),
        ("INC0012345", True),
        ("12345678", True),
        ("second_line", True),
        ("tier2", True),
        ("9f8e7d6c-1234-4abc-8def-0123456789ab", True),
        ("Erika", False),
        ("erika mustermann", False),
        ("123456789", False),
        ("+491705550142", False),
        ("0170-5550142", False),
        ("4111-1111-1111", False),
        ("a@b.de", False),
        ("Main 12", False),
        ("i_was_charged_twice_and_would_like_it_back", False),
    ],
)
def test_what_looks_like_an_id_or_a_label_is_kept(shop: Inputs, value: str, is_kept: bool):
    guard = "{name: status, data_type: string, config: {meta: {cx: {personal: hash, keep: id_or_label}}}}"
    shop.declare(DECLARATION.replace("{name: status, data_type: string}", guard))
    shop.give("tickets.csv", HEADER + f'1,2024-01-01,"{value}",1\n')
    shop.load()
    ((stored,),) = shop.query("select status from raw_shop.tickets")
    assert (stored == value) is is_kept
    assert is_kept or stored.startswith("hashed_")
