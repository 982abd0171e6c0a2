from cxmetrics.engines.interface import Published
from cxmetrics.reports.publications import listed, rolled_back


def one(name: str, state: str, *, is_synthetic: bool = False) -> Published:
    return Published(name, "2026-01-02 12:00:00 UTC", state, "warehouse/cx.duckdb", "2026-01-01", "a, b", is_synthetic)


def test_nothing_published_names_the_next_step():
    assert listed([]) == "Nothing has been published yet.\nNext: cx build\n"


def test_the_way_back_is_named_where_there_is_one():
    current, kept = one("20260102", "current", is_synthetic=True), one("20260101", "kept")
    assert "--rollback" not in listed([current])
    printed = listed([current, kept])
    assert "a, b (synthetic)" in printed and "20260101" in printed
    assert printed.endswith("Next: cx publish --rollback, or --rollback --to NAME\n")


def test_a_roll_back_says_what_is_published_instead_of_what():
    printed = rolled_back(one("20260101", "current"), one("20260102", "withdrawn", is_synthetic=True))
    assert printed.splitlines()[:2] == [
        "Published again: 20260101, as of 2026-01-01, sources a, b",
        "Instead of: 20260102, as of 2026-01-01, sources a, b, synthetic data",
    ]
    assert "--to 20260102 goes back" in printed
    assert "Instead of" not in rolled_back(one("20260101", "current"), None)
