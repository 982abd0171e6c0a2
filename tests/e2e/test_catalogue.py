"""A team's own catalogue through dbt: a metric added, drafted, switched off, renamed, deprecated, and a ninth stage."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

from cxmetrics.definitions.project import Project
from support.catalogue import CHANGES, copy_catalogue
from support.programs import run_program
from support.workplace import Workplace


def test_checks_and_golden_cases_of_a_changed_catalogue_hold(tmp_path: Path):
    root = tmp_path / "project"
    copy_catalogue(root)
    for change in CHANGES.values():
        change(root)
    workplace = Workplace(tmp_path)
    assert workplace.cx("check", root=root).stdout.endswith("no findings\n")
    command = [sys.executable, "-m", "pytest", "-n", "0", "tests/metrics"]
    done = run_program(command, cwd=root, env=workplace.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(Project(root).metrics())} passed" in done.stdout
    ran = workplace.cx("golden", "urgent_ticket_share", "handover_rate", root=root)
    assert ran.stdout == "2 golden cases: no differences\n"
    manifest = json.loads((tmp_path / "target" / "golden" / "semantic_manifest.json").read_text(encoding="utf-8"))
    names = {metric["name"] for metric in manifest["metrics"]}
    assert names >= {"urgent_ticket_share", "handover_rate", "interaction_volume"}
    assert not names & {"escalation_rate", "transfer_rate"}


def test_the_demo_builds_with_a_changed_catalogue_and_nine_stages(tmp_path: Path):
    root = tmp_path / "project"
    copy_catalogue(root)
    for change in CHANGES.values():
        change(root)
    workplace = Workplace(tmp_path)
    for command in (("demo", "--customers", "60", "--out"), ("build", "--raw")):
        done = workplace.cx(*command, tmp_path / "demo", root=root)
        assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(workplace.published), read_only=True) as connection:
        stages = connection.execute("select distinct stage from journey.dual_lens order by all").fetchall()
        names = connection.execute("select distinct metric from metrics.metric_values").fetchall()
    assert len(stages) == 9
    assert ("return",) in stages
    assert {("urgent_ticket_share",), ("handover_rate",)} <= set(names)
    assert not {("escalation_rate",), ("transfer_rate",), ("interaction_volume",)} & set(names)
