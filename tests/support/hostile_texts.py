"""Texts and names that end a badly quoted one, and whether an engine takes them for what they are."""

from __future__ import annotations

from cxmetrics.engines.interface import Connection, Quoting

TEXTS = (
    "it's", "''", "'; drop table x; --", "a\\", "\\'", "\\\\", "\\n\\t\\u0041", 'say "so"', "`x`", "two\nlines",
    "%s %%", "$1 {x} ?", "Zoë 😀", "",
)  # fmt: skip
NAMES = ('a"b', "a`b", "it's", "a\\b", "a b", "a.b", "Select", "two\nlines")


def all_come_back(connection: Connection, quoting: Quoting | type[Quoting]) -> None:
    """Every text is the constant it was, and every name that of its column."""
    texts = ", ".join(quoting.literal(text) for text in TEXTS)
    assert connection.execute(f"select {texts}").fetchone() == TEXTS
    columns = ", ".join(f"1 as {quoting.identifier(name)}" for name in NAMES)
    described = connection.execute(f"select {columns}").description
    assert [column[0] for column in described or ()] == list(NAMES)
