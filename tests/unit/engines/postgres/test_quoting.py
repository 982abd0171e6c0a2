"""Names and texts of any kind come back from SQL as they went in, on a real server."""

from cxmetrics.definitions.project import Project
from support.hostile_texts import all_come_back
from support.parsed_project import ROOT
from support.postgres_server import Server, postgres

__all__ = ["postgres"]


def test_all_come_back(postgres: Server):
    engine = postgres.engine(Project(ROOT))
    with engine.building() as connection:
        all_come_back(connection, engine)
