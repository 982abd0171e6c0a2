"""Is what people read whole, whenever ``cx build`` is killed?

Kills builds of a small demo with SIGKILL at random instants: three of four with the whole process group, dbt included,
the others alone, as a system without memory does; every third one not before it publishes. After each, the published
file must be the one before, byte for byte, or the new one, which then must hold what was built, rows and content. The
next build must succeed and leave nothing of the killed one behind. Old and new are made of different data, so that a
mixture of both would be found. Exit code 1 when anything of that does not hold.

A third of a small build is imports, during which nothing can break. So each build is a fork of this process, which has
imported everything and done nothing else, and runs ``cx build`` from its first line on; the project is a copy with all
models, a few metrics and no tests. ``--cold`` starts Python anew for each build, ``--whole`` takes all metrics, with
their tests.
"""

import argparse
import collections
import contextlib
import hashlib
import importlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from cxmetrics import cli
from cxmetrics.build.publish import publication
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.duckdb.publication import verify

ROOT = Path(__file__).resolve().parent.parent
CX = str(Path(sys.executable).with_name("cx"))
UNFINISHED = "cx.duckdb.*.publishing"
LEFT_ALONE = {"build", "kept", "cx.duckdb"}
OUTCOMES = ("as before", "the new one", "ended before the kill")
COPIED = ("macros", "models", "seeds", "tests/dbt")
# A ratio, a median, a mean of signs and a rate of months.
METRICS = ("reopen_rate", "resolution_time", "net_promoter_score", "monthly_customer_churn_rate")
IMPORTED = ("cxmetrics.build.pipeline", "cxmetrics.inputs.run", "cxmetrics.measure.compiler", "great_expectations")


@dataclass
class Kill:
    """A build that was killed: after how many seconds, in which step, alone or with its children; what was found."""

    after: float
    step: str
    is_alone: bool
    found: str = ""


def run_cx(arguments: list[str], *, is_cold: bool) -> None:
    """Be ``cx`` with these arguments."""
    if is_cold:
        os.execv(CX, [CX, *arguments])  # noqa: S606 (no shell is wanted)
    sys.exit(cli.main(arguments))


class Chaos:
    """A project and a warehouse of its own, two sets of raw files, and builds that are killed."""

    def __init__(self, folder: Path, draws: random.Random, *, is_whole: bool, is_cold: bool):
        self.raw = [folder / "raw0", folder / "raw1"]
        self.root, self.warehouse, self.output = folder / "project", folder / "warehouse", folder / "output"
        self.draws, self.turn, self.is_cold = draws, 0, is_cold
        copy_project(self.root, is_whole=is_whole)
        self.environment = {
            "CX_WAREHOUSE": str(self.warehouse),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_PROFILES_DIR": str(self.root),
            "DBT_PROJECT_DIR": str(self.root),
            "DBT_TARGET_PATH": str(folder / "target"),
        }
        if not is_whole:
            self.environment["DBT_EXCLUDE_RESOURCE_TYPES"] = "test unit_test"
        if not is_cold:
            for name in IMPORTED:
                importlib.import_module(name)
        project = Project(self.root)
        project.warehouse = self.warehouse
        self.engine, self.publication = DuckDBEngine(project), publication(project)

    @property
    def published(self) -> Path:
        return self.engine.published_file

    @contextlib.contextmanager
    def started(self, *arguments: str) -> Iterator[BaseProcess]:
        """``cx`` in a process group of its own, which ends with the block."""
        process = self.fork(run_cx, list(arguments), is_cold=self.is_cold)
        try:
            yield process
        except BaseException:
            end(process, is_alone=False)
            raise
        finally:
            process.join()

    def run(self, *arguments: str) -> str:
        """``cx``, which must succeed; what it says."""
        with self.started(*arguments) as process:
            process.join()
        said = self.output.read_text()
        require(process.exitcode == 0, f"cx {arguments[0]} failed with {process.exitcode}:\n{said[-4000:]}")
        return said

    def fork(self, do: Callable[..., None], *arguments: Any, **options: Any) -> BaseProcess:
        """A process that does something in the project. No thread of DuckDB may run in this one: forks have none."""

        def inside() -> None:
            os.setsid()
            os.environ.update(self.environment)
            os.chdir(self.root)
            with self.output.open("wb") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            do(*arguments, **options)

        process = multiprocessing.get_context("fork").Process(target=inside)
        process.start()
        return process

    def build(self) -> dict[str, float]:
        """A build that must succeed, publish what it built and leave nothing else; its seconds by step."""
        said = json.loads(self.run(*self.command))
        self.require_new()
        left = {file.name for file in self.warehouse.iterdir()} - LEFT_ALONE
        left |= {file.name for file in (self.warehouse / "build").iterdir()} - {"building.lock", "cx.duckdb"}
        require(not left, f"the next build left {', '.join(sorted(left))}")
        self.turn = 1 - self.turn
        return said["seconds"]

    @property
    def command(self) -> tuple[str, ...]:
        """A build of the data that are not published now."""
        return ("build", "--json", "--raw", str(self.raw[self.turn]))

    def kill(self, seconds: dict[str, float], number: int) -> Kill:
        """Start a build and kill it; what was published then."""
        before = fingerprint(self.published)
        is_alone = self.draws.random() < 0.25
        with self.started(*self.command) as process:
            started = time.monotonic()
            self.await_moment(process, seconds, number)
            has_ended, after = not process.is_alive(), time.monotonic() - started
            done = Kill(after, self.step(after, seconds), is_alone)
            end(process, is_alone=is_alone)
        is_same = fingerprint(self.published) == before
        if not is_same:
            self.require_new()
        done.found = OUTCOMES[0] if is_same else OUTCOMES[2] if has_ended else OUTCOMES[1]
        return done

    def await_moment(self, process: BaseProcess, seconds: dict[str, float], number: int) -> None:
        """A random one of the whole build; every third time of its last step."""
        if number % 3 != 2:
            time.sleep(self.draws.uniform(0, sum(seconds.values())))
            return
        while process.is_alive() and not list(self.warehouse.glob(UNFINISHED)):
            time.sleep(0.002)
        time.sleep(self.draws.uniform(0, seconds["publish"]))

    def step(self, after: float, seconds: dict[str, float]) -> str:
        """Where a build is: it publishes when there is an unfinished file, else by how long steps took before."""
        if list(self.warehouse.glob(UNFINISHED)):
            return "publish"
        for step, taken in seconds.items():
            after -= taken
            if after < 0:
                return step
        return "end"

    def require_new(self) -> None:
        """The published file holds exactly what was built."""
        process = self.fork(verify, self.engine.warehouse.build, self.published, self.publication)
        process.join()
        said = self.output.read_text()
        require(process.exitcode == 0, f"the published file is not what was built: {said[-4000:]}")


