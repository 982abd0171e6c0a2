"""Great Expectations: what it is given, what its pages hold, and where it is imported."""

from __future__ import annotations

from pathlib import Path

import pytest

import cxmetrics
from cxmetrics.errors import CxError
from cxmetrics.inputs.run import load_inputs
from support.raw_inputs import DECLARATION, HEADER, Inputs

GOOD = "".join(f"t{number},2024-01-01 10:00,open,{number}\n" for number in range(10))


def test_data_docs_say_what_was_checked_and_hold_no_value(shop: Inputs, tmp_path: Path):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\nt2,2024-01-01,SECRET,1\n")
    load_inputs(shop.project, shop.engine, ["shop"], shop.raw, pages=tmp_path / "pages")
    pages = {page.name: page.read_text() for page in (tmp_path / "pages").rglob("*.html")}
    assert "index.html" in pages
    assert any("status" in text and "open" in text for text in pages.values())
    assert not any("SECRET" in text for text in pages.values())


def test_data_docs_hold_no_page_of_a_run_before(shop: Inputs, tmp_path: Path):
    shop.give("tickets.csv", HEADER + "t1,2024-01-01,open,1\n")
    for _ in range(2):
        load_inputs(shop.project, shop.engine, ["shop"], shop.raw, pages=tmp_path / "pages")
    assert len(list((tmp_path / "pages" / "validations").rglob("*.html"))) == 1


def test_an_expectation_that_cannot_be_run_is_named_by_file_and_line(shop: Inputs):
    shop.declare(
        DECLARATION.replace(
            "{expectation: expect_column_values_to_be_between, column: minutes, min_value: 0}",
            "{expectation: unexpected_rows_expectation,"
            ' unexpected_rows_query: "select * from {batch} where nothing = 1"}',
        )
    )
    shop.give("tickets.csv", HEADER + GOOD)
    with pytest.raises(CxError) as caught:
        shop.load()
    assert caught.value.where == "models/staging/shop/_shop__sources.yml:14"
    assert "unexpected_rows_expectation cannot be run" in caught.value.what
    assert "nothing" in caught.value.what


def test_the_package_is_imported_by_the_checks_alone():
    importing = [
        path.name
        for path in (Path(cxmetrics.__file__).parent).rglob("*.py")
        if "import great_expectations" in path.read_text(encoding="utf-8")
        or "from great_expectations" in path.read_text(encoding="utf-8")
    ]
    assert importing == ["expectations.py"]
