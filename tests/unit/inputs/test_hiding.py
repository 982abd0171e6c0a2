"""Columns that are not read are crosses in a copy, and nothing else about a line changes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmetrics.inputs.hiding import Hiding


def hidden(text: str, shown: list[int], delimiter: str = ",", size: int = 10_000) -> str:
    """The text as the copy has it, given in parts of a size."""
    content, hiding = text.encode(), Hiding(delimiter, shown)
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    return b"".join(map(hiding.hidden, parts)).decode()


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("id,name\n1,Erika\n2,\n", "id,xxxx\n1,xxxxx\n2,\n"),
        ('id,name\n1,"Erika, M"\n2,Otto', 'id,xxxx\n1,"xxxxxxxx"\n2,xxxx'),
        ('1,"two\nlines, ""quoted"""\n2,x\n', '1,"xxx\nxxxxxx ""xxxxxx"""\n2,x\n'.replace("xxxxxx ", "xxxxxxx")),
        # What is shown stays as it is, quotes and all.
        ('"a,""b""",Erika\n', '"a,""b""",xxxxx\n'),
        # Lines that are no rows stay no rows; what they have too much is hidden.
        ("1,Erika,more\n1\n", "1,xxxxx,xxxx\n1\n"),
        ('1,"Erika" M,3\n2,a"b\n', '1,"xxxxx"xx,x\n2,x"x\n'),
        ("1,Zoë\n", "1,xxxx\n"),
    ],
)
def test_only_columns_that_are_read_can_be_read(text: str, made: str, size: int):
    assert hidden(text, [0], size=size) == made


def test_other_delimiters_and_columns_in_the_middle():
    assert hidden("a;b,c;d\n1;Erika;3\n", [0, 2], ";") == "a;xxx;d\n1;xxxxx;3\n"


ROWS = st.lists(st.lists(st.text('ab,"\n \r', max_size=6), min_size=3, max_size=3), max_size=8)


@given(rows=ROWS, shown=st.sets(st.integers(0, 2)), size=st.integers(1, 9))
def test_rows_keep_their_places_and_their_shown_values(rows: list[list[str]], shown: set[int], size: int):
    rows = [[value.replace("\r", "") for value in row] for row in rows]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    text = written.getvalue()
    made = hidden(text, sorted(shown), size=size)
    assert len(made) == len(text)
    assert [at for at, sign in enumerate(made) if sign == "\n"] == [at for at, sign in enumerate(text) if sign == "\n"]
    read = list(csv.reader(io.StringIO(made, newline="")))
    assert len(read) == len(rows)
    for row, before in zip(read, rows, strict=True):
        assert [row[column] for column in shown] == [before[column] for column in shown]
        assert not set("".join(row[column] for column in {0, 1, 2} - shown)) & set("ab ,")
