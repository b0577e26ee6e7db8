"""What leaves the house and runs without it: a hypothesis as a PyMC script or a notebook."""