def copy_project(root: Path, *, is_whole: bool) -> None:
    """What dbt and cx read of the project; unless it is to be whole, of its metrics only METRICS."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, root / folder)
    for path in (*ROOT.glob("*.yml"), ROOT / ".dbtignore"):
        shutil.copy(path, root)
    for path in (ROOT / "metrics").rglob("*.*"):
        if is_whole or path.stem in METRICS:
            (root / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, root / path.relative_to(ROOT))


def end(process: BaseProcess, *, is_alone: bool) -> None:
    """Kill a build, alone or with everything it started."""
    with contextlib.suppress(ProcessLookupError):
        if not is_alone:
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(otherwise)


def fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--customers", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no further kill after so long")
    parser.add_argument("--whole", action="store_true", help="build every metric and run every test")
    parser.add_argument("--cold", action="store_true", help="start Python anew for each build")
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        draws = random.Random(wanted.seed)  # noqa: S311 (to be drawn again)
        chaos = Chaos(Path(folder), draws, is_whole=wanted.whole, is_cold=wanted.cold)
        for number, raw in enumerate(chaos.raw):
            chaos.run("demo", "--customers", str(wanted.customers), "--seed", str(number), "--out", str(raw))
        seconds = chaos.build()
        kills, until = [], time.monotonic() + 60 * wanted.minutes
        for number in range(wanted.kills):
            if time.monotonic() > until:
                break
            kills.append(chaos.kill(seconds, number))
            seconds = chaos.build()
            done = kills[-1]
            who = "alone" if done.is_alone else "group"
            taken = sum(seconds.values())
            print(
                f"{number + 1:4} after {done.after:6.1f} s  {done.step:13} {who}  {done.found:21}"
                f"  next build {taken:.1f} s",
                flush=True,
            )
    print_table(kills)
    return 0


def print_table(kills: list[Kill]) -> None:
    counts = collections.Counter((kill.step, kill.found) for kill in kills)
    print(f"\n{'killed in':13} {'kills':>6} " + " ".join(f"{outcome:>22}" for outcome in OUTCOMES))
    for step in dict.fromkeys([kill.step for kill in kills]):
        row = [counts[step, outcome] for outcome in OUTCOMES]
        print(f"{step:13} {sum(row):6} " + " ".join(f"{count:22}" for count in row))
    print(f"{len(kills)} kills; each published file was whole, and each next build succeeded")


if __name__ == "__main__":
    sys.exit(main())
