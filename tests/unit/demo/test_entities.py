"""The entities of the demo are those of the project, and every one is made by a script there is."""

from __future__ import annotations

from importlib.resources import files

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.demo.entities import COLUMNS, KEYS, SCRIPTS


def test_every_entity_that_the_canonical_source_provides_is_made(cx_project: Project):
    assert set(COLUMNS) == set(cx_project.vars["source_entities"]["canonical"])


def test_the_scripts_are_the_files_there_are():
    there = {file.name.removesuffix(".sql") for file in files("cxmetrics.demo").joinpath("sql").iterdir()}
    assert set(SCRIPTS) == there
    assert len(SCRIPTS) == len(there)


@pytest.mark.parametrize("entity", COLUMNS)
def test_the_key_of_an_entity_is_among_its_columns(entity: str):
    assert set(KEYS[entity]) <= set(COLUMNS[entity])
