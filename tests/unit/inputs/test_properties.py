"""Whatever is done to a raw file: it is refused in words, or each of its rows is accepted or rejected with a reason."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmetrics.engines.sql import joined, sql
from cxmetrics.errors import CxError
from support.raw_inputs import DECLARATION, Inputs

# A load takes about half a second, most of it Great Expectations' own.
BOUNDED = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
HEADER = b"ticket_id,created_at,status,minutes"
DELIVERED = ("ticket_id", "created_at", "status", "minutes")

cells = st.one_of(
    st.sampled_from(["t1", "t2", "t3", "", "open", "solved", "lost", "1", "-1", "1e400", "2024-01-01", "31.12.2023"]),
    st.text(st.characters(codec="utf-8", exclude_characters='",\r\n;\t|\0'), max_size=12),
)
good = st.tuples(
    st.integers(0, 99).map("t{}".format),
    st.just("2024-01-01 10:00"),
    st.sampled_from(["open", "solved"]),
    st.integers(0, 9).map(str),
)
lines = st.one_of(good, st.lists(cells, min_size=1, max_size=6)).map(lambda row: ",".join(row).encode())
# What is put into the bytes of a file, and where.
wounds = st.lists(
    st.tuples(
        st.floats(0, 1), st.sampled_from([b"\xff", b'"', b"\0", b",", b"\r\n", b"\xc3", b"'", b"\n\n", b"\xef\xbb\xbf"])
    ),
    max_size=3,
)
endings = st.sampled_from([b"\n", b"\r\n", b"\r"])


def wounded(content: bytes, wounds: list[tuple[float, bytes]]) -> bytes:
    for where, what in wounds:
        # The header stays: what becomes of wrong headers is tested by name.
        at = len(HEADER) + 2 + int(where * max(len(content) - len(HEADER) - 2, 0))
        content = content[:at] + what + content[at:]
    return content


@pytest.fixture
def lenient(shop: Inputs) -> Inputs:
    """The shop without a limit of rejected rows."""
    shop.declare(DECLARATION.replace("max_rejected_share: 0.5", "max_rejected_share: 1"))
    return shop


ACCEPTED = sql(
    "select {columns} from raw_shop.tickets as r where not exists (select 1"
    " from quarantine.rejected_rows as q where q.row_key = cast(r._cx_row as varchar))",
    columns=joined(DELIVERED),
)


def accepted(shop: Inputs) -> list[tuple]:
    return shop.query(f"{ACCEPTED} order by all")


@BOUNDED
@given(rows=st.lists(lines, min_size=1, max_size=12), ending=endings, wounds=wounds)
def test_no_row_is_lost_whatever_is_done_to_the_file(lenient: Inputs, rows: list[bytes], ending: bytes, wounds: list):
    content = wounded(ending.join([HEADER, *rows]) + ending, wounds)
    (lenient.raw / "tickets.csv").write_bytes(content)
    try:
        table = lenient.table("tickets")
    except CxError as error:
        assert error.exit_code == 2
        # Only a quote can make it unclear where rows begin.
        assert b'"' in content, error
        assert "quote" in error.what
        return
    kept = accepted(lenient)
    assert len(kept) + table.rejected == table.raw
    if b'"' not in content:
        assert table.raw == len([line for line in re.split(rb"\r\n|\r|\n", content)[1:] if line])
    assert lenient.query("select count(*) from quarantine.rejected_rows where coalesce(rule, '') = ''") == [(0,)]
    assert lenient.query("select count(distinct row_key) from quarantine.rejected_rows") == [(table.rejected,)]


@BOUNDED
@given(rows=st.lists(lines, min_size=1, max_size=12))
def test_the_accepted_rows_alone_are_accepted_as_they_are(lenient: Inputs, rows: list[bytes]):
    # So every number made of the marts is the number of the accepted rows alone.
    (lenient.raw / "tickets.csv").write_bytes(b"\n".join([HEADER, *rows]) + b"\n")
    lenient.load()
    kept = accepted(lenient)
    (lenient.raw / "tickets.csv").unlink()
    # The project's own connections write no file.
    with duckdb.connect(lenient.engine.build_location) as connection:
        connection.execute(f"copy ({ACCEPTED}) to '{lenient.raw / 'tickets.parquet'}' (format parquet)")
    table = lenient.table("tickets")
    (lenient.raw / "tickets.parquet").unlink()
    assert (table.raw, table.rejected) == (len(kept), 0)
    assert accepted(lenient) == kept
