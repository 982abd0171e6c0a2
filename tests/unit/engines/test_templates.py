from pathlib import Path

import pytest
from jinja2 import UndefinedError

from cxmetrics.engines.templates import rendered


@pytest.fixture
def module(tmp_path: Path) -> str:
    (tmp_path / "few.sql.j2").write_text(
        "select {{ columns }}\n{# why #}\n{% if table %}\nfrom {{ table }}\n{% endif %}\n"
    )
    return str(tmp_path / "module.py")


def test_a_template_lies_beside_its_module_and_is_filled_in_as_it_stands(module: str):
    assert rendered(module, "few", columns="a < 1 and b > '&'", table="t").split("\n")[0] == "select a < 1 and b > '&'"
    assert "from" not in rendered(module, "few", columns="1", table=None)


def test_a_name_that_is_not_given_is_an_error_and_no_empty_text(module: str):
    with pytest.raises(UndefinedError, match="columns"):
        rendered(module, "few", table=None)
