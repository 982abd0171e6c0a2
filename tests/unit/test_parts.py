"""Every test is in one part of CI, CI runs every part, and a test that needs an engine is where that is."""

from __future__ import annotations

import re
import sys

import pytest
import yaml

from support.parts import NAMES, PARTS, TESTS, part_of
from support.programs import run_program
from support.workplace import ROOT

FILES = sorted(TESTS.rglob("test_*.py"))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
# What a test imports that cannot run without a server or Java -> its part.
NEEDED = {"support.postgres_server": "postgres", "support.postgres_cluster": "postgres", "support.spark_place": "spark"}


def test_every_test_is_in_one_part_and_every_line_of_the_list_is_needed():
    parts = {file: part_of(file) for file in FILES}
    assert set(parts.values()) == set(NAMES)
    names = [file.relative_to(TESTS).as_posix() for file in FILES]
    assert [beginning for beginning in PARTS if not any(name.startswith(beginning) for name in names)] == []


def test_a_file_of_no_part_is_named():
    with pytest.raises(pytest.UsageError, match=r"tests/other/test_x\.py is in no part of tests/support/parts\.py"):
        part_of(TESTS / "other" / "test_x.py")


def test_a_test_that_needs_an_engine_is_in_the_part_that_has_it():
    needed = {
        file.relative_to(TESTS).as_posix(): part
        for file in FILES
        for module, part in NEEDED.items()
        if re.search(rf"^\s*from {re.escape(module)} import", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(needed) > 10
    assert {name: part for name, part in needed.items() if part_of(TESTS / name) != part} == {}


def test_ci_runs_every_part():
    runs = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["include"]
    assert sorted({run["part"] for run in runs}) == NAMES
    assert [step["run"] for step in WORKFLOW["jobs"]["test"]["steps"] if ".ci/run" in step.get("run", "")] == [
        "bash .ci/run ${{ matrix.part }}"
    ]


def test_pytest_collects_the_tests_of_a_part_and_no_other():
    command = [sys.executable, "-m", "pytest", "-n", "0", "--collect-only", "--part", "spark", "tests/unit/engines"]
    done = run_program(command, cwd=ROOT, capture_output=True, text=True, check=True)
    files = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    assert {ROOT / file for file in files} == {file for file in FILES if file.parent.name == "spark"}
