"""``cx audit`` on a small published file."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from cxmetrics import cli
from cxmetrics.definitions.project import Project
from cxmetrics.published.audit import CUSTOMER_COLUMNS, FINDING_COLUMNS, LENS_COLUMNS
from cxmetrics.published.schema import CHURNED_CUSTOMERS, DUAL_LENS, EXPERIENCE_AUDIT
from support.facts import fill

ROWS = """
insert into journey.experience_audit by name
from (values
    ('use', 'all', 'service masks an experience failure', 1, 250, 0.082, 0.041, 0.123, 0.0004, 91000.4, 45500, 136500),
    ('renewal', 'all', 'insufficient sample', 2, 12, null, null, null, null, null, null, null),
    ('use', 'a|b [red]*', 'healthy', 1, 100, -0.01, -0.05, 0.03, 0.7, -500, -2500, 1500),
    ('renewal', 'a|b [red]*', 'insufficient sample', 2, 0, null, null, null, null, null, null, null),
    ('use', 'home', 'insufficient sample', 3, 0, null, null, null, null, null, null, null)
) as rows(stage, segment, finding, audit_rank, affected, adjusted_difference, ci_low, ci_high, q_value,
    revenue_at_risk, revenue_at_risk_low, revenue_at_risk_high);
update journey.experience_audit set stage_position = case stage when 'use' then 5 else 7 end,
    accountable_group = case stage when 'use' then 'product' else 'success' end,
    service_score = case when segment = 'all' and stage = 'use' then 96.5 end,
    service_answers = case when segment = 'all' and stage = 'use' then 57 else 0 end;
update journey.experience_audit set experience_answers = 0, avoidable_share = 0.75, contacts_per_100_journeys = 12.34,
    contacts_without_cause = 4321;
insert into journey.dual_lens by name
from (values ('use', 'all', 3, 2, 1, 3, 2, 2))
    as rows(stage, segment, churned, churned_with_opinion, satisfied_churned, churned_with_known_silence,
    silent_churned, churned_after_praise);
insert into journey.fct_churned_customers by name
from (values
    ('a:1', 'a', 'home', 'use', true, false, 'use', timestamp '2026-01-05'),
    ('b:1', 'b', 'home', 'renewal', true, false, 'use', timestamp '2026-01-07'),
    ('c:1', 'c', 'a|b [red]*', 'use', null, true, null, timestamp '2026-01-06'),
    ('d:1', 'd', 'home', 'use', false, true, 'renewal', timestamp '2026-01-04')
) as rows(journey_id, customer_id, segment, stage, is_satisfied, is_silent, answered_cause_stage, ended_at);
insert into journey.contact_ownership by name
from (values
    ('use', 'product', 'first_line', true, 6, 3),
    ('use', 'product', 'billing', true, 3, 3),
    ('service', 'support', 'first_line', false, 1, 1),
    (null, null, 'first_line', null, 5, 0)
) as rows(cause_stage, accountable_group, handling_team, is_outside_support, contacts, avoidable_contacts);
create table metrics.build_info as
select timestamp '2026-03-31 23:59:59' as as_of, 'canonical' as sources, true as is_synthetic, '1' as version;
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, cx_project: Project) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    with duckdb.connect(str(folder / "cx.duckdb")) as connection:
        fill(connection, cx_project)
        connection.execute(ROWS)
    return folder


