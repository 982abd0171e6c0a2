"""The words about a metric, in the .md beside its file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.doc_text import (
    BENCHMARK,
    CLOCK,
    DOC_REFERENCE,
    NONE_FOUND,
    PERIOD,
    benchmark_of,
    clock_of,
    doc_blocks,
    has_source,
)
from cxmetrics.definitions.metric import Metric

# The headings of the five bullets are a dozen words by themselves.
LEAST_WORDS = 25


def doc_texts_exist(definitions: Definitions) -> Iterator[Finding]:
    """The doc text is what dbt docs, the site and BI tools show; without it the metric explains itself to nobody."""
    for metric in definitions.metrics.values():
        name = _file_of(metric)
        reference = DOC_REFERENCE.fullmatch(metric.description.strip())
        if reference is None or reference[1] != metric.name:
            line = metric.line_of("description")
            yield Finding(
                metric.file,
                line,
                "the description is not the metric's doc text",
                f"write description: \"{{{{ doc('{metric.name}') }}}}\" and put the words into {name}",
            )
        blocks = _blocks(definitions, metric)
        shape = f"it opens with {{% docs {metric.name} %}} and ends with {{% enddocs %}}"
        if blocks is None:
            sentence = f"the doc text {name} does not exist"
            yield Finding(metric.file, metric.line_of("description"), sentence, f"write it; {shape}")
        elif metric.name not in blocks:
            yield Finding(name, 1, f"there is no doc text called {metric.name} in it", shape)
        elif len(blocks[metric.name].split()) < LEAST_WORDS:
            help = "say what is counted, from when to when, and why"
            yield Finding(name, 1, "the doc text says next to nothing", help)


def doc_texts_tell_the_clock(definitions: Definitions) -> Iterator[Finding]:
    """Two people who start a clock at different moments compute different numbers; only the doc text says when."""
    for metric in definitions.metrics.values():
        text = (_blocks(definitions, metric) or {}).get(metric.name)
        if text is None:
            continue
        missing = [heading for heading in CLOCK if heading not in clock_of(text)]
        if missing:
            sentence = f"the doc text has no bullet for {' and '.join(missing)}"
            help = f"write a list with {', '.join(f'- **{heading}** ...' for heading in missing)}"
            yield Finding(_file_of(metric), 1, sentence, help)


def doc_texts_name_a_benchmark(definitions: Definitions) -> Iterator[Finding]:
    """Whoever reads 72 % compares it with some published figure, which may count something else under the same name:
    the doc text says which figure that is, where it was published and how it was counted, or that there is none."""
    for metric in definitions.metrics.values():
        text = (_blocks(definitions, metric) or {}).get(metric.name)
        if text is None:
            continue
        benchmark = benchmark_of(text)
        help = (
            f"write - **{BENCHMARK}**: with the published figure, its source (name, address, year or 'undated') and "
            f"how its definition differs, or '{NONE_FOUND}' and what was looked for"
        )
        if benchmark is None:
            sentence = f"the doc text has no bullet for {BENCHMARK}"
            yield Finding(_file_of(metric), _line_of(definitions, metric, PERIOD), sentence, help)
        elif NONE_FOUND not in benchmark and not has_source(benchmark):
            sentence = "the benchmark names no source: an address and a year"
            yield Finding(_file_of(metric), _line_of(definitions, metric, BENCHMARK), sentence, help)


def _line_of(definitions: Definitions, metric: Metric, heading: str) -> int:
    """The line of a bullet of the metric's doc text; the line on which the text opens where there is no such bullet."""
    lines = definitions.path(_file_of(metric)).read_text(encoding="utf-8", errors="replace").splitlines()
    opening = next(number for number, line in enumerate(lines) if re.search(rf"docs\s+{metric.name}\b", line))
    inside = takewhile(lambda numbered: "enddocs" not in numbered[1], enumerate(lines[opening:], opening))
    return 1 + next((number for number, line in inside if line.startswith(f"- **{heading}**")), opening)


def _file_of(metric: Metric) -> str:
    return f"metrics/{metric.domain}/{metric.name}.md"


def _blocks(definitions: Definitions, metric: Metric) -> dict[str, str] | None:
    """The doc texts in the file beside a metric; None without the file."""
    file = definitions.path(_file_of(metric))
    return doc_blocks(file.read_text(encoding="utf-8", errors="replace")) if file.is_file() else None
