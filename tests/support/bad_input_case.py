"""One kind of bad input, and the files it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from cxmetrics.inputs.implied import SUPERSEDED

Give = Callable[[Path], None]

HEADER = "ticket_id,created_at,status,channel\n"
ROWS = "".join(f"T{number},2024-01-{number % 28 + 1:02} 10:00,open,email\n" for number in range(1, 41))
GOOD = HEADER + ROWS


@dataclass(frozen=True)
class Case:
    """One kind of bad input. ``rejected``: rows in quarantine by rule. ``raw`` is None when nothing is loaded.
    ``change``: what is replaced in the declaration of the canonical source before, for kinds that it does not have."""

    kind: str
    fed: str
    give: Give
    said: str
    exit_code: int = 0
    raw: int | None = None
    rejected: Mapping[str, int] = field(default_factory=dict)
    change: tuple[str, str] | None = None

    @property
    def accepted(self) -> int:
        """Rows that staging sees. Where there are two rules, they are about the same rows."""
        return (self.raw or 0) - max(self.rejected.values(), default=0)

    @property
    def rows(self) -> str:
        """Where the rows went."""
        if self.raw is None:
            return "nothing is loaded"
        went = f"{self.accepted} accepted"
        return went + "".join(
            f", {rows} superseded" if rule == SUPERSEDED else f", {rows} rejected: `{rule}`"
            for rule, rows in self.rejected.items()
        )


def files(**content: str | bytes) -> Give:
    """Files by name; the last underscores of a name stand for dots: ``tickets__csv``."""

    def give(raw: Path) -> None:
        for name, text in content.items():
            (raw / name.replace("__", ".")).write_bytes(text if isinstance(text, bytes) else text.encode())

    return give


def tickets(extra: str | bytes, header: str = HEADER) -> Give:
    """40 good tickets and something after them."""
    text = (header + ROWS).encode() + (extra if isinstance(extra, bytes) else extra.encode())
    return files(tickets__csv=text)


def parquet(select: str, cut: slice = slice(None), damage: bool = False) -> Give:
    """A table of tickets as Parquet; cut off, or with other bytes in its middle."""

    def give(raw: Path) -> None:
        file = raw / "tickets.parquet"
        duckdb.sql(select).write_parquet(str(file))
        content = file.read_bytes()
        middle = len(content) // 2
        file.write_bytes(content[:middle] + b"x" * 64 + content[middle + 64 :] if damage else content[cut])

    return give


def zstd(raw: Path) -> None:
    file = raw / "tickets.csv.zst"
    rows = duckdb.sql("select range as ticket_id, timestamp '2024-01-01' as created_at from range(9000)")
    rows.write_csv(str(file), compression="zstd")
    file.write_bytes(file.read_bytes()[:-900])


def a_link_out(raw: Path) -> None:
    outside = raw.parent / "outside.csv"
    outside.write_text(GOOD)
    (raw / "tickets.csv").symlink_to(outside)


def a_folder_that_leads_out(raw: Path) -> None:
    outside = raw.parent / "outside"
    outside.mkdir()
    (outside / "tickets.csv").write_text(GOOD)
    (raw / "canonical").symlink_to(outside)


def many_files(raw: Path) -> None:
    (raw / "tickets").mkdir()
    (raw / "tickets" / "2023.csv").write_text(GOOD)
    (raw / "tickets" / "2024.csv").write_text(GOOD.replace("T", "U") + "U99,2024-01-01,lost,email\n")


def with_tickets(name: str, text: str) -> Give:
    return files(**{"tickets__csv": GOOD, f"{name}__csv": text})


def events(*lines: str) -> Give:
    usual = [f"E{number},T{number},2024-02-01 10:00,public_reply,agent" for number in range(1, 41)]
    return with_tickets(
        "ticket_events", "event_id,ticket_id,occurred_at,event_type,actor_type\n" + "\n".join([*usual, *lines]) + "\n"
    )


def changes(*lines: str) -> Give:
    usual = [f"E{number},T{number},2024-02-01 10:00,status_changed,solved" for number in range(1, 41)]
    return with_tickets(
        "ticket_events", "event_id,ticket_id,occurred_at,event_type,to_value\n" + "\n".join([*usual, *lines]) + "\n"
    )


def answers(*lines: str) -> Give:
    asked = "".join(f"V{number},nps,2024-02-01\n" for number in range(1, 41))
    usual = [f"A{number},V{number},nps,9,0,10,2024-02-02" for number in range(1, 41)]
    head = "response_id,invitation_id,survey_type,score,scale_min,scale_max,responded_at\n"
    return files(
        survey_invitations__csv="invitation_id,survey_type,sent_at\n" + asked,
        survey_responses__csv=head + "\n".join([*usual, *lines]) + "\n",
    )


def calls(cell: str) -> Give:
    usual = "".join(f"I{number},2024-01-01 10:00,60\n" for number in range(1, 41))
    return files(interactions__csv=f"interaction_id,started_at,talk_seconds\n{usual}I99,2024-01-01 10:00,{cell}\n")


def terms(line: str) -> Give:
    usual = "".join(f"S{number},C{number},2024-01-01,2024-02-01\n" for number in range(1, 41))
    return files(subscriptions__csv=f"subscription_id,customer_id,started_at,ended_at\n{usual}{line}\n")


IN_SET, BETWEEN = "expect_column_values_to_be_in_set", "expect_column_values_to_be_between"
PAIR, NOT_NULL = "expect_column_pair_values_a_to_be_greater_than_b", "expect_column_values_to_not_be_null"
KEY = "key: [ticket_id], required: [created_at]"
CREATED = "{name: created_at, data_type: timestamp,"
TWO_FORMATS = CREATED + ' config: {meta: {cx: {format: ["%Y-%m-%d %H:%M", "%d.%m.%Y"]}}},'
ONE = {"raw": 41}
FINE = "41 of 41 rows accepted"
OTHER_TYPES = (
    "select range as ticket_id, timestamptz '2024-01-01 10:00:00+02' as created_at, 'open'::blob as status,"
    " 1::tinyint as is_proactive from range(40)"
)
