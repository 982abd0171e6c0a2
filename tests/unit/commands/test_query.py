import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from cxmetrics import cli
from cxmetrics.definitions.people import Agents, People
from cxmetrics.definitions.project import Project

pytestmark = pytest.mark.usefixtures("inside_published")


def asked(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert cli.main(["query", *arguments]) == code
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    return printed.out if code == 0 else printed.err


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict]:
    return json.loads(asked(capsys, *arguments, "--json"))["rows"]


def test_json_gives_full_precision_with_n_interval_and_status(capsys: pytest.CaptureFixture[str]):
    (row,) = as_json(capsys, "reopen_rate")
    assert (row["value"], row["n"], row["status"], row["unit"]) == (4 / 41, 41, "ok", "share")
    assert row["ci_low"] < row["value"] < row["ci_high"]


def test_the_answer_says_that_its_data_are_synthetic(capsys: pytest.CaptureFixture[str]):
    answer = json.loads(asked(capsys, "reopen_rate", "--json"))
    assert (answer["is_synthetic"], answer["sources"], answer["as_of"]) == (
        True,
        "canonical, demo",
        "2026-03-31 23:59:59",
    )
    assert "as of 2026-03-31 23:59 UTC, synthetic demo data" in asked(capsys, "reopen_rate")


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year", "all"])
def test_every_period_is_what_metric_values_say(capsys: pytest.CaptureFixture[str], inside_published: Path, grain: str):
    names = ("reopen_rate", "first_response_time", "service_csat")
    rows = as_json(capsys, *names, "--grain", grain)
    with duckdb.connect(str(inside_published / "cx.duckdb"), read_only=True) as connection:
        expected = connection.execute(
            "select metric, cast(period_start as varchar), value, n, ci_low, ci_high, response_rate, low_response,"
            " status from metrics.metric_values"
            " where list_contains($names, metric) and grain = $grain and dimension = 'all'",
            {"names": list(names), "grain": grain},
        ).fetchall()
    columns = (
        "metric", "period_start", "value", "n", "ci_low", "ci_high", "response_rate", "low_response", "status"
    )  # fmt: skip
    got = {tuple(row.get(name, "2026-01-01") for name in columns) for row in rows}
    assert got == set(expected)
    assert len(rows) == len(expected)


def test_dimensions_filters_and_ranges_work_together(capsys: pytest.CaptureFixture[str]):
    rows = as_json(
        capsys, "reopen_rate", "--grain", "month", "--by", "channel,segment", "--where", "segment = 'business'",
        "--until", "2026-01-15",
    )  # fmt: skip
    assert [(row["period_start"], row["channel"], row["segment"], row["n"]) for row in rows] == [
        ("2026-01-01", "email", "business", 10),
        ("2026-01-01", "unknown", "business", 10),
    ]


@pytest.mark.parametrize(
    "asked_for",
    [
        ["--by", "agent"],
        ["--by", "agent", "--by", "segment"],
        ["--where", "agent = 'few'"],
        ["--by", "channel", "--where", "agent = 'few'"],
    ],
)
def test_few_cases_of_one_agent_are_counted_and_not_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, asked_for: list[str]
):
    monkeypatch.setattr(Project, "people", People(agent=Agents(ids=True)))
    rows = as_json(capsys, "reopen_rate", *asked_for)
    few = [row for row in rows if row["n"] < 5]
    assert few
    numbers = ("value", "ci_low", "ci_high", "response_rate", "low_response")
    assert {(*(row[name] for name in numbers), row["status"]) for row in few} == {(None,) * 5 + ("suppressed",)}
    assert all(row["value"] is not None for row in rows if row["n"] >= 5)
    assert "not shown" in asked(capsys, "reopen_rate", *asked_for)


@pytest.mark.parametrize("asked_for", [["--by", "agent"], ["--where", "agent = 'few'"]])
def test_values_by_agent_are_refused_where_none_are_published(capsys: pytest.CaptureFixture[str], asked_for: list[str]):
    printed = asked(capsys, "reopen_rate", *asked_for, code=2)
    assert printed.startswith("dbt_project.yml: values by agent are not published")
    assert "docs/guides/people.md" in printed


def test_few_cases_of_no_person_are_shown(capsys: pytest.CaptureFixture[str]):
    (row,) = as_json(capsys, "service_csat")
    assert (row["n"], row["value"], row["status"]) == (2, 1.0, "insufficient_sample")


