import json
from pathlib import Path

import duckdb
import pytest

from cxmetrics import cli
from cxmetrics.definitions.project import Project
from cxmetrics.reports.scorecard import PANEL_WIDTH

pytestmark = pytest.mark.usefixtures("inside_published")


def shown(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert cli.main(["scorecard", *arguments]) == code
    printed = capsys.readouterr()
    return printed.out if code == 0 else printed.err


def test_both_domains_are_shown_and_service_is_called_a_part_of_experience(capsys: pytest.CaptureFixture[str]):
    printed = shown(capsys)
    assert "Customer service" in printed
    assert "Customer experience" in printed
    assert "Service is a part of experience" in printed
    assert "SYNTHETIC DEMO DATA" in printed
    assert "Mar 2026" in printed


def test_the_newest_mature_period_is_shown_and_named(capsys: pytest.CaptureFixture[str]):
    # Reopen rate needs seven days after March, which are not over; February has no data and says so.
    lines = json.loads(shown(capsys, "--json"))["domains"]["service"]
    reopen, proactive = (
        next(line for line in lines if line["metric"] == name) for name in ("reopen_rate", "proactive_contact_share")
    )
    assert (reopen["period_start"], reopen["status"], reopen["trend"]) == ("2026-02-01", "no_data", [0.1, None])
    assert (proactive["period_start"], len(proactive["trend"])) == ("2026-03-01", 3)
    printed = shown(capsys)
    # Most metrics wait for something; those of another month say so.
    assert "Feb 2026, as of 2026-03-31" in printed
    assert "support, Mar 2026" in printed


def test_every_metric_is_in_the_panel_of_its_domain(capsys: pytest.CaptureFixture[str], cx_project: Project):
    domains = json.loads(shown(capsys, "--json"))["domains"]
    found = {(domain, line["metric"], line["group"]) for domain, lines in domains.items() for line in lines}
    # The data are three months; a metric that waits longer after a month has none that is mature.
    mature = [metric for metric in cx_project.metrics().values() if metric.meta.maturity_days <= 28 + 31]
    assert len(mature) > 20
    assert found == {(metric.domain, metric.name, metric.group) for metric in mature}


def test_a_grain_a_metric_does_not_have_leaves_it_out(capsys: pytest.CaptureFixture[str]):
    lines = json.loads(shown(capsys, "--grain", "week", "--json"))["domains"]["experience"]
    assert "monthly_customer_churn_rate" not in {line["metric"] for line in lines}


@pytest.mark.parametrize(
    ("columns", "is_side_by_side"), [(2 * PANEL_WIDTH, True), (2 * PANEL_WIDTH - 1, False), (40, False)]
)
def test_panels_are_stacked_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int, is_side_by_side: bool
):
    monkeypatch.setattr("cxmetrics.reports.printing.width", lambda: columns)
    lines = shown(capsys).splitlines()
    titles = next(line for line in lines if "Customer service" in line)
    assert ("Customer experience" in titles) == is_side_by_side
    assert max(len(line) for line in lines) <= columns


def test_a_score_of_few_of_those_asked_is_marked(capsys: pytest.CaptureFixture[str]):
    printed = shown(capsys, "--grain", "all")
    assert "100.0 % †" in printed
    assert "† low response" in printed
    lines = json.loads(shown(capsys, "--grain", "all", "--json"))["domains"]["service"]
    (csat,) = [line for line in lines if line["metric"] == "service_csat"]
    assert (csat["response_rate"], csat["low_response"]) == (0.05, True)
    assert "†" not in shown(capsys, "--grain", "day")


def test_an_unknown_grain_names_the_nearest(capsys: pytest.CaptureFixture[str]):
    assert "nearest: month" in shown(capsys, "--grain", "months", code=2)


def test_a_file_without_metric_values_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path))
    assert "cx build" in shown(capsys, code=2)
    duckdb.connect(str(tmp_path / "cx.duckdb")).close()
    assert "cx build" in shown(capsys, code=2)
