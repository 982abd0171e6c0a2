"""Which schedule the business minutes of a ticket are counted on."""

from __future__ import annotations

from collections.abc import Iterator

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.project import PROJECT_FILE

HOURS, HOLIDAYS, ASSIGNMENTS = "seeds/business_hours.csv", "seeds/holidays.csv", "seeds/schedule_assignments.csv"
LABELS = "seeds/labels.csv"
# As models/intermediate/tickets/int_ticket_schedules.sql reads them.
ASSIGNED_BY = ("team", "channel", "priority")


def schedules_have_opening_hours(definitions: Definitions) -> Iterator[Finding]:
    """Holidays of a schedule without opening hours close nothing, and a ticket on such a schedule has no business
    minutes. A name that is written wrongly must not put tickets on the usual schedule instead."""
    known = list(dict.fromkeys(row.get("schedule") or "" for _, row in definitions.seed_rows(HOURS)))
    if not known:
        return
    sentence, help = "the schedule has no opening hours", f"name one of {HOURS}, or give it a row there"
    usual = str(definitions.project.vars.get("business_schedule") or "")
    if usual not in known:
        line = definitions.project.settings.line(("vars", "business_schedule"))
        yield Finding(PROJECT_FILE, line, sentence, help, usual, known)
    for seed in (HOLIDAYS, ASSIGNMENTS, LABELS):
        for line, row in definitions.seed_rows(seed):
            if seed == LABELS and row.get("column_name") != "schedule":
                continue
            schedule = row.get("label" if seed == LABELS else "schedule") or ""
            if schedule not in known:
                yield Finding(seed, line, sentence, help, schedule, known)


def schedules_are_assigned_once(definitions: Definitions) -> Iterator[Finding]:
    """An assignment by something else than team, channel or priority is read by nobody, and of two assignments of one
    label only one can hold. Case, blanks, hyphens and underscores make no label another one."""
    first: dict[tuple[str, str], int] = {}
    for line, row in definitions.seed_rows(ASSIGNMENTS):
        column, label = row.get("column_name") or "", row.get("label") or ""
        if column not in ASSIGNED_BY:
            sentence = "no schedule is assigned by this column"
            yield Finding(ASSIGNMENTS, line, sentence, "name one that is", column, list(ASSIGNED_BY))
        folded = "".join(letter for letter in label.lower() if letter not in " -_")
        before = first.setdefault((column, folded), line)
        if before != line:
            sentence = f"the {column} has a schedule already, in line {before}"
            yield Finding(ASSIGNMENTS, line, sentence, "remove one of the two", label)
