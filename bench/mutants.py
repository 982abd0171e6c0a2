"""Does every metric's golden case notice when its definition is wrong?

Each metric is broken in many small ways (see ``mutations.py``) and every broken one, a mutant, is run against the
golden case. A mutant the case does not notice is a survivor: the case has no row that tells the two apart. Survivors
that give the right number by necessity are listed, with the reason, in ``equivalent_mutants.yml``. Exit code 1 for any
other survivor, and for an entry of that list that no survivor needs.

A mutant that MetricFlow or the database refuses is counted apart: no golden case is needed to find it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cxmetrics.definitions import yaml_file
from cxmetrics.definitions.golden_case import GoldenCase, case_path, read_case
from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.golden import differences, facts
from mutations import Definition, Mutant, Siblings
from programs import run_program

ROOT = Path(__file__).resolve().parent.parent
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.yml")


@dataclass
class Outcome:
    """What became of the mutants of one metric, by name; ``problem`` says why none could be run."""

    metric: str
    problem: str | None = None
    killed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    survived: list[str] = field(default_factory=list)

    @property
    def all(self) -> int:
        return len(self.killed) + len(self.refused) + len(self.survived)


@dataclass(frozen=True)
class Waiver:
    """A reviewed survivor: patterns for the metric and the mutant's name, and why the number cannot differ."""

    metric: str
    mutant: str
    because: str

    def covers(self, metric: str, mutant: str) -> bool:
        return fnmatchcase(metric, self.metric) and fnmatchcase(mutant, self.mutant)


def outcome_of(project: Project, manifest: dict[str, Any], case: Path) -> Outcome:
    """Run every mutant of a metric against its golden case. Raises CxError when the case cannot be read or
    fails as it is: nothing could be said of its mutants then."""
    golden = read_case(project, case)
    definition = Definition(golden.metric, _by_name(manifest, "metrics"), *_models(project, manifest, golden))
    mutants = definition.mutants()
    nodes = [*definition.nodes.values(), *(node for mutant in mutants for node in mutant.nodes)]
    semantics = Semantics(json.dumps(manifest | {"metrics": nodes, "saved_queries": []}))
    outcome = Outcome(golden.metric.name)
    with facts(project, golden) as connection:
        renamed, *changed = mutants
        wrong = [*differences(connection, semantics, golden), *_differences(connection, semantics, golden, renamed)]
        if wrong:
            raise CxError(f"the golden case fails as it is: {wrong[0]}")
        for mutant in changed:
            try:
                found = next(_differences(connection, semantics, golden, mutant), None)
                (outcome.killed if found else outcome.survived).append(mutant.name)
            except CxError:
                outcome.refused.append(mutant.name)
    return outcome


def _differences(connection: Any, semantics: Semantics, golden: GoldenCase, mutant: Mutant) -> Iterable[str]:
    case = GoldenCase(mutant.metric, golden.given, golden.expect, golden.source)
    return differences(connection, semantics, case)


def _models(
    project: Project, manifest: dict[str, Any], golden: GoldenCase
) -> tuple[dict[str, dict[str, Any]], Siblings]:
    """The semantic models, and the columns of each with the rows the case gives to its table."""
    models = _by_name(manifest, "semantic_models")
    tables = {name: project.models()[model["node_relation"]["alias"]] for name, model in models.items()}
    types = {name: {column.name: column.data_type or "" for column in table.columns} for name, table in tables.items()}
    given = {name: golden.given.get(table.name, []) for name, table in tables.items()}
    return models, Siblings(types, given)


def _by_name(manifest: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in manifest[kind]}


def read_waivers(path: Path) -> list[Waiver]:
    """The reviewed survivors. Raises TypeError for an entry with other keys than a waiver's."""
    return [Waiver(**entry) for entry in yaml_file.read(path).data or []]


def judged(outcomes: Sequence[Outcome], waivers: Sequence[Waiver]) -> tuple[list[str], list[str]]:
    """The survivors nobody excused, and the waivers nobody needs, a sentence each.

    A waiver for a metric that was not run is not judged.
    """
    survivors = [(outcome.metric, name) for outcome in outcomes for name in outcome.survived]
    unexcused = [
        f"{metric} gives the same numbers with {name}"
        for metric, name in survivors
        if not any(waiver.covers(metric, name) for waiver in waivers)
    ]
    unneeded = [
        f"no survivor needs the waiver for {waiver.metric}, {waiver.mutant}"
        for waiver in waivers
        if any(fnmatchcase(outcome.metric, waiver.metric) and not outcome.problem for outcome in outcomes)
        and not any(waiver.covers(metric, name) for metric, name in survivors)
    ]
    return unexcused, unneeded


def table(outcomes: Sequence[Outcome], waivers: Sequence[Waiver]) -> str:
    """One line per metric and one for all."""
    lines = [f"{'metric':40} {'mutants':>8} {'killed':>8} {'refused':>8} {'waived':>8} {'survived':>8}"]
    sums = [0] * 5
    for outcome in outcomes:
        waived = sum(any(waiver.covers(outcome.metric, name) for waiver in waivers) for name in outcome.survived)
        counts = [outcome.all, len(outcome.killed), len(outcome.refused), waived, len(outcome.survived) - waived]
        sums = [total + count for total, count in zip(sums, counts, strict=True)]
        lines.append(f"{outcome.metric:40}" + "".join(f" {count:>8}" for count in counts))
    lines.append(f"{'all':40}" + "".join(f" {total:>8}" for total in sums))
    return "\n".join(lines)


def parsed_manifest(root: Path) -> dict[str, Any]:
    """The semantic manifest dbt writes for the project as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        places = {"DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder, "CX_WAREHOUSE": folder}
        dbt = Path(sys.executable).with_name("dbt")
        command = [str(dbt), "--quiet", "parse", "--profiles-dir", str(root), "--project-dir", str(root)]
        if run_program(command, env=os.environ | places, check=False).returncode:
            raise SystemExit("dbt cannot parse the project; there is nothing to mutate")
        return json.loads((Path(folder) / "semantic_manifest.json").read_text(encoding="utf-8"))


def _run(job: tuple[Project, dict[str, Any], Path]) -> Outcome:
    try:
        return outcome_of(*job)
    except CxError as error:
        return Outcome(job[-1].stem, problem=str(error))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("metrics", nargs="*", metavar="METRIC", help="default: all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    parser.add_argument("--verbose", action="store_true", help="name the refused mutants as well")
    wanted = parser.parse_args()
    project = Project(ROOT)
    known = project.metrics()
    if unknown := [name for name in wanted.metrics if name not in known]:
        parser.error(f"there is no such metric: {', '.join(unknown)}")
    cases = [case_path(project, known[name]) for name in wanted.metrics or sorted(known)]
    manifest = parsed_manifest(ROOT)
    with ProcessPoolExecutor(wanted.jobs) as processes:
        outcomes = list(processes.map(_run, [(Project(ROOT), manifest, case) for case in cases]))
    waivers = read_waivers(EQUIVALENT)
    unexcused, unneeded = judged(outcomes, waivers)
    refused = [f"{one.metric} refused: {name}" for one in outcomes for name in one.refused if wanted.verbose]
    problems = [f"{one.metric}: {one.problem}" for one in outcomes if one.problem]
    print(table(outcomes, waivers), *refused, *problems, *unexcused, *unneeded, sep="\n")
    return int(bool(problems or unexcused or unneeded))


if __name__ == "__main__":
    sys.exit(main())
