"""Publication on Spark: views of a copy.

What was built is copied into a schema of its own (``published_`` and the moment) and counted; then the views that
people read are pointed to it, one after the other and ``metrics.build_info`` last. Spark replaces one view at once, but
has no transaction over several. The copy before stays until the next publication, for queries that still read it.
"""

from __future__ import annotations

from collections.abc import Mapping

from cxmetrics.engines.interface import BUILD_PREFIX, Publication
from cxmetrics.engines.quoting import SparkQuoting
from cxmetrics.engines.spark.session import Session, stamp
from cxmetrics.engines.sql import Sql, joined, sql

COPY = "published_"
# The copy that is published, and the one before.
KEPT_COPIES = 2
LAST = "metrics.build_info"

Table = tuple[str, str]

identifier, relation, literal = SparkQuoting.identifier, SparkQuoting.relation, SparkQuoting.literal


def publish_views(session: Session, publication: Publication) -> list[str]:
    """Replace what the published views show; sentences about what was left out.

    While the copy is made, nothing published changes. Raises BuildFailed for a build that is not to be published, and
    ``session.FAILURES``.
    """
    copy = f"{COPY}{stamp()}"
    built = [table for schema in publication.schemas for table in _tables(session, schema, BUILD_PREFIX)]
    tables, notes = publication.chosen(built)
    try:
        session.sql(f"create schema {identifier(copy)}")
        for table in tables:
            _copy(session, publication, copy, table)
    except BaseException:
        session.sql(f"drop schema if exists {identifier(copy)} cascade")
        raise
    _switch(session, publication, copy, tables)
    _remove_old(session)
    return notes


def _tables(session: Session, schema: str, prefix: str) -> list[Table]:
    """What was built for a published schema."""
    if not session.spark.catalog.databaseExists(f"{prefix}{schema}"):
        return []
    rows = session.sql(f"show tables in {identifier(prefix + schema)}").collect()
    return [(schema, row["tableName"]) for row in rows]


def _copy(session: Session, publication: Publication, copy: str, table: Table) -> None:
    built, copied = relation(f"{BUILD_PREFIX}{table[0]}", table[1]), _copied(copy, table)
    tables = {"built": built, "copied": copied}
    session.sql(sql("create table {copied} using parquet as select * from {built}", **tables))
    count = sql("select (select count(*) from {built}), (select count(*) from {copied})", **tables)
    publication.require_rows(".".join(table), *session.sql(count).collect()[0])


def _switch(session: Session, publication: Publication, copy: str, tables: list[Table]) -> None:
    for schema in publication.schemas:
        session.sql(f"create schema if not exists {identifier(schema)}")
    for table in sorted(tables, key=lambda table: ".".join(table) == LAST):
        comments = publication.comments.get(".".join(table), {})
        source = _copied(copy, table)
        names = session.spark.table(source).columns
        view = sql(
            "create or replace view {view} ({columns}) comment {comment} as select * from {source}",
            view=relation(*table),
            columns=_described(names, comments),
            comment=literal(comments.get("", "")),
            source=source,
        )
        session.sql(view)
    for schema in publication.schemas:
        for gone in set(_tables(session, schema, "")) - set(tables):
            session.sql(f"drop view {relation(*gone)}")


def _described(names: list[str], comments: Mapping[str, str]) -> Sql:
    return joined(
        sql("{name} comment {text}", name=identifier(name), text=literal(comments[name]))
        if name in comments
        else identifier(name)
        for name in names
    )


def _copied(copy: str, table: Table) -> Sql:
    return relation(copy, "__".join(table))


def _remove_old(session: Session) -> None:
    copies = sorted(row[0] for row in session.sql(f"show schemas like '{COPY}*'").collect())
    for old in copies[:-KEPT_COPIES]:
        session.sql(f"drop schema {identifier(old)} cascade")
