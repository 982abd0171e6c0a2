"""SQL that is put together: the one place where text becomes part of a statement.

A statement is a template that stands in the code, and its parts. A part is SQL already (quoted by ``quoting``, put
together here, or declared by ``Sql``), a plain name or a number. Anything else, such as a value from data or from a
command line that nobody quoted, is refused, whoever forgot it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

# What means the same quoted and unquoted, and can end nothing: names of our own tables, columns and words of SQL.
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
# A text constant, or a name that is not a part of a longer one.
TEXT_OR_NAME = re.compile(r"'(?:[^']|'')*'|(?<![\w.])[A-Za-z_]\w*(?![\w.])")

Part = str | float


class Sql(str):
    """Text that is SQL. Whoever calls this says that it was written by the project, or quoted."""


def sql(template: str, /, **parts: Part) -> Sql:
    """The template with every ``{name}`` replaced by the part of that name; ``{{`` is a brace.

    Raises TypeError for a part that is neither SQL nor a plain name nor a number, and KeyError for one that is not
    given.
    """
    return Sql(template.format_map({name: _checked(name, part) for name, part in parts.items()}))


def joined(parts: Iterable[Part], separator: str = ", ") -> Sql:
    """The parts with a separator of the code's own between them. Raises TypeError like ``sql``."""
    return Sql(separator.join(_checked(f"number {index}", part) for index, part in enumerate(parts, start=1)))


def with_names(expression: str, by_name: Mapping[str, str]) -> str:
    """An expression with each of the names replaced, all at once and in no text constant."""
    return TEXT_OR_NAME.sub(lambda found: by_name.get(found[0], found[0]), expression)


def _checked(name: str, part: Part) -> str:
    if isinstance(part, Sql) or (isinstance(part, str) and PLAIN.fullmatch(part)):
        return part
    if isinstance(part, (int, float)) and not isinstance(part, bool) and math.isfinite(part):
        return str(part)
    raise TypeError(f"the part {name} of a statement is neither SQL nor a name nor a number: quote it")
