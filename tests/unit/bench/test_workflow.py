"""The workflow runs pinned actions with few rights, and its steps run here as they do there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.programs import run_program
from workflow import WORKFLOW, environment, jobs_of, main, run

TEXT = WORKFLOW.read_text(encoding="utf-8")
JOBS = yaml.safe_load(TEXT)["jobs"]
HERE = "debian:bookworm"
CHECKOUT = {"uses": "actions/checkout@1"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A repository with one file."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "committed").write_text("yes")
    whose = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for command in (("init", "-q"), ("add", "committed"), (*whose, "commit", "-qm", "x")):
        run_program(["git", *command], cwd=folder, check=True)
    (folder / "not committed").write_text("no")
    return folder


def said(
    capfd: pytest.CaptureFixture[str], source: Path, *steps: dict[str, Any], here: str = HERE, **job: Any
) -> tuple[int, list[str]]:
    """The exit code of a workflow with one job, and what is said of its steps at the end."""
    workflow = {"env": {"OF_ALL": "all"}, "jobs": {"one": {"container": {"image": HERE}, "steps": steps, **job}}}
    code = run(jobs_of(workflow), source, here)
    return code, capfd.readouterr().out.partition("The steps:\n")[2].splitlines()


def test_steps_run_in_a_clone_of_what_is_committed(capfd: pytest.CaptureFixture[str], source: Path):
    before, after = {"run": "test ! -e committed"}, {"run": "test -e committed\ntest ! -e 'not committed'"}
    assert said(capfd, source, before, CHECKOUT, after) == (
        0,
        [
            "one: test ! -e committed: exit 0",
            "one: actions/checkout@1: exit 0",
            "one: test -e committed: exit 0",
        ],
    )


def test_after_a_step_that_fails_its_job_ends_and_the_exit_code_is_1(capfd: pytest.CaptureFixture[str], source: Path):
    # In a shell as GitHub's: the first command of a pipe counts.
    assert said(capfd, source, {"run": "(exit 3) | cat"}, {"run": "true"}) == (
        1,
        ["one: (exit 3) | cat: exit 3", "one: true: left out: a step before it failed"],
    )


def test_what_cannot_run_here_is_left_out_with_the_reason(capfd: pytest.CaptureFixture[str], source: Path):
    steps = ({"uses": "actions/cache@1"}, {"run": "false ${{ github.sha }}"}, {"run": "true"})
    assert said(capfd, source, *steps) == (
        0,
        [
            "one: actions/cache@1: left out: an action, which GitHub runs",
            "one: false ${{ github.sha }}: left out: only GitHub fills ${{ github.sha }}",
            "one: true: exit 0",
        ],
    )
    assert said(capfd, source, {"run": "true"}, here="debian:trixie") == (
        2,
        ["one: true: left out: it needs debian:bookworm, and this machine is debian:trixie"],
    )
    assert said(capfd, source, {"run": "true"}, container={})[1] == [
        "one: true: left out: it needs the host, and this machine is debian:bookworm"
    ]


def test_a_job_runs_once_for_each_choice_of_its_matrix(capfd: pytest.CaptureFixture[str], source: Path):
    choices = [{"part": "a", "image": HERE}, {"part": "b", "image": "python:3.12-bookworm"}]
    job = {"strategy": {"matrix": {"include": choices}}, "container": {"image": "${{ matrix.image }}"}}
    assert said(capfd, source, {"run": "test ${{ matrix.part }} = a"}, **job) == (
        0,
        [
            "one (a, debian:bookworm): test a = a: exit 0",
            "one (b, python:3.12-bookworm): test b = a: left out: it needs python:3.12-bookworm, and this machine is"
            " debian:bookworm",
        ],
    )
    with pytest.raises(SystemExit, match="job one: the matrix has part; list its choices below include"):
        said(capfd, source, strategy={"matrix": {"part": ["a"]}})


def test_variables_are_those_of_the_workflow_the_job_and_the_step(capfd: pytest.CaptureFixture[str], source: Path):
    step = {"run": 'test "$OF_ALL $OF_JOB $OF_STEP" = "all 1 step"', "env": {"OF_STEP": "step"}}
    assert said(capfd, source, step, env={"OF_JOB": 1})[0] == 0


def test_nothing_of_the_shell_that_starts_it_gets_into_a_step():
    ours = dict.fromkeys(("CX_REQUIRE", "DBT_TARGET", "MAKEFLAGS", "MFLAGS", "VIRTUAL_ENV", "PYTHONPATH"), "x")
    assert environment({**ours, "PATH": "/bin", "HOME": "/root"}) == {
        "PATH": "/bin",
        "HOME": "/root",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
    }


def test_a_job_that_is_not_there_is_answered_with_those_that_are(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["--only", "lnt"])
    error = capsys.readouterr().err
    assert "no job is named 'lnt'; name one of audit, browser," in error and "lint" in error


def test_every_action_is_pinned_to_a_commit_and_says_its_version():
    uses = re.findall(r"uses: *(.*)", TEXT)
    assert len(uses) >= len(JOBS)
    assert [use for use in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


def test_jobs_may_read_and_keep_no_credentials():
    assert yaml.safe_load(TEXT)["permissions"] == {"contents": "read"}
    checkouts = [step for job in JOBS.values() for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert {str(step["with"]) for step in checkouts} == {"{'persist-credentials': False}"}
    # What may write runs nothing of the project.
    assert [name for name, job in JOBS.items() if "permissions" in job] == ["pages"]
    assert [step for step in JOBS["pages"]["steps"] if "run" in step] == []
