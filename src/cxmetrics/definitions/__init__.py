"""What people write: metrics, models, groups, golden cases and the project itself, read from YAML without dbt."""
