"""What the seeds of the project say, for tests that must hold whatever they say."""

import csv
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def seed_column(seed: str, column: str) -> list[str]:
    """The values of one column, row by row."""
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8") as file:
        return [row[column] for row in csv.DictReader(file)]


def journey_stages() -> list[str]:
    """The names of the journey stages in their order."""
    positions = map(int, seed_column("journey_stages", "position"))
    return [stage for _, stage in sorted(zip(positions, seed_column("journey_stages", "journey_stage"), strict=True))]
