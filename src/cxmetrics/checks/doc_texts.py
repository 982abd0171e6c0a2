"""The words about a metric, in the .md beside its file."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.doc_text import CLOCK, DOC_REFERENCE, clock_of, doc_blocks
from cxmetrics.definitions.metric import Metric

# The headings of the four bullets are ten words by themselves.
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


def _file_of(metric: Metric) -> str:
    return f"metrics/{metric.domain}/{metric.name}.md"


def _blocks(definitions: Definitions, metric: Metric) -> dict[str, str] | None:
    """The doc texts in the file beside a metric; None without the file."""
    file = definitions.path(_file_of(metric))
    return doc_blocks(file.read_text(encoding="utf-8", errors="replace")) if file.is_file() else None
