"""Filters that want more than to limit an answer, asked as people ask: by a command line, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from cxmetrics import cli
from cxmetrics.measure import answers
from support.workplace import ROOT, Workplace

FILE = "$FILE"
# What each of them is -> the filter. None is of the grammar.
HOSTILE = {
    "a template of MetricFlow's": "{{ Dimension('ticket__channel') }} = 'email'",
    "a template that is SQL": "{{ '1 = 1' }}",
    "a template that looks for Python": "{{ ''.__class__.__mro__[1].__subclasses__() }} = 1",
    "a statement of templates": "{% set x = 1 %}channel = 'email'",
    "a comment of templates": "channel {# #} = 'email'",
    "a second statement": f"channel = 'email'; copy (select 1) to '{FILE}'",
    "a second statement behind a template": f"{{{{ 'true' }}}}) as a; copy (select 1) to '{FILE}' --",
    "an attached database": f"channel = 'email'; attach '{FILE}' as a",
    "a role that is taken back": "channel = 'email'; reset role",
    "a program": f"channel = 'email'; copy (select 1) to program 'touch {FILE}'",
    "a subquery": "channel in (select ticket_id from raw_canonical.tickets)",
    "another subquery": "channel = (select content from read_text('/etc/passwd'))",
    "a file, as DuckDB reads it": "channel = read_text('/etc/passwd')",
    "a file, as PostgreSQL reads it": "channel = pg_read_file('/etc/passwd')",
    "a function of a dimension": "lower(channel) = 'email'",
    "a comment": "channel = 'email' -- and",
    "a comment in the middle": "channel /* */ = 'email'",
    "an alternative": "channel = 'email' or 1 = 1",
    "a cast": "channel = 'email'::text",
    "quotes by dollars": "channel = $$email$$",
    "an escape": "channel = e'\\''",
    "a union": "channel = 'email' union select 1",
    "a quoted name": "\"channel\" = 'email'",
}
# Texts that would be one of those, were they not texts.
VALUES = (
    "'; drop table metrics.metric_values; --",
    "\\'; drop table metrics.metric_values; --",
    "{{ Dimension('ticket__channel') }}",
    "{% for i in range(9) %}",
    "$text0$",
    "*/ or 1=1 /*",
)
# Wherever a command takes a filter.
PLACES = (
    ("reopen_rate", "--where"),
    ("reopen_rate", "--grain", "month", "--by", "channel", "--where", "channel = 'email'", "--where"),
    ("first_response_time", "--experiment", "welcome_call_timing", "--where"),
)
# SQL that a filter is to be when nobody reads it, and what is to stand behind the SQL of an answer.
SMUGGLED = (
    "1 = (select count(*) from read_text('/etc/passwd'))",
    "1 = (select length(pg_read_file('/etc/passwd')))",
    "1 = (select count(*) from raw_canonical.tickets)",
)
STACKED = (
    "select 1",
    f"copy (select 1) to '{FILE}'",
    f"copy (select 1) to program 'touch {FILE}'",
    "reset role",
    "drop table metrics.metric_values",
)


class Asker:
    """Somebody who asks what was published in a workplace."""

    def __init__(
        self, place: Workplace, target: tuple[str, ...], folder: Path,
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    ):  # fmt: skip
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(ROOT)
        self._monkeypatch, self._capsys, self._target = monkeypatch, capsys, target
        self._file = folder / "written"

    def ask(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, and what was printed to stdout and stderr. Nothing is ever written."""
        code = cli.main(["query", *(text.replace(FILE, str(self._file)) for text in arguments), *self._target])
        assert not self._file.exists()
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err

    def accepted(self) -> Iterator[str]:
        """The hostile filters that were not refused by the reader of filters, with the place they were taken at."""
        # Every place has a template, and its share of the others: each question costs a second.
        template = next(iter(HOSTILE.items()))
        for place, (name, text) in [*zip(cycle(PLACES), HOSTILE.items()), *((place, template) for place in PLACES)]:
            code, out, err = self.ask(*place, text)
            if (code, out) != (2, "") or "the filter " not in err or "--where" not in err:
                yield f"{name} at {' '.join(place)}: {code} {out}{err}"

    def misread(self) -> Iterator[str]:
        """The hostile values that meant anything but a channel that nobody has."""
        for value in VALUES:
            quoted = value.replace("'", "''")
            code, out, err = self.ask("reopen_rate", "--format", "json", "--where", f"channel = '{quoted}'")
            if code != 0 or '"no_data"' not in out:
                yield f"{value}: {code} {out}{err}"

    def smuggled(self) -> Iterator[str]:
        """What was answered to more than a filter, as if the reader of filters let everything through."""
        plain = ("reopen_rate", "--where", "1 = 1")
        compiled = answers.answer_sql
        with self._monkeypatch.context() as patched:
            patched.setattr("cxmetrics.measure.compiler.translate", lambda text, *_: text)
            patched.setattr("cxmetrics.measure.question.names_in", lambda _: [])
            # It is what these do that is refused, not that they do not fit in.
            assert self.ask(*plain)[0] == 0
            for text in SMUGGLED:
                code, out, err = self.ask("reopen_rate", "--where", text)
                if (code, out) != (2, ""):
                    yield f"{text}: {code} {out}{err}"
            for text in STACKED:
                patched.setattr(answers, "answer_sql", partial(self._followed, compiled, text))
                code, out, err = self.ask(*plain)
                if (code, out) != (2, ""):
                    yield f"{text}: {code} {out}{err}"

    def _followed(self, compiled: Callable[..., str], by: str, *arguments: Any) -> str:
        return f"{compiled(*arguments)}; {by.replace(FILE, str(self._file))}"
