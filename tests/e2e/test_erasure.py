"""One customer is erased, and the salt of all is changed, as the guides say; nothing of what went is left."""

from __future__ import annotations

import csv
import hmac
from collections.abc import Iterator
from pathlib import Path

import duckdb

from cxmetrics.engines.quoting import identifier, literal, relation
from cxmetrics.engines.sql import joined, sql
from support.guide_states import after_build, built
from support.guides import TO_CHANGE_SALT, TO_ERASE, Command, Reader, parts_run_by
from support.workplace import copy_project

__all__ = ["after_build", "built"]


def hashed(customer: str, salt: str) -> str:
    """What is stored of the id of a person."""
    return "hashed_" + hmac.new(salt.strip().encode(), customer.encode(), "sha256").hexdigest()[:18]


def erase(raw: Path, customer: str) -> set[str]:
    """Delete each row of Parquet files that holds the id of the customer, and each that refers to a deleted one; the
    ids that went with it."""
    gone, tables = {customer}, sorted(raw.glob("*.parquet"))
    before = 0
    with duckdb.connect() as connection:
        while before < len(gone):
            before = len(gone)
            for table in tables:
                columns = connection.execute(f"describe from '{table}'").fetchall()
                texts = [name for name, data_type, *_ in columns if data_type == "VARCHAR"]
                held = joined((sql("list_contains($1, {name})", name=name) for name in texts), " or ")
                read = {"key": columns[0][0], "table": literal(str(table)), "held": held}
                query = sql("select {key}::varchar from {table} where {held}", **read)
                # The first column is the row's own id, to which others refer; of a month or a customer it is no other.
                gone |= {key for (key,) in connection.execute(query, [sorted(gone)]).fetchall()}
        for table in tables:
            columns = connection.execute(f"describe from '{table}'").fetchall()
            texts = [name for name, data_type, *_ in columns if data_type == "VARCHAR"]
            held = " or ".join(f"coalesce(list_contains($1, {name}), false)" for name in texts)
            connection.execute(
                f"create or replace temp table kept as from '{table}' where not ({held})", [sorted(gone)]
            )
            connection.execute(f"copy kept to '{table}' (format parquet)")
    return gone


def holding(folder: Path, texts: set[str]) -> Iterator[str]:
    """The files of a folder that hold one of the texts; of a DuckDB file also the columns, which it compresses."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        yield from (f"{path}: {text}" for text in texts if text.encode() in content)
        if path.suffix == ".duckdb":
            yield from _columns(path, texts)


def _columns(file: Path, texts: set[str]) -> Iterator[str]:
    with duckdb.connect(str(file), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
            " where database_name = current_database() and data_type = 'VARCHAR' and not internal"
        ).fetchall()
        for schema, table, column in columns:
            # Entities put the name of the source before the id.
            query = sql(
                "select count(*) from {table} where list_contains($1, split_part({column}, ':', -1))",
                table=relation(schema, table),
                column=identifier(column),
            )
            (rows,) = connection.execute(query, [sorted(texts)]).fetchone() or (0,)
            if rows:
                yield f"{file}: {schema}.{table}.{column}, {rows} rows"


def test_nothing_of_a_customer_is_left_who_is_erased_as_the_guide_says(after_build: Reader):
    root, customer = after_build.folder, "C000012"
    published, salt = root / "warehouse" / "cx.duckdb", (root / ".cx" / "salt").read_text()
    name = hashed(customer, salt)
    (part,) = (part for part in parts_run_by("test_erasure.py") if part.start == TO_ERASE)
    removed, rebuilt, pruned, documented = part.steps
    assert list(_columns(published, {name}))
    assert list(_columns(root / "warehouse" / "build" / "cx.duckdb", {name}))
    with duckdb.connect(str(published), read_only=True) as connection:
        customers = connection.execute("select count(*) from experience.dim_customers").fetchone()[0]
    gone = erase(root / "raw", customer)
    assert len(gone) > 5
    after_build.follow([removed, rebuilt])
    assert list(holding(root / "warehouse" / "kept", {name})), "the build keeps what it replaces"
    after_build.follow([pruned, documented])
    assert (root / "target" / "site" / "index.html").is_file()
    # Also what hung on the customer: tickets, answers, orders.
    made = [root / folder for folder in ("raw", "warehouse", "target", "logs")]
    texts = gone | {hashed(one, salt) for one in gone}
    assert [found for folder in made for found in holding(folder, texts)] == []
    with duckdb.connect(str(published), read_only=True) as connection:
        left = connection.execute("select count(*) from experience.dim_customers").fetchone()[0]
    assert left == customers - 1


def test_old_and_new_ids_are_joined_once_when_the_salt_is_changed_as_the_guide_says(tmp_path: Path):
    root = tmp_path / "project"
    copy_project(root)
    raw = root / "raw"
    raw.mkdir()
    customers = [f"C{number:06}" for number in range(1, 40)]
    (raw / "customers.csv").write_text("customer_id\n" + "".join(f"{customer}\n" for customer in customers))
    reader = Reader(root)
    reader.type(Command("the state", "cx inputs", ()))
    old = (root / ".cx" / "salt").read_text()
    (part,) = (part for part in parts_run_by("test_erasure.py") if part.start == TO_CHANGE_SALT)
    reader.follow(part.steps)
    new = (root / ".cx" / "salt").read_text()
    assert old != new
    with (root / ".cx" / "old_and_new_ids.csv").open() as file:
        pairs = {(row["old_id"], row["new_id"]) for row in csv.DictReader(file)}
    assert pairs == {(hashed(customer, old), hashed(customer, new)) for customer in customers}
    # Neither the old salt nor what was loaded with it is left.
    assert list(holding(root / ".cx", {old.strip()})) == []
    assert sorted(path.name for path in (root / "warehouse").iterdir()) == ["build", "reading"]
