"""A catalogue belongs to the team that runs it: changed in its own files, it is checked as before, without Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxmetrics.checks import run
from cxmetrics.definitions.project import Project
from cxmetrics.measure.metric_values import published_metrics
from support.catalogue import CHANGES, copy_catalogue
from support.parsed_project import ROOT


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_catalogue_has_no_findings(tmp_path: Path, change: str):
    root = tmp_path / "project"
    copy_catalogue(root)
    CHANGES[change](root)
    assert [str(finding) for finding in run(Project(root))] == []


def test_each_change_is_one(tmp_path: Path):
    root = tmp_path / "project"
    copy_catalogue(root)
    for change in CHANGES.values():
        change(root)
    before, after = Project(ROOT), Project(root)
    assert set(after.metrics()) - set(before.metrics()) == {"urgent_ticket_share", "handover_rate"}
    assert set(before.metrics()) - set(after.metrics()) == {"escalation_rate", "transfer_rate"}
    published = {metric.name for metric in published_metrics(after)}
    assert set(after.metrics()) - published == {"interaction_volume"}
    assert after.metrics()["first_resolution_time"].meta.lifecycle.replaced_by == "resolution_time"