def test_a_score_of_few_of_those_asked_is_marked(capsys: pytest.CaptureFixture[str]):
    printed = asked(capsys, "service_csat")
    assert "100.0 % †" in printed
    assert "5.0 %" in printed
    assert "† low response" in printed
    assert "response" not in asked(capsys, "reopen_rate")


def test_csv_is_exact_and_can_go_to_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    printed = asked(capsys, "reopen_rate", "--by", "channel", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert {row["channel"]: float(row["value"]) for row in rows} == {"email": 2 / 21, "unknown": 0.1}
    file = tmp_path / "rates.csv"
    assert asked(capsys, "reopen_rate", "--by", "channel", "--format", "csv", "--out", str(file)) == ""
    assert file.read_text() == printed


def test_parquet_keeps_the_types(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    file = tmp_path / "it's rates.parquet"
    asked(capsys, "reopen_rate", "--grain", "month", "--format", "parquet", "--out", str(file))
    described = duckdb.sql(f"describe from read_parquet({str(file)!r})").fetchall()
    assert [column[1] for column in described[:4]] == ["VARCHAR", "DATE", "DOUBLE", "BIGINT"]


def test_a_table_rounds_by_unit_and_says_no_data_in_words(capsys: pytest.CaptureFixture[str]):
    printed = asked(capsys, "reopen_rate", "--grain", "month")
    assert "10.0 %" in printed
    assert "4.0 to 23.1 %" in printed
    assert "no data" in printed
    assert "\x1b" not in printed


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["reopen_rat"], ["no such metric", "nearest: reopen_rate"]),
        (["tickets_solved"], ["no such metric"]),
        (["reopen_rate", "--grain", "mont"], ["not a grain", "nearest: month"]),
        (["share_of_wallet", "--grain", "week"], ["share_of_wallet", "allowed: month, quarter, year, all"]),
        (["annual_customer_churn_rate", "--grain", "year"], ["no values by this grain", "allowed: month"]),
        (["annual_customer_churn_rate"], ["got:     all", "cx query annual_customer_churn_rate --grain month"]),
        (["reopen_rate", "--by", "chanel"], ["cannot be sliced", "nearest: channel"]),
        (["reopen_rate", "--where", "channel like 'e'"], ["unknown operator", "is not null"]),
        (["reopen_rate", "--where", "chanel = 'e'"], ["nearest: channel"]),
        (["reopen_rate", "--where", "{{ Dimension('ticket__channel') }} = 'email'"], ["cannot be read", "character 1"]),
        (["reopen_rate", "--since", "yesterday"], ["not a day", "YYYY-MM-DD"]),
        (["reopen_rate", "--since", "2026-02-01", "--until", "2026-01-01"], ["after the last"]),
        (["reopen_rate", "--format", "cvs"], ["not a format", "nearest: csv"]),
        (["reopen_rate", "--format", "parquet"], ["--out FILE"]),
        (["reopen_rate", "--format", "csv", "--out", "/nowhere/at/all.csv"], ["folder does not exist"]),
    ],
)
def test_a_mistake_is_answered_in_words(capsys: pytest.CaptureFixture[str], arguments: list[str], parts: list[str]):
    said = asked(capsys, *arguments, code=2)
    for part in parts:
        assert part in said


def test_without_a_published_file_the_next_step_is_a_build(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path))
    assert "cx build" in asked(capsys, "reopen_rate", code=2)


@pytest.mark.parametrize("where", ["segment = 5", "channel > 1", "is_proactive = 'maybe'"])
def test_a_filter_of_the_wrong_type_shows_no_value_of_a_row(capsys: pytest.CaptureFixture[str], where: str):
    printed = asked(capsys, "ticket_volume", "--where", where, code=2)
    assert printed.startswith("the database cannot answer with this filter (")
    assert f"got:     {where}" in printed
    assert not any(value in printed for value in ("email", "business", "consumer"))


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_an_answer_does_not_replace_what_was_published(
    capsys: pytest.CaptureFixture[str], inside_published: Path, format: str
):
    file = inside_published / "cx.duckdb"
    before = file.read_bytes()
    printed = asked(capsys, "reopen_rate", "--format", format, "--out", str(file), code=2)
    assert "not written into the warehouse" in printed
    assert file.read_bytes() == before


def test_a_full_disk_is_said_in_words(capsys: pytest.CaptureFixture[str]):
    printed = asked(capsys, "reopen_rate", "--format", "csv", "--out", "/dev/full", code=2)
    assert "the file cannot be written: No space left on device" in printed
