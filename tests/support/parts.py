"""The parts of the tests: CI runs each on a machine of its own, which has what the part needs and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]

# How a path below tests/ begins -> its part. The longest that fits decides. Part lint runs the linters, too.
PARTS = {
    "metrics/": "lint",
    "unit/": "lint",
    "unit/engines/postgres/": "postgres",
    "unit/engines/spark/": "spark",
    "journeys/": "duckdb",
    "e2e/": "duckdb",
    "e2e/test_postgres": "postgres",
    "e2e/test_spark": "spark",
    # Renders for Databricks with dbt's adapter for Spark.
    "e2e/test_compiled_only": "spark",
    "browser/": "browser",
}
NAMES = sorted(set(PARTS.values()))


def part_of(file: Path) -> str:
    """The part that runs the tests of a file."""
    name = file.relative_to(TESTS).as_posix()
    beginnings = [beginning for beginning in PARTS if name.startswith(beginning)]
    if not beginnings:
        raise pytest.UsageError(f"tests/{name} is in no part of tests/support/parts.py; name its folder there")
    return PARTS[max(beginnings, key=len)]
