"""How time and memory grow with rows, nodes and hypotheses: docs/growth.svg.

    python -m benchmarks.growth            measures and draws
    python -m benchmarks.growth --most 3   only the smaller sizes

Each point is one comparison, from the data in memory to the verdict, in a process of its own.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from pathlib import Path

from benchmarks.point import point

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "growth.svg"
RECORD = PICTURE.with_suffix(".json")

TITLE = "Gaussian rows cost little; nodes and hypotheses cost about their number"
BLUE, ORANGE = "#0072B2", "#D55E00"
TEXT, MUTED, GRID, PAPER = "#1f2933", "#5f6b76", "#e3e7eb", "#ffffff"


@dataclass(frozen=True)
class Line:
    """One kind of problem, growing in one respect."""

    name: str
    colour: str
    kind: str
    sizes: tuple[tuple[int, ...], ...]
    place: int  # which of the sizes grows

    def x(self, most: int) -> list[int]:
        """Return the sizes that are drawn."""
        return [size[self.place] for size in self.sizes[:most]]


@dataclass(frozen=True)
class Panel:
    """One column of the picture."""

    title: str
    unit: str
    lines: tuple[Line, ...]


ROWS = (100, 1_000, 10_000, 100_000, 1_000_000)
PANELS = (
    Panel(
        "rows",
        "rows",
        (
            Line("Gaussian: 10 nodes, 2 hypotheses", BLUE, "gaussian", tuple((n, 10, 2) for n in ROWS), 0),
            Line("mixed: 6 columns, 4 hypotheses", ORANGE, "mixed", tuple((n,) for n in ROWS[:4]), 0),
        ),
    ),
    Panel(
        "nodes",
        "nodes (Gaussian, 1,000 rows, 2 hypotheses)",
        (Line("", BLUE, "gaussian", tuple((1000, k, 2) for k in (5, 10, 20, 50, 100)), 1),),
    ),
    Panel(
        "hypotheses",
        "hypotheses (Gaussian, 1,000 rows, 20 nodes)",
        (Line("", BLUE, "gaussian", tuple((1000, 20, k) for k in (1, 2, 5, 10, 20)), 2),),
    ),
)

Points = list[tuple[float, float]]


def measure(most: int) -> dict[str, dict[str, list[float]]]:
    """Run every point; return seconds of processors, seconds on the clock and megabytes by line."""
    found: dict[str, dict[str, list[float]]] = {}
    for panel in PANELS:
        for line in panel.lines:
            key = f"{panel.title} {line.kind}"
            found[key] = {"x": [], "wall": [], "cpu": [], "megabytes": []}
            for size in line.sizes[:most]:
                one = point(line.kind, *size)
                found[key]["x"].append(size[line.place])
                for name in ("wall", "cpu", "megabytes"):
                    found[key][name].append(one[name])
                print(f"{key} {size}: {one['wall']:.2f} s, {one['megabytes']:.0f} MB", file=sys.stderr, flush=True)
    return found


# -- the picture ---------------------------------------------------------------------------

WIDE, HIGH = 1080, 620
LEFT, TOP, PLOT_WIDE, PLOT_HIGH, GAP_X, GAP_Y = 78, 122, 270, 170, 62, 84


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis from ``low`` to ``high`` over ``length`` pixels."""

    low: float
    high: float
    length: float

    @classmethod
    def over(cls, values: Sequence[float], length: float, tight: bool = False) -> "Axis":
        """Return the axis that holds values; in whole decades unless ``tight``."""
        low, high = min(values), max(values)
        if tight:
            return cls(low / 1.25, high * 1.25, length)
        return cls(10.0 ** floor(log10(low)), 10.0 ** -floor(-log10(high * 1.02)), length)

    def at(self, value: float) -> float:
        """Return the place of a value in pixels."""
        return self.length * (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))

    @property
    def decades(self) -> list[float]:
        """Powers of ten inside."""
        return [
            10.0**power
            for power in range(-6, 9)
            if self.low <= 10.0**power * 1.001 and 10.0**power <= self.high * 1.001
        ]


def _words(
    x: float, y: float, text: str, size: int = 12, colour: str = TEXT, anchor: str = "start", more: str = ""
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" {more}>{text}</text>'
    )


