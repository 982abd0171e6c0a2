"""PostgreSQL: one database for what is built and what is published."""
