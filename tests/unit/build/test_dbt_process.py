"""What dbt says, in words people can act on."""

import pytest

from cxmetrics.build.dbt_process import Transform
from cxmetrics.errors import BuildFailed


def judged(*messages: str) -> BuildFailed:
    """What is raised when nodes failed with these messages."""
    failures = [
        {"name": f"node_{number}", "status": "error", "message": message, "file": f"models/{number}.sql"}
        for number, message in enumerate(messages)
    ]
    transform = Transform.__new__(Transform)
    with pytest.raises(BuildFailed) as failed:
        transform._judged({"success": False, "failures": failures, "exception": None})
    return failed.value


def test_failed_nodes_are_named_with_what_to_do():
    error = judged("Got 1 result, configured to fail if != 0")
    assert "1 of dbt's nodes failed; nothing was published\n  node_0 (error): Got 1 result" in error.what
    assert error.file == "models/0.sql"
    assert error.next_step.startswith("fix what is named")


def test_colours_of_dbt_are_left_out():
    assert judged("actual \x1b[31mdiffers\x1b[0m").what.endswith("node_0 (error): actual differs")


def test_a_full_disk_is_no_fault_of_the_model_it_was_met_in():
    error = judged('IO Error: Could not write file "cx.duckdb": No space left on device', "skipped")
    assert error.next_step.startswith("make room, then run cx build again")


def test_five_failures_are_shown_and_the_rest_counted():
    assert judged(*("broken" for _ in range(8))).what.endswith("  and 3 more")


def test_a_build_that_succeeds_is_handed_on():
    outcome = {"success": True, "counts": {"pass": 1}}
    assert Transform.__new__(Transform)._judged(outcome) is outcome
