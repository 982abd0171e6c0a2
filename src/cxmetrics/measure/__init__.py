"""Metrics as SQL: values with their n, interval, response rate and status, compiled from what MetricFlow means."""
