"""SQLAlchemy on somebody else's PostgreSQL connection."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from support.postgres_server import Server, postgres

__all__ = ["postgres"]


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_rows_that_are_not_kept_yet_are_seen_and_the_transaction_goes_on(postgres: Server, ending: str):
    from cxmetrics.engines.postgres.sqlalchemy_dialect import URL, engine_arguments

    with postgres.connected() as connection:
        with connection.transaction(force_rollback=True):
            connection.execute("create schema mine; create table mine.things as select 1 as id")
            engine = create_engine(URL, **engine_arguments(connection))
            with engine.connect() as borrowed:
                assert borrowed.execute(text("select id from mine.things where id = :id"), {"id": 1}).scalar() == 1
                getattr(borrowed, ending)()
            engine.dispose()
            # Neither its end nor that of its connection was one of ours.
            assert connection.execute("select count(*) from mine.things").fetchone() == (1,)
        assert connection.execute("select to_regclass('mine.things')").fetchone() == (None,)
