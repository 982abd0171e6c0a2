"""Generates worlds in which the truth is known and audits them: the demo's own scripts, and the project's own models as
dbt compiles them, in one DuckDB in memory. No dbt run a world, so a world takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from cxmetrics.demo.entities import COLUMNS, SCRIPTS
from cxmetrics.demo.generate import AS_OF, Demo, run_script, set_variables
from programs import run_program

ROOT = Path(__file__).resolve().parents[1]
# The comparison needs contacts and subscriptions and the segments; of a ticket only that it was opened, and why.
FEW_SCRIPTS = SCRIPTS[: SCRIPTS.index("tickets_opened") + 1]
# The judgement of service needs the answers to surveys too; what nothing of the audit's verdict reads stays empty.
JUDGED_SCRIPTS = tuple(script for script in SCRIPTS if script not in ("interactions", "referrals", "touchpoint_events"))
EMPTY_TOUCHPOINTS = """
    create table plan.touchpoints (
        touch_key varchar, customer_id varchar, occurred_at timestamp, touchpoint varchar, channel varchar
    )"""
OPENED_TICKETS = """
    create table tickets as
    select
        ticket_id, customer_id, contacted_at as created_at, contact_reason,
        is_contacted_by_us(contacted_at, contact_key) as is_proactive
    from plan.opened"""
# Stands in for int_audit_stages: how far journeys came decides nothing in the audit.
NO_JOURNEYS = """
    select
        stages.journey_stage as stage, segments.segment, 0 as all_journeys, 0 as journeys_with_contacts, 0 as journeys,
        0 as completed, 0 as dropped, 0 as in_progress, 0 as nps_answers, 0 as nps_balance,
        stages.position as stage_position, stages.accountable_group
    from read_csv('{seeds}/journey_stages.csv') as stages
    cross join (select distinct segment from memory.main.customers union all select 'all') as segments"""
# Segments differ in how often they leave anyway and in how often they meet friction, and in the same direction.
SIMPSON = {"consumer": (0.005, 0.5), "business": (0.1, 6.0), "enterprise": (0.1, 6.0)}


@dataclass(frozen=True)
class Model:
    """One relation of the audit, as dbt compiled it."""

    name: str
    schema: str
    relation: str
    kind: str
    sql: str


@cache
def _compiled() -> dict[str, dict]:
    """The nodes of dbt's manifest, with the SQL of the audit and of all that it reads."""
    with tempfile.TemporaryDirectory() as folder:
        names = ("CX_WAREHOUSE", "DBT_TARGET_PATH", "DBT_LOG_PATH")
        places = dict.fromkeys(names, folder) | {"DBT_PROFILES_DIR": str(ROOT)}
        (Path(folder) / "build").mkdir()
        dbt = str(Path(sys.executable).with_name("dbt"))
        command = [dbt, "--quiet", "compile", "--no-print", "--select", "+experience_audit"]
        as_of = json.dumps({"as_of": AS_OF.isoformat(sep=" ")})
        run_program(
            [*command, "--vars", as_of], cwd=ROOT, env={**os.environ, **places}, stdout=subprocess.DEVNULL, check=True
        )
        return json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["nodes"]


@cache
def models(target: str, given: frozenset[str] = frozenset()) -> tuple[Model, ...]:
    """The relations that ``target`` needs, every one after what it reads; nothing of what only ``given`` ones read."""
    nodes = _compiled()
    wanted: dict[str, Model] = {}

    def visit(key: str) -> None:
        node = nodes.get(key)
        if node is None or key in wanted:
            return
        if not node["name"].startswith("stg_") and node["name"] not in given:
            for before in node["depends_on"].get("nodes", []):
                visit(before)
        wanted[key] = _model(node)

    visit(f"model.cxmetrics.{target}")
    return tuple(wanted.values())


def _model(node: dict) -> Model:
    name = node["name"]
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    if node["resource_type"] == "seed":
        kind, sql = "table", f"from read_csv('{ROOT / node['original_file_path']}')"
    elif name.startswith("stg_"):
        entity = name.split("__")[1]
        kind, sql = "view", f"from memory.main.{entity}"
    else:
        sql = node["compiled_code"]
    return Model(name, node["schema"], node["relation_name"], kind, sql)


def world(demo: Demo, scripts: tuple[str, ...], odds: dict[str, tuple[float, float]] | None = None):
    """A connection with the entities that ``scripts`` make, the others empty; ``odds`` says for a segment how likely
    friction is in a month, and how much likelier than usual it leaves anyway."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; set threads = 1; attach ':memory:' as cx")
    set_variables(connection, demo)
    for script in scripts:
        if script == "survey_plan":
            connection.execute(EMPTY_TOUCHPOINTS)
        run_script(connection, script)
        if script == "planted":
            for segment, chances in (odds or {}).items():
                connection.execute(
                    "update plan.segment_odds set friction_chance = $1, departure_odds = $2 where segment = $3",
                    [*chances, segment],
                )
    if "tickets" not in scripts:
        connection.execute(OPENED_TICKETS)
    for entity in COLUMNS:
        _complete(connection, entity)
    return connection


def _complete(connection: duckdb.DuckDBPyConnection, entity: str) -> None:
    """Gives an entity all its columns, with their types."""
    found = connection.execute(
        "select column_name from duckdb_columns() where database_name = 'memory' and schema_name = 'main'"
        " and table_name = $1",
        [entity],
    )
    held = {name for (name,) in found.fetchall()}
    columns = ", ".join(
        f"{name if name in held else 'null'}::{kind} as {name}" for name, kind in COLUMNS[entity].items()
    )
    rows = f"from memory.main.{entity}" if held else "where false"
    connection.execute(f"create or replace table memory.main.{entity} as select {columns} {rows}")


def audit(connection: duckdb.DuckDBPyConnection, target: str, given: dict[str, str] | None = None) -> list[dict]:
    """The rows of ``target`` for the world in ``connection``, with the SQL in ``given`` in place of these models."""
    given = given or {}
    relations = models(target, frozenset(given))
    connection.execute("use cx")
    for model in relations:
        sql = given.get(model.name, model.sql).replace("{seeds}", str(ROOT / "seeds"))
        connection.execute(f"create schema if not exists {model.schema}")
        connection.execute(f"create {model.kind} {model.relation} as {sql}")
    found = connection.table(relations[-1].relation)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
