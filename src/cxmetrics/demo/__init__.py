"""Synthetic but believable customers, tickets and surveys, the same for a seed on every machine."""
