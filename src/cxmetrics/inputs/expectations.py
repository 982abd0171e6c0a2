"""Checks loaded tables with Great Expectations, in the warehouse, by SQL.

The only module that imports Great Expectations (three seconds), and only when tables are checked. A suite is compiled
from the source's own ``.yml``; names and arguments are Great Expectations' own.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cxmetrics.engines.interface import Loading
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.errors import CxError
from cxmetrics.inputs.declaration import ROW, InputExpectation, RawSource, RawTable
from cxmetrics.inputs.implied import ROW_QUERY, implied

# Keys of every Great Expectations class that say nothing about the data.
NOT_ARGUMENTS = {
    "batch_id", "catch_exceptions", "description", "id", "meta", "notes", "rendered_content", "result_format",
    "severity", "windows",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What one expectation found. ``rows_query`` selects ``_cx_row`` of the unexpected rows; None for a check of a
    whole table. ``seconds`` is the time of the table's suite: its expectations share their scans."""

    expectation: InputExpectation
    is_success: bool
    rows_query: Sql | None
    seconds: float


class Checker:
    """Great Expectations on one load; sees what was loaded, also before it is kept."""

    def __init__(self, loading: Loading, pages: Path | None = None):
        self._loading = loading
        self._pages = pages
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        with _quiet():
            import great_expectations
            from great_expectations.data_context.types.base import (
                DataContextConfig,
                InMemoryStoreBackendDefaults,
                ProgressBarsConfig,
            )

            # The default configuration also makes a temporary folder for pages that nobody reads here.
            configuration = DataContextConfig(
                store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
                data_docs_sites=_site(pages) if pages else None,
                progress_bars=ProgressBarsConfig(globally=False),
                analytics_enabled=False,
            )
            self._context = great_expectations.get_context(mode="ephemeral", project_config=configuration)
            self._warehouse = loading.gx_data_source(self._context)

    def check(self, source: RawSource, table: RawTable, given: frozenset[str], now: datetime) -> list[Outcome]:
        """Run the suite of one table. ``given``: the tables of the source that have rows or at least a header; ``now``:
        the UTC time of the run. Raises CxError for an expectation that cannot be compiled or run."""
        import great_expectations

        expectations = [*implied(source, table, given, now, self._loading), *table.expectations]
        started = time.perf_counter()
        with _quiet():
            compiled = [compiled_expectation(expectation, index) for index, expectation in enumerate(expectations)]
            name = f"{source.schema}.{table.name}"
            asset = self._warehouse.add_table_asset(name, table_name=table.name, schema_name=source.schema)
            suite = self._context.suites.add(great_expectations.ExpectationSuite(name, expectations=compiled))
            definition = great_expectations.ValidationDefinition(
                name=name, data=asset.add_batch_definition_whole_table(name), suite=suite
            )
            # The query instead of the rows: rejected rows are copied inside the database, however many they are.
            result = self._context.validation_definitions.add(definition).run(
                result_format={
                    "result_format": "BOOLEAN_ONLY",
                    "return_unexpected_index_query": True,
                    "unexpected_index_column_names": [ROW],
                }
            )
        seconds = time.perf_counter() - started
        configured = ((item.expectation_config, item) for item in result.results)
        by_index = {config.meta["position"]: item for config, item in configured if config and config.meta}
        _raise_failed(expectations, by_index)
        results = [by_index[index] for index in range(len(expectations))]
        relation = self._loading.relation(source.schema, table.name)
        return [
            Outcome(expectation, bool(result.success), self._rows_query(result, expectation, relation), seconds)
            for expectation, result in zip(expectations, results, strict=True)
        ]

    def write_pages(self) -> None:
        """Great Expectations' Data Docs of what was checked, in the folder that was named, in the place of what was in
        it. They hold no raw value."""
        if self._pages is not None:
            shutil.rmtree(self._pages, ignore_errors=True)
            with _quiet():
                self._context.build_data_docs()

    def _rows_query(self, result: Any, expectation: InputExpectation, relation: Sql) -> Sql | None:
        if expectation.type == ROW_QUERY:
            query = str(expectation.arguments["unexpected_rows_query"]).rstrip("; \n")
            # As Great Expectations does: only a query without a join gets an alias.
            has_alias = re.search(r"\bjoin\b", query, re.IGNORECASE) is None
            batch = sql("(select * from {relation})", relation=relation)
            return sql(query, batch=sql("{batch} as subselect", batch=batch) if has_alias else batch)
        found: str | None = result.result.get("unexpected_index_query")
        return self._loading.runnable(found.rstrip("; \n")) if found else None


