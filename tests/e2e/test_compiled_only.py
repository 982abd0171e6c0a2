"""Warehouses we cannot run: every model and metric is rendered for them by dbt and MetricFlow and parsed as theirs.

That shows that nothing is written in another engine's SQL. It does not show that the numbers are the same.
"""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
import sqlglot
import yaml

from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from cxmetrics.measure.compiler import Semantics
from support.workplace import ROOT, Workplace, need

PROJECT_PARTS = ("dbt_project.yml", ".dbtignore", "macros", "metrics", "models", "seeds", "tests")

# MetricFlow has no exact quantile for BigQuery and says so rather than give an approximate one.
WITHOUT_QUANTILES = ("bigquery",)


def a_key_of_nobody() -> str:
    """A new private key in PEM: BigQuery's client wants one before it compiles anything, and never uses it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    return (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def outputs() -> dict[str, dict[str, object]]:
    """Profiles that connect to nothing."""
    nobody = {"schema": "main", "threads": 1}
    keyfile = {
        "type": "service_account",
        "project_id": "none",
        "private_key": a_key_of_nobody(),
        "client_email": "nobody@example.com",
        "token_uri": "https://example.com",
    }
    return {
        "snowflake": {"type": "snowflake", "account": "none", "user": "none", "password": "none", "database": "cx"}
        | {"warehouse": "none"}
        | nobody,
        "bigquery": {"type": "bigquery", "method": "service-account-json", "project": "cx", "dataset": "main"}
        | {"keyfile_json": keyfile, "threads": 1},
        # Databricks runs Spark's SQL; dbt's own Spark adapter writes it.
        "databricks": {"type": "spark", "method": "session", "host": "none"} | nobody,
    }


@pytest.fixture
def compiled(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A dialect, and a copy of the project compiled for it."""
    dialect = request.param
    profile = outputs()[dialect]
    adapter = str(profile["type"])
    is_there = importlib.util.find_spec(f"dbt.adapters.{adapter}") is not None
    need("compile", is_there, f"the package dbt-{adapter} (make setup ENGINES=1)")
    for part in PROJECT_PARTS:
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / part)
    profiles = {"cxmetrics": {"target": dialect, "outputs": {dialect: profile}}}
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profiles))
    variables = json.dumps({"sources": ["canonical", "servicenow"]})
    options = ("--no-introspect", "--no-populate-cache", "--profiles-dir", tmp_path, "--vars", variables)
    done = Workplace(tmp_path).run("dbt", "compile", *options, "--select", "resource_type:model", root=tmp_path)
    assert done.returncode == 0, done.stdout
    return dialect, tmp_path


@pytest.mark.parametrize("compiled", ["snowflake", "bigquery", "databricks"], indirect=True)
def test_every_model_and_metric_is_sql_of_the_dialect(compiled: tuple[str, Path], monkeypatch: pytest.MonkeyPatch):
    dialect, root = compiled
    monkeypatch.setenv("DBT_TARGET_PATH", str(root / "target"))
    project = Project(root)
    for model in (root / "models").rglob("*.sql"):
        rendered = root / "target" / "compiled" / "cxmetrics" / model.relative_to(root)
        assert isinstance(sqlglot.parse_one(rendered.read_text(), dialect=dialect), sqlglot.exp.Query), model.name

    semantics = Semantics.load(project.semantic_manifest_path, dialect)
    for metric in project.metrics().values():
        if dialect in WITHOUT_QUANTILES and metric.meta.interval.method == "quantile":
            with pytest.raises(CxError, match="percentile"):
                semantics.sql([metric.name], None)
            continue
        for grain in (None, "month"):
            sql = semantics.sql(metric.asked, grain)
            assert isinstance(sqlglot.parse_one(sql, dialect=dialect), sqlglot.exp.Query), metric.name


def test_sql_of_another_dialect_is_not_parsed():
    with pytest.raises(sqlglot.ParseError):
        sqlglot.parse_one("select x from t qualify", dialect="bigquery")
