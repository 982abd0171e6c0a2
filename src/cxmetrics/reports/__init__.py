"""Answers worded for a terminal, from what was published."""
