"""One metric, one file, one name: its doc text and its golden case share the name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from cxmetrics.checks.finding import Definitions, Finding
from cxmetrics.definitions.closed_model import validate
from cxmetrics.errors import CxError


def files_are_named_after_their_metric(definitions: Definitions) -> Iterator[Finding]:
    """People and tools find a metric by its path."""
    for metric in definitions.metrics.values():
        stem = PurePosixPath(metric.file).stem
        if stem != metric.name:
            yield Finding(
                metric.file,
                metric.line,
                f"the metric '{metric.name}' lies in a file of another name",
                f"rename the file to {metric.name}.yml or the metric to {stem}",
            )


def doc_texts_exist(definitions: Definitions) -> Iterator[Finding]:
    """The doc text is what dbt docs, the site and BI tools show; without it the metric explains itself to nobody."""
    for metric in definitions.metrics.values():
        name = f"metrics/{metric.domain}/{metric.name}.md"
        reference = re.fullmatch(r"\{\{\s*doc\(\s*['\"](\w+)['\"]\s*\)\s*\}\}", metric.description.strip())
        if reference is None or reference[1] != metric.name:
            line = metric.line_of("description")
            yield Finding(
                metric.file,
                line,
                "the description is not the metric's doc text",
                f"write description: \"{{{{ doc('{metric.name}') }}}}\" and put the words into {name}",
            )
        file = definitions.path(name)
        if not file.is_file():
            sentence = f"the doc text {name} does not exist"
            yield Finding(metric.file, metric.line_of("description"), sentence, f"write it; {_doc_shape(metric.name)}")
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        block = re.search(rf"\{{%-?\s*docs\s+{metric.name}\s*-?%\}}(.*?)\{{%-?\s*enddocs\s*-?%\}}", text, re.DOTALL)
        if block is None:
            yield Finding(name, 1, f"there is no doc text called {metric.name} in it", _doc_shape(metric.name))
        elif len(block[1].split()) < 10:
            yield Finding(
                name, 1, "the doc text says next to nothing", "say what is counted, from when to when, and why"
            )


def _doc_shape(name: str) -> str:
    return f"it opens with {{% docs {name} %}} and ends with {{% enddocs %}}"


def golden_cases_exist(definitions: Definitions) -> Iterator[Finding]:
    """A definition without an expected number parses, is documented, and may still be wrong."""
    from cxmetrics.measure.golden import CaseFile

    for metric in definitions.metrics.values():
        name = f"tests/metrics/{metric.domain}/{metric.name}.yml"
        file = definitions.path(name)
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
