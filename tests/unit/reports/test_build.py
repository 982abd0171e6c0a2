from types import SimpleNamespace

from cxmetrics.build.pipeline import Built
from cxmetrics.published.not_counted import NotCounted
from cxmetrics.reports.build import ROWS_SHOWN, built_text, not_counted_text

TABLE = SimpleNamespace(
    source="shop", table="tickets", files=1, raw=1_000, accepted=998, rejected=2, superseded=0, top_rule="not_in_set",
    drift=("a new column [x]",), warnings=("unusually few rows",),
)  # fmt: skip
MISSING = SimpleNamespace(
    source="shop", table="orders", files=0, raw=0, rejected=0, superseded=0, drift=(), warnings=()
)
RUN = SimpleNamespace(sources=("shop",), tables=(TABLE, MISSING), notes=("a note",), is_synthetic=True)


def test_a_build_tells_its_inputs_its_steps_and_what_to_know():
    built = Built(RUN, {"pass": 3, "warn": 1}, 12_345, "warehouse/cx.duckdb", ["metrics have none"], {"inputs": 1.25})
    lines = [line for line in built_text(built).splitlines() if line.strip("─")]
    assert lines[0].split() == ["shop", "files", "raw", "accepted", "rejected", "most", "rejected", "by"]
    assert lines[1].split() == ["tickets", "1", "1,000", "998", "2", "not_in_set"]
    for line in (
        "no files: orders",
        "note: tickets: a new column [x]",
        "warning: tickets: unusually few rows",
        "note: a note",
        "998 of 1,000 rows accepted, 2 rejected.",
        "Synthetic data: nobody in it exists.",
        "dbt build: 3 pass, 1 warn",
        "metric values: 12,345 rows",
        "seconds: inputs 1.2; 1.2 in all",
        "Published: warehouse/cx.duckdb",
        "note: metrics have none",
    ):
        assert line in lines, line
    assert lines[-1].startswith("Next: cx scorecard")


def test_what_is_not_counted_is_told_only_where_there_is_something():
    nothing = Built(RUN)
    assert "not counted" not in built_text(nothing)
    row = NotCounted("shop", "tickets", "contact_without_reason", 4_321, 1, None, None)
    built = Built(RUN, not_counted=[row])
    lines = [" ".join(line.split()) for line in built_text(built).splitlines()]
    assert "shop.tickets 4,321 contact without a reason: in no cause stage" in lines
    many = not_counted_text([row] * (ROWS_SHOWN + 3))
    assert "and 3 more rows in metrics.not_counted" in many
