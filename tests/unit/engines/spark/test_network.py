"""Spark on this machine is there for this machine: where it listens, and who may talk to it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from cxmetrics.errors import CxError
from support.programs import run_program
from support.sockets import addresses
from support.spark_place import TARGET, SparkPlace, require_spark

ASKED = """
import json, sys
from pathlib import Path
from support.sockets import addresses
from support.spark_place import SparkPlace

with SparkPlace(Path(sys.argv[1]), sys.argv[2]).connected(published=False) as (connection, engine):
    answer = connection.execute("select count(distinct id % 7) from range(1000)").fetchone()
    found, commands = addresses("org.apache.spark")
    settings = dict(engine._session.spark.sparkContext.getConf().getAll())
print(json.dumps([list(answer), sorted(found), list(commands), settings]))
"""


@pytest.fixture(autouse=True)
def _without_a_secret(monkeypatch: pytest.MonkeyPatch):
    for name in ("_SPARK_AUTH_SECRET", "SPARK_LOCAL_IP"):
        # Noted as it is, so that what the code sets is taken back.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("master", ["local[2]", "local-cluster[1,1,1024]"])
def test_a_session_listens_on_loopback_alone_and_asks_for_a_secret(tmp_path: Path, master: str):
    require_spark()
    # A process has one session for good.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", ASKED, tmp_path, master]
    done = run_program(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer, found, commands, settings = json.loads(done.stdout.splitlines()[-1])
    assert answer == [7]
    assert found == ["127.0.0.1"]
    assert settings["spark.authenticate"] == "true"
    # Other users of the machine can read the command of a process.
    assert commands and not any("only-for-tests" in command for command in commands)


def test_dbts_session_listens_on_loopback_alone(tmp_path: Path):
    require_spark()
    place = SparkPlace(tmp_path)
    dbt = place.run_in_background("dbt", "show", *TARGET, "--inline", "select count(*) as n from range(1000)")
    found, commands = set(), []
    while dbt.poll() is None:
        # A session of another test may run beside it.
        seen = addresses("org.apache.spark", dbt.pid)
        found |= seen[0]
        commands += seen[1]
    assert dbt.returncode == 0, dbt.stdout.read()
    dbt.stdout.close()
    assert found == {"127.0.0.1"}
    assert any("spark.authenticate=true" in command for command in commands)


def test_workers_on_this_machine_get_a_secret_that_nobody_knows():
    from cxmetrics.engines.spark.network import closed

    settings = closed({"spark.master": "local-cluster[2,1,1024]"})
    assert len(os.environ["_SPARK_AUTH_SECRET"]) == 64
    assert os.environ["_SPARK_AUTH_SECRET"] not in settings.values()
    assert settings["spark.driver.bindAddress"] == os.environ["SPARK_LOCAL_IP"] == "127.0.0.1"


def test_a_profile_that_says_nothing_is_closed_too():
    from cxmetrics.engines.spark.network import closed

    assert closed({}) == {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.authenticate": "true",
    }
    assert closed({"spark.driver.host": "here"})["spark.driver.host"] == "here"


def test_a_cluster_has_a_secret_or_says_that_it_wants_none(monkeypatch: pytest.MonkeyPatch):
    from cxmetrics.engines.spark.network import closed

    cluster = {"spark.master": "spark://host:7077"}
    with pytest.raises(CxError, match="no secret that the cluster knows") as caught:
        closed({**cluster, "spark.authenticate.secret": ""})
    assert "_SPARK_AUTH_SECRET" in caught.value.next_step
    assert closed({**cluster, "spark.authenticate": "false"})["spark.authenticate"] == "false"
    assert closed({"spark.master": "yarn"})["spark.authenticate"] == "true"
    monkeypatch.setenv("_SPARK_AUTH_SECRET", "known")
    assert "known" not in closed(cluster).values()
