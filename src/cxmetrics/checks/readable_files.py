"""Files that cannot be read as what they should be."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.errors import CxError


def definitions_can_be_read(definitions: Definitions) -> Iterator[Finding]:
    """A key or value that nobody reads is a rule somebody believes in: definitions are closed."""
    problems = [*definitions.problems, *_variables(definitions)]
    for problem in problems:
        yield Finding.of(problem, _help(problem.what))


def _variables(definitions: Definitions) -> Iterator[CxError]:
    """What is wrong with the policy about people and with the calendar, which nothing else here reads."""
    for name in ("people", "calendar"):
        try:
            getattr(definitions.project, name)
        except CxError as error:
            yield error


def _help(what: str) -> str:
    if what.startswith("unknown key"):
        return "use one of the allowed keys, or remove it"
    if what.endswith(("is missing", "is empty")):
        return "write it; the file of another metric shows how"
    if "declared twice" in what:
        return "rename or remove one of the two"
    return "correct it here"
