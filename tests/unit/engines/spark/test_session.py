"""A session of our own, and what must be there for one."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cxmetrics.errors import CxError
from support.programs import start_program
from support.spark_place import require_spark

if TYPE_CHECKING:
    from cxmetrics.engines.spark.session import Session


def test_only_a_derby_metastore_is_waited_for(tmp_path: Path):
    require_spark()
    from cxmetrics.engines.spark.session import METASTORE, _derby_folder

    derby = {METASTORE: "jdbc:derby:;databaseName=warehouse/spark/metastore;create=true"}
    assert _derby_folder(tmp_path, derby) == tmp_path / "warehouse" / "spark" / "metastore"
    assert _derby_folder(tmp_path, {METASTORE: "jdbc:postgresql://db/hive"}) is None
    assert _derby_folder(tmp_path, {}) is None


def test_a_metastore_that_is_held_is_waited_for_and_then_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    require_spark()
    from cxmetrics.engines.spark import session

    monkeypatch.setattr(session, "PATIENCE_SECONDS", 0.3)
    settings = {session.METASTORE: "jdbc:derby:;databaseName=metastore;create=true"}
    session.require_metastore(tmp_path, settings)
    lock = tmp_path / "metastore" / "dbex.lck"
    lock.parent.mkdir()
    code = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True)"
    )
    command = [sys.executable, "-c", f"{code}; time.sleep(60)", str(lock)]
    with start_program(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(CxError, match="another process holds Spark's metastore"):
            session.require_metastore(tmp_path, settings)
        holder.kill()
    session.require_metastore(tmp_path, settings)


def test_java_is_looked_for_where_spark_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    require_spark()
    from cxmetrics.engines.spark.session import require_java

    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(CxError, match="JAVA_HOME has none"):
        require_java()
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch(0o755)
    require_java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CxError, match="is not installed"):
        require_java()


def test_answers_are_those_of_every_engine(session: Session):
    from cxmetrics.engines.spark.session import SparkConnection

    connection = SparkConnection(session)
    answer = connection.execute("select * from values (1, 'a'), (2, null) as given(id, text) order by id")
    assert [column[0] for column in answer.description] == ["id", "text"]
    assert answer.fetchone() == (1, "a")
    assert answer.fetchall() == [(2, None)]
    assert answer.fetchone() is None


def test_a_text_in_sql_is_itself_whatever_stands_in_it(session: Session):
    from cxmetrics.engines.quoting import SparkQuoting

    for text in ("${env:HOME}", "${spark:spark.app.name}", "\\' or 1=1 --", "a\\", "\\n", "it's"):
        assert session.sql(f"select {SparkQuoting.literal(text)}").collect()[0][0] == text


def test_a_moment_is_naive_and_in_utc_whatever_the_zone_of_the_machine(session: Session):
    from cxmetrics.engines.spark.session import SparkConnection

    session.sql("set time zone 'UTC'")
    moment = "timestamp '2024-01-01 10:00:00+02:00' as at, timestamp_ntz '2024-01-01 10:00:00' as naive, 1 as id"
    assert SparkConnection(session).execute(f"select {moment}").fetchone() == (
        datetime.datetime(2024, 1, 1, 8),
        datetime.datetime(2024, 1, 1, 10),
        1,
    )


def test_what_cannot_be_understood_fails_also_when_it_is_only_explained(session: Session):
    from cxmetrics.engines.spark.session import FAILURES, SparkConnection

    connection = SparkConnection(session)
    for query in ("select nothing", "explain select nothing"):
        with pytest.raises(FAILURES, match="nothing"):
            connection.execute(query)
