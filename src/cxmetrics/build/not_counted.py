"""The nearest known name beside each value that was not counted because nobody knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cxmetrics.engines.sql import joined, sql
from cxmetrics.inputs.labels import seeded_labels
from cxmetrics.inputs.near_labels import near_labels
from cxmetrics.inputs.salt import salt_of
from cxmetrics.published.not_counted import NotCounted, read_not_counted
from cxmetrics.published.schema import NOT_COUNTED

if TYPE_CHECKING:
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine

# Reason -> the column whose labels the seeds list.
COLUMNS = {"unknown_touchpoint": "touchpoint", "unknown_contact_reason": "contact_reason"}


def name_nearest(project: Project, engine: Engine) -> list[NotCounted]:
    """Write the nearest names into the build's table, and return its rows."""
    schema, name = NOT_COUNTED.split(".")
    relation = engine.relation(engine.build_prefix + schema, name)
    with engine.building() as connection:
        rows = read_not_counted(connection, relation)
    near = _nearest(project, rows)
    if not near:
        return rows
    beside = engine.relation(engine.build_prefix + schema, f"{name}_named")
    whens = [
        sql(
            "when reason = {reason} and example = {example} then {name}",
            reason=engine.literal(reason),
            example=engine.literal(example),
            name=engine.literal(label),
        )
        for (reason, example), label in near.items()
    ]
    named = sql("cast(case {whens} end as {text}) as nearest_name", whens=joined(whens, " "), text=engine.text)
    create = (
        "create table {beside} as select source, table_name, reason, row_count, values_pooled, example, {named}"
        " from {relation}"
    )
    with engine.writing() as connection:
        for statement in (
            sql("drop table if exists {beside}", beside=beside),
            sql(create, beside=beside, named=named, relation=relation),
            sql("drop table {relation}", relation=relation),
            sql("create table {relation} as select * from {beside}", relation=relation, beside=beside),
            sql("drop table {beside}", beside=beside),
        ):
            connection.execute(statement)
    with engine.building() as connection:
        return read_not_counted(connection, relation)


def _nearest(project: Project, rows: Sequence[NotCounted]) -> Mapping[tuple[str, str], str]:
    """Reason and value -> the known name. Raises CxError for a seed or a salt that cannot be read."""
    found: dict[tuple[str, str], str] = {}
    for reason, column in COLUMNS.items():
        values = {row.example for row in rows if row.reason == reason and row.example is not None}
        if values:
            labels = seeded_labels(project.root, [column])[column]
            near = near_labels(values, labels, salt_of(project.root).key)
            found |= {(reason, value): label for value, label in near.items()}
    return found