@pytest.fixture(autouse=True)
def inside(warehouse: Path, cx_project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CX_WAREHOUSE", str(warehouse))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(cx_project.root))


def shown(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert cli.main(["audit", *arguments]) == code
    printed = capsys.readouterr()
    return printed.out if code == 0 else printed.err


def lines_of(text: str) -> list[str]:
    """The lines without the blanks that set columns."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_findings_come_by_rank_with_group_difference_interval_and_revenue(capsys: pytest.CaptureFixture[str]):
    printed = shown(capsys)
    assert "SYNTHETIC DEMO DATA" in printed
    assert "associated with the stage, never shown to be caused by it" in " ".join(printed.split())
    lines = lines_of(printed)
    first = lines.index("1. use service masks an experience failure 250 +8.2 points 0.000 91,000")
    assert lines[first + 1] == "product +4.1 to +12.3 45,500 to 136,500"
    # What cannot be told is no zero.
    assert lines[first + 2] == "2. renewal insufficient sample 12 – not tested –"


def test_both_lenses_stand_beside_each_other(capsys: pytest.CaptureFixture[str]):
    lines = lines_of(shown(capsys))
    first = lines.index("use 12.3 75 % 96.5 % – 3 2 of 3 2")
    assert lines[first + 1 : first + 4] == ["n = 57 n = 0", "renewal 12.3 75 % – – 0 0 of 0 0", "n = 0 n = 0"]


def test_contacts_of_unknown_cause_are_counted_beside_the_stages(capsys: pytest.CaptureFixture[str]):
    assert "4,321 more contacts are in no stage: their cause is not known." in " ".join(shown(capsys).split())


def test_who_causes_contacts_stands_beside_who_handles_them(capsys: pytest.CaptureFixture[str]):
    printed = shown(capsys)
    assert "90.0 % of 10 contacts with a known cause are accountable outside support." in printed
    lines = lines_of(printed)
    assert "accountable group billing first_line contacts avoidable" in lines
    assert {"product 3 6 9 6", "support 0 1 1 1", "no cause known 0 5 5 0"} <= set(lines)


def test_json_has_everything_at_full_precision(capsys: pytest.CaptureFixture[str]):
    answer = json.loads(shown(capsys, "--json"))
    assert (answer["is_synthetic"], answer["as_of"], answer["segment"]) == (True, "2026-03-31 23:59:59", "all")
    assert [row["stage"] for row in answer["findings"]] == ["use", "renewal"]
    assert set(answer["findings"][0]) == {*FINDING_COLUMNS, *LENS_COLUMNS}
    assert answer["findings"][0]["revenue_at_risk"] == 91000.4
    assert answer["ownership"]["share_outside_support"] == 0.9
    assert answer["ownership"]["contacts"] == 15
    assert len(answer["ownership"]["groups_and_teams"]) == 4


def test_one_stage_and_one_segment_can_be_asked_for(capsys: pytest.CaptureFixture[str]):
    answer = json.loads(shown(capsys, "--stage", "use", "--segment", "a|b [red]*", "--json"))
    assert [(row["stage"], row["finding"]) for row in answer["findings"]] == [("use", "healthy")]
    # Nobody of the segment left in the lens, and that is zero.
    assert answer["findings"][0]["churned"] == 0
    assert answer["ownership"]["contacts"] == 9
    assert "segment a|b [red]*" in shown(capsys, "--segment", "a|b [red]*")


def test_markdown_holds_the_same_and_no_markup_of_the_data(capsys: pytest.CaptureFixture[str]):
    printed = shown(capsys, "--format", "markdown", "--segment", "a|b [red]*")
    assert printed.startswith("**SYNTHETIC DEMO DATA")
    assert "## Experience audit, segment a\\|b \\[red\\]\\*" in printed
    assert "| 1. use | healthy; product | 100 | -1.0 points; -5.0 to +3.0 | 0.700 | -500; -2,500 to 1,500 |" in printed
    tables = [line for line in printed.splitlines() if line.startswith("|")]
    assert len(tables) == 3 * 2 + 2 + 2 + 3


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["masked"], ["b", "a"]),
        (["masked", "--stage", "use"], ["b", "a"]),
        (["masked", "--stage", "renewal"], []),
        (["silent"], ["c", "d"]),
        (["silent", "--segment", "home"], ["d"]),
        (["silent", "--stage", "renewal"], []),
    ],
)
def test_who_left_is_listed_by_id_the_last_one_first(
    capsys: pytest.CaptureFixture[str], arguments: list[str], ids: list[str]
):
    answer = json.loads(shown(capsys, "--list", *arguments, "--json"))
    assert [row["customer_id"] for row in answer["customers"]] == ids
    assert all(set(row) == set(CUSTOMER_COLUMNS) for row in answer["customers"])


def test_a_list_is_shown_as_a_table_and_as_markdown(capsys: pytest.CaptureFixture[str]):
    assert "c a|b [red]* 2026-01-06 use – – –" in lines_of(shown(capsys, "--list", "silent"))
    assert "| c | a\\|b \\[red\\]\\* | 2026-01-06 |" in shown(capsys, "--list", "silent", "--format", "markdown")
    assert "2 customers who left, whose last word on service was a good one" in shown(capsys, "--list", "masked")


@pytest.mark.parametrize(
    ("arguments", "what", "nearest"),
    [
        (["--stage", "usee"], "no such stage", "use"),
        (["--segment", "alll"], "no such segment", "all"),
        (["--list", "mask"], "no such list", "masked"),
        (["--format", "markdwn"], "not a format", "markdown"),
        (["--list", "silent", "--stage", "usee"], "no such stage", "use"),
    ],
)
def test_a_wrong_choice_is_answered_with_what_there_is(
    capsys: pytest.CaptureFixture[str], arguments: list[str], what: str, nearest: str
):
    printed = shown(capsys, *arguments, code=2)
    assert what in printed
    assert f"nearest: {nearest}\n" in printed


def test_a_file_published_before_there_was_an_audit_says_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with duckdb.connect(str(tmp_path / "cx.duckdb")) as connection:
        connection.execute(
            "create schema metrics; create table metrics.build_info as select timestamp '2026-01-01' as"
            " as_of, '' as sources, false as is_synthetic, '1' as version"
        )
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path))
    printed = shown(capsys, code=2)
    assert "what was published cannot be read" in printed
    assert "next:    cx build" in printed
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "nowhere"))
    assert "nothing has been published yet" in shown(capsys, code=2)


def test_what_is_read_is_what_the_models_declare(cx_project: Project):
    models = cx_project.models()

    def declared(table: str) -> set[str]:
        return {column.name for column in models[table.split(".")[1]].columns}

    assert set(FINDING_COLUMNS) <= declared(EXPERIENCE_AUDIT)
    assert set(LENS_COLUMNS) <= declared(DUAL_LENS)
    assert set(CUSTOMER_COLUMNS) <= declared(CHURNED_CUSTOMERS)
