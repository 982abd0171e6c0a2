"""Files in the warehouse folder of a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxmetrics.engines.spark.session import Session


def test_a_file_is_stored_listed_and_removed(session: Session, tmp_path: Path):
    from cxmetrics.engines.spark.files import Storage

    storage, file = Storage(session.spark), tmp_path / "a 100%20 file.parquet"
    file.write_bytes(b"content")
    folder = storage.path("stored", "here")
    assert storage.names(folder) == []
    storage.store(file, storage.path("stored", "here", "a.parquet"))
    # Hadoop puts a checksum beside a local file and does not list it.
    assert storage.names(folder) == ["a.parquet"]
    assert file.exists()
    storage.remove(folder)
    assert storage.names(folder) == []


def test_what_spark_wrote_as_one_part_is_fetched_as_one_file(session: Session, tmp_path: Path):
    from cxmetrics.engines.spark.files import Storage

    storage = Storage(session.spark)
    folder = storage.path("answers", "one")
    session.sql("select 1 as id").coalesce(1).write.csv(folder)
    storage.fetch(folder, tmp_path / "it's.csv")
    assert (tmp_path / "it's.csv").read_text() == "1\n"
    assert [file.name for file in tmp_path.iterdir()] == ["it's.csv"]
