"""The words about a metric: the ``{% docs %}`` block of the ``.md`` beside its file.

Four bullets say what the clock of a metric is, and a fifth what others reach; nothing else says it.
"""

from __future__ import annotations

import re

DOC_BLOCK = re.compile(r"{%-?\s*docs\s+(\w+)\s*-?%}(.*?){%-?\s*enddocs\s*-?%}", re.DOTALL)
DOC_REFERENCE = re.compile(r"{{\s*doc\(\s*['\"](\w+)['\"]\s*\)\s*}}")
STARTS, ENDS, NULL_RULE, PERIOD = "Starts", "Ends", "Without a value", "Period"
CLOCK = (STARTS, ENDS, NULL_RULE, PERIOD)
BENCHMARK, NONE_FOUND = "Benchmark", "none found"
# A source is an address and the year of the figures, or the word that it states none.
_ADDRESS = re.compile(r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\bundated\b")
_BULLET = re.compile(r"^- \*\*([^*\n]+)\*\*:? (.+?)(?=\n\s*\n|\n- |\Z)", re.MULTILINE | re.DOTALL)


def doc_blocks(text: str) -> dict[str, str]:
    """The doc texts of a file by name, without the blanks around them."""
    return {name: body.strip() for name, body in DOC_BLOCK.findall(text)}


def clock_of(text: str) -> dict[str, str]:
    """What a doc text says below each heading of ``CLOCK``, each on one line; headings that it lacks are not there.

    ``- **Starts** when the ticket is created.`` gives ``{"Starts": "when the ticket is created."}``.
    """
    return {heading: words for heading, words in _bullets(text).items() if heading in CLOCK}


def benchmark_of(text: str) -> str | None:
    """What a doc text says below ``BENCHMARK``, on one line; None without that bullet."""
    return _bullets(text).get(BENCHMARK)


def has_source(benchmark: str) -> bool:
    """Whether a benchmark says where it was published and of when it is."""
    return bool(_ADDRESS.search(benchmark) and _YEAR.search(benchmark))


def _bullets(text: str) -> dict[str, str]:
    return {heading: " ".join(words.split()) for heading, words in _BULLET.findall(text)}
