"""What a text of a raw file means as a value of its declared type: SQL of DuckDB, which reads every file.

Only what can mean one thing is read. What can mean two, such as 3/5/2024 or 1,200, needs a declaration, and what cannot
be read is null: ``causes`` says why.
"""

from __future__ import annotations

from collections.abc import Sequence

from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.inputs.declaration import EPOCH, EPOCH_MS, EXCEL, RawColumn
from cxmetrics.inputs.zones import ABBREVIATIONS

# DuckDB's own casts also take 1_000, 0x10, 1.7 as an integer, nan, infinity, the word epoch and any name of a zone.
WHOLE_NUMBER = r"[+-]?[0-9]+(\.0*)?"
ONLY_A_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ]00:00(:00(\.0+)?)?)?"

DAY, CLOCK = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
OFFSET = "[+-][0-9]{2}(?::?[0-9]{2}(?::[0-9]{2})?)?"
ISO = f"{DAY}(?:[T ]{CLOCK}(?:Z|{OFFSET})?)?"
# What else can mean but one moment: slashes behind a year, AM and PM, and a zone that stands apart, by its offset or
# its IANA name. Java writes both. GMT+1 is one hour ahead, whatever Etc/GMT+1 is.
PARTS = ("day", "clock", "half", "offset", "zone")
MOMENT = (
    rf"([0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}})(?:[T ]+({CLOCK})(?: ?([AaPp]\.?[Mm]\.?))?"
    r" *(?:Z|UTC|GMT)? *(?:([+-][0-9]{1,2}(?::?[0-9]{2})?)(?:\[[A-Za-z_/+0-9-]+\])?)?"
    r"\[?([A-Z][A-Za-z_]+/[A-Za-z_/+0-9-]+)?\]?)?"
)
HALF_DAYS = ("%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S.%g %p")
# Seconds, milliseconds and microseconds since 1970, of September 2001 to September 2032: in this range, no number of
# these lengths is a date written without marks.
EPOCHS = {10: 1_000_000, 13: 1_000, 16: 1}
EPOCH_LENGTH = r"[0-9]{{{digits}}}(\.[0-9]+)?"
LAST_EPOCH = "1980000000"
EXCEL_SERIAL = r"[0-9]{1,5}([.,][0-9]+)?"
ENDS_IN_ABBREVIATION = f"[0-9 MmZ.]({'|'.join(ABBREVIATIONS)})$"

TRUE, FALSE = ("true", "1", "yes", "t", "y", "1.0", "on"), ("false", "0", "no", "f", "n", "0.0", "off")

# What else is written around an id: tabulators, hard blanks and a mark of byte order that came with a copied cell.
BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(65279)"


def trimmed(text: str) -> Sql:
    """Without what looks blank at both ends."""
    return sql("trim({text}, {blanks})", text=text, blanks=Sql(BLANKS))


def boolean(text: str) -> Sql:
    words = {
        name: joined(literal(word) for word in allowed) for name, allowed in {"true": TRUE, "false": FALSE}.items()
    }
    return sql(
        "case when lower({text}) in ({is_true}) then true when lower({text}) in ({is_false}) then false end",
        text=text,
        is_true=words["true"],
        is_false=words["false"],
    )


def moment(column: RawColumn, text: str) -> Sql:
    """A date or a moment (UTC)."""
    if column.formats:
        return sql("cast({value} as {type})", value=_declared(column.formats, text), type=column.data_type)
    if column.data_type == "date":
        return _where(text, ONLY_A_DATE, finite(sql("try_cast({text} as date)", text=text)))
    # By way of a timestamp with zone: the direct cast would drop the offset. The session's zone is UTC.
    iso = finite(sql("try_cast(try_cast({text} as timestamptz) as timestamp)", text=text))
    return sql(
        "case when {is_iso} then {iso} when {is_moment} then {other} {epochs} end",
        is_iso=DuckDBLoading.matches(text, ISO),
        iso=iso,
        is_moment=DuckDBLoading.matches(text, MOMENT),
        other=_other_moment(text),
        epochs=joined((_epoch(text, digits, factor) for digits, factor in EPOCHS.items()), " "),
    )


def _where(text: str, pattern: str, value: str) -> Sql:
    return sql("case when {fits} then {value} end", fits=DuckDBLoading.matches(text, pattern), value=value)


