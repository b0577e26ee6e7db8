"""Blocks, the ways to fit one, evidence, scores, cache and diagnostics."""
