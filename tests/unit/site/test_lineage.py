"""The way of the data, from a manifest as dbt writes it."""

from __future__ import annotations

import json

import pytest

from cxmetrics.site.lineage import Lineage
from support.copied_project import SmallProject


@pytest.fixture(autouse=True)
def _own_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)


def _node(kind: str, path: str, *inputs: str, **others: object) -> dict[str, object]:
    name = path.rsplit("/", 1)[-1].removesuffix(".sql")
    return {"resource_type": kind, "name": name, "path": path, "depends_on": {"nodes": list(inputs)}, **others}


def _write_manifest(small: SmallProject) -> None:
    small.write(
        "target/manifest.json",
        json.dumps(
            {
                "sources": {
                    "source.a.tickets": _node("source", "tickets", source_name="a"),
                    "source.quarantine.loads": _node("source", "loads", source_name="quarantine"),
                    "source.a.orders": _node("source", "orders", source_name="a"),
                },
                "nodes": {
                    "model.stg": _node(
                        "model", "staging/a/stg_tickets.sql", "source.a.tickets", "source.quarantine.loads"
                    ),
                    "seed.reasons": _node("seed", "reasons.csv"),
                    "model.int": _node("model", "entities/int_tickets.sql", "model.stg", "seed.reasons"),
                    "model.fct": _node("model", "marts/service/fct_tickets.sql", "model.int", description=" One  row "),
                    "test.unique": _node("test", "unique.sql", "model.fct"),
                },
            }
        ),
    )


def test_the_way_goes_layer_by_layer_and_leaves_out_what_is_not_on_it(small: SmallProject) -> None:
    _write_manifest(small)
    way = Lineage(small.project).way_to(["fct_tickets"])
    assert [(layer, [step.name for step in steps]) for layer, steps in way] == [
        ("Raw tables", ["a.tickets"]),
        ("Look-ups", ["reasons.csv"]),
        ("Staging", ["stg_tickets"]),
        ("Intermediate", ["int_tickets"]),
        ("Marts", ["fct_tickets"]),
    ]
    assert way[-1][1][0].description == "One row"
    assert way[-1][1][0].inputs == ("int_tickets",)


def test_where_dbt_has_not_run_nothing_is_known(small: SmallProject) -> None:
    lineage = Lineage(small.project)
    assert lineage.layers() == [] and lineage.way_to(["fct_tickets"]) == []