def _site(folder: Path) -> dict[str, Any]:
    """Configuration of a site of Data Docs below a folder."""
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.resolve())}
    return {
        "inputs": {
            "class_name": "SiteBuilder",
            "store_backend": store,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
    }


def compiled_expectation(expectation: InputExpectation, position: int = 0) -> Any:
    """The Great Expectations object. Raises CxError, with file and line, for a name or argument it does not know, and
    for an expectation that is to reject rows but does not say which."""
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    known = sorted(list_registered_expectation_implementations())
    if expectation.type not in known:
        raise _refusal(expectation, "unknown expectation", got=expectation.type, allowed=known)
    kind = get_expectation_impl(expectation.type)
    allowed = sorted(set(kind.__fields__) - NOT_ARGUMENTS)
    for argument in expectation.arguments:
        if argument not in allowed:
            raise _refusal(expectation, f"unknown argument of {expectation.type}", got=argument, allowed=allowed)
    if expectation.severity == "reject":
        _refuse_without_rows(kind, expectation)
    try:
        return kind(**expectation.arguments, meta={"position": position})
    except ValueError as error:
        raise _refusal(expectation, f"{expectation.type}: {_sentence(error)}") from error


def _refuse_without_rows(kind: Any, expectation: InputExpectation) -> None:
    from great_expectations.expectations.expectation import (
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        MulticolumnMapExpectation,
    )

    of_rows = (ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation)
    if expectation.type != ROW_QUERY and not issubclass(kind, of_rows):
        raise _refusal(
            expectation,
            f"{expectation.type} is about a whole table and cannot reject rows",
            next_step="give it severity: warn or severity: block",
        )
    if "mostly" in expectation.arguments:
        raise _refusal(
            expectation,
            f"{expectation.type} rejects every unexpected row, so 'mostly' has no meaning",
            next_step="remove 'mostly'; max_rejected_share of the table is the limit",
        )


def _raise_failed(expectations: list[InputExpectation], by_index: dict[int, Any]) -> None:
    """Raise CxError for the first expectation that could not be run: after it, the transaction runs nothing more."""
    failed = {
        index: error
        for index in range(len(expectations))
        if (error := _exception(by_index[index].exception_info)) is not None
    }
    if not failed:
        return
    causes = {index: error for index, error in failed.items() if "transaction is aborted" not in error} or failed
    index, error = next(iter(causes.items()))
    expectation = expectations[index]
    raise _refusal(
        expectation,
        f"{expectation.type} cannot be run: {error}",
        next_step="check the names and values in its arguments",
    )


def _refusal(
    expectation: InputExpectation,
    what: str,
    *,
    got: str | None = None,
    allowed: Iterable[object] | None = None,
    next_step: str | None = None,
) -> CxError:
    """An error about an expectation, with the file and line it stands on."""
    return CxError(what, file=expectation.file, line=expectation.line, got=got, allowed=allowed, next_step=next_step)


def _exception(info: dict[str, Any]) -> str | None:
    details = [info] if "raised_exception" in info else list(info.values())
    messages = [str(detail.get("exception_message")) for detail in details if detail.get("raised_exception")]
    # Databases quote values that they cannot convert in single quotes.
    return re.sub(r"'[^']*'", "'...'", messages[0].splitlines()[0]) if messages else None


def _sentence(error: ValueError) -> str:
    details = getattr(error, "errors", None)
    if details is None:
        return str(error).splitlines()[0]
    first = details()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Great Expectations' log lines and warnings are about itself; its results say what matters here."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
