"""What follows from acting on a hypothesis: total effects."""
