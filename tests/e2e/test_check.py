"""Five faults a reviewer must not have to find: ``cx check`` names file, line and help."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.workplace import ROOT, Workplace

Break = Callable[[Path], int]
CHURN = "metrics/experience/annual_customer_churn_rate.yml"
ANSWERS = "models/marts/experience/fct_survey_responses.yml"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the checks read."""
    root = tmp_path / "project"
    for part in ("metrics", "models", "seeds", "tests/metrics"):
        shutil.copytree(ROOT / part, root / part)
    for file in ("dbt_project.yml", ".dbtignore"):
        shutil.copy(ROOT / file, root)
    return root


def replaced(file: str, old: str, new: str) -> Break:
    def broken(root: Path) -> int:
        text = (root / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (root / file).write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return broken


def in_the_wrong_folder(root: Path) -> int:
    for suffix in (".yml", ".md"):
        shutil.move(root / f"metrics/service/reopen_rate{suffix}", root / "metrics/experience")
    shutil.move(root / "tests/metrics/service/reopen_rate.yml", root / "tests/metrics/experience")
    lines = (root / "metrics/experience/reopen_rate.yml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if "scope:" in line)


def without_a_golden_case(root: Path) -> int:
    (root / "tests/metrics/service/transfer_rate.yml").unlink()
    return 2


FAULTS: dict[str, tuple[str, Break, str, str]] = {
    "folders_agree_with_the_rule": (
        "metrics/experience/reopen_rate.yml",
        in_the_wrong_folder,
        "",
        "metrics/service",
    ),
    "experience_is_not_left_to_support": (CHURN, replaced(CHURN, "group: success", "group: support"), "support", ""),
    "scores_are_read_on_their_scale": (
        ANSWERS,
        replaced(ANSWERS, "agg: sum_boolean, expr: is_easy", "agg: sum, expr: effective_score"),
        "effective_score",
        "scale_share",
    ),
    "definitions_can_be_read": (CHURN, replaced(CHURN, "unit: share", "unti: share"), "unti", ""),
    "golden_cases_exist": ("metrics/service/transfer_rate.yml", without_a_golden_case, "", "CONTRIBUTING.md"),
}


@pytest.mark.parametrize("check", FAULTS)
def test_a_fault_is_refused_with_file_line_and_help(tree: Path, workplace: Workplace, check: str):
    file, fault, got, help = FAULTS[check]
    assert check not in {finding["check"] for finding in findings(workplace, tree)}
    line = fault(tree)
    done = workplace.cx("check", root=tree)
    assert done.returncode == 1
    assert f"{file}:{line}: " in done.stdout
    here = (check, file, line)
    (finding,) = [
        found for found in findings(workplace, tree) if (found["check"], found["file"], found["line"]) == here
    ]
    assert finding["help"]
    assert help in finding["help"]
    assert got in (finding["got"] or "")
    assert finding["help"] in done.stdout


def findings(workplace: Workplace, tree: Path) -> list[dict]:
    return json.loads(workplace.cx("check", "--json", root=tree).stdout)["findings"]
