"""From raw files to published numbers: inputs, dbt, metric values, publication."""
