"""Names of files that people chose are not shown where they may be the names of people."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxmetrics.errors import CxError
from cxmetrics.inputs.declaration import read_source
from cxmetrics.inputs.file_names import shown_names
from support.raw_inputs import HEADER, Inputs

RAW = Path("raw")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("tickets.csv", "tickets.csv"),
        ("tickets/2023.csv", "tickets/2023.csv"),
        ("tickets/2024-03-12.csv.gz", "tickets/2024-03-12.csv.gz"),
        ("tickets/tickets_2024_part-0001.parquet", "tickets/tickets_2024_part-0001.parquet"),
        ("tickets/anna_schmidt.csv", "tickets/(file 1).csv"),
        ("tickets/55501427.csv.zst", "tickets/(file 1).csv.zst"),
        ("tickets/1985-03-12.csv", "tickets/(file 1).csv"),
        ("tickets/0170-5550-142.csv", "tickets/(file 1).csv"),
        ("tickets/20555014.csv", "tickets/(file 1).csv"),
        ("tickets/2024_anna.parquet", "tickets/(file 1).parquet"),
    ],
)
def test_a_name_is_shown_when_only_the_declaration_dates_and_numbers_make_it_up(shop: Inputs, name: str, shown: str):
    table = read_source(shop.project, "shop").tables[0]
    assert shown_names(table, [RAW / name], RAW) == {RAW / name: shown}


def test_another_file_is_found_by_its_number(shop: Inputs):
    shop.give("tickets/anna.csv", HEADER + "1,2024-01-01,open,1\n")
    shop.give("tickets/berta.csv", HEADER + "2,2024-01-01,lost,1\n")
    shop.give("tickets/2024.csv", HEADER + "3,2024-01-01,open,1\n")
    result = shop.load()
    files = "select distinct _cx_file from raw_shop.tickets order by 1"
    assert shop.query(files) == [("tickets/(file 2).csv",), ("tickets/(file 3).csv",), ("tickets/2024.csv",)]
    assert shop.query("select file_name, file_line from quarantine.rejected_rows") == [("tickets/(file 3).csv", 2)]
    shop.give("tickets/berta.csv", "nothing\n")
    with pytest.raises(CxError, match="is it a header") as caught:
        shop.load()
    assert caught.value.file == str(shop.raw / "tickets" / "(file 3).csv")
    assert "berta" not in str(caught.value) + str(result)
