"""Models, simple metrics and groups as the files below ``models/`` declare them."""

from __future__ import annotations

import pytest

from cxmetrics.errors import CxError

FACT = "models/marts/service/fct_tickets.yml"


def test_a_model_knows_its_schema_columns_and_entities(small):
    model = small.project.models()["fct_tickets"]
    assert (model.schema, model.folder, model.primary_entity) == ("service", "marts/service", "ticket")
    assert model.foreign_entities == ["customer"]
    assert model.column("created_on").granularity == "day"
    assert model.column("nothing") is None
    assert small.project.models()["stg_canonical__tickets"].schema == "staging"


def test_a_block_takes_its_time_from_its_model_unless_it_has_its_own(small):
    blocks = small.project.blocks()
    assert blocks["tickets_first_replied"].agg_time_dimension == "created_on"
    assert blocks["tickets_solved"].agg_time_dimension == "first_solved_on"


def test_a_block_knows_its_lines(small):
    block = small.project.blocks()["tickets_reopened"]
    lines = (small.root / FACT).read_text(encoding="utf-8").splitlines()
    assert lines[block.line - 1].strip() == "- name: tickets_reopened"
    assert lines[block.line_of("expr") - 1].strip().startswith("expr: is_reopened")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "must hold keys and values"),
        ("models: {}\n", "'models' must be a list"),
        ("models:\n  - description: x\n", "an entry of 'models' needs a name"),
        ("models:\n  - name: m\n    columns: [a]\n", "an entry of 'columns' needs a name"),
        ("models:\n  - name: m\n    metrics: 3\n", "'metrics' must be a list"),
        ("models:\n  - name: fct_tickets\n", "declared twice"),
        ("groups:\n  - name: support\n", "declared twice"),
    ],
)
def test_a_models_file_of_the_wrong_shape_is_refused_with_its_name(small, text, words):
    small.write("models/zz.yml", text)
    with pytest.raises(CxError, match=words) as raised:
        small.project.models()
    assert raised.value.file == "models/zz.yml"
