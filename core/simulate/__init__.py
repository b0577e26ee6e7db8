"""Prior predictive data, synthetic data and recovery."""
