"""What the guides say of PostgreSQL runs as written: an administrator's statements, then a build and its readers."""

from __future__ import annotations

import os
from pathlib import Path

from support.guide_states import small_project
from support.guides import AS_ADMINISTRATOR, ON_POSTGRES, Reader, parts_run_by
from support.postgres_cluster import USER, own_cluster
from support.programs import run_program


def test_the_steps_on_postgresql_run_as_written(tmp_path: Path):
    """On a server of its own: the roles and the database have the names that the guide gives them."""
    parts = {part.start: part for part in parts_run_by("test_postgres_guides.py")}
    with own_cluster({}) as cluster:
        login = {"PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGUSER": USER, "PGPASSWORD": cluster.password}

        def query(text: str) -> None:
            command = ["psql", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", "postgres"]
            done = run_program(
                command, input=text, env=os.environ | login, capture_output=True, text=True, check=False
            )  # fmt: skip
            assert done.returncode == 0, done.stderr

        small_project(tmp_path / "project")
        reader = Reader(tmp_path / "project", query, CX_POSTGRES_PORT=str(cluster.port))
        for start in (AS_ADMINISTRATOR, ON_POSTGRES):
            reader.follow(parts[start].steps)
