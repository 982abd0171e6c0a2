"""What profiles.yml says of a target."""

from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.profile import read_output
from cxmetrics.engines.registry import engine_for
from cxmetrics.errors import CxError

PROFILE = """
shop:
  target: "{{ env_var('SHOP_TARGET', 'here') }}"
  outputs:
    here: {type: duckdb, path: x}
    prod:
      type: postgres
      host: "{{ env_var('SHOP_HOST') }}"
      port: "{{ env_var('SHOP_PORT', '5432') | int }}"
    cloud: {type: snowflake}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in ("DBT_PROFILES_DIR", "DBT_TARGET", "SHOP_TARGET", "SHOP_HOST", "SHOP_PORT"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    (tmp_path / "profiles.yml").write_text(PROFILE)
    return Project(tmp_path)


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


def test_the_engine_goes_by_the_type_of_the_target_not_by_its_name(shop: Project):
    assert (engine_for(shop).name, engine_for(shop).target) == ("duckdb", "here")


def test_a_target_of_another_type_is_answered_with_those_that_work(shop: Project):
    with pytest.raises(CxError, match="of type snowflake, which is not supported") as caught:
        engine_for(shop, "cloud")
    assert caught.value.allowed == ["here", "prod"]


def test_without_a_profile_there_is_duckdb(shop: Project):
    (shop.root / "profiles.yml").unlink()
    assert engine_for(shop).target == "duckdb"
    with pytest.raises(CxError, match="not supported"):
        engine_for(shop, "prod")


def test_a_profile_of_another_project_is_an_error(shop: Project):
    (shop.root / "dbt_project.yml").write_text("name: other\n")
    with pytest.raises(CxError, match="no profile 'other' with outputs"):
        engine_for(Project(shop.root))
