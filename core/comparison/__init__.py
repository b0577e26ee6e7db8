"""Differences, equivalence classes, weights and verdicts."""
