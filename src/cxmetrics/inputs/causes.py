"""Why values could not be read, in words: what they look like, and what to declare or to correct. A value itself is
shown masked, so its form is all there is to go by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cxmetrics.engines.interface import Loading
from cxmetrics.engines.sql import sql
from cxmetrics.inputs.amounts import Amounts
from cxmetrics.inputs.declaration import EPOCH, EPOCH_MS, EXCEL, UNCASTABLE, RawColumn, RawSource, RawTable
from cxmetrics.inputs.zones import ABBREVIATIONS

# Rows with other reasons than these are counted only.
LOOKED_AT = 1000

EXCEL_FORM = re.compile(r"9{5}([.,]9+)?")
EPOCH_FORM = re.compile(r"9{6,16}(\.9+)?")
ZONE_FORM = re.compile(rf".*[0-9a ](?P<zone>{'|'.join(ABBREVIATIONS)})")
# A date with marks, the day and the month in some order before the year; and a clock behind it.
DATE_FORM = re.compile(r"9{1,2}(?P<mark>[./-])9{1,2}(?P=mark)(?P<year>9{4}|99)(?:,?(?P<between>[ T]+)(?P<clock>9.*))?")
NAMED_FORM = re.compile(r"(?P<day>9{1,2}[ -]a{3,9}|a{3,9} 9{1,2},?)[ -]9{4}.*")
CLOCK_FORM = re.compile(r"9{1,2}:99(?P<seconds>:99(?P<part>\.9+)?)?(?P<half> ?aa)?")
LOST_FORM = re.compile(r"9+([.,]9+)?a\+?9+")
AMBIGUOUS_FORM = re.compile(r"[+-]?9{1,3}[.,]999")
SIGNED_FORM = re.compile(r"(?P<sign>[^0-9A-Za-z.,+-]|a{1,3})? ?[+-]?[9.,' ]+ ?([^0-9.,]|a{1,3})?")


@dataclass(frozen=True)
class _Fault:
    """Values of one column that cannot be read for the same reason."""

    column: RawColumn
    says: str
    # What to do about them.
    step: str


def causes(loading: Loading, source: RawSource, table: RawTable) -> list[str]:
    """A sentence about each kind of value that could not be read, with the number of rows, the most frequent first."""
    query = sql(
        "select {column}, count(*) from {relation} where {column} is not null group by 1 order by 2 desc, 1"
        " limit {most}",
        column=UNCASTABLE,
        relation=loading.relation(source.schema, table.name),
        most=LOOKED_AT,
    )
    rows: Counter[_Fault] = Counter()
    shown: dict[_Fault, str] = {}
    for text, count in loading.execute(query).fetchall():
        for column, value in _values(table, text):
            fault = _fault(column, value, table.file)
            rows[fault] += count
            shown.setdefault(fault, value)
    return [_sentence(fault, count, shown[fault]) for fault, count in rows.most_common()]


def ambiguous(table: RawTable, amounts: Iterable[Amounts]) -> list[str]:
    """A sentence about each column whose numbers may mean two things, in files in which nothing says which."""
    rows: Counter[str] = Counter()
    for one in amounts:
        if one.mark is None:
            rows.update(dict(one.ambiguous))
    columns = {column.name: column for column in table.columns}
    return [
        f"{name}: {count:,} number{'s' * (count != 1)} such as 9.999 (masked), whose sign may begin the decimals or"
        f" group the thousands; a point was read as a decimal point: declare decimal: ',' or decimal: '.' for it"
        f" ({table.file}:{columns[name].line})"
        for name, count in sorted(rows.items())
    ]


def _values(table: RawTable, text: str) -> Iterator[tuple[RawColumn, str]]:
    """The columns that a row could not be read for, each with its masked value."""
    columns = {column.name: column for column in table.columns}
    starts = list(re.finditer(rf"(?:^|; )({'|'.join(map(re.escape, columns))}): ", text))
    ends = [*(start.start() for start in starts[1:]), len(text)]
    for start, end in zip(starts, ends, strict=True):
        yield columns[start[1]], text[start.end() : end]


def _sentence(fault: _Fault, rows: int, value: str) -> str:
    many = "s" * (rows != 1)
    colon = " " if fault.says.endswith("?") else ": "
    return f"{fault.column.name}: {rows:,} row{many} with {value} (masked), {fault.says}{colon}{fault.step}"


def _fault(column: RawColumn, value: str, file: str) -> _Fault:
    says, step = (
        _of_a_moment(column, value)
        if column.data_type in ("date", "timestamp")
        else _of_a_number(column, value)
        if column.is_number
        else _of_a_truth()
        if column.data_type == "boolean"
        else _of_an_id()
    )
    return _Fault(column, says, f"{step} ({file}:{column.line})")


def _of_an_id() -> tuple[str, str]:
    return (
        "an id that has lost its digits in a spreadsheet, so that several are one now",
        "export it again as text, without opening it in a spreadsheet",
    )


def _of_a_truth() -> tuple[str, str]:
    return "neither yes nor no", "write true or false (also t, f, yes, no, y, n, on, off, 1, 0)"


def _of_a_number(column: RawColumn, value: str) -> tuple[str, str]:
    if AMBIGUOUS_FORM.fullmatch(value) and column.decimal is None:
        return (
            "whose sign may begin the decimals or group the thousands",
            "declare decimal: ',' or decimal: '.' for the column",
        )
    if re.fullmatch("9+/9+", value):
        return "a number and the end of its scale", "write the number alone"
    if re.search(r"[0-9]", value) and SIGNED_FORM.fullmatch(value) and not re.fullmatch("[9.,+-]+", value):
        return "a number with a sign or a unit", "write the number alone"
    kind = "whole number" if column.data_type != "double" else "number"
    return f"no {kind}", f"write a {kind}, or nothing where there is none"


def _of_a_moment(column: RawColumn, value: str) -> tuple[str, str]:
    zone = ZONE_FORM.fullmatch(value)
    if zone is not None:
        first, *others = ABBREVIATIONS[zone["zone"]]
        also = f" (it may also be {' or '.join(others)})" if others else ""
        return (
            f"which names its zone by the abbreviation {zone['zone']}",
            f"write the IANA name {first}{also}, or the offset from UTC, in its place",
        )
    if column.formats:
        return f"in none of the declared formats ({', '.join(column.formats)})", "add its format to 'format'"
    wanted = _formats(value)
    if wanted == [EXCEL]:
        return "no date this project can read: an Excel serial number?", f"declare format: {EXCEL} for the column"
    if wanted == ["%Y%m%d"]:
        return "a date without marks?", 'declare format: "%Y%m%d" for the column'
    if wanted:
        quoted = " or ".join(format if format in (EPOCH, EPOCH_MS) else f'"{format}"' for format in wanted)
        both = ", which may begin with the day or the month" if len(wanted) > 1 and "/" in wanted[0] else ""
        return f"no date this project reads by itself{both}", f"declare format: {quoted} for the column"
    if column.data_type == "date":
        return "no day", "write it as 2024-01-31, or declare its format"
    if re.match("9{4}-9{1,2}-9{1,2}", value):
        return "no moment that there is", "correct it; a zone is an offset from UTC or an IANA name (Europe/Berlin)"
    return "no date this project can read", "write it as 2024-01-31 10:00:00+01:00, or declare its format"


def _formats(value: str) -> list[str]:
    """What may be declared so that a masked date is read."""
    if re.fullmatch("9{8}", value):
        return ["%Y%m%d"]
    if re.fullmatch("9{14}", value):
        return ["%Y%m%d%H%M%S"]
    if EXCEL_FORM.fullmatch(value):
        return [EXCEL]
    if EPOCH_FORM.fullmatch(value):
        return [EPOCH if len(value.partition(".")[0]) < 12 else EPOCH_MS]
    date = DATE_FORM.fullmatch(value)
    if date is not None:
        mark, year, clock = date["mark"], "%Y" if len(date["year"]) == 4 else "%y", ""
        if date["clock"]:
            form = CLOCK_FORM.match(date["clock"])
            if form is None:
                return []
            seconds = (":%S" if form["seconds"] else "") + (".%g" if form["part"] else "")
            comma = "," if f"{date['year']}," in value else ""
            half = form["half"].replace("aa", "%p") if form["half"] else ""
            clock = f"{comma}{date['between']}{'%I' if half else '%H'}:%M{seconds}{half}"
        day_first, month_first = (mark.join([*order, year]) + clock for order in (("%d", "%m"), ("%m", "%d")))
        return [day_first] if mark == "." else [day_first, month_first]
    named = NAMED_FORM.fullmatch(value)
    if named is not None and " " in value:
        # The longer names of months are %B; of three letters both are one.
        month = "%b" if re.search("(?<!a)aaa(?!a)", named["day"]) else "%B"
        form = CLOCK_FORM.search(value[named.end("day") :].partition(" 9999")[2])
        day = re.sub("a{3,9}", month, named["day"].replace("99", "%d").replace("9", "%d"))
        clock = ""
        if form is not None:
            half = form["half"].replace("aa", "%p") if form["half"] else ""
            clock = f" {'%I' if half else '%H'}:%M{':%S' if form['seconds'] else ''}{half}"
        return [f"{day} %Y{clock}"]
    return []
