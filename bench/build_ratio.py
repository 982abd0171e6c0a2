"""How much longer than plain ``dbt build`` is ``cx build``? Both on the demo, in turn, in one run.

``cx build`` does more: it loads and checks the inputs, computes every metric value and publishes. The ratio of the
medians must not exceed LIMIT; exit code 1 when it does.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from programs import run_program

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LIMIT = 1.6


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Wall time of a command that must succeed."""
    started = time.monotonic()
    run_program(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"CX_WAREHOUSE": f"{folder}/warehouse", "DBT_TARGET_PATH": f"{folder}/target"}
        raw = f"{folder}/demo"
        cx, dbt = [str(BIN / "cx"), "build", "--raw", raw], [str(BIN / "dbt"), "build", "--profiles-dir", "."]
        seconds([str(BIN / "cx"), "demo", "--customers", str(wanted.customers), "--out", raw], environment)
        # The first build fills the caches of both: the parsed project, the file system.
        seconds(cx, environment)
        rounds = [(seconds(dbt, environment), seconds(cx, environment)) for _ in range(wanted.rounds)]
    for plain, whole in rounds:
        print(f"dbt build {plain:6.1f} s   cx build {whole:6.1f} s")
    plain, whole = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = whole / plain
    print(f"median    {plain:6.1f} s            {whole:6.1f} s   ratio {ratio:.2f} (limit {LIMIT})")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
