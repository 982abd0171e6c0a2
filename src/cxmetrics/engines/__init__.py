"""Where a build runs: DuckDB, PostgreSQL or Spark behind one interface."""
