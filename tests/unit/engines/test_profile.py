"""What profiles.yml says of a target."""

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.profile import read_output
from cxmetrics.errors import CxError
from support.profiles import shop

__all__ = ["shop"]


def test_the_default_target_is_dbts(shop: Project, monkeypatch: pytest.MonkeyPatch):
    assert read_output(shop, None, ["duckdb"]) == ("here", {"type": "duckdb", "path": "x"})
    monkeypatch.setenv("SHOP_HOST", "db")
    monkeypatch.setenv("SHOP_TARGET", "prod")
    assert read_output(shop, None, ["duckdb", "postgres"])[0] == "prod"
    monkeypatch.setenv("DBT_TARGET", "here")
    assert read_output(shop, None, ["duckdb", "postgres"])[0] == "here"
    assert read_output(shop, "prod", ["duckdb", "postgres"])[0] == "prod"


def test_settings_come_from_the_environment(shop: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOP_HOST", "db")
    output = read_output(shop, "prod", ["postgres"])[1]
    assert (output["host"], str(output["port"])) == ("db", "5432")


def test_a_variable_that_is_not_set_is_named(shop: Project):
    with pytest.raises(CxError, match="SHOP_HOST is not set"):
        read_output(shop, "prod", ["postgres"])


def test_without_a_profile_there_is_duckdb(shop: Project):
    (shop.root / "profiles.yml").unlink()
    assert read_output(shop, None, ["duckdb"]) == ("duckdb", {"type": "duckdb"})
    with pytest.raises(CxError, match="not supported"):
        read_output(shop, "prod", ["duckdb"])


def test_a_profile_of_another_project_is_an_error(shop: Project):
    (shop.root / "dbt_project.yml").write_text("name: other\n")
    with pytest.raises(CxError, match="no profile 'other' with outputs"):
        read_output(Project(shop.root), None, ["duckdb"])
