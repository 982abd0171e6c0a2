"""Spark: one Java process on this machine, or a cluster."""
