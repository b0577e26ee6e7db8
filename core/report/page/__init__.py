"""The parts of the report, in its order: facts in, markup out. :mod:`core.report.html` puts them together."""
