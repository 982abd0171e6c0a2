"""Metric files, raw files, filters and command lines that nobody would write, looked for by what new lines they reach.

Atheris (libFuzzer on Python) changes inputs bit by bit and keeps those that reach code no other reached. Each target
runs for so many seconds in a process of its own. Exit code 1, with the input written down, when one of them ends in a
defect instead of words, takes longer than TIMEOUT, or loses a row of a raw file without a word.
"""

import argparse
import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from programs import run_program

ROOT = Path(__file__).resolve().parent.parent
SMALL = ROOT / "tests" / "unit" / "small_project"
TIMEOUT = 20
METRIC = "metrics/service/reopen_rate.yml"
HEADER = b"ticket_id,created_at,status,minutes"
SEEDS = {
    "definitions": [(SMALL / METRIC).read_bytes()],
    "raw": [
        HEADER + b"\nt1,2024-01-01 10:00,open,1\nt2,2024-01-02,solved,2.5\n",
        HEADER + b'\r\nt1,2024-01-01,"a ""quoted"" one",\r\n,,,\r\n',
        "\ufefft\u00eft".encode() + b"\n1\n",
        "\n".join(["ticket_id;created_at", "t1;2024-01-01"]).encode("utf-16"),
    ],
    "filters": [
        b"channel = 'email' and priority in ('high', 'urgent')",
        b"is_reopened = true and team is not null and n >= -2.5",
        b"a = 'it''s {{ x }} \\ -- $text0$' and b not in (1, 'two')",
    ],
    "arguments": [
        b"inputs\n--raw\n.\n--json",
        b"query\nreopen_rate\n--by\nchannel\n--grain\nmonth",
        b"query\nreopen_rate\n--where\nchannel = 'email'\n--since\n2026-01-01",
        b"scorecard\n--json",
        b"publish\n--rollback",
        b"check",
    ],
}
# Commands that make a gigabyte of data, run dbt, write definitions or wait for a browser are left out.
COMMANDS = ("inputs", "check", "query", "scorecard", "publish", "audit")
SHOP = """
sources:
  - name: shop
    schema: raw_shop
    tables:
      - name: tickets
        columns:
          - {name: ticket_id, data_type: string}
          - {name: created_at, data_type: timestamp}
          - {name: status, data_type: string}
          - {name: minutes, data_type: double}
"""


def _require(holds: bool, found: object = "") -> None:
    """Whatever runs Python: an optimised one leaves its own assertions out."""
    if not holds:
        raise AssertionError(found)


def definitions(folder: Path) -> Callable[[bytes], None]:
    """A metric file: findings or an error."""
    from cxmetrics.checks import run
    from cxmetrics.definitions.project import Project
    from cxmetrics.errors import CxError

    shutil.copytree(SMALL, folder / "project")

    def try_one(data: bytes) -> None:
        (folder / "project" / METRIC).write_bytes(data)
        with contextlib.suppress(CxError):
            _require(all(finding.sentence for finding in run(Project(folder / "project"))))

    return try_one


def raw(folder: Path) -> Callable[[bytes], None]:
    """A raw text file: an error, or each line is a row or known to be none."""
    import re

    import duckdb

    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.duckdb.loading import DuckDBLoading
    from cxmetrics.engines.file_reader import FileReader
    from cxmetrics.errors import CxError
    from cxmetrics.inputs import reading
    from cxmetrics.inputs.declaration import read_source
    from cxmetrics.inputs.files import find_files
    from cxmetrics.inputs.limits import Limits

    declaration = folder / "project" / "models" / "staging" / "shop" / "_shop__sources.yml"
    declaration.parent.mkdir(parents=True)
    declaration.write_text(SHOP)
    (folder / "project" / "dbt_project.yml").write_text("name: shop\n")
    (folder / "raw").mkdir()
    source = read_source(Project(folder / "project"), "shop")
    types = {column.name: column.data_type.replace("string", "varchar") for column in source.tables[0].columns}
    types |= {"_cx_file": "varchar", "_cx_row": "bigint", "_cx_uncastable": "varchar"}
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    loading = DuckDBLoading(connection)

    def try_one(data: bytes) -> None:
        (folder / "raw" / "tickets.csv").write_bytes(data)
        try:
            (files,) = find_files(source, folder / "raw", FileReader(), Limits(), folder)
        except CxError:
            return
        loading.create_table("raw_shop", "tickets", types)
        loaded = loading.append("raw_shop", "tickets", reading.select_rows(files.table, files.files[0], 1))
        _require(loaded == files.files[0].scan.rows)
        if files.files[0].copy is None and not data.startswith((b"\xff\xfe", b"\xfe\xff")) and b'"' not in data:
            lines = [line for line in re.split(rb"\r\n|\r|\n", data)[1:] if line]
            _require(loaded + files.bad_lines == len(lines), (loaded, files.bad_lines, lines))

    return try_one


