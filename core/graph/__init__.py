"""The causal graph and what follows from it alone."""
