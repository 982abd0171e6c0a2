"""Filters as people write them, translated into MetricFlow's.

The closed grammar is ``name op literal [and ...]``. A text that uses MetricFlow's own ``{{ Dimension('...') }}`` is
passed on as it is. Read by hand: docs/decisions/0001 says what a SQL parser would cost and let through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cxmetrics.errors import CxError

TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*') |
        (?P<number>[+-]?\d+(?:\.\d+)?(?![\w.])) |
        (?P<operator><=|>=|<>|!=|=|<|>) |
        (?P<mark>[(),]) |
        (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    )""",
    re.VERBOSE,
)
# The first argument of MetricFlow's own Dimension, Entity and TimeDimension; also when it is not plain text.
REFERENCE = re.compile(r"""(?:Dimension|Entity)\(\s*(?:name\s*=\s*)?["']?(?P<name>\w+)""")
COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")
OPERATORS = (*COMPARISONS, "in (...)", "not in (...)", "is null", "is not null")
EXAMPLE = "channel = 'email' and priority in ('high', 'urgent')"


@dataclass(frozen=True)
class Token:
    """A word, constant or mark, and the place of its first character in the filter, counted from 1."""

    kind: str
    text: str
    place: int

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.lower() == word


def translate(text: str, reference: Callable[[str], str]) -> str:
    """The filter ``text`` with every name replaced by ``reference(name)``.

    Raises CxError naming what could not be read, and whatever ``reference`` raises for an unknown name.
    """
    if "{{" in text:
        return text
    return " and ".join(_Conditions(text, reference).all())


def names_in(text: str) -> list[str]:
    """The names a filter speaks of, as they are written there. Raises CxError like ``translate``."""
    if "{{" in text:
        return [match["name"] for match in REFERENCE.finditer(text)]
    names: list[str] = []

    def noted(name: str) -> str:
        names.append(name)
        return name

    translate(text, noted)
    return names


class _Conditions:
    """Reads a filter from left to right."""

    def __init__(self, text: str, reference: Callable[[str], str]):
        self.text = text
        self.reference = reference
        self.end = Token("end", "the end of the filter", len(text) + 1)
        self.tokens = [*_tokens(text), self.end]
        self.taken = self.tokens[0]

    def all(self) -> Iterator[str]:
        yield self._condition()
        while self.tokens[0] is not self.end:
            if not self._take().is_word("and"):
                raise self._refused("conditions are joined by 'and' only")
            yield self._condition()

    def _condition(self) -> str:
        name = self._take()
        if name.kind != "word":
            raise self._refused(f"a condition begins with the name of a slice, not with {name.text}")
        return f"{self.reference(name.text)} {self._comparison()}"

    def _comparison(self) -> str:
        operator = self._take()
        if operator.kind == "operator":
            return f"{operator.text} {self._literal()}"
        if operator.is_word("is"):
            negation = "not " if self._taken("not") else ""
            if self._taken("null"):
                return f"is {negation}null"
        elif operator.is_word("in") or (operator.is_word("not") and self._taken("in")):
            return f"{'not in' if operator.is_word('not') else 'in'} ({', '.join(self._list())})"
        what = f"the filter has an unknown operator at character {operator.place}"
        raise CxError(what, got=operator.text, allowed=OPERATORS, next_step=_example())

    def _list(self) -> Iterator[str]:
        if self._take().text != "(":
            raise self._refused("'in' wants its values in parentheses")
        yield self._literal()
        while (mark := self._take()).text == ",":
            yield self._literal()
        if mark.text != ")":
            raise self._refused("the list of values is not closed by )")

    def _literal(self) -> str:
        token = self._take()
        if token.kind in ("text", "number"):
            if "{%" in token.text or "{#" in token.text:  # MetricFlow would run it as a template
                raise self._refused("a value cannot contain {% or {#")
            return token.text
        if token.is_word("true") or token.is_word("false"):
            return token.text.lower()
        raise self._refused(f"a value is a number, true, false or text in single quotes, not {token.text}")

    def _take(self) -> Token:
        self.taken = self.tokens[0] if self.tokens[0] is self.end else self.tokens.pop(0)
        return self.taken

    def _taken(self, word: str) -> bool:
        found = self.tokens[0].is_word(word)
        if found:
            self.tokens.pop(0)
        return found

    def _refused(self, what: str) -> CxError:
        where = f"the filter cannot be read at character {self.taken.place}"
        return CxError(f"{where}: {what}", got=self.text, next_step=_example())


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            rest = text[position:].strip()
            what = f"the filter cannot be read from character {text.index(rest, position) + 1} on: {rest}"
            raise CxError(what, got=text, next_step=_example())
        kind = match.lastgroup
        yield Token(kind, match[kind], match.start(kind) + 1)
        position = match.end()


def _example() -> str:
    return f'--where "{EXAMPLE}"'
