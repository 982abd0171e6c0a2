"""The words about a metric, in the .md beside its file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions


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
