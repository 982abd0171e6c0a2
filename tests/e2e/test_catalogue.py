"""A team's own catalogue through dbt: a metric added, drafted, switched off, renamed, deprecated, and a ninth stage."""

from __future__ import annotations

import json
import sys
from pathlib import Path

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
    # One is switched off, one was added.
    assert "56 passed" in done.stdout
    ran = workplace.cx("golden", "urgent_ticket_share", "handover_rate", root=root)
    assert ran.stdout == "2 golden cases: no differences\n"
    manifest = json.loads((tmp_path / "target" / "golden" / "semantic_manifest.json").read_text(encoding="utf-8"))
    names = {metric["name"] for metric in manifest["metrics"]}
    assert names >= {"urgent_ticket_share", "handover_rate", "interaction_volume"}
    assert not names & {"escalation_rate", "transfer_rate"}
