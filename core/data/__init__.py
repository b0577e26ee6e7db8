"""Reading, checking and profiling a table; the frozen constants of each column."""
