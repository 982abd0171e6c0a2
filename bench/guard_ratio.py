"""What does guarding the inputs cost? ``cx inputs`` against plain ``dbt build`` on the same rows, in turn.

The time of loading, checking and quarantine, without the import of Great Expectations, must not exceed LIMIT of the
wall time of ``dbt build``; exit code 1 when it does.
"""

import argparse
import json
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
LIMIT = 0.35
# The demo's customers open between two and three tickets each in a year. It has at most 100,000 of them, so its years
# are four.
MONTHS = 48
TICKETS_A_CUSTOMER = 10.2


def guarding(raw: str, environment: dict[str, str]) -> dict[str, float]:
    """Seconds of ``cx inputs`` by phase, as it says itself."""
    command = [str(BIN / "cx"), "inputs", "--raw", raw, "--json"]
    done = run_program(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)
    (tickets,) = (table["raw"] for table in said["tables"] if table["table"] == "tickets")
    return said["seconds"] | {"rows": sum(table["raw"] for table in said["tables"]), "tickets": tickets}


def building(environment: dict[str, str]) -> float:
    """Wall time of ``dbt build``."""
    started = time.monotonic()
    command = [str(BIN / "dbt"), "build", "--profiles-dir", "."]
    run_program(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"CX_WAREHOUSE": f"{folder}/warehouse", "DBT_TARGET_PATH": f"{folder}/target"}
        raw = f"{folder}/demo"
        customers = str(int(wanted.tickets / TICKETS_A_CUSTOMER))
        demo = [str(BIN / "cx"), "demo", "--customers", customers, "--months", str(MONTHS), "--out", raw]
        run_program(demo, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        rounds = [(guarding(raw, environment), building(environment)) for _ in range(wanted.rounds)]
    for phases, dbt in rounds:
        print(f"cx inputs {phases}   dbt build {dbt:.1f} s")
    spent = [
        sum(seconds for phase, seconds in phases.items() if phase not in ("import", "rows", "tickets"))
        for phases, _ in rounds
    ]
    guards, dbt = statistics.median(spent), statistics.median(dbt for _, dbt in rounds)
    ratio = guards / dbt
    print(f"guarding {guards:.1f} s   dbt build {dbt:.1f} s   ratio {ratio:.2f} (limit {LIMIT})")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
