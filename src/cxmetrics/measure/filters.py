"""Filters as people write them: the one reader of every filter that comes from outside the project's definitions.

The closed grammar is ``name op value [and ...]``. Nothing of the text is passed on: SQL is written anew from what was
read, names and values by whoever asks for it. Read by hand: docs/decisions/0001 says what a SQL parser would cost and
let through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cxmetrics.errors import CxError

TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*') |
        (?P<number>[+-]?[0-9]+(?:\.[0-9]+)?(?![\w.])) |
        (?P<operator><=|>=|<>|!=|=|<|>) |
        (?P<mark>[(),]) |
        (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    )""",
    re.VERBOSE,
)
COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")
LISTS = ("in", "not in")
OPERATORS = (*COMPARISONS, "in (...)", "not in (...)", "is null", "is not null")
# What no engine can compare with: a NUL ends a statement on its way to PostgreSQL, half a character has no bytes.
UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
LONGEST = 10_000
EXAMPLE = "channel = 'email' and priority in ('high', 'urgent')"


@dataclass(frozen=True)
class Token:
    """A word, constant or mark, and the position of its first character in the filter, counted from 1."""

    kind: str
    text: str
    position: int

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.lower() == word


@dataclass(frozen=True)
class Value:
    """A constant: a text without its quotes, or a number, true or false as SQL."""

    content: str
    is_text: bool


@dataclass(frozen=True)
class Condition:
    """What is said of one dimension: the operator as SQL, and what it compares with (nothing for ``is null``)."""

    name: str
    operator: str
    values: tuple[Value, ...] = ()


def conditions(text: str) -> list[Condition]:
    """What a filter says; all of it must hold. Raises CxError naming what could not be read, and where."""
    if len(text) > LONGEST:
        what = f"the filter is longer than {LONGEST:,} characters"
        raise CxError(what, got=f"{text[:40]}...", next_step=_example())
    return list(_Conditions(text).all())


def translate(text: str, reference: Callable[[str], str], constant: Callable[[str], str]) -> str:
    """The filter ``text`` as SQL, with every name written by ``reference`` and every text by ``constant``.

    Raises CxError like ``conditions``, and whatever ``reference`` raises for an unknown name.
    """
    return " and ".join(_sql(condition, reference, constant) for condition in conditions(text))


def names_in(text: str) -> list[str]:
    """The names a filter speaks of, as they are written there. Raises CxError like ``conditions``."""
    return [condition.name for condition in conditions(text)]


def _sql(condition: Condition, reference: Callable[[str], str], constant: Callable[[str], str]) -> str:
    values = [constant(value.content) if value.is_text else value.content for value in condition.values]
    compared = f"({', '.join(values)})" if condition.operator in LISTS else " ".join(values)
    return f"{reference(condition.name)} {condition.operator} {compared}".rstrip()


class _Conditions:
    """Reads a filter from left to right."""

    def __init__(self, text: str):
        self.text = text
        self.end = Token("end", "the end of the filter", len(text) + 1)
        self.tokens = [*_tokens(text), self.end]
        self.taken = self.tokens[0]

    def all(self) -> Iterator[Condition]:
        yield self._condition()
        while self.tokens[0] is not self.end:
            if not self._take().is_word("and"):
                raise self._refused("conditions are joined by 'and' only")
            yield self._condition()

    def _condition(self) -> Condition:
        name = self._take()
        if name.kind != "word":
            raise self._refused(f"a condition begins with the name of a dimension, not with {name.text}")
        operator = self._take()
        if operator.kind == "operator":
            return Condition(name.text, operator.text, (self._value(),))
        if operator.is_word("is"):
            negation = "not " if self._taken("not") else ""
            if self._taken("null"):
                return Condition(name.text, f"is {negation}null")
        elif operator.is_word("in") or (operator.is_word("not") and self._taken("in")):
            return Condition(name.text, "not in" if operator.is_word("not") else "in", tuple(self._list()))
        what = f"the filter has an unknown operator at character {operator.position}"
        raise CxError(what, got=operator.text, allowed=OPERATORS, next_step=_example())

    def _list(self) -> Iterator[Value]:
        if self._take().text != "(":
            raise self._refused("'in' wants its values in parentheses")
        yield self._value()
        while (mark := self._take()).text == ",":
            yield self._value()
        if mark.text != ")":
            raise self._refused("the list of values is not closed by )")

    def _value(self) -> Value:
        token = self._take()
        if token.kind == "text":
            if UNSTORABLE.search(token.text):
                raise self._refused("a value cannot contain a NUL or half a character")
            return Value(token.text[1:-1].replace("''", "'"), True)
        if token.kind == "number":
            return Value(token.text, False)
        if token.is_word("true") or token.is_word("false"):
            return Value(token.text.lower(), False)
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
        where = f"the filter cannot be read at character {self.taken.position}"
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
