"""Does the audit find what is planted, nothing where nothing is, and how often does its interval hold the truth?

power     every stage planted in turn: the audit ranks it first, and finds that service masks an experience failure
nothing   nothing planted: the audit finds no failure, and its intervals hold zero
plain     one stage planted: the interval of the adjusted difference holds what was planted
simpson   the same where segments differ in how often they leave anyway and in how often they meet friction

The truth of a planted world is the number of customers who left because of it, over the affected episodes: the draws of
the demo say who did. With --log FILE each world is written there when it is done and not run again.
Exit code 1 when a share lies outside its limits.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from audit_worlds import FEW_SCRIPTS, JUDGED_SCRIPTS, NO_JOURNEYS, SIMPSON, audit, world
from cxmetrics.demo.generate import NONE, Demo, plantable_stages
from cxmetrics.progress import progress_bar

FOUND_AT_LEAST, FLAGGED_AT_MOST = 0.95, 0.05
COVERAGE = (0.93, 0.97)
# Kind of world -> customers: the default of the demo, and half of it where an interval has to hold with fewer cases.
KINDS = {"power": 5_000, "nothing": 5_000, "plain": 2_500, "simpson": 2_500}
MASKS = "service masks an experience failure"
# The stage of the worlds with a known effect; it has few contacts of its own and many of friction.
STAGE = "advocacy"
Z = 1.959964
POWER_HEAD = (
    "| planted stage | worlds | ranked first | with the finding | mean adjusted difference |\n" + 5 * "|---" + "|"
)
NOTHING_HEAD = "| planted | worlds | with a failure found | intervals that hold zero |\n" + 4 * "|---" + "|"
KNOWN_HEAD = "| world | worlds | truth | difference | mean | holds the truth |\n" + 6 * "|---" + "|"


def power(customers: int, stage: str, seed: int) -> dict:
    """What the audit says of a world in which ``stage`` is planted."""
    connection = world(Demo(customers, seed, plant=stage), JUDGED_SCRIPTS)
    rows = audit(connection, "experience_audit", {"int_audit_stages": NO_JOURNEYS})
    first = next(row for row in rows if row["segment"] == "all" and row["audit_rank"] == 1)
    planted = next(row for row in rows if row["segment"] == "all" and row["stage"] == stage)
    return {"first": first["stage"], "finding": planted["finding"], "difference": planted["adjusted_difference"]}


def nothing(customers: int, seed: int) -> dict:
    """Whether the audit finds a failure where nothing is planted, and how often its intervals hold zero."""
    connection = world(Demo(customers, seed, plant=NONE), FEW_SCRIPTS)
    rows = audit(connection, "int_audit_significance")
    intervals = connection.execute("select ci_low, ci_high from intermediate.int_audit_churn where segment = 'all'")
    held = [low <= 0 <= high for low, high in intervals.fetchall()]
    return {"failing": any(row["is_significant"] for row in rows), "held": sum(held), "of": len(held)}


def known(customers: int, seed: int, odds: dict[str, tuple[float, float]] | None) -> dict:
    """Both differences with their intervals, and how many left because of what was planted."""
    connection = world(Demo(customers, seed, plant=STAGE), FEW_SCRIPTS, odds)
    row = next(row for row in audit(connection, "int_audit_churn") if row["segment"] == "all" and row["stage"] == STAGE)
    (planted,) = connection.execute(
        """
        select count(*)
        from intermediate.int_audit_episodes as episodes
        inner join intermediate.int_audit_relationships as relationships on episodes.cycle_id = relationships.cycle_id
        inner join memory.plan.planted_departures as departures
            on episodes.customer_id = departures.customer_id and relationships.left_at = departures.departs_at
        where episodes.stage = $stage and episodes.is_decided and episodes.is_left""",
        {"stage": STAGE},
    ).fetchone()
    low, high = crude_interval(row)
    return {
        "planted": planted,
        "affected": row["affected"],
        "adjusted": [row["adjusted_difference"], row["ci_low"], row["ci_high"]],
        "unadjusted": [row["churn_affected"] - row["churn_unaffected"], low, high],
    }


def crude_interval(row: dict) -> tuple[float, float]:
    """The interval of the unadjusted difference, by the rule of the adjusted one."""
    n, left = row["affected"], row["affected_churned"]
    reach = Z * math.sqrt(left + Z**2 / 4)
    below, above = (reach - Z**2 / 2) / n, (reach + Z**2 / 2) / n
    error = Z * math.sqrt(row["churn_unaffected"] / row["unaffected"])
    difference = left / n - row["churn_unaffected"]
    return difference - math.hypot(below, error), difference + math.hypot(above, error)


def worlds(kinds: list[str], sizes: dict[str, int], seeds: dict[str, int]) -> Iterator[tuple[str, partial]]:
    """The key of every world to run and what runs it, so that all stages have a seed before any has the next."""
    for kind in kinds:
        customers = sizes[kind]
        for seed in range(1, seeds[kind] + 1):
            if kind == "power":
                for stage in plantable_stages():
                    yield f"power {stage} {customers} {seed}", partial(power, customers, stage, seed)
            elif kind == "nothing":
                yield f"nothing {customers} {seed}", partial(nothing, customers, seed)
            else:
                odds = SIMPSON if kind == "simpson" else None
                yield f"{kind} {customers} {seed}", partial(known, customers, seed, odds)


def share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def judge_power(results: dict[str, dict]) -> Iterator[tuple[str, bool]]:
    """The lines of the table of power, each with whether it is as it should be."""
    if any(key.startswith("power ") for key in results):
        yield POWER_HEAD, True
    for stage in plantable_stages():
        rows = [row for key, row in results.items() if key.startswith(f"power {stage} ")]
        if rows:
            first = sum(row["first"] == stage for row in rows)
            found = sum(row["first"] == stage and row["finding"] == MASKS for row in rows)
            mean = 100 * sum(row["difference"] for row in rows) / len(rows)
            line = f"| {stage} | {len(rows)} | {first} | {found} | {mean:.1f} points |"
            yield line, share(found, len(rows)) >= FOUND_AT_LEAST


def judge_nothing(results: dict[str, dict]) -> Iterator[tuple[str, bool]]:
    """The table of the worlds in which nothing is planted."""
    rows = [row for key, row in results.items() if key.startswith("nothing ")]
    if rows:
        failing = share(sum(row["failing"] for row in rows), len(rows))
        held = share(sum(row["held"] for row in rows), sum(row["of"] for row in rows))
        yield NOTHING_HEAD, True
        line = f"| nothing | {len(rows)} | {failing:.1%} | {held:.1%} |"
        yield line, failing <= FLAGGED_AT_MOST and COVERAGE[0] <= held <= COVERAGE[1]


def judge_known(results: dict[str, dict]) -> Iterator[tuple[str, bool]]:
    """The table of the worlds with a known effect."""
    if any(key.startswith(("plain ", "simpson ")) for key in results):
        yield KNOWN_HEAD, True
    for kind in ("plain", "simpson"):
        rows = [row for key, row in results.items() if key.startswith(f"{kind} ")]
        if not rows:
            continue
        truth = sum(row["planted"] for row in rows) / sum(row["affected"] for row in rows)
        for which in ("adjusted", "unadjusted"):
            mean = sum(row[which][0] for row in rows) / len(rows)
            held = share(sum(row[which][1] <= truth <= row[which][2] for row in rows), len(rows))
            fine = COVERAGE[0] <= held <= COVERAGE[1] if which == "adjusted" else kind == "plain" or held < COVERAGE[0]
            yield f"| {kind} | {len(rows)} | {100 * truth:.2f} points | {which} | {100 * mean:.2f} | {held:.1%} |", fine


def run(kinds: list[str], sizes: dict[str, int], seeds: dict[str, int], log: Path) -> dict[str, dict]:
    """The results of all worlds, those in ``log`` from there."""
    results = {}
    if log.is_file():
        results = dict(json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())
    planned = list(worlds(kinds, sizes, seeds))
    with progress_bar() as report, log.open("a", encoding="utf-8") as file:
        for done, (key, make) in enumerate(planned):
            report(f"auditing world {key}", done, len(planned))
            if key not in results:
                results[key] = make()
                file.write(json.dumps([key, results[key]]) + "\n")
                file.flush()
    return {key: results[key] for key, _ in planned}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seeds", type=int, default=20, help="worlds for each planted stage")
    parser.add_argument("--coverage-seeds", type=int, default=200, help="worlds of each of the other kinds")
    parser.add_argument("--log", type=Path, default=Path(os.devnull))
    options = parser.parse_args()
    seeds = dict.fromkeys(KINDS, options.coverage_seeds) | {"power": options.seeds}
    results = run(options.kinds, KINDS, seeds, options.log)
    lines = [*judge_power(results), *judge_nothing(results), *judge_known(results)]
    for line, fine in lines:
        print(line if fine else f"{line} !")
    return 0 if all(fine for _, fine in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
