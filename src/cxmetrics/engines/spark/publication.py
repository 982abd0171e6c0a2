"""Publication on Spark: views of a copy.

What was built is copied into a schema of its own (``published_`` and the moment) and counted; then the views that
people read are pointed to it, one after the other and ``metrics.build_info`` last. Spark replaces one view at once, but
has no transaction over several. The copy before stays until the next publication, for queries that still read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from cxmetrics.engines.interface import Publication
from cxmetrics.engines.spark.engine import SparkEngine, identifier, literal
from cxmetrics.engines.spark.session import stamp
from cxmetrics.errors import BuildFailed

if TYPE_CHECKING:
    from cxmetrics.engines.spark.session import Session

COPY = "published_"
# The copy that is published, and the one before.
KEPT = 2
LAST = "metrics.build_info"

Table = tuple[str, str]


def publish_views(engine: SparkEngine, session: Session, publication: Publication) -> list[str]:
    """Replace what the published views show; sentences about what was left out.

    Raises BuildFailed; while the copy is made, nothing published changes.
    """
    copy = f"{COPY}{stamp()}"
    try:
        built = [table for schema in publication.schemas for table in _tables(session, schema, engine.build_prefix)]
        tables, notes = publication.chosen(built)
        try:
            session.sql(f"create schema {identifier(copy)}")
            for table in tables:
                _copy(engine, session, publication, copy, table)
        except BaseException:
            session.sql(f"drop schema if exists {identifier(copy)} cascade")
            raise
        _switch(engine, session, publication, copy, tables)
        _remove_old(session)
    except (PySparkException, Py4JError) as error:
        raise BuildFailed(
            f"the build could not be published: {str(error).splitlines()[0]}",
            file=engine.published_place,
            next_step=f"cx build --target {engine.target}",
        ) from error
    return notes


def _tables(session: Session, schema: str, prefix: str) -> list[Table]:
    """What was built for a published schema."""
    if not session.spark.catalog.databaseExists(f"{prefix}{schema}"):
        return []
    rows = session.sql(f"show tables in {identifier(prefix + schema)}").collect()
    return [(schema, row["tableName"]) for row in rows]


def _copy(engine: SparkEngine, session: Session, publication: Publication, copy: str, table: Table) -> None:
    built, copied = engine.relation(f"{engine.build_prefix}{table[0]}", table[1]), _copied(engine, copy, table)
    session.sql(f"create table {copied} using parquet as select * from {built}")  # noqa: S608
    count = f"select (select count(*) from {built}), (select count(*) from {copied})"  # noqa: S608
    publication.require_rows(".".join(table), *session.sql(count).collect()[0])


def _switch(engine: SparkEngine, session: Session, publication: Publication, copy: str, tables: list[Table]) -> None:
    for schema in publication.schemas:
        session.sql(f"create schema if not exists {identifier(schema)}")
    for table in sorted(tables, key=lambda table: ".".join(table) == LAST):
        comments = publication.comments.get(".".join(table), {})
        source = _copied(engine, copy, table)
        names = session.spark.table(source).columns
        session.sql(
            f"create or replace view {engine.relation(*table)} ({_described(names, comments)})"  # noqa: S608
            f" comment {literal(comments.get('', ''))} as select * from {source}"
        )
    for schema in publication.schemas:
        for gone in set(_tables(session, schema, "")) - set(tables):
            session.sql(f"drop view {engine.relation(*gone)}")


def _described(names: list[str], comments: Mapping[str, str]) -> str:
    return ", ".join(
        f"{identifier(name)} comment {literal(comments[name])}" if name in comments else identifier(name)
        for name in names
    )


def _copied(engine: SparkEngine, copy: str, table: Table) -> str:
    return engine.relation(copy, "__".join(table))


def _remove_old(session: Session) -> None:
    copies = sorted(row[0] for row in session.sql(f"show schemas like '{COPY}*'").collect())
    for old in copies[:-KEPT]:
        session.sql(f"drop schema {identifier(old)} cascade")
