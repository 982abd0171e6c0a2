"""``cx docs`` as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.site.wording import PAGES
from support.published_numbers import publish
from support.workplace import ROOT, Workplace


def test_before_a_build_it_names_the_next_step(workplace: Workplace) -> None:
    done = workplace.cx("docs")
    assert done.returncode == 2
    assert "nothing has been published yet" in done.stderr
    assert "next:    cx build" in done.stderr


def test_it_says_where_the_site_is(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CX_WAREHOUSE", "DBT_TARGET_PATH"):
        monkeypatch.setenv(name, workplace.environment[name])
    publish(Project(ROOT))
    made = json.loads(workplace.cx_succeeds("docs", "--json"))
    metrics = len(Project(ROOT).metrics())
    assert made["metrics"] == metrics and made["pages"] == metrics + len(PAGES)
    assert Path(made["home"]).is_file()
    assert f"Open {made['home']}\n" in workplace.cx_succeeds("docs")
