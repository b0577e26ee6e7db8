"""What to choose: the best action under risk and under rival hypotheses, from drawn outcomes."""