def filters(folder: Path) -> Callable[[bytes], None]:
    """A filter: an error, or one condition over its own names and texts, on every engine."""
    import sqlglot
    from sqlglot import exp

    from cxmetrics.engines.quoting import SparkQuoting, StandardQuoting
    from cxmetrics.engines.sql import Sql, sql
    from cxmetrics.errors import CxError
    from cxmetrics.measure.filters import conditions, translate

    # A select of 1 with comparisons joined by "and", and nothing else.
    nodes = {
        *(exp.Select, exp.Alias, exp.Identifier, exp.Literal, exp.From, exp.Table, exp.Where, exp.Column, exp.And),
        *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Is, exp.Null, exp.Boolean, exp.Neg, exp.Not),
        exp.Paren,
    }
    dialects = {"duckdb": StandardQuoting, "postgres": StandardQuoting, "spark": SparkQuoting}

    def try_one(data: bytes) -> None:
        text = data.decode("utf-8", errors="surrogateescape")
        try:
            read = conditions(text)
        except CxError:
            return
        for dialect, quoting in dialects.items():
            where = Sql(translate(text, quoting.identifier, quoting.literal))
            query = sql("select 1 as one from facts where {where}", where=where)
            (statement,) = sqlglot.parse(query, dialect=dialect)
            names = [column.name for column in statement.find_all(exp.Column)]
            _require({type(node) for node in statement.walk()} <= nodes, (dialect, sql))
            _require({table.name for table in statement.find_all(exp.Table)} == {"facts"}, (dialect, sql))
            texts = [constant.this for constant in statement.find_all(exp.Literal) if constant.is_string]
            _require(sorted(names) == sorted(one.name for one in read), (dialect, where))
            _require(sorted(texts) == sorted(value.content for one in read for value in one.values if value.is_text))

    return try_one


def arguments(folder: Path) -> Callable[[bytes], None]:
    """A command line, one argument a line: an answer."""
    from cxmetrics.cli import main
    from cxmetrics.errors import EXIT_DEFECT

    shutil.copytree(SMALL, folder / "project")
    os.environ.update(
        CX_WAREHOUSE=str(folder / "warehouse"), DBT_TARGET_PATH=str(folder / "target"), DBT_PROFILES_DIR=str(ROOT)
    )
    os.chdir(folder / "project")

    def try_one(data: bytes) -> None:
        words = data.decode("utf-8", errors="replace").replace("\0", "").split("\n")[:8]
        if words[0] not in COMMANDS:
            words.insert(0, COMMANDS[len(data) % len(COMMANDS)])
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = main(words)
        if code == EXIT_DEFECT:
            raise AssertionError(f"{words}\n{(folder / 'target' / 'cx-error.log').read_text()}")

    return try_one


TARGETS = {"definitions": definitions, "raw": raw, "filters": filters, "arguments": arguments}


def fuzz(target: str, seconds: int, folder: Path, written: Path) -> None:
    """Never returns: libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["cxmetrics"]):
        try_one = TARGETS[target](folder)
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[target]):
        (corpus / str(number)).write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-timeout={TIMEOUT}", "-rss_limit_mb=4096", "-max_len=8192"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={written}/{target}-", "-verbosity=1", str(corpus)], try_one)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), help=f"of {', '.join(TARGETS)}; all of them")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    written = ROOT / "target" / "fuzz"
    if wanted.inside:
        fuzz(wanted.targets[0], wanted.seconds, wanted.inside, written)
    written.mkdir(parents=True, exist_ok=True)
    failed = []
    for target in wanted.targets:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, target, "--seconds", str(wanted.seconds), "--inside", folder]
            done = run_program(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
        said = done.stderr.splitlines()
        print(f"{target:12} {next((line for line in reversed(said) if line.startswith('Done')), 'FAILED')}", flush=True)
        if done.returncode:
            failed.append(target)
            print("\n".join(line for line in said if not line.startswith("INFO")))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
