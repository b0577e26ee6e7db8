"""What runs where: requests, workers, progress, cancel."""
