"""The table of ratios, on the terminal and as docs/benchmarks.md."""

import os
import platform
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.timing import Row, Section, Took

__all__ = ["BY_HAND", "as_markdown", "as_text", "machine", "write"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
BY_HAND = "<!-- What follows is written by hand. -->"
_OWN = ("numpy", "scipy", "pandas", "pymc", "pytensor", "nutpie", "arviz")


def machine() -> str:
    """Say what this was measured on."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _time(took: Took | None) -> str:
    if took is None:
        return ""
    return (
        f"{took.wall:.1f} s" if took.wall >= 10 else f"{took.wall:.2f} s" if took.wall >= 0.1 else f"{took.wall:.3f} s"
    )


def _processor(took: Took | None) -> str:
    return _time(None if took is None else Took(took.cpu, took.cpu))


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} x" if value >= 10 else f"{value:.1f} x"


def _target(row: Row) -> str:
    if row.target is None:
        return ""
    unit = "s" if row.at_most and row.growth is None else "x"
    aim = f"{'at most' if row.at_most else 'at least'} {row.target:g} {unit}"
    return f"{aim}: {'not measured' if row.met is None else 'yes' if row.met else 'NO'}"


def as_text(section: Section) -> str:
    """Return a section for the terminal."""
    lines = [
        section.title,
        f"{'':<62}{section.theirs:>12}{section.ours:>11}{'ratio':>9}{'(cpu':>11}{'cpu)':>9}{'ratio':>9}  target",
    ]
    for row in section.rows:
        cells = f"{_time(row.theirs):>12}{_time(row.ours):>11}{_ratio(row.ratio):>9}"
        cells += f"{_processor(row.theirs):>11}{_processor(row.ours):>9}{_ratio(_cpu(row)):>9}"
        lines.append(f"{row.what[:61]:<62}{cells}  {_target(row)} {row.note}".rstrip())
    return "\n".join([*lines, *(f"  {line}" for line in section.lines)])


def _cpu(row: Row) -> float | None:
    return None if row.growth is not None else row.cpu_ratio


def as_markdown(section: Section) -> str:
    """Return a section for the page."""
    lines = [
        f"## {section.title}",
        "",
        section.how,
        "",
        f"| | {section.theirs} | {section.ours} | ratio | {section.theirs}, processors | {section.ours}, processors | "
        "ratio | aimed at |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for row in section.rows:
        what = row.what + (f" ({row.note})" if row.note else "")
        cells = [what, _time(row.theirs), _time(row.ours), _ratio(row.ratio)]
        cells += [_processor(row.theirs), _processor(row.ours), _ratio(_cpu(row)), _target(row)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *(f"- {line}" for line in section.lines)])


def write(sections: Iterable[Section], versions: Mapping[str, str], load: str) -> Path:
    """Write docs/benchmarks.md; return where it is.

    What stands in it from :data:`BY_HAND` on (the picture of growth, profiles) stays.

    Parameters
    ----------
    sections : iterable of Section
    versions : mapping
        The peers' packages.
    load : str
        What else the machine did meanwhile, in words.
    """
    packages = {**{name: version(name) for name in _OWN}, **versions}
    said = ", ".join(f"{name} {number}" for name, number in packages.items())
    head = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {date.today().isoformat()}: {machine()}; {said}.",
        "",
        "Each row is a ratio of medians of the same run, peers and Whyboard in turns. Times are on the clock; "
        "beside them stand the seconds of all processors together, which a busy machine changes less. " + load,
        "",
    ]
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    below = BY_HAND + old.split(BY_HAND, 1)[1] if BY_HAND in old else BY_HAND + "\n"
    text = "\n".join(head) + "\n" + "\n\n".join(as_markdown(section) for section in sections) + "\n\n" + below
    PAGE.write_text(text, encoding="utf-8")
    return PAGE
