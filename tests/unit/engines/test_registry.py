"""Which engine a target runs on."""

import sys
import tomllib

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines import registry
from cxmetrics.engines.registry import ENGINES, engine_for
from cxmetrics.errors import CxError
from support.profiles import shop
from support.programs import run_program
from support.workplace import ROOT

__all__ = ["shop"]


def test_the_engine_goes_by_the_type_of_the_target_not_by_its_name(shop: Project):
    assert (engine_for(shop).name, engine_for(shop).target) == ("duckdb", "here")


def test_a_target_of_another_type_is_answered_with_those_that_work(shop: Project):
    with pytest.raises(CxError, match="of type snowflake, which is not supported") as caught:
        engine_for(shop, "cloud")
    assert caught.value.allowed == ["here", "prod"]


def test_an_engine_is_imported_when_it_is_asked_for_and_not_before():
    drivers = "any(name in sys.modules for name in ('duckdb', 'psycopg', 'pyspark'))"
    code = f"import sys, cxmetrics.engines.registry; sys.exit({drivers})"
    assert run_program([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("module", ["psycopg", "dbt.adapters.postgres"])
def test_a_module_that_is_not_installed_is_named_with_how_to_get_it(
    shop: Project, monkeypatch: pytest.MonkeyPatch, module: str
):
    monkeypatch.setenv("SHOP_HOST", "db")
    monkeypatch.setattr(registry, "find_spec", lambda name: None if name == module else object())
    with pytest.raises(CxError, match=f"the target prod needs the Python module {module}") as caught:
        engine_for(shop, "prod")
    assert caught.value.next_step == "pip install 'cxmetrics[postgres]'"


def test_a_module_that_breaks_while_it_is_imported_is_named_too(shop: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOP_HOST", "db")
    monkeypatch.setattr(registry, "find_spec", lambda name: object())
    monkeypatch.setitem(sys.modules, "cxmetrics.engines.postgres.engine", None)
    with pytest.raises(CxError, match=r"needs the Python module cxmetrics\.engines\.postgres\.engine"):
        engine_for(shop, "prod")


def test_the_type_of_a_target_names_the_extra_that_brings_what_it_needs():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {name for name, home in ENGINES.items() if home.needs} <= set(extras)
