"""The pages in the order of the journey."""

from __future__ import annotations

__all__ = ["PAGES"]

#: Key, file and title of every page, in the order of the journey; the first is the door.
PAGES: tuple[tuple[str, str, str], ...] = (
    ("start", "pages/start.py", "Start"),
    ("data", "pages/data.py", "Data"),
    ("draw", "pages/draw.py", "Draw"),
    ("simulate", "pages/simulate.py", "Simulate"),
    ("fit", "pages/fit.py", "Fit"),
    ("check", "pages/check.py", "Check"),
    ("compare", "pages/compare.py", "Compare"),
    ("act", "pages/act.py", "Act"),
    ("report", "pages/report.py", "Report"),
)
