"""Seeds become SQL on Spark; what stands in them stays a text."""

from __future__ import annotations

from types import SimpleNamespace

import sqlglot
from jinja2 import Environment
from sqlglot import exp

from support.parsed_project import ROOT

CELLS = ["\\", "), ('planted'); drop table x; --", "it's", "\\' || (select 1) || '", "${env:HOME}", "{{ 1 }}"]


def loaded(cells: list[str]) -> str:
    """The SQL of a seed with one column, as dbt would run it."""
    ran: list[str] = []
    dbt = SimpleNamespace(
        string_literal=lambda text: f"'{text}'", escape_single_quotes=lambda text: text.replace("'", "\\'")
    )
    adapter = SimpleNamespace(
        convert_type=lambda table, index: "string", add_query=lambda sql, abridge_sql_log: ran.append(sql)
    )
    values = {"dbt": dbt, "adapter": adapter, "this": "seeds.things", "return": lambda value: ""}
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 (SQL)
    macro = environment.from_string((ROOT / "macros" / "load_csv_rows.sql").read_text(), globals=values).module
    table = SimpleNamespace(column_names=["thing"], rows=[{"thing": cell} for cell in cells])
    macro.spark__load_csv_rows({"config": {}}, table)
    return ran[0]


def test_every_cell_is_one_text_of_one_statement():
    (statement,) = sqlglot.parse(loaded(CELLS), dialect="spark")
    assert isinstance(statement, exp.Insert)
    assert [constant.this for constant in statement.find_all(exp.Literal)] == CELLS
