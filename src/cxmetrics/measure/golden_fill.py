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
FILLED = (*ENDS, "response_rate", "difference_low", "difference_high")
# Position in the list of expectations -> name -> number.
Numbers = dict[int, Answer]


def filled(project: Project, semantics: Semantics, golden: GoldenCase) -> str:
    """The text of the case's file with the numbers of ``FILLED`` that its expectations name.

    A case that names no end at all gets both in every expectation with a value. Comments and layout stay, and so does
    a number that holds already. Raises CxError when a value or n differs from what the metric gives, and like
    ``failures``.
    """
    with facts(project, golden) as connection:
        given = list(answers(connection, semantics, golden))
    wrong = [one for position, answer in enumerate(given) for one in compared(golden, position, answer, OWN)]
    if wrong:
        raise CxError("\n".join(wrong), next_step="correct value and n, or the metric; nothing was written")
    # As it is, with the ends of its lines.
    with golden.source.path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    asked = _asked(golden)
    return _edited(
        text,
        golden,
        {
            position: {name: answer[name] for name in asked[position] if not _holds(golden, position, answer, name)}
            for position, answer in enumerate(given)
        },
    )


def _holds(golden: GoldenCase, position: int, answer: Answer, name: str) -> bool:
    is_named = name in golden.expect[position].model_fields_set
    return is_named and not any(compared(golden, position, answer, [name]))


def _asked(golden: GoldenCase) -> dict[int, list[str]]:
    """Position -> the numbers that an expectation is to have."""
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
    root: Any = yaml.compose(text, yaml.SafeLoader)
    (rows,) = (value for key, value in root.value if key.value == "expect")
    # An expectation that an alias repeats is one place.
    edits: set[tuple[int, int, str]] = set()
    for position, by_name in numbers.items():
        nodes = {key.value: (key, value) for key, value in rows.value[position].value}
        for name in [name for name in by_name if name in nodes]:
            edits.add(_replaced(text, *nodes[name], _number(by_name[name])))
        new = {name: _number(number) for name, number in by_name.items() if name not in nodes}
        if new:
            edits.add(_added(text, rows.value[position], *nodes["n"], new))
    for start, end, written in sorted(edits, reverse=True):
        text = text[:start] + written + text[end:]
    _require(text, golden, numbers)
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
    if number is None:
        return "null"
    # YAML takes 1e-05 for text.
    text = repr(number)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _require(text: str, golden: GoldenCase, numbers: Numbers) -> None:
    """The numbers, and nothing else, must stand in ``text`` now. One place that two expectations share by an alias
    cannot hold two numbers: such a file is left to the person."""
    try:
        after = yaml.safe_load(text)
    except yaml.YAMLError:
        after = None
    if after is None or _without_filled(golden.source.data) != _without_filled(after) or not _holds_all(after, numbers):
        what = "the numbers cannot be written without changing something else; nothing was written"
        raise CxError(what, file=golden.source.name, next_step="write every expectation out, without anchors")


def _holds_all(data: dict[str, Any], numbers: Numbers) -> bool:
    rows: Sequence[dict[str, Any]] = data["expect"]
    given = ((rows[i], name, number) for i, by_name in numbers.items() for name, number in by_name.items())
    return all(row.get(name, ...) == number for row, name, number in given)


def _without_filled(data: dict[str, Any]) -> Any:
    rows: Sequence[dict[str, Any]] = data["expect"]
    return {**data, "expect": [{key: value for key, value in row.items() if key not in FILLED} for row in rows]}
