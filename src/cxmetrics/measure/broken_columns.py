"""Finds the definition behind a query the database refuses, so that the error names a file and a line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cxmetrics.errors import BuildFailed, CxError

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine
    from cxmetrics.measure.compiler import Semantics

# The second way is Spark's: a column, variable, or function parameter with name `a`.`b` cannot be resolved.
QUOTED_COLUMN = re.compile(r"(?:[Cc]olumn (?:named )?|with name (?:`\w+`\.)*)[\"'`]?(?P<column>[\w.]+)")


def explained(
    project: Project,
    engine: Engine,
    semantics: Semantics,
    metrics: Sequence[Metric],
    connection: Any,
    error: Exception,
) -> CxError:
    """The error to raise for ``error``, which a query over ``metrics`` met on ``connection``.

    Every simple metric, then every metric, is planned alone; the first that is refused is named with file and line.
    """
    for name in dict.fromkeys(block for metric in metrics for block in (*metric.blocks, *metric.side_blocks)):
        refused = _refused(engine, semantics, name, connection)
        block = project.blocks().get(name)
        if refused is not None and block is not None:
            return _broken_block(project, name, refused)
    for metric in metrics:
        refused = _refused(engine, semantics, metric.name, connection)
        if refused is not None:
            return CxError(
                f"the metric {metric.name} cannot be computed: {first_line(refused)}",
                file=metric.file,
                line=metric.line_of("name"),
                next_step="correct the definition, then cx build",
            )
    return BuildFailed(f"the metric values cannot be computed: {first_line(error)}", next_step="cx build")


def _refused(engine: Engine, semantics: Semantics, name: str, connection: Any) -> Exception | None:
    try:
        connection.execute(f"explain {semantics.sql([name], None)}")
    except engine.failure as error:
        return error
    return None


def _broken_block(project: Project, name: str, error: Exception) -> CxError:
    block = project.blocks()[name]
    model = project.models()[block.model]
    column = QUOTED_COLUMN.search(str(error))
    known = model.column(column["column"].split(".")[-1]) if column else None
    if column is None or known is not None:
        return CxError(
            f"the simple metric {name} cannot be computed from {block.model}: {first_line(error)}",
            file=block.file,
            line=block.line,
            next_step="cx build",
        )
    return CxError(
        f"the simple metric {name} reads a column that {block.model} does not have",
        file=block.file,
        line=block.line_of("expr"),
        got=column["column"],
        allowed=[declared.name for declared in model.columns],
        next_step="correct the expression, then cx build",
    )


def first_line(error: Exception) -> str:
    """The first line of a database's error, which may go on to repeat the whole query."""
    return str(error).strip().splitlines()[0]
