"""What Spark needs said in its own way, without starting it."""

from pathlib import Path

import duckdb
import pytest

from cxmetrics.errors import CxError
from cxmetrics.measure.broken_columns import QUOTED_COLUMN
from support.spark_place import require_spark


def test_the_column_of_an_unresolved_name_is_found_in_what_spark_says():
    said = (
        "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name `src`.`is_solvd` "
        "cannot be resolved. Did you mean one of the following? [`is_solved`]. SQLSTATE: 42703"
    )
    assert QUOTED_COLUMN.search(said)["column"] == "is_solvd"


def test_only_a_derby_metastore_is_waited_for(tmp_path: Path):
    from cxmetrics.engines.spark.session import METASTORE, _derby_folder

    derby = {METASTORE: "jdbc:derby:;databaseName=warehouse/spark/metastore;create=true"}
    assert _derby_folder(tmp_path, derby) == tmp_path / "warehouse" / "spark" / "metastore"
    assert _derby_folder(tmp_path, {METASTORE: "jdbc:postgresql://db/hive"}) is None
    assert _derby_folder(tmp_path, {}) is None


def test_a_schema_of_spark_is_no_source_of_raw_tables():
    require_spark()
    from cxmetrics.engines.spark.loading import SparkLoading

    with duckdb.connect() as connection, pytest.raises(CxError, match="reads raw files"):
        SparkLoading(connection).stored("crm")
