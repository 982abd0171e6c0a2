"""Definitions and command lines that nobody would write: words and an exit code, never a defect."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmetrics.checks import run
from cxmetrics.cli import main
from cxmetrics.errors import EXIT_DEFECT, CxError
from support.copied_project import SmallProject

BOUNDED = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
METRIC = "metrics/service/reopen_rate.yml"

snippets = st.one_of(
    st.sampled_from(
        [
            "[",
            "]",
            "{",
            "}",
            ": ",
            "- ",
            "\n",
            "\t",
            "&a ",
            "*a",
            "<<: ",
            "!!python/object:os.system ",
            "!!binary x",
            "|",
            "? ",
            "---\n",
            "null",
            "1e999",
            "\x07",
            "'",
            '"',
            "#",
            "2026-13-45",
            "true",
            "metrics:",
            "{{ env_var('HOME') }}",
        ]
    ),
    st.text(max_size=8),
)
# At a share of the file, so many characters are replaced by something.
edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), snippets), min_size=1, max_size=4)


@BOUNDED
@given(edits=edits)
def test_a_broken_metric_file_gives_findings(small: SmallProject, edits: list[tuple[float, int, str]]):
    text = (Path(__file__).parent / "small_project" / METRIC).read_text(encoding="utf-8")
    for where, removed, added in edits:
        at = int(where * len(text))
        text = text[:at] + added + text[at + removed :]
    (small.root / METRIC).write_bytes(text.encode("utf-8", errors="surrogatepass"))
    try:
        findings = run(small.project)
    except CxError as error:
        assert str(error)
        return
    assert all(finding.sentence for finding in findings)


# Without those that make a gigabyte of data or wait for a browser.
words = st.one_of(
    st.sampled_from(
        [
            "--json",
            "--raw",
            "--raw-schema",
            "--source",
            "--target",
            "--explain",
            "--data-docs",
            "--by",
            "--grain",
            "--where",
            "--since",
            "--until",
            "--format",
            "--domain",
            "--rollback",
            "--help",
            "--as-of",
            "--",
            "-",
            "month",
            "2026-01-01",
            "reopen_rate",
            "tickets:12",
            "duckdb",
            ".",
            "/dev/null",
            "'; drop table x; --",
            "../..",
            "%s",
            "{x}",
            "-1",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10),
)
command_lines = st.tuples(
    st.sampled_from(
        [["inputs"], ["check"], ["query"], ["scorecard"], ["audit"], ["docs"], ["publish"], ["new", "metric"], ["nwe"]]
    ),
    st.lists(words, max_size=5),
).map(lambda drawn: [*drawn[0], *drawn[1]])


@pytest.fixture
def _inside_a_project(small: SmallProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small.root)
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(Path(__file__).resolve().parents[2]))


@pytest.mark.usefixtures("_inside_a_project")
@BOUNDED
@given(arguments=command_lines)
def test_a_strange_command_line_is_answered(arguments: list[str]):
    assert main(arguments) != EXIT_DEFECT, arguments
