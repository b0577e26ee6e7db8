"""What is fast, measured beside what a user would run instead; and slow calibration."""
