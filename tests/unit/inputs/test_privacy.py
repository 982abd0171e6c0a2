"""What may be personal is hashed or dropped while it is read."""

from __future__ import annotations

import hmac
import re

import pytest

from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.engines.file_reader import FileReader
from cxmetrics.engines.sql import sql
from cxmetrics.errors import CxError
from cxmetrics.inputs.declaration import RawColumn, read_source
from cxmetrics.inputs.privacy import guarded
from support.raw_inputs import DECLARATION, HEADER, Inputs

KEY = b"a key that is for tests only"


@pytest.mark.parametrize(
    ("value", "is_kept"),
    [
        ("T0000001-004-I", True),
        ("INC0012345", True),
        ("SCTASK0012345", True),
        ("PR-17", True),
        ("12345", True),
        ("9f8e7d6c-1234-4abc-8def-0123456789ab", True),
        # Telephone numbers, birth dates, logins, names, addresses, free text.
        ("55501427", False),
        ("+491705550142", False),
        ("0170-5550142", False),
        ("19850312", False),
        ("120385", False),
        ("12.03.1985", False),
        ("1985-03-12", False),
        ("K19850312", False),
        ("DOB1980-01-31", False),
        ("B31-01-80", False),
        ("A31.01.80", False),
        ("A198001-31", False),
        ("K310180", True),
        ("K12031985", False),
        ("aschmidt7", False),
        ("schmidt85", False),
        ("SCHMIDT85", False),
        ("anna.schmidt", False),
        ("anna_schmidt", False),
        ("Erika", False),
        ("T1-anna", False),
        ("4111-1111-1111", False),
        ("a@b.de", False),
        ("Main 12", False),
    ],
)
def test_the_id_of_a_thing_is_kept_where_it_can_be_nothing_else(value: str, is_kept: bool):
    kept = stored(RawColumn("ticket_id", "string", personal="hash", keep="id"), value)
    assert (kept == value) is is_kept
    assert is_kept or re.fullmatch("hashed_[0-9a-f]{18}", str(kept))


@pytest.mark.parametrize("value", ["C000001", "12345", "A0001", "9f8e7d6c-1234-4abc-8def-0123456789ab", "55501427"])
def test_the_id_of_a_person_is_hashed_whatever_it_looks_like(value: str):
    assert re.fullmatch(
        "hashed_[0-9a-f]{18}", str(stored(RawColumn("customer_id", "string", personal="person"), value))
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("second_line", "second_line"),
        ("Second Line", "second_line"),
        ("SECOND-LINE", "second_line"),
        ("Team Nord", "team_nord"),
        ("it's", "it's"),
        # Both are listed, and each means itself.
        ("On Hold", "On Hold"),
        ("on_hold", "on_hold"),
        ("billing", None),
        ("anna_schmidt", None),
        ("second_line_anna", None),
    ],
)
def test_a_listed_label_is_kept_in_the_spelling_of_the_list(value: str, kept: str | None):
    labels = ("second_line", "team_nord", "it's", "On Hold", "on_hold")
    found = stored(RawColumn("team", "string", personal="hash", keep="listed", labels=labels), value)
    assert found == kept or (kept is None and re.fullmatch("hashed_[0-9a-f]{18}", str(found)))
    assert stored(RawColumn("team", "string", personal="hash", keep="listed"), value) != value


LISTED = "{name: status, data_type: string, config: {meta: {cx: {personal: hash, keep: listed}}}}"


def test_labels_are_listed_by_seeds_and_value_sets(shop: Inputs):
    shop.declare(DECLARATION.replace("{name: status, data_type: string}", LISTED).replace("severity: ", ""))
    seeds = shop.project.root / "seeds"
    seeds.mkdir()
    (seeds / "labels.csv").write_text("column_name,label\nstatus,waiting\nteam,elsewhere\nstatus,\n")
    (seeds / "schedule_assignments.csv").write_text("column_name,label,schedule\nstatus,Held,support\n")
    (seeds / "states.csv").write_text("\ufeffstatus,meaning\nparked,later\n", encoding="utf-8")
    table = read_source(shop.project, "shop").tables[0]
    labels = {column.name: column.labels for column in table.columns}
    assert labels == {
        "ticket_id": (),
        "created_at": (),
        "status": ("waiting", "Held", "parked", "open", "solved"),
        "minutes": (),
    }
    # The user's own: the labels of another column.
    shop.declare(
        DECLARATION.replace("{name: status, data_type: string}", LISTED.replace("listed}", "listed, labels: [team]}"))
    )
    assert read_source(shop.project, "shop").tables[0].columns[2].labels == ("elsewhere",)
    (seeds / "labels.csv").write_bytes(b"column_name,label\nstatus,\xff\n")
    with pytest.raises(CxError, match="the seed cannot be read"):
        read_source(shop.project, "shop")


def test_the_build_says_in_which_column_labels_were_hashed_and_where_to_list_them(shop: Inputs):
    shop.declare(
        DECLARATION.replace("{name: status, data_type: string}", LISTED).replace("solved]}", "solved], severity: warn}")
    )
    shop.give("tickets.csv", HEADER + "".join(f"{n},2024-01-01,{'Erika' if n % 2 else 'Otto'},1\n" for n in range(9)))
    result = shop.load()
    (note,) = result.tables[0].drift
    assert note == (
        "labels that nobody lists were stored as hashes: status (2 in 9 rows);"
        " a line in seeds/labels.csv keeps one: status,LABEL"
    )


def test_other_hashed_values_are_counted(shop: Inputs):
    shop.declare(DECLARATION.replace("{name: status, data_type: string}", LISTED.replace("listed", "id")))
    shop.give("tickets.csv", HEADER + "1,2024-01-01,Erika,1\n2,2024-01-01,open,1\n")
    assert shop.load().tables[0].drift == ("values of unexpected form were stored as hashes: status (2)",)


def stored(column: RawColumn, text: str | None) -> str | None:
    """What is stored of a text."""
    given = sql("cast({text} as varchar)", text=DuckDBLoading.literal(text))
    with FileReader(KEY).connected() as connection:
        answer = connection.execute(f"select {guarded(column, given, DuckDBLoading)}")
        return answer.fetchall()[0][0]


def test_a_text_is_kept_hashed_or_dropped_as_its_column_says():
    digits = hmac.new(KEY, b"Erika", "sha256").hexdigest()[:18]
    assert stored(RawColumn("name", "string"), "Erika") == "Erika"
    assert stored(RawColumn("name", "string", personal="none"), "Erika") == "Erika"
    assert stored(RawColumn("name", "string", personal="drop"), "Erika") is None
    assert stored(RawColumn("name", "string", personal="hash"), "Erika") == f"hashed_{digits}"
    assert stored(RawColumn("name", "string", personal="hash"), None) is None
    assert stored(RawColumn("name", "string", personal="hash", keep="E[a-z]+"), "Erika") == "Erika"
    # A pattern is of the whole text.
    assert stored(RawColumn("name", "string", personal="hash", keep="E[a-z]"), "Erika") == f"hashed_{digits}"
