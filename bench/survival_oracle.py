"""Are the quantiles of survival metrics those of an independent library?

lifelines, in an environment of its own below target/, works out each published month of the survival metrics anew from
the facts, with the cases that still wait. It also takes cases of few different times, nearly all of which are ties.
Values must be equal to 1e-9, and so must the upper ends of the intervals, where anybody survives. The lower ends are
not compared: ours widen after the last end (docs/guides/certainty.md). Exit code 1 for a difference.

    python bench/survival_oracle.py [PUBLISHED FILE]
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import duckdb

from cxmetrics.definitions.metric import SurvivalDefinition
from cxmetrics.definitions.project import Project
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.measure.survival import product_limit

ROOT = Path(__file__).resolve().parent.parent
ORACLE = ROOT / "target" / "oracle"
LIBRARY = "lifelines==0.30.0"
TOLERANCE = 1e-9
# Reads {name: [times, ended, quantile]} and writes {name: [value, upper end]}, null for what is not reached.
SCRIPT = """
import json, math, sys
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_times
answers = {}
for name, (times, ended, quantile) in json.load(sys.stdin).items():
    fitted = KaplanMeierFitter().fit(times, ended)
    share = 1 - quantile + 1e-9
    curve, upper = fitted.survival_function_.iloc[:, 0], fitted.confidence_interval_.iloc[:, 1]
    reached = [curve[curve <= share], upper[(upper <= share) & (curve > 1e-12)]]
    answers[name] = [float(part.index[0]) if len(part) else None for part in reached]
print(json.dumps(answers))
"""
# Name -> times, whether each ended, the quantile.
Cases = dict[str, tuple[list[float], list[bool], float]]
# Name -> the quantile and the upper end of its interval.
Answers = dict[str, tuple[float | None, float | None]]


def published(file: Path) -> tuple[Cases, Answers]:
    """Every published month of the survival metrics, and all time, with its cases."""
    project = Project(ROOT)
    blocks, models = project.blocks(), project.models()
    cases: Cases = {}
    answers: Answers = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        for metric in project.metrics().values():
            definition = metric.definition
            if not isinstance(definition, SurvivalDefinition):
                continue
            time, event = blocks[definition.time], blocks[definition.event]
            query = sql(
                "select strftime({began}, '%Y-%m-01'), {time}, coalesce({event}, false) from {fact}"
                " where {time} is not null",
                began=time.agg_time_dimension or "",
                time=time.expr or time.name,
                event=Sql(event.expr or event.name),
                fact=f"{models[time.model].schema}.{time.model}",
            )
            by_period: dict[str, list[tuple[float, bool]]] = defaultdict(list)
            for month, waited, ended in connection.execute(query).fetchall():
                by_period[month].append((waited, ended))
                by_period["all"].append((waited, ended))
            found = connection.execute(
                "select case grain when 'all' then 'all' else cast(period_start as varchar) end, value, ci_high"
                " from metrics.metric_values where metric = $metric and dimension = 'all' and n > 0"
                " and grain in ('month', 'all')",
                {"metric": metric.name},
            ).fetchall()
            for period, value, upper in found:
                name = f"{metric.name} {period}"
                times, ended = zip(*by_period[period], strict=True)
                cases[name] = (list(times), list(ended), definition.quantile)
                answers[name] = (value, upper)
    return cases, answers


def drawn(seed: int, groups: int = 200) -> tuple[Cases, Answers]:
    """Cases with heavy ties, and what cxmetrics makes of them."""
    draw = random.Random(seed)  # noqa: S311 (to be drawn again)
    cases: Cases = {}
    for number in range(groups):
        chance = draw.choice([0.1, 0.5, 0.9, 1.0])
        size = draw.choice([1, 2, 4, 10, 50, 400])
        pairs = [(float(draw.randint(0, 6)), draw.random() < chance) for _ in range(size)]
        times, ended = zip(*pairs, strict=True)
        cases[f"ties {number}"] = (list(times), list(ended), draw.choice([0.5, 0.9]))
    answers: Answers = {}
    with duckdb.connect() as connection:
        connection.execute("create table drawn (name varchar, waited double, ended integer, quantile double)")
        for name, (times, ended, quantile) in cases.items():
            rows = [(name, time, int(has_ended), quantile) for time, has_ended in zip(times, ended, strict=True)]
            connection.executemany("insert into drawn values (?, ?, ?, ?)", rows)
        for quantile in (0.5, 0.9):
            of_quantile = sql("select * from drawn where quantile = {quantile}", quantile=quantile)
            measured = ("waited", "ended")
            query = product_limit("drawn", of_quantile, Sql("name, "), ["name"], measured, quantile, "double")
            for _, name, value, _, _, upper, _ in connection.execute(query).fetchall():
                answers[name] = (value, upper)
    return cases, answers


def oracle(cases: Cases) -> Answers:
    """What lifelines says of the cases."""
    python = ORACLE / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ORACLE)], check=True)  # noqa: S603 (fixed words)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", LIBRARY], check=True)  # noqa: S603 (fixed words)
    done = subprocess.run(  # noqa: S603 (fixed words)
        [str(python), "-W", "ignore", "-c", SCRIPT], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    return {name: (value, upper) for name, (value, upper) in json.loads(done.stdout).items()}


def is_equal(ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - theirs) <= TOLERANCE * max(1.0, abs(theirs))


def main() -> int:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "warehouse" / "cx.duckdb"
    different = 0
    for what, (cases, ours) in (("published", published(file)), ("heavy ties", drawn(20261130))):
        theirs = oracle(cases)
        wrong = [
            f"{name}: {ours[name]}, lifelines {theirs[name]}"
            for name in cases
            if not all(is_equal(one, other) for one, other in zip(ours[name], theirs[name], strict=True))
        ]
        waiting = sum(len(ended) - sum(ended) for _, ended, _ in cases.values())
        not_reached = sum(1 for value, _ in ours.values() if value is None)
        print(
            f"{what}: {len(cases)} quantiles of {sum(len(times) for times, _, _ in cases.values()):,} cases,"
            f" {waiting:,} of them waiting; {not_reached} not reached; {len(wrong)} differences"
        )
        print("".join(f"  {line}\n" for line in wrong[:20]), end="")
        different += len(wrong)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
