from types import SimpleNamespace

from cxmetrics.build.pipeline import Built
from cxmetrics.reports.build import built_text

TABLE = SimpleNamespace(
    source="shop", table="tickets", files=1, raw=1_000, accepted=998, rejected=2, top_rule="not_in_set",
    drift=("a new column [x]",), warnings=("unusually few rows",),
)  # fmt: skip
MISSING = SimpleNamespace(source="shop", table="orders", files=0, raw=0, rejected=0, drift=(), warnings=())
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