def finite(value: str) -> Sql:
    """Without infinity and what is no number."""
    return sql("case when isfinite({value}) then {value} end", value=value)


def _other_moment(text: str) -> Sql:
    """Local time by the clock, less the offset or in the zone that is written behind it."""
    part = {
        name: sql("regexp_extract({text}, {pattern}, {index})", text=text, pattern=literal(f"^{MOMENT}$"), index=index)
        for index, name in enumerate(PARTS, start=1)
    }
    local = sql(
        "case when {half} = '' then try_cast({day} || ' ' || coalesce(nullif({clock}, ''), '00:00') as timestamp)"
        " else try_strptime({day} || ' ' || {clock} || ' ' || upper(replace({half}, '.', '')), [{formats}]) end",
        day=sql("replace({day}, '/', '-')", day=part["day"]),
        clock=part["clock"],
        half=part["half"],
        formats=joined(literal(format) for format in HALF_DAYS),
    )
    # "+1", "+0530" and "+05:30": a sign, up to two digits of hours and perhaps two of minutes.
    digits = sql("regexp_replace({offset}, '[^0-9]', '', 'g')", offset=part["offset"])
    minutes = sql(
        "case when length({digits}) > 2 then 60 * cast(left({digits}, length({digits}) - 2) as integer)"
        " + cast(right({digits}, 2) as integer) else 60 * cast({digits} as integer) end",
        digits=digits,
    )
    return sql(
        "case when {offset} != '' then case when {minutes} <= 840 then"
        " {local} - to_minutes(case when left({offset}, 1) = '-' then -1 else 1 end * ({minutes})) end"
        " when {zone} != '' then try_cast(try_cast(strftime({local}, '%Y-%m-%d %H:%M:%S.%f') || ' ' || {zone}"
        " as timestamptz) as timestamp)"
        " else {local} end",
        offset=part["offset"],
        zone=part["zone"],
        minutes=minutes,
        local=local,
    )


def _epoch(text: str, digits: int, factor: int) -> Sql:
    return sql(
        "when {fits} and {text} < {last} then make_timestamp(cast(round(cast({text} as decimal(26, 6)) * {factor})"
        " as bigint))",
        fits=DuckDBLoading.matches(text, EPOCH_LENGTH.format(digits=digits)),
        text=text,
        last=literal(LAST_EPOCH),
        factor=factor,
    )


def _declared(formats: Sequence[str], text: str) -> Sql:
    """The first of the declared formats that fits."""
    return sql("coalesce({values})", values=joined(_in_format(format, text) for format in formats))


def _in_format(format: str, text: str) -> Sql:
    if format == EXCEL:
        # Days since the end of 1899. A double has the second, not the millionth of it.
        value = sql(
            "timestamp '1899-12-30' + to_milliseconds(cast(round(cast(replace({text}, ',', '.') as double) * 86400000)"
            " as bigint))",
            text=text,
        )
        return _where(text, EXCEL_SERIAL, value)
    if format in (EPOCH, EPOCH_MS):
        factor = 1_000_000 if format == EPOCH else 1_000
        value = sql(
            "make_timestamp(cast(round(cast({text} as decimal(26, 6)) * {factor}) as bigint))", text=text, factor=factor
        )
        return _where(text, r"[0-9]{1,14}(\.[0-9]+)?", value)
    value = sql("try_cast(try_strptime({text}, {format}) as timestamp)", text=text, format=literal(format))
    if "%Z" not in format:
        return value
    abbreviated = sql("regexp_matches({text}, {pattern})", text=text, pattern=literal(ENDS_IN_ABBREVIATION))
    return sql("case when not {abbreviated} then {value} end", abbreviated=abbreviated, value=value)


def masked_moment(text: str) -> Sql:
    """A text that is no moment, masked but for the abbreviation of a zone behind it."""
    pattern = literal(ENDS_IN_ABBREVIATION)
    abbreviation = sql("regexp_extract({text}, {pattern}, 1)", text=text, pattern=pattern)
    before = sql("left({text}, length({text}) - length({abbreviation}))", text=text, abbreviation=abbreviation)
    return sql("{before} || {abbreviation}", before=DuckDBLoading.masked(before), abbreviation=abbreviation)
