"""What people read when something is wrong, with the exit code: words, never a traceback."""

import shutil
from pathlib import Path

import pytest

from support.workplace import ROOT, Workplace

PROJECT_PARTS = ("dbt_project.yml", ".dbtignore", "profiles.yml", "macros", "metrics", "models", "seeds", "tests")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project that may be broken."""
    root = tmp_path / "project"
    root.mkdir()
    for part in PROJECT_PARTS:
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / part)
    return root


def broken(tree: Path, file: str, old: str, new: str) -> int:
    """Replace ``old``, which stands there once, by ``new``; the line it stands on."""
    path = tree / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def said(done) -> str:
    return done.stdout + done.stderr


def test_an_unknown_source_is_answered_with_the_known_ones(workplace: Workplace):
    done = workplace.cx("build", "--source", "servicenau", "--raw", workplace.folder)
    assert done.returncode == 2
    assert "servicenau" in said(done)
    assert "nearest: servicenow" in said(done)


def test_a_missing_folder_is_named(workplace: Workplace):
    done = workplace.cx("build", "--raw", workplace.folder / "nowhere")
    assert done.returncode == 2
    assert str(workplace.folder / "nowhere") in said(done)


def test_a_missing_required_file_is_named_with_what_was_looked_for(workplace: Workplace):
    done = workplace.cx("build", "--source", "servicenow", "--raw", workplace.folder)
    assert done.returncode == 2
    assert "incident_event_log" in said(done)


def test_a_missing_column_is_named_with_the_nearest_one(workplace: Workplace):
    raw = workplace.folder / "raw"
    raw.mkdir()
    (raw / "tickets.csv").write_text("ticket_id,createdAt\n1,2026-01-01 00:00:00\n")
    done = workplace.cx("build", "--raw", raw)
    assert done.returncode == 2
    assert "created_at" in said(done)
    assert "rename the column 'createdAt' to 'created_at'" in said(done)


def test_a_table_over_its_limit_of_rejected_rows_blocks_the_build_before_dbt(workplace: Workplace):
    raw = workplace.folder / "raw"
    raw.mkdir()
    rows = ["ticket_id,created_at,status", *(f"{number},2026-01-01 00:00:00,melted" for number in range(20))]
    (raw / "tickets.csv").write_text("\n".join(rows) + "\n")
    done = workplace.cx("build", "--raw", raw)
    assert done.returncode == 3
    assert "tickets" in said(done)
    assert "20" in said(done)
    assert not workplace.published.exists()


def test_an_unknown_key_of_a_metric_is_named_with_file_line_and_nearest(workplace: Workplace, tree: Path):
    line = broken(tree, "metrics/service/reopen_rate.yml", "maturity_days:", "maturity_day:")
    done = workplace.cx("build", "--raw", workplace.folder, root=tree)
    assert done.returncode == 2
    assert f"metrics/service/reopen_rate.yml:{line}:" in said(done)
    assert "nearest: maturity_days" in said(done)


def test_a_bad_value_of_a_metric_is_named_with_what_is_allowed(workplace: Workplace, tree: Path):
    line = broken(tree, "metrics/service/reopen_rate.yml", "direction: down", "direction: downwards")
    done = workplace.cx("build", "--raw", workplace.folder, root=tree)
    assert done.returncode == 2
    assert f"metrics/service/reopen_rate.yml:{line}:" in said(done)
    assert "nearest: down" in said(done)


def test_a_simple_metric_that_reads_a_missing_column_is_named_before_anything_runs(workplace: Workplace, tree: Path):
    file = "models/marts/service/fct_tickets.yml"
    line = broken(tree, file, "agg: sum_boolean, expr: is_transferred,", "agg: sum_boolean, expr: is_transfered,")
    done = workplace.cx("build", "--raw", workplace.folder, root=tree)
    assert done.returncode == 2
    assert f"{file}:{line}:" in said(done)
    assert "nearest: is_transferred" in said(done)


def test_a_failing_data_test_leaves_what_was_published(demo: Workplace, tree: Path, tmp_path: Path):
    here = Workplace(tmp_path)
    shutil.copytree(demo.folder / "warehouse", tmp_path / "warehouse")
    before = here.published.read_bytes()
    broken(tree, "models/marts/experience/fct_survey_responses.sql", "nps_group = 'passive'", "nps_group = 'promoter'")
    done = here.cx("build", "--raw", demo.folder / "demo", root=tree)
    assert done.returncode == 4
    assert "promoters_passives_detractors_are_the_answers" in said(done)
    assert here.published.read_bytes() == before


def test_a_wrong_as_of_date_says_what_is_allowed(demo: Workplace, workplace: Workplace):
    done = workplace.cx("build", "--raw", demo.folder / "demo", "--as-of", "30.06.2026")
    assert done.returncode == 2
    assert "2026-06-30" in said(done)


def test_an_unsupported_target_is_answered_with_the_supported_ones(workplace: Workplace):
    done = workplace.cx("build", "--raw", workplace.folder, "--target", "duckbd")
    assert done.returncode == 2
    assert "nearest: duckdb" in said(done)


@pytest.mark.parametrize("command", ["scorecard", "audit", "docs"])
def test_commands_that_read_what_was_published_say_when_nothing_was(workplace: Workplace, command: str):
    done = workplace.cx(command)
    assert done.returncode == 2
    assert "cx build" in said(done)


def test_an_unknown_metric_is_answered_with_the_nearest(demo: Workplace):
    done = demo.cx("query", "net_promotor_score")
    assert done.returncode == 2
    assert "nearest: net_promoter_score" in said(done)
