"""Mutations of a SQL expression: each is one small mistake somebody could make when writing it.

An expression is parsed, one node of the tree is replaced, and the tree is written out again; nothing is done to text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import sqlglot
from sqlglot import expressions as sql

DIALECT = "duckdb"
# Operator -> what it is easily confused with: its neighbour at the boundary, and its opposite.
CONFUSED = {
    sql.GTE: (sql.GT, sql.LT),
    sql.GT: (sql.GTE, sql.LT),
    sql.LTE: (sql.LT, sql.GT),
    sql.LT: (sql.LTE, sql.GT),
    sql.EQ: (sql.NEQ,),
    sql.NEQ: (sql.EQ,),
    sql.Add: (sql.Sub,),
    sql.Sub: (sql.Add,),
    sql.Mul: (sql.Div,),
    sql.Div: (sql.Mul,),
    sql.And: (sql.Or,),
    sql.Or: (sql.And,),
}
# Of these, either side can be forgotten.
WITH_TWO_SIDES = (sql.And, sql.Or, sql.Add, sql.Sub, sql.Mul, sql.Div)
# Of these, the argument can be left alone: coalesce(x, 0) -> x, nullif(x, 0) -> x, cast(x as double) stays.
UNWRAPPED = (sql.Coalesce, sql.Nullif, sql.Greatest, sql.Least, sql.Abs, sql.Sqrt, sql.Ln, sql.Pow, sql.Round)
OTHER_TEXT = "another"

Mutation = tuple[str, str]


def mutations(expression: str, siblings: Mapping[str, Sequence[str]]) -> Iterator[Mutation]:
    """What was changed, in words, and the changed expression; no expression twice and none that is the original.

    ``siblings`` names, for a column, the columns that it could be mistaken for.
    """
    tree = sqlglot.parse_one(expression, dialect=DIALECT)
    seen = {tree.sql(DIALECT)}
    for position, node in enumerate(tree.walk()):
        for sentence, replacement in _replacements(node, siblings):
            changed = _replaced(tree, position, replacement).sql(DIALECT)
            if changed not in seen:
                seen.add(changed)
                yield sentence, changed


def _replaced(tree: sql.Expression, position: int, replacement: sql.Expression) -> sql.Expression:
    """A copy of the tree with another node at a position of its walk. Parentheses keep the rest as it was."""
    copied = tree.copy()
    node = next(found for at, found in enumerate(copied.walk()) if at == position)
    if isinstance(replacement, sql.Binary | sql.Not) and node.parent is not None:
        replacement = sql.paren(replacement, copy=False)
    if node is copied:
        return replacement
    node.replace(replacement)
    return copied


def _replacements(node: sql.Expression, siblings: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, sql.Expression]]:
    for kind in _MUTATORS:
        for replacement in kind(node):
            yield f"{_shown(node)} -> {_shown(replacement)}", replacement
    if isinstance(node, sql.Column):
        for name in siblings.get(node.name, ()):
            yield f"{node.name} -> {name}", sql.column(name)


def _confused(node: sql.Expression) -> Iterator[sql.Expression]:
    for other in CONFUSED.get(type(node), ()):
        yield other(this=node.this.copy(), expression=node.expression.copy())


def _one_side(node: sql.Expression) -> Iterator[sql.Expression]:
    if isinstance(node, WITH_TWO_SIDES):
        yield node.left.copy()
        yield node.right.copy()


def _negations(node: sql.Expression) -> Iterator[sql.Expression]:
    if isinstance(node, sql.Not):
        yield node.this.copy()
    elif isinstance(node, sql.Is) and not isinstance(node.parent, sql.Not):
        yield sql.Not(this=node.copy())


def _cases(node: sql.Expression) -> Iterator[sql.Expression]:
    """A case without its condition, without its default, or with value and default the other way round."""
    if not isinstance(node, sql.Case):
        return
    branches, default = node.args["ifs"], node.args.get("default")
    for position, branch in enumerate(branches):
        if len(branches) == 1:
            yield branch.args["true"].copy()
        else:
            shorter = node.copy()
            shorter.set("ifs", [kept for at, kept in enumerate(shorter.args["ifs"]) if at != position])
            yield shorter
    if default is None:
        return
    without = node.copy()
    without.set("default", None)
    yield without
    if len(branches) == 1:
        yield sql.Case(
            ifs=[sql.If(this=branches[0].this.copy(), true=default.copy())], default=branches[0].args["true"].copy()
        )


def _literals(node: sql.Expression) -> Iterator[sql.Expression]:
    if not isinstance(node, sql.Literal):
        return
    if node.is_string:
        yield sql.Literal.string(OTHER_TEXT)
        return
    number = float(node.this)
    yield sql.Literal.number(f"{number + 1:g}")


def _lists(node: sql.Expression) -> Iterator[sql.Expression]:
    """``x in (a, b)`` without one of its values."""
    if isinstance(node, sql.In) and len(node.expressions) > 1:
        for position in range(len(node.expressions)):
            shorter = node.copy()
            shorter.set("expressions", [kept for at, kept in enumerate(shorter.expressions) if at != position])
            yield shorter


def _calls(node: sql.Expression) -> Iterator[sql.Expression]:
    if isinstance(node, UNWRAPPED):
        yield node.this.copy()


_MUTATORS: tuple[Callable[[sql.Expression], Iterator[sql.Expression]], ...] = (
    _confused,
    _one_side,
    _negations,
    _cases,
    _literals,
    _lists,
    _calls,
)


def _shown(node: sql.Expression) -> str:
    return node.sql(DIALECT)


def columns(expression: str) -> list[str]:
    """The columns an expression reads, each once."""
    tree = sqlglot.parse_one(expression, dialect=DIALECT)
    return list(dict.fromkeys(column.name for column in tree.find_all(sql.Column)))


def with_columns(expression: str, new: Mapping[str, str]) -> str:
    """The expression reading other columns."""
    tree = sqlglot.parse_one(expression, dialect=DIALECT)
    renamed = tree.transform(
        lambda node: sql.column(new.get(node.name, node.name)) if isinstance(node, sql.Column) else node
    )
    return renamed.sql(DIALECT)
