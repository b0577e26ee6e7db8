"""The picture of a hypothesis as SVG: what :mod:`core.figures.graph` says, drawn without a script.

Width is the size of the standardised effect; dashed arrows may be zero, grey ones carry nothing, pale ones are in every
hypothesis; a link that is there and that the hypothesis denies is red and dotted. All pictures share one layout.
"""

import textwrap
from collections.abc import Mapping, Sequence
from math import hypot

from core.figures.cutting import cut_all
from core.figures.graph import ArrowView, GraphView, NodeView
from core.figures.placing import Place, bend, stretched
from core.report.page.markup import Html, el, joined_html, voided
from core.report.page.svg import svg

__all__ = ["graph_pictures"]

_LETTER, _LINE = 7.4, 16.0
_WRAP, _MOST = 20, 40  # letters a line of a name, and of all of it
_SMALL = 7  # nodes, up to which a picture is half as wide as the page
_LABEL = 6.6  # a letter on an arrow
_HEAD = 9.0
_TALLER = (1.0, 1.3, 1.6, 2.0, 2.5)  # times the height, until boxes fit into the width, and arrows between them
_ROOM = 44.0  # between two boxes with an arrow: its head, some of its line, and a word
_COVERS = 10.0  # what it costs a word to cover a box or another word: then it is left out
_FAR = (0.48, 0.4, 0.56, 0.34, 0.62, 0.28, 0.7)  # along a line, where words may stand

Box = tuple[float, float, float, float]  # left, top, right, bottom


def graph_pictures(views: Sequence[GraphView]) -> tuple[list[Html], bool]:
    """Return each hypothesis' picture, all in one layout, and whether two fit beside each other."""
    nodes = {node.name: node for view in views for node in view.nodes}
    if not nodes:
        return [Html("")] * len(views), True
    most = max(len(view.arrows) for view in views)
    small = len(nodes) <= _SMALL and most <= 10
    said = dict(zip(nodes, cut_all([node.title for node in nodes.values()], _MOST), strict=True))
    labels = {name: _lines(said[name], node) for name, node in nodes.items()}
    sizes = {name: _size(lines, nodes[name]) for name, lines in labels.items()}
    wide = 480.0 if small else 960.0
    high = 300.0 if small else min(720.0, 300.0 + 24.0 * max(len(nodes) - 5, 0))
    arrows = list(dict.fromkeys((arrow.source, arrow.target) for view in views for arrow in view.arrows))
    at = {name: (node.x, node.y) for name, node in nodes.items()}
    tried = [_placed(at, sizes, wide, factor * high, arrows) for factor in _TALLER]
    fitting = [found for found in tried if found[1][0] <= 1.05 * wide] or tried[-1:]
    links = {tuple(sorted(pair)) for pair in arrows} | {
        tuple(sorted((x, y))) for v in views for x, y, _ in v.contradicted
    }
    # The first in which every arrow can be seen between its boxes, else that in which the shortest is longest.
    gaps = [min((_gap(placed, sizes, a, b) for a, b in links), default=_ROOM) for placed, _ in fitting]
    place = next((place for place, gap in enumerate(gaps) if gap >= _ROOM), gaps.index(max(gaps)))
    placed, frame = fitting[place]
    return [_Drawing(view, labels, sizes, placed, frame).picture() for view in views], small


def _placed(
    at: Mapping[str, Place], sizes: Mapping[str, Place], wide: float, high: float, arrows: Sequence[tuple[str, str]]
) -> tuple[dict[str, Place], Place]:
    """Return where each node stands in a frame of about a size, and how large the frame got."""
    placed = stretched(at, sizes, wide - 16, high - 24, arrows)
    left = min(x - sizes[name][0] / 2 for name, (x, _) in placed.items())
    top = min(y - sizes[name][1] / 2 for name, (_, y) in placed.items())
    placed = {name: (x - left + 8, y - top + 12) for name, (x, y) in placed.items()}
    right = max(x + sizes[name][0] / 2 for name, (x, _) in placed.items())
    bottom = max(y + sizes[name][1] / 2 for name, (_, y) in placed.items())
    return placed, (right + 8, bottom + 12)


