"""Which listed label a hashed one is nearest to. What is hashed cannot be read again; but whoever has the salt can hash
what a listed label becomes by one slip of the pen, and compare. A name that resembles no listed label stays unknown."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Iterator
from string import ascii_lowercase, digits

from cxmetrics.engines.interface import Loading
from cxmetrics.engines.sql import sql
from cxmetrics.errors import nearest
from cxmetrics.inputs.declaration import RawColumn, RawSource, RawTable
from cxmetrics.inputs.privacy import DIGITS, PREFIX

SIGNS = ascii_lowercase + digits + "_- "
# A table of a thousand unknown labels is no table of slips.
LOOKED_AT = 1000
SHORTEST = 3


def unknown_labels(loading: Loading, source: RawSource, table: RawTable, key: bytes) -> list[str]:
    """A sentence about every column whose unlisted labels a rule of its own (``unknown_<column>``) or a value set
    rejects: how many rows have one, what is allowed, and the nearest of these."""
    rules = {expectation.rule for expectation in table.expectations}
    sets = {
        check.arguments["column"]: check.arguments["value_set"] for check in table.expectations if check.is_closed_set
    }
    sentences: list[str] = []
    for column in table.columns:
        rule = f"unknown_{column.name}"
        if column.labels and rule in rules:
            sentences += _sentence(loading, source, table, column, column.labels, rule, key)
        elif column.labels and column.name in sets:
            sentences += _sentence(loading, source, table, column, sets[column.name], column.name, key)
    return sentences


def _sentence(
    loading: Loading,
    source: RawSource,
    table: RawTable,
    column: RawColumn,
    labels: Iterable[str],
    rule: str,
    key: bytes,
) -> Iterator[str]:
    name, relation = loading.identifier(column.name), loading.relation(source.schema, table.name)
    counted = sql(
        "select {name}, count(*) from {relation} where left({name}, {length}) = {prefix}"
        " group by {name} order by 2 desc, 1 limit {most}",
        name=name,
        relation=relation,
        length=len(PREFIX),
        prefix=loading.literal(PREFIX),
        most=LOOKED_AT,
    )
    rows = dict(loading.execute(counted).fetchall())
    if not rows:
        return
    listed = list(dict.fromkeys(labels))
    near = {label: sum(rows.get(hashed, 0) for hashed in _hashes(label, key)) for label in listed}
    found = ", ".join(f"{label} for {count:,}" for label, count in near.items() if count)
    total = sum(rows.values())
    yield (
        f"{rule}: {total:,} row{'s' * (total != 1)} of {table.name} with a {column.name} that is none of"
        f" {', '.join(listed)}; nearest: {found or 'none of them'}"
    )


def near_labels(values: Collection[str], labels: Iterable[str], key: bytes) -> dict[str, str]:
    """Those of ``values`` that are near to one of ``labels``, each with that label; a value may be a hash."""
    labels = list(labels)
    found = {value: near for value in values if not value.startswith(PREFIX) and (near := nearest(value, labels))}
    hashed = {value for value in values if value.startswith(PREFIX)}
    for label in labels if hashed else ():
        found |= dict.fromkeys(hashed & _hashes(label, key), label)
    return found


def _hashes(label: str, key: bytes) -> set[str]:
    """As they are stored: what one slip makes of a label."""
    texts = {text for slip in _slips(label) for text in (slip, slip.upper(), slip.capitalize(), slip.title())}
    return {PREFIX + hmac.new(key, text.encode(), "sha256").hexdigest()[:DIGITS] for text in texts}


def _slips(label: str) -> Iterator[str]:
    """One sign left out, added, mistaken or changed with the next, and only the beginning or the end of it."""
    for at in range(len(label) + 1):
        before, after = label[:at], label[at:]
        yield from (part for part in (before, after) if SHORTEST <= len(part) < len(label))
        yield from (before + sign + after for sign in SIGNS)
        if after:
            yield before + after[1:]
            yield from (before + sign + after[1:] for sign in SIGNS)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
