"""Which column a database complains about, in the words of each engine."""

import pytest

from cxmetrics.measure.broken_columns import QUOTED_COLUMN, first_line


@pytest.mark.parametrize(
    ("message", "column"),
    [
        ('Binder Error: Referenced column "handel" not found in FROM clause!', "handel"),
        ('column "handel" does not exist', "handel"),
        ("A column, variable, or function parameter with name `src`.`handel` cannot be resolved.", "handel"),
        ("column src.handel does not exist", "src.handel"),
    ],
)
def test_the_column_is_found_in_the_words_of_each_engine(message: str, column: str):
    found = QUOTED_COLUMN.search(message)
    assert found is not None and found["column"] == column


def test_a_message_that_is_about_no_column_names_none():
    assert QUOTED_COLUMN.search("Out of Memory Error: could not allocate block") is None


def test_the_first_line_is_what_is_said_before_the_query_is_repeated():
    assert first_line(ValueError("\n  wrong here\nLINE 1: select ...")) == "wrong here"
