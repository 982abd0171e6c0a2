"""What is in no metric, with the name that was meant."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from cxmetrics.build.not_counted import name_nearest
from cxmetrics.definitions.project import Project
from cxmetrics.published.not_counted import REASONS
from cxmetrics.reports.build import not_counted_text
from support.facts import built

SALT = "a salt that is long enough"


def test_the_nearest_name_is_written_beside_the_value(
    tmp_path: Path, cx_project: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CX_SALT", SALT)
    slip = "hashed_" + hmac.new(SALT.encode(), b"website_visits", hashlib.sha256).hexdigest()[:18]
    engine = built(cx_project, tmp_path)
    with engine.writing() as connection:
        connection.execute(
            "insert into metrics.not_counted by name select * from (values"
            " ('desk', 'touchpoint_events', 'unknown_touchpoint', 7, 1, ?),"
            " ('desk', 'touchpoint_events', 'unknown_touchpoint', 5, 3, null),"
            " ('desk', 'tickets', 'unknown_contact_reason', 9, 1, 'hashed_0'),"
            " ('desk', 'survey_responses', 'nps_on_another_scale', 2000, 1, '1 to 5')"
            ") as rows(source, table_name, reason, row_count, values_pooled, example)",
            [slip],
        )
    rows = name_nearest(cx_project, engine)
    assert [(row.reason, row.row_count, row.nearest_name) for row in rows] == [
        ("nps_on_another_scale", 2000, None),
        ("unknown_contact_reason", 9, None),
        ("unknown_touchpoint", 7, "website_visit"),
        ("unknown_touchpoint", 5, None),
    ]
    text = not_counted_text(rows)
    assert "desk.survey_responses" in text
    assert "2,000" in text
    assert "1 to 5" in text
    assert f"{slip} (meant: website_visit?)" in text
    assert "3 other values" in text
    assert all(row.why != row.reason for row in rows)


def test_every_reason_has_words(cx_project: Project):
    described = cx_project.models()["not_counted"].column("reason")
    assert described is not None
    assert all(reason in described.description for reason in REASONS)
