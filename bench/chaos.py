"""Is what people read whole, whenever ``cx build`` is killed?

Kills builds of a small demo with SIGKILL at random instants: three of four with the whole process group, dbt included,
the others alone, as a system without memory does; every third one not before it publishes. After each, the published
file must be the one before, byte for byte, or the new one, which then must hold what was built, rows and content. The
next build must succeed and leave nothing of the killed one behind. Old and new are made of different data, so that a
mixture of both would be found. Exit code 1 when anything of that does not hold.
"""

import argparse
import collections
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cxmetrics.engines.duckdb import DuckDBEngine
from cxmetrics.engines.duckdb_publication import verify
from cxmetrics.errors import CxError
from cxmetrics.project import Project
from cxmetrics.publish import publication

ROOT = Path(__file__).resolve().parent.parent
CX = str(Path(sys.executable).with_name("cx"))
UNFINISHED = "cx.duckdb.*.publishing"
LEFT_ALONE = {"build", "kept", "cx.duckdb"}
OUTCOMES = ("as before", "the new one", "ended before the kill")


@dataclass
class Kill:
    """A build that was killed: after how many seconds, in which step, alone or with its children; what was found."""

    after: float
    step: str
    is_alone: bool
    found: str = ""


class Chaos:
    """A warehouse of its own, two sets of raw files, and builds that are killed."""

    def __init__(self, folder: Path, draws: random.Random, *, with_tests: bool):
        self.raw = [folder / "raw0", folder / "raw1"]
        self.warehouse, self.draws, self.turn = folder / "warehouse", draws, 0
        self.environment = os.environ | {
            "CX_WAREHOUSE": str(self.warehouse),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        if not with_tests:
            self.environment["DBT_EXCLUDE_RESOURCE_TYPES"] = "test unit_test"
        project = Project(ROOT)
        project.warehouse = self.warehouse
        self.engine, self.publication = DuckDBEngine(project), publication(project)

    @property
    def published(self) -> Path:
        return self.engine.published_file

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        """A build of the data that are not published now, in a process group of its own, which ends with the block."""
        command = [CX, "build", "--json", "--raw", str(self.raw[self.turn])]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        with process:
            try:
                yield process
            except BaseException:
                end(process, is_alone=False)
                raise

    def build(self) -> dict[str, float]:
        """A build that must succeed, publish what it built and leave nothing else; its seconds by step."""
        with self.started() as process:
            output, complaints = process.communicate()
        require(process.returncode == 0, f"a build failed with {process.returncode}:\n{output[-2000:]}{complaints}")
        self.require_new()
        left = {file.name for file in self.warehouse.iterdir()} - LEFT_ALONE
        left |= {file.name for file in (self.warehouse / "build").iterdir()} - {"building.lock", "cx.duckdb"}
        require(not left, f"the next build left {', '.join(sorted(left))}")
        self.turn = 1 - self.turn
        return json.loads(output)["seconds"]

    def kill(self, seconds: dict[str, float], number: int) -> Kill:
        """Start a build and kill it; what was published then."""
        before = fingerprint(self.published)
        is_alone = self.draws.random() < 0.25
        with self.started() as process:
            started = time.monotonic()
            self.await_moment(process, seconds, number)
            has_ended, after = process.poll() is not None, time.monotonic() - started
            done = Kill(after, self.step(after, seconds), is_alone)
            end(process, is_alone=is_alone)
        is_same = fingerprint(self.published) == before
        if not is_same:
            self.require_new()
        done.found = OUTCOMES[0] if is_same else OUTCOMES[2] if has_ended else OUTCOMES[1]
        return done

    def await_moment(self, process: subprocess.Popen[str], seconds: dict[str, float], number: int) -> None:
        """A random one of the whole build; every third time of its last step."""
        if number % 3 != 2:
            time.sleep(self.draws.uniform(0, sum(seconds.values())))
            return
        while process.poll() is None and not list(self.warehouse.glob(UNFINISHED)):
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
        try:
            verify(self.engine, self.published, self.publication)
        except CxError as error:
            raise SystemExit(f"the published file is not what was built: {error}") from error


def end(process: subprocess.Popen[str], *, is_alone: bool) -> None:
    """Kill a build, alone or with everything it started."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL) if is_alone else os.killpg(process.pid, signal.SIGKILL)


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(otherwise)


def fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--customers", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--without-tests", action="store_true", help="dbt builds models and tests nothing: faster")
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        chaos = Chaos(Path(folder), random.Random(wanted.seed), with_tests=not wanted.without_tests)
        for number, raw in enumerate(chaos.raw):
            demo = [CX, "demo", "--customers", str(wanted.customers), "--seed", str(number), "--out", str(raw)]
            subprocess.run(demo, check=True, stdout=subprocess.DEVNULL, env=chaos.environment, cwd=ROOT)
        seconds = chaos.build()
        kills = []
        for number in range(wanted.kills):
            kills.append(chaos.kill(seconds, number))
            seconds = chaos.build()
            done = kills[-1]
            who = "alone" if done.is_alone else "group"
            print(f"{number + 1:4} after {done.after:6.1f} s  {done.step:13} {who}  {done.found}", flush=True)
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
