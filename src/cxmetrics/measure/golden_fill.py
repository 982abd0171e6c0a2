"""Fills in what nobody can work out by hand in a golden case: the ends of intervals, and response rates.

Value and n are a person's: where they differ from what the metric gives, nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import yaml

from cxmetrics.definitions.golden_case import GoldenCase
from cxmetrics.errors import CxError
from cxmetrics.measure.golden import Answer, answers, compared, facts

if TYPE_CHECKING:
    from cxmetrics.definitions.project import Project
    from cxmetrics.measure.compiler import Semantics

OWN = ("value", "n")
ENDS = ("ci_low", "ci_high")
FILLED = (*ENDS, "response_rate")
# Position in the list of expectations -> name -> number.
Numbers = dict[int, Answer]


def filled(project: Project, semantics: Semantics, golden: GoldenCase) -> str:
    """The text of the case's file with the numbers of ``FILLED`` that its expectations name.

    A case that names no end at all gets both in every expectation with a value. Comments and layout stay. Raises
    CxError when a value or n differs from what the metric gives, and like ``failures``.
    """
    with facts(project, golden) as connection:
        given = list(answers(connection, semantics, golden))
    wrong = [one for position, answer in enumerate(given) for one in compared(golden, position, answer, OWN)]
    if wrong:
        raise CxError("\n".join(wrong), next_step="correct value and n, or the metric; nothing was written")
    # As it is, with the ends of its lines.
    with golden.source.path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    return _edited(text, golden, {i: {name: given[i][name] for name in names} for i, names in _asked(golden).items()})


def _asked(golden: GoldenCase) -> dict[int, list[str]]:
    """Position -> the numbers to fill in."""
    named = {i: [name for name in FILLED if name in row.model_fields_set] for i, row in enumerate(golden.expect)}
    if golden.metric.meta.interval.method != "none" and not any(
        end in names for names in named.values() for end in ENDS
    ):
        for position, row in enumerate(golden.expect):
            if row.value is not None:
                named[position] = [*ENDS, *named[position]]
    return named


def _edited(text: str, golden: GoldenCase, numbers: Numbers) -> str:
    """``text`` with the numbers in the place of what stood there, or behind n."""
    document = yaml.compose(text, yaml.SafeLoader)
    assert document is not None  # read_case has read it
    (rows,) = (value for key, value in document.value if key.value == "expect")
    edits: list[tuple[int, int, str]] = []
    for position, by_name in numbers.items():
        nodes = {key.value: (key, value) for key, value in rows.value[position].value}
        for name in [name for name in by_name if name in nodes]:
            edits.append(_replaced(text, *nodes[name], _number(by_name[name])))
        new = {name: _number(number) for name, number in by_name.items() if name not in nodes}
        if new:
            edits.append(_added(text, rows.value[position], *nodes["n"], new))
    for start, end, written in sorted(edits, reverse=True):
        text = text[:start] + written + text[end:]
    _require_nothing_else_changed(text, golden)
    return text


def _replaced(text: str, key: Any, value: Any, number: str) -> tuple[int, int, str]:
    start, end = value.start_mark.index, value.end_mark.index
    if start == end:  # A key without a value.
        start = end = text.index(":", key.end_mark.index) + 1
        number = f" {number}"
    return start, end, number


def _added(text: str, row: Any, key: Any, value: Any, numbers: dict[str, str]) -> tuple[int, int, str]:
    """Behind n, in the style of the expectation: on the same line, or each on a line of its own."""
    end = value.end_mark.index
    if row.flow_style:
        return end, end, "".join(f", {name}: {number}" for name, number in numbers.items())
    # A comment may stand behind n.
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end - text[:line_end].endswith("\r")
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = " " * key.start_mark.column
    return line_end, line_end, "".join(f"{newline}{indent}{name}: {number}" for name, number in numbers.items())


def _number(number: float | None) -> str:
    return "null" if number is None else repr(number)


def _require_nothing_else_changed(text: str, golden: GoldenCase) -> None:
    """An alias, for one, is a place that two expectations share: such a file is left to the person."""
    before, after = golden.source.data, yaml.safe_load(text)
    if _without_filled(before) != _without_filled(after):
        what = "the numbers cannot be written without changing something else; nothing was written"
        raise CxError(what, file=golden.source.name, next_step="write every expectation out, without anchors")


def _without_filled(data: dict[str, Any]) -> Any:
    rows: Sequence[dict[str, Any]] = data["expect"]
    return {**data, "expect": [{key: value for key, value in row.items() if key not in FILLED} for row in rows]}
