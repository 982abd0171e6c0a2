"""The policy about people is read from dbt_project.yml, and a wrong one is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxmetrics.checks import run
from cxmetrics.definitions.people import Agents, Customers, People
from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from support.parsed_project import copy_project

DECLARED = "    agent: {ids: false, smallest_group: 5}\n"


def changed(root: Path, declared: str) -> Project:
    copy_project(root)
    settings = root / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    assert text.count(DECLARED) == 1
    settings.write_text(text.replace(DECLARED, declared), encoding="utf-8")
    return Project(root)


def test_without_the_variable_agents_are_not_published(tmp_path: Path):
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    assert Project(tmp_path).people == People(agent=Agents(ids=False, smallest_group=5), customer=Customers())


def test_the_variable_below_the_projects_name_comes_first(tmp_path: Path):
    text = "name: shop\nvars: {people: {agent: {ids: false}}, shop: {people: {agent: {ids: true}}}}\n"
    (tmp_path / "dbt_project.yml").write_text(text)
    assert Project(tmp_path).people.publishes("agent")


def test_a_misspelt_variable_is_no_policy(tmp_path: Path):
    (tmp_path / "dbt_project.yml").write_text("name: shop\nvars:\n  poeple: {agent: {ids: false}}\n")
    with pytest.raises(CxError, match="read by nobody") as refused:
        _ = Project(tmp_path).people
    assert (refused.value.line, refused.value.nearest) == (3, "people")


@pytest.mark.parametrize(
    ("declared", "what", "got"),
    [
        ("    agent: {id: true}\n", "unknown key 'agent.id'", "id"),
        ("    agent: {ids: 'no'}\n", "bad value for 'agent.ids'", "no"),
        ("    agent: {ids: true, smallest_group: 1}\n", "bad value for 'agent.smallest_group'", "1"),
        ("    agent: yes\n", "'agent' holds keys and values", "True"),
        ("    supplier: {ids: true}\n", "unknown key 'supplier'", "supplier"),
    ],
)
def test_a_policy_that_cannot_be_read_is_a_finding_with_its_line(tmp_path: Path, declared: str, what: str, got: str):
    project = changed(tmp_path / "project", declared)
    with pytest.raises(CxError) as refused:
        _ = project.people
    text = (project.root / "dbt_project.yml").read_text(encoding="utf-8")
    line = text[: text.index(declared)].count("\n") + 1
    assert (refused.value.file, refused.value.line, refused.value.got) == ("dbt_project.yml", line, got)
    assert refused.value.what.startswith(what)
    (finding,) = [found for found in run(project) if found.check == "definitions_can_be_read"]
    assert (finding.file, finding.line, finding.got) == ("dbt_project.yml", line, got)
