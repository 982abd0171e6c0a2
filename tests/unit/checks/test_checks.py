"""The checks as a whole: healthy projects pass, the first finding hides no other, and each says what to do."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from pkgutil import iter_modules

from cxmetrics import checks
from cxmetrics.definitions.project import Project
from support.programs import run_program

REPOSITORY = Path(__file__).parents[3]


def test_a_healthy_project_has_no_findings(small):
    assert small.findings() == []


def test_the_definitions_of_this_repository_have_no_findings():
    findings = checks.run(Project(REPOSITORY))
    assert not findings, "\n".join(map(str, findings))


def written() -> set[Callable[..., object]]:
    """Every check there is in any module of the package, whether or not anything imports the module."""
    modules = [importlib.import_module(f"cxmetrics.checks.{found.name}") for found in iter_modules(checks.__path__)]
    return {
        function
        for module in modules
        for name, function in vars(module).items()
        if getattr(function, "__annotations__", {}).get("return") == "Iterator[Finding]" and not name.startswith("_")
    }


def test_every_check_that_is_written_runs():
    assert written() == set(checks.CHECKS)


def test_a_check_in_a_module_that_nothing_imports_is_seen(tmp_path, monkeypatch):
    (tmp_path / "forgotten.py").write_text("def nobody_runs_it(definitions) -> 'Iterator[Finding]':\n    yield\n")
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    assert {check.__name__ for check in written() - set(checks.CHECKS)} == {"nobody_runs_it"}


def test_every_check_says_why():
    assert all(check.__doc__ for check in checks.CHECKS)


def test_every_check_is_shown_to_fail():
    tests = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    missing = [check.__name__ for check in checks.CHECKS if f'"{check.__name__}"' not in tests]
    assert not missing


def test_a_finding_hides_no_other(small):
    small.replace("metrics/service/reopen_rate.yml", "unit: share", "unit: shares")
    small.write("models/broken.yml", "a: [\n")
    small.replace("metrics/experience/contact_rate.yml", "group: product", "group: support")
    small.remove("tests/metrics/service/first_response_time.yml")
    found = {finding.check for finding in small.findings()}
    assert found >= {"definitions_can_be_read", "experience_is_not_left_to_support", "golden_cases_exist"}
    assert {finding.file for finding in small.findings("definitions_can_be_read")} == {
        "metrics/service/reopen_rate.yml",
        "models/broken.yml",
    }


def test_the_checks_import_neither_dbt_nor_metricflow_nor_great_expectations(small):
    slow = "dbt", "dbt_metricflow", "metricflow", "great_expectations", "pandas"
    program = (
        "import sys; from cxmetrics.checks import run; from cxmetrics.definitions.project import Project;"
        f"run(Project.find()); print([name for name in {slow!r} if name in sys.modules])"
    )
    done = run_program([sys.executable, "-c", program], cwd=small.root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
