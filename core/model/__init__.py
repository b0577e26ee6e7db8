"""Hypothesis and data to a specification (pure), and from it the PyMC model."""