def _gap(placed: Mapping[str, Place], sizes: Mapping[str, Place], a: str, b: str) -> float:
    """Return how far apart two boxes stand."""
    (ax, ay), (bx, by), (aw, ah), (bw, bh) = placed[a], placed[b], sizes[a], sizes[b]
    return hypot(max(abs(ax - bx) - (aw + bw) / 2, 0.0), max(abs(ay - by) - (ah + bh) / 2, 0.0))


def _lines(title: str, node: NodeView) -> list[str]:
    tried = (textwrap.wrap(title, width, break_long_words=True) for width in range(_WRAP, _MOST + 1))
    found = next((lines for lines in tried if len(lines) < 3), [title]) or [""]
    under = node.role or ("unmeasured" if node.latent else "") or (f"varies by {node.group}" if node.group else "")
    return [*found, under] if under else found


def _size(lines: Sequence[str], node: NodeView) -> Place:
    room = 26.0 if node.role else 20.0
    return max(max(map(len, lines)) * _LETTER + room, 44.0), len(lines) * _LINE + 13.0


class _Drawing:
    """One picture being drawn; labels are kept clear of boxes and of each other."""

    def __init__(
        self,
        view: GraphView,
        labels: Mapping[str, Sequence[str]],
        sizes: Mapping[str, Place],
        places: Mapping[str, Place],
        frame: Place,
    ) -> None:
        self.view, self.labels, self.sizes, self.places, self.frame = view, labels, sizes, places, frame
        self.own = {node.name: places[node.name] for node in view.nodes}
        self.taken: list[Box] = [self._box(name) for name in self.own]
        pairs = [(arrow.source, arrow.target) for arrow in view.arrows] + [(x, y) for x, y, _ in view.contradicted]
        self.ways = [self._points(a, b) for a, b in pairs]

    def picture(self) -> Html:
        """Return the picture: what lies below first."""
        lines: list[Html] = []
        words: list[Html] = []
        for x, y, label in self.view.contradicted:
            path, along = self._bowed(x, y, least=22.0)
            lines.append(voided("path", d=path, class_="denied"))
            words.append(self._label(label, along, "denied-label"))
        for arrow in self.view.arrows:
            drawn, word = self._arrow(arrow)
            lines += drawn
            words += word
        for a, b in self.view.arcs:
            lines += self._arc(a, b)
        boxes = [self._node(node) for node in self.view.nodes]
        arrows = ", ".join(f"{arrow.source} to {arrow.target}" for arrow in self.view.arrows) or "no arrows"
        wide, high = self.frame
        style = f"--own:{self.view.colour}"
        drawing = el("g", *self._background(), *lines, *boxes, *words, style=style)
        return svg(wide, high, f"{self.view.name}: {arrows}", drawing, class_="graph")

    def _box(self, name: str, room: float = 0.0) -> Box:
        (x, y), (wide, high) = self.places[name], self.sizes[name]
        return x - wide / 2 - room, y - high / 2 - room, x + wide / 2 + room, y + high / 2 + room

    def _points(self, a: str, b: str) -> list[Place]:
        """Return points along the line between two boxes."""
        start, end = self.places[a], self.places[b]
        control = _control(start, end, bend(a, b, self.own, self.sizes))
        begin, tip = self._edge(a, control), self._edge(b, control)
        return [_on(begin, _middle(begin, tip, control), tip, step / 24) for step in range(25)]

    def _background(self) -> list[Html]:
        """Draw a light frame round the background: round all of it, or round each where others stand within."""
        names = [node.name for node in self.view.nodes if node.background]
        if not names:
            return []
        boxes = [self._box(name, 7) for name in names]
        whole = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
        others = [self._box(name) for name in self.own if name not in names]
        if not any(_overlap(whole, other) for other in others):
            boxes = [whole]
        return [
            voided("rect", x=f"{left:.1f}", y=f"{top:.1f}", width=f"{right - left:.1f}",
                   height=f"{bottom - top:.1f}", rx=12, class_="background")
            for left, top, right, bottom in boxes
        ]  # fmt: skip

    def _bowed(self, a: str, b: str, least: float = 0.0) -> tuple[str, list[Place]]:
        """Return the path from box to box, and points along it, the middle first."""
        start, end = self.places[a], self.places[b]
        bow = bend(a, b, self.own, self.sizes)
        if abs(bow) < least:
            bow = least if bow >= 0 else -least
        control = _control(start, end, bow)
        begin, tip = self._edge(a, control), self._edge(b, control)
        path = f"M{_at(begin)}Q{_at(_middle(begin, tip, control))} {_at(tip)}" if bow else f"M{_at(begin)}L{_at(tip)}"
        middle = _middle(begin, tip, control) if bow else _half(begin, tip)
        return path, [_on(begin, middle, tip, t) for t in _FAR]

    def _edge(self, name: str, towards: Place, room: float = 2.0) -> Place:
        """Return where the line from a box's centre to a point leaves the box."""
        (x, y), (wide, high) = self.places[name], self.sizes[name]
        dx, dy = towards[0] - x, towards[1] - y
        share = min((wide / 2 + room) / max(abs(dx), 1e-9), (high / 2 + room) / max(abs(dy), 1e-9))
        return x + dx * share, y + dy * share

    def _arrow(self, arrow: ArrowView) -> tuple[list[Html], list[Html]]:
        start, end = self.places[arrow.source], self.places[arrow.target]
        bow = bend(arrow.source, arrow.target, self.own, self.sizes)
        control = _control(start, end, bow)
        begin, tip = self._edge(arrow.source, control), self._edge(arrow.target, control, 3.0)
        middle = _middle(begin, tip, control) if bow else _half(begin, tip)
        ux, uy = _unit(middle, tip)
        head = _HEAD + 0.6 * arrow.width
        neck = (tip[0] - ux * head, tip[1] - uy * head)
        class_ = f"arrow {arrow.style}{' shared' if arrow.shared else ''}"
        line = voided(
            "path", d=f"M{_at(begin)}Q{_at(middle)} {_at(neck)}", class_=class_, stroke_width=f"{arrow.width:g}"
        )
        side = 0.38 * head + 0.4 * arrow.width
        points = " ".join(_at(p) for p in (tip, _off(neck, -uy, ux, side), _off(neck, uy, -ux, side)))
        drawn = [
            line,
            voided("polygon", points=points, class_=f"head {arrow.style}{' shared' if arrow.shared else ''}"),
        ]
        if arrow.hover:
            drawn = [el("g", el("title", arrow.hover), *drawn)]
        if not arrow.label:
            return drawn, []
        along = [_on(begin, middle, tip, t) for t in _FAR]
        return drawn, [self._label(arrow.label, along, f"on-arrow{' shared' if arrow.shared else ''}")]

    def _label(self, text: str, along: Sequence[Place], class_: str) -> Html:
        """Write on a line, or beside it where it would hide most of it; clear of boxes and words, or not at all."""
        wide, high = len(text) * _LABEL + 6, 15.0
        ux, uy = _unit(along[3], along[4])
        hidden = min(wide / max(abs(ux), 1e-9), high / max(abs(uy), 1e-9))  # of the line, by words that stand on it
        whole = hypot(along[-1][0] - along[-2][0], along[-1][1] - along[-2][1]) / (_FAR[-1] - _FAR[-2])
        beside = abs(uy) * wide / 2 + abs(ux) * high / 2 + 5
        tried: list[tuple[float, Box]] = []
        for place, (x, y) in enumerate(along):
            for side in (0.0, -1.0, 1.0):
                cx, cy = x - side * uy * beside, y + side * ux * beside
                box = (cx - wide / 2, cy - high / 2, cx + wide / 2, cy + high / 2)
                out = box[0] < 0 or box[1] < 0 or box[2] > self.frame[0] or box[3] > self.frame[1]
                covers = sum(_overlap(box, other) for other in self.taken)
                crosses = sum(any(_within(point, box) for point in way) for way in self.ways) - (not side)
                cost = (
                    _COVERS * (covers + out)
                    + 2.5 * max(crosses, 0)
                    + 0.3 * place
                    + (1.0 if side else 6.0 * (hidden > 0.5 * whole))
                )
                tried.append((cost, box))
        cost, best = min(tried)
        if cost >= _COVERS and class_ != "denied-label":
            return Html("")  # the table of all arrows has it
        self.taken.append(best)
        x, y = (best[0] + best[2]) / 2, (best[1] + best[3]) / 2
        paper = voided("rect", x=f"{best[0]:.1f}", y=f"{best[1]:.1f}", width=f"{wide:.1f}", height=high, rx=3,
                       class_="under-label")  # fmt: skip
        return joined_html(
            [paper, el("text", text, x=f"{x:.1f}", y=f"{y + 4.2:.1f}", class_=class_, text_anchor="middle")]
        )

    def _arc(self, a: str, b: str) -> list[Html]:
        start, end = self.places[a], self.places[b]
        control = _control(start, end, bend(a, b, self.own, self.sizes) or 34.0)
        ends = self._edge(a, control, 4.0), self._edge(b, control, 4.0)
        middle = _middle(*ends, control)
        heads = []
        for tip in ends:
            ux, uy = _unit(middle, tip)
            neck = (tip[0] - ux * _HEAD, tip[1] - uy * _HEAD)
            points = " ".join(_at(p) for p in (tip, _off(neck, -uy, ux, 4.0), _off(neck, uy, -ux, 4.0)))
            heads.append(voided("polygon", points=points, class_="head solid"))
        line = voided("path", d=f"M{_at(ends[0])}Q{_at(middle)} {_at(ends[1])}", class_="arc")
        return [el("g", el("title", f"{a} and {b} share an unmeasured cause"), line, *heads)]

    def _node(self, node: NodeView) -> Html:
        left, top, right, bottom = self._box(node.name)
        lines = self.labels[node.name]
        role = f" {node.role}" if node.role else ""
        class_ = f"node{role}{' latent' if node.latent else ''}"
        round_ = 3 if node.role == "exposure" else (bottom - top) / 2
        box = voided(
            "rect", x=f"{left:.1f}", y=f"{top:.1f}", width=f"{right - left:.1f}", height=f"{bottom - top:.1f}",
            rx=f"{round_:.1f}", class_=class_,
        )  # fmt: skip
        under = bool(node.role or node.latent or node.group)
        x, first = self.places[node.name][0], self.places[node.name][1] - (len(lines) - 1) * _LINE / 2 + 4.5
        words = [
            el("text", line, x=f"{x:.1f}", y=f"{first + place * _LINE:.1f}", text_anchor="middle",
               class_="under" if under and place == len(lines) - 1 else f"name{' latent' if node.latent else ''}")
            for place, line in enumerate(lines)
        ]  # fmt: skip
        return el("g", el("title", node.title), box, *words)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _within(point: Place, box: Box) -> bool:
    return box[0] < point[0] < box[2] and box[1] < point[1] < box[3]


def _control(start: Place, end: Place, bow: float) -> Place:
    """Return the point towards which a bowed line leaves both boxes; the middle of a straight one."""
    ux, uy = _unit(start, end)
    x, y = _half(start, end)
    return x + 2 * bow * uy, y - 2 * bow * ux


def _middle(begin: Place, tip: Place, control: Place) -> Place:
    return (0.15 * (begin[0] + tip[0]) + 0.7 * control[0], 0.15 * (begin[1] + tip[1]) + 0.7 * control[1])


def _half(a: Place, b: Place) -> Place:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _on(begin: Place, middle: Place, tip: Place, t: float) -> Place:
    x, y = ((1 - t) ** 2 * a + 2 * t * (1 - t) * m + t * t * b for a, m, b in zip(begin, middle, tip, strict=True))
    return x, y


def _unit(a: Place, b: Place) -> Place:
    dx, dy = b[0] - a[0], b[1] - a[1]
    long = hypot(dx, dy) or 1.0
    return dx / long, dy / long


def _off(point: Place, ux: float, uy: float, by: float) -> Place:
    return point[0] + ux * by, point[1] + uy * by


def _at(point: Place) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
