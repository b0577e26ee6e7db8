"""One file a family: log density, draws and means in numpy, and its priors."""
