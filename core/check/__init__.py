"""Posterior predictive checks and implied independences, tested on the data."""
