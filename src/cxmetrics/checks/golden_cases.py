"""The expected numbers of every metric."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.closed_model import validate
from cxmetrics.definitions.golden_case import CASES, CaseFile, case_path
from cxmetrics.errors import CxError


def golden_cases_exist(definitions: Definitions) -> Iterator[Finding]:
    """A definition without an expected number parses, is documented, and may still be wrong."""
    for metric in definitions.metrics.values():
        file = case_path(definitions.project, metric)
        name = file.relative_to(definitions.project.root).as_posix()
        if not file.is_file():
            yield Finding(
                metric.file,
                metric.line,
                f"there is no golden case {name}",
                "write rows and the values they must give, by hand; CONTRIBUTING.md has the recipe",
            )
            continue
        try:
            case = definitions.project.read(file)
        except CxError as error:
            yield Finding.of(error, "correct it here")
            continue
        parsed, problems = validate(CaseFile, case.data, case)
        for problem in problems:
            yield Finding.of(problem, "correct it here; another metric's golden case shows how")
        if parsed is not None and parsed.metric != metric.name:
            remedy = f"write metric: {metric.name}"
            line = case.line(("metric",))
            yield Finding(name, line, "it is the golden case of another metric", remedy, got=parsed.metric)


def golden_cases_have_a_metric(definitions: Definitions) -> Iterator[Finding]:
    """A case that no metric runs looks like a proof and is none."""
    known = {*definitions.metric_names, *definitions.switched_off}
    for file in sorted(definitions.path(*CASES).glob("*/*.yml")):
        if file.stem not in known:
            name = file.relative_to(definitions.project.root).as_posix()
            sentence = "it is the golden case of a metric that does not exist"
            yield Finding(name, 1, sentence, "rename it with its metric, or remove it", file.stem, sorted(known))
