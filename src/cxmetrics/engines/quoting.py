"""Names and text constants in SQL: the standard's rule, and Spark's. Nothing else in the package quotes by hand."""

from __future__ import annotations

import datetime

from cxmetrics.engines.sql import Sql, joined

Constant = str | datetime.date | None


class StandardQuoting:
    """The rule of standard SQL, as DuckDB and PostgreSQL take it: only the quote itself is doubled."""

    @staticmethod
    def identifier(name: str) -> Sql:
        """``name`` quoted for SQL."""
        return Sql('"' + name.replace('"', '""') + '"')

    @classmethod
    def relation(cls, schema: str, table: str) -> Sql:
        """``schema.table`` quoted for SQL."""
        return joined([cls.identifier(schema), cls.identifier(table)], ".")

    @staticmethod
    def literal(text: Constant) -> Sql:
        """A text, or the text of a date or a moment, as a string constant; ``null`` for None."""
        return Sql("null" if text is None else "'" + str(text).replace("'", "''") + "'")


class SparkQuoting(StandardQuoting):
    """Spark's rule: names stand in backticks, and a backslash in a text is the beginning of an escape."""

    @staticmethod
    def identifier(name: str) -> Sql:
        return Sql("`" + name.replace("`", "``") + "`")

    @staticmethod
    def literal(text: Constant) -> Sql:
        if text is None:
            return Sql("null")
        return Sql("'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'")


# For SQL that one engine alone runs. What any engine may run is quoted by the engine itself.
identifier, relation, literal = StandardQuoting.identifier, StandardQuoting.relation, StandardQuoting.literal
