"""A project whose profile has targets of several types."""

from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project

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
    """A project without a model; nothing in the environment says which target or server."""
    for name in ("DBT_PROFILES_DIR", "DBT_TARGET", "SHOP_TARGET", "SHOP_HOST", "SHOP_PORT"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    (tmp_path / "profiles.yml").write_text(PROFILE)
    return Project(tmp_path)