def _short(value: float) -> str:
    if value >= 1_000_000:
        return f"{value / 1_000_000:g}M"
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def _panel(left: float, top: float, lines: Sequence[tuple[Line, Points]], y: Axis, unit: str, y_unit: str) -> list[str]:
    values = [point[0] for _, points in lines for point in points]
    x = Axis.over(values, PLOT_WIDE, tight=True)
    parts = [f'<g transform="translate({left},{top})">']
    for value in y.decades:
        height = PLOT_HIGH - y.at(value)
        parts.append(f'<line x1="0" x2="{PLOT_WIDE}" y1="{height:.1f}" y2="{height:.1f}" stroke="{GRID}"/>')
        parts.append(_words(-8, height + 4, f"{_short(value)} {y_unit}", 11, MUTED, "end"))
    for value in sorted(set(values)):
        parts.append(_words(x.at(value), PLOT_HIGH + 18, _short(value), 11, MUTED, "middle"))
    parts.append(f'<line x1="0" x2="{PLOT_WIDE}" y1="{PLOT_HIGH}" y2="{PLOT_HIGH}" stroke="{MUTED}"/>')
    parts.append(_words(PLOT_WIDE / 2, PLOT_HIGH + 36, unit, 11, MUTED, "middle"))
    for line, points in lines:
        places = [(x.at(size), PLOT_HIGH - y.at(value)) for size, value in points]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>')
        for (across, down), (_, value) in zip(places, points, strict=True):
            parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3.5" fill="{line.colour}"/>')
            said = f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
            below = line.colour == BLUE and len(lines) > 1
            parts.append(_words(across, down + (17 if below else -9), said, 10, line.colour, "middle"))
    parts.append("</g>")
    return parts


def _finding(found: dict[str, dict[str, list[float]]]) -> str:
    """Say how much longer the largest Gaussian comparisons take."""
    said = []
    for words, start in (("rows", 10_000), ("nodes", 5), ("hypotheses", 1)):
        one = found[f"{words} gaussian"]
        first = one["x"].index(start) if start in one["x"] else 0
        more, longer = one["x"][-1] / one["x"][first], one["cpu"][-1] / one["cpu"][first]
        above = f" (from {_short(start)})" if words == "rows" else ""
        said.append(f"{more:.0f} x the {words}{above}: {longer:.0f} x" + (" the time" if not said else ""))
    return "; ".join(said)


def draw(found: dict[str, dict[str, list[float]]], busy: bool) -> str:
    """Return the picture as SVG."""
    measures = (("cpu", "s"), ("megabytes", "MB"))
    said = "seconds of all processors together" + (" (the machine was busy)" if busy else "")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" '
        'font-family="Source Sans Pro, Source Sans, system-ui, sans-serif" role="img">',
        "<title>Growth of time and memory with rows, nodes and hypotheses</title>",
        f'<rect width="{WIDE}" height="{HIGH}" fill="{PAPER}"/>',
        _words(LEFT - 50, 30, _finding(found), 17),
        _words(LEFT - 50, 52, f"One comparison, from data in memory to the verdict. Above: {said}.", 12, MUTED),
        _words(LEFT - 50, 68, "Below: memory at the peak, over what Python and the data take.", 12, MUTED),
    ]
    for row, (name, unit) in enumerate(measures):
        scale = Axis.over([max(value, 1e-3) for one in found.values() for value in one[name]], PLOT_HIGH)
        for column, panel in enumerate(PANELS):
            left, top = LEFT + column * (PLOT_WIDE + GAP_X), TOP + row * (PLOT_HIGH + GAP_Y)
            lines: list[tuple[Line, Points]] = []
            for line in panel.lines:
                one = found[f"{panel.title} {line.kind}"]
                points = list(zip(one["x"], (max(value, 1e-3) for value in one[name]), strict=True))
                lines.append((line, points))
                if row == 0 and line.name:
                    down = top - 10 - 14 * (len(panel.lines) - len(lines))
                    parts.append(_words(left, down, line.name, 12, line.colour))
            parts += _panel(left, top, lines, scale, panel.unit, unit)
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=9, help="sizes a line")
    parser.add_argument("--again", action="store_true", help="draw what was measured last")
    chosen = parser.parse_args()
    found = json.loads(RECORD.read_text()) if chosen.again else measure(chosen.most)
    RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    cpu, wall = (sum(sum(one[name]) for one in found.values()) for name in ("cpu", "wall"))
    PICTURE.write_text(draw(found, busy=wall > 1.3 * cpu), encoding="utf-8")
    print(f"wrote {PICTURE} and {RECORD}")


if __name__ == "__main__":
    main()
