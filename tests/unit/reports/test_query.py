import csv
import datetime
import io
import json

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.published.build_info import BuildInfo
from cxmetrics.published.schedules import Schedule
from cxmetrics.reports.query import QUERY_FORMATS, as_text

INFO = BuildInfo(datetime.datetime(2026, 6, 30, 23, 59, 59), ("canonical",), False, "1")
COLUMNS = [
    "metric", "channel", "value", "n", "ci_low", "ci_high", "response_rate", "low_response", "baseline",
    "difference", "difference_low", "difference_high", "series_break", "status", "unit"
]  # fmt: skip
ROWS = [
    ("reopen_rate", "[red]chat[/]", 4 / 41, 41, 0.04, 0.23, None, None, None, None, None, None, None, "ok", "share"),
    ("reopen_rate", "email", None, 3, None, None, None, None, None, None, None, None, None, "suppressed", "share"),
    ("reopen_rate", "phone", None, 0, None, None, None, None, None, None, None, None, None, "no_data", "share"),
]


@pytest.fixture
def metrics(cx_project: Project) -> list:
    return [cx_project.metrics()["reopen_rate"]]


def test_a_table_says_in_words_why_there_is_no_value(metrics: list):
    printed = as_text("table", COLUMNS, ROWS, metrics, INFO)
    lines = {line.split()[0]: line for line in printed.splitlines() if line.strip()}
    assert "9.8 %" in lines["[red]chat[/]"] and "4.0 to 23.0 %" in lines["[red]chat[/]"]
    assert "not shown" in lines["email"] and "suppressed" in lines["email"]
    assert lines["phone"].count("no data") == 2
    assert printed.endswith("as of 2026-06-30 23:59 UTC\n")


def test_a_response_has_a_column_only_where_one_is_known(metrics: list):
    assert "response" not in as_text("table", COLUMNS, ROWS, metrics, INFO)
    low = [(*ROWS[0][:6], 0.05, True, *ROWS[0][8:])]
    printed = as_text("table", COLUMNS, low, metrics, INFO)
    assert "9.8 % †" in printed and "5.0 %" in printed and "† low response" in printed


def test_several_metrics_are_named_in_a_column(cx_project: Project):
    asked = [cx_project.metrics()[name] for name in ("reopen_rate", "transfer_rate")]
    rows = [ROWS[0], ("transfer_rate", *ROWS[0][1:])]
    printed = as_text("table", COLUMNS, rows, asked, INFO)
    assert "Reopen rate" in printed and "Transfer rate" in printed


def test_csv_and_json_are_exact(metrics: list):
    (first, *_) = csv.DictReader(io.StringIO(as_text("csv", COLUMNS, ROWS, metrics, INFO)))
    assert float(first["value"]) == 4 / 41
    told = json.loads(as_text("json", COLUMNS, ROWS, metrics, INFO))
    assert (told["rows"][0]["value"], told["rows"][1]["value"], told["sources"]) == (4 / 41, None, "canonical")


def test_what_is_no_text_is_written_by_the_engine():
    assert QUERY_FORMATS[-1] == "parquet"


SET_AGAINST = (
    "silent_churn_rate", "chat", 0.427, 41, 0.3, 0.5, None, None, 0.434, -0.007, -0.12, 0.11, None, "ok", "share"
)  # fmt: skip


def test_a_value_is_set_against_its_baseline_where_there_is_one(cx_project: Project):
    asked = [cx_project.metrics()["silent_churn_rate"]]
    row = (
        "silent_churn_rate",
        "chat",
        0.427,
        41,
        0.3,
        0.5,
        None,
        None,
        0.434,
        -0.007,
        -0.12,
        0.11,
        None,
        "ok",
        "share",
    )
    printed = as_text("table", COLUMNS, [row], asked, INFO)
    assert "43.4 %" in printed and "-0.7 points" in printed and "-12.0 to +11.0 points" in printed
    assert "The baseline is the same share among customers who stayed." in printed
    assert "baseline" not in as_text("table", COLUMNS, ROWS, asked, INFO)


def test_of_several_metrics_each_names_whom_it_is_set_against(cx_project: Project):
    asked = [cx_project.metrics()[name] for name in ("silent_churn_rate", "reopen_rate", "service_recovery_rate")]
    row = (
        "silent_churn_rate",
        "chat",
        0.427,
        41,
        0.3,
        0.5,
        None,
        None,
        0.434,
        -0.007,
        -0.12,
        0.11,
        None,
        "ok",
        "share",
    )
    printed = " ".join(as_text("table", COLUMNS, [row], asked, INFO).split())
    assert "Silent churn rate: the baseline is the same share among customers who stayed." in printed
    assert "Service recovery rate: the baseline is the same share among customers whom service had never" in printed


def test_a_number_in_business_time_names_its_schedule(metrics: list):
    berlin = Schedule("berlin", "Europe/Berlin", 3, None, False)
    printed = as_text("table", COLUMNS, ROWS, metrics, INFO, [berlin])
    assert "on the schedule berlin (Europe/Berlin).\nas of 2026-06-30" in printed
    told = json.loads(as_text("json", COLUMNS, ROWS, metrics, INFO, [berlin]))
    assert told["schedules"] == [{"schedule": "berlin", "time_zone": "Europe/Berlin", "tickets": 3}]
    assert "schedules" not in json.loads(as_text("json", COLUMNS, ROWS, metrics, INFO))


def test_money_is_shown_in_the_reporting_currency(cx_project: Project):
    asked = [cx_project.metrics()["cost_per_ticket"]]
    row = ("cost_per_ticket", "chat", 1234.5, 41, 4.0, 5.0, *(None,) * 7, "ok", "currency")
    printed = as_text("table", COLUMNS, [row], asked, INFO)
    assert "1,234.50 EUR" in printed and "4.00 to 5.00 EUR" in printed
    assert json.loads(as_text("json", COLUMNS, [row], asked, INFO))["currency"] == "EUR"


def test_a_value_on_other_scales_than_before_is_marked(cx_project: Project):
    asked = [cx_project.metrics()["service_csat"]]
    rows = [("service_csat", "chat", 0.4, 41, 0.3, 0.5, *(None,) * 6, "scale", "ok", "share")]
    printed = as_text("table", COLUMNS, rows, asked, INFO)
    assert "40.0 % ‡" in printed and "‡ another mix of scales than in the period before" in printed
    assert "‡" not in as_text("table", COLUMNS, ROWS, asked, INFO)
