import datetime

from cxmetrics.definitions.project import Project
from cxmetrics.published.build_info import BuildInfo
from cxmetrics.reports.experiment import table_text

INFO = BuildInfo(datetime.datetime(2026, 6, 30, 23, 59, 59), ("canonical",), False, "1")
ROW = {
    "metric": "reopen_rate", "variant": "control", "customers": 1_200, "value": 0.1, "n": 2_400, "ci_low": 0.08,
    "ci_high": 0.12, "baseline": "control", "difference": None, "difference_low": None, "difference_high": None,
    "status": "ok", "unit": "share",
}  # fmt: skip
NEW = ROW | {
    "variant": "[b]new[/b]", "value": 0.075, "difference": -0.025, "difference_low": -0.05, "difference_high": 0.0,
    "status": "insufficient_sample",
}  # fmt: skip


def test_the_baseline_is_named_and_differences_of_shares_are_points(cx_project: Project):
    printed = table_text([ROW, NEW], [cx_project.metrics()["reopen_rate"]], INFO, "trial")
    lines = {line.split()[0]: line for line in printed.splitlines() if line.strip()}
    assert printed.startswith("Experiment trial\n\nReopen rate\n")
    assert "baseline" in lines["control"] and "1,200" in lines["control"]
    assert "-2.5 points" in lines["[b]new[/b]"] and "-5.0 to +0.0 points" in lines["[b]new[/b]"]
    assert "insufficient sample" in lines["[b]new[/b]"]
    assert printed.endswith("as of 2026-06-30 23:59 UTC\n")


def test_a_difference_in_another_unit_keeps_its_sign_and_unit(cx_project: Project):
    row = NEW | {"metric": "average_handle_time", "unit": "seconds", "difference": 12.34, "value": 300.0}
    printed = table_text([row], [cx_project.metrics()["average_handle_time"]], INFO, "trial")
    assert "+12.3 s" in printed
    nothing = row | {"difference": None, "difference_low": None, "difference_high": None}
    assert "–" in table_text([nothing], [cx_project.metrics()["average_handle_time"]], INFO, "trial")
