"""Do the steps of CI pass? Runs the ``run:`` steps of .github/workflows/ci.yml on this machine, without GitHub.

Each job gets a fresh clone of what is committed, where the workflow checks it out, and an environment without what
belongs to this shell. Steps whose container this machine is not, and actions, are left out and named with the reason.
Only matrix values are filled in; an ``if:`` is taken to hold. Packages are installed as in CI, so it wants a Debian
machine that may be changed, and root. Exit code 1 when a step fails, 2 when none ran. ``--only JOB`` takes one job: its
name, or a value of its matrix such as ``lint``.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from programs import run_program

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
CHECKOUT = "actions/checkout@"
OF_THIS_SHELL = re.compile(r"(CX|DBT|MAKE|GIT|PYTHON|PYTEST)[A-Z0-9_]*|MFLAGS|VIRTUAL_ENV")
# What programs look at to know that they run in CI.
OF_CI = {"CI": "true", "GITHUB_ACTIONS": "true"}


@dataclass(frozen=True)
class Job:
    """A job with one choice of its matrix, ``values``; ``container`` is empty where it has none."""

    name: str
    values: Mapping[str, str]
    container: str
    environment: Mapping[str, str]
    steps: list[dict[str, Any]]

    @property
    def title(self) -> str:
        return f"{self.name} ({', '.join(self.values.values())})" if self.values else self.name

    def filled(self, text: str) -> str:
        """The text with the values of the matrix in their places."""
        return re.sub(r"\$\{\{ *matrix\.(\w+) *\}\}", lambda found: self.values[found[1]], text)


@dataclass
class Outcome:
    """What became of a step: its exit status, or why it was left out."""

    job: str
    step: str
    status: int | None = None
    reason: str = ""

    def __str__(self) -> str:
        said = f"exit {self.status}" if self.status is not None else f"left out: {self.reason}"
        return f"{self.job}: {self.step}: {said}"


def jobs_of(workflow: Mapping[str, Any]) -> Iterator[Job]:
    """Every job, once for each choice of its matrix, which must be a list below ``include``."""
    for name, job in workflow["jobs"].items():
        matrix = job.get("strategy", {}).get("matrix", {"include": [{}]})
        if set(matrix) != {"include"}:
            raise SystemExit(f"job {name}: the matrix has {', '.join(matrix)}; list its choices below include")
        environment = {**workflow.get("env", {}), **job.get("env", {})}
        for values in matrix["include"]:
            bare = Job(name, values, "", environment, job["steps"])
            container = job.get("container", {})
            yield Job(name, values, bare.filled(container.get("image", "")), environment, job["steps"])


def this_machine() -> str:
    """The container that this machine is like, such as debian:bookworm."""
    release = platform.freedesktop_os_release()
    return f"{release['ID']}:{release.get('VERSION_CODENAME', '?')}"


def environment(shell: Mapping[str, str]) -> dict[str, str]:
    """A shell's variables, without those of this project, of make and of a virtual environment, with those of CI."""
    kept = {name: value for name, value in shell.items() if not OF_THIS_SHELL.fullmatch(name)}
    ours = str(Path(sys.executable).parent)
    folders = [folder for folder in shell.get("PATH", os.defpath).split(os.pathsep) if folder != ours]
    return {**kept, "PATH": os.pathsep.join(folders), **OF_CI}


def run_job(job: Job, source: Path, here: str) -> Iterator[Outcome]:
    """Run the steps of a job in an empty folder until one fails."""
    has_failed = False
    with tempfile.TemporaryDirectory(prefix="workflow-") as folder:
        for step in job.steps:
            outcome = Outcome(job.title, job.filled(step.get("run") or step["uses"]).strip().splitlines()[0])
            outcome.reason = left_out(job, step, here) or ("a step before it failed" if has_failed else "")
            if not outcome.reason:
                print(f"\n== {outcome.job}: {outcome.step}", flush=True)
                outcome.status = run_step(job, step, source, Path(folder))
                has_failed = outcome.status != 0
            print(outcome, flush=True)
            yield outcome


def left_out(job: Job, step: Mapping[str, Any], here: str) -> str:
    """Why a step cannot run here; empty when it can."""
    if not step.get("run") and not step["uses"].startswith(CHECKOUT):
        return "an action, which GitHub runs"
    if job.container != here:
        return f"it needs {job.container or 'the host'}, and this machine is {here}"
    if unknown := re.findall(r"\$\{\{.*?\}\}", job.filled(step.get("run") or "")):
        return f"only GitHub fills {unknown[0]}"
    return ""


def run_step(job: Job, step: Mapping[str, Any], source: Path, folder: Path) -> int:
    """The exit status of a step; a checkout is a clone."""
    variables = {name: str(value) for name, value in {**job.environment, **step.get("env", {})}.items()}
    variables = {name: job.filled(value) for name, value in variables.items()}
    if step.get("run"):
        command = [*SHELL, job.filled(step["run"])]
    else:
        command = ["git", "clone", "--quiet", "--no-local", str(source), "."]
    done = run_program(
        command, cwd=folder, env=environment(os.environ) | variables, stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode


def run(jobs: Iterable[Job], source: Path, here: str) -> int:
    """Run jobs; the exit code."""
    outcomes = list(chain.from_iterable(run_job(job, source, here) for job in jobs))
    print("\nThe steps:", *outcomes, sep="\n")
    statuses = [outcome.status for outcome in outcomes if outcome.status is not None]
    return 2 if not statuses else int(any(statuses))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="JOB", help="a job, or a value of its matrix")
    only = parser.parse_args(arguments).only
    jobs = list(jobs_of(yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))))
    chosen = [job for job in jobs if only in (None, job.name, *job.values.values())]
    if not chosen:
        names = sorted({name for job in jobs for name in (job.name, *job.values.values())})
        parser.error(f"no job is named {only!r}; name one of {', '.join(names)}")
    if run_program(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, check=True).stdout:
        print("What is not committed is not run.")
    return run(chosen, ROOT, this_machine())


if __name__ == "__main__":
    sys.exit(main())
