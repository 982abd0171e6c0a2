"""Metrics as code for customer service and customer experience."""

__version__ = "0.1.0"
