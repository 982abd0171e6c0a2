"""The expected numbers of every metric."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.closed_model import validate
from cxmetrics.definitions.golden_case import CASES, CaseFile, ExpectedRow, case_path
from cxmetrics.definitions.metric import Metric
from cxmetrics.definitions.yaml_file import YamlFile
from cxmetrics.errors import CxError


def golden_cases_exist(definitions: Definitions) -> Iterator[Finding]:
    """A definition without an expected number parses, is documented, and may still be wrong."""
    for metric in definitions.metrics.values():
        case = definitions.golden_cases.get(metric.name)
        if case is None:
            name = case_path(definitions.project, metric).relative_to(definitions.project.root).as_posix()
            yield Finding(
                metric.file,
                metric.line,
                f"there is no golden case {name}",
                "write rows and the values they must give, by hand; CONTRIBUTING.md has the recipe",
            )
        elif isinstance(case, CxError):
            yield Finding.of(case, "correct it here")
        else:
            yield from _shape(metric, case)


def _shape(metric: Metric, case: YamlFile) -> Iterator[Finding]:
    parsed, problems = validate(CaseFile, case.data, case)
    for problem in problems:
        yield Finding.of(problem, "correct it here; another metric's golden case shows how")
    if parsed is not None and parsed.metric != metric.name:
        help = f"write metric: {metric.name}"
        line = case.line(("metric",))
        yield Finding(case.name, line, "it is the golden case of another metric", help, got=parsed.metric)


def golden_cases_cover_what_is_awkward(definitions: Definitions) -> Iterator[Finding]:
    """Most wrong definitions are right for an easy row. A draft may still be without its awkward ones."""
    for metric in definitions.metrics.values():
        case = definitions.golden_cases.get(metric.name)
        if not isinstance(case, YamlFile) or metric.meta.lifecycle.state == "draft":
            continue
        parsed, _ = validate(CaseFile, case.data, case)
        spoken_of = {} if parsed is None else _spoken_of(metric, parsed.expect)
        missing = [what for what, is_there in spoken_of.items() if not is_there]
        if missing:
            sentence = f"the golden case does not speak of {', '.join(missing)}"
            yield Finding(case.name, case.line(("expect",)), sentence, "add an expectation for each")


def _spoken_of(metric: Metric, rows: list[ExpectedRow]) -> dict[str, bool]:
    """Of what a golden case of this metric must speak, and whether it does."""
    low, high = (any(getattr(row, end) is not None for row in rows) for end in ("ci_low", "ci_high"))
    # The upper end of a 90th percentile is open below 53 values.
    either = dict.fromkeys(("quantile", "product_limit"), low or high)
    needed = {"none": True, **either}.get(metric.meta.interval.method, low and high)
    return {
        "no data": any(row.value is None and row.n == 0 for row in rows),
        "a period": any(row.grain != "all" and row.value is not None for row in rows),
        "all time": any(row.grain == "all" and {*row.by} == {*metric.meta.only_by} for row in rows)
        or "all" not in metric.meta.grains,
        "a dimension": any(row.by for row in rows) or not metric.meta.dimensions,
        "an interval": needed,
    }


def golden_cases_have_a_metric(definitions: Definitions) -> Iterator[Finding]:
    """A case that no metric runs looks like a proof and is none."""
    known = {*definitions.metric_names, *definitions.switched_off}
    for file in sorted(definitions.path(*CASES).glob("*/*.yml")):
        if file.stem not in known:
            name = file.relative_to(definitions.project.root).as_posix()
            sentence = "it is the golden case of a metric that does not exist"
            yield Finding(name, 1, sentence, "rename it with its metric, or remove it", file.stem, sorted(known))
