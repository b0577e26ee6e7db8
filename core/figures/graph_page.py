"""The page to take away: a hypothesis' picture as one self-contained HTML file, by pyvis.

It asks the network for nothing, and a content policy inside it says so.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil, hypot
from typing import Any

from core.figures.graph import ArrowView, GraphView, NodeView
from core.figures.placing import Place, bend, stretched
from core.figures.theme import Ink, ink

__all__ = ["graph_page", "side_by_side"]

_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:\">"
)
#: In a picture under so many pixels with more arrows than this, shared arrows keep their numbers for hovering.
CROWDED = (420, 6)
_SMALL = 16  # nodes; where there are more, words get small and the wheel zooms
_LETTER = 8.0  # pixels, of a wide face
_WIDEST = 104.0  # pixels of text in a node, then it wraps
#: Fit boxes to the window: vis' own fit leaves a tenth of it empty.
_FIT = """drawGraph();
const fitToWindow = () => {
  const boxes = network.body.nodeIndices.map(id => network.getBoundingBox(id));
  if (!boxes.length) return;
  const left = Math.min(...boxes.map(b => b.left)), right = Math.max(...boxes.map(b => b.right));
  const top = Math.min(...boxes.map(b => b.top)), bottom = Math.max(...boxes.map(b => b.bottom));
  const room = document.getElementById("mynetwork");
  const scale = Math.min(1.25, (room.clientWidth - 24) / (right - left), (room.clientHeight - 24) / (bottom - top));
  network.moveTo({ position: { x: (left + right) / 2, y: (top + bottom) / 2 }, scale, animation: false });
};
fitToWindow();
requestAnimationFrame(fitToWindow);
window.addEventListener("resize", fitToWindow);
"""
#: One frame around the background where nothing else stands in it, else one around each of its nodes.
_FRAME = """network.on("beforeDrawing", (context) => {
  const box = (id) => network.getBoundingBox(id);
  const around = (found, room) => ({
    left: Math.min(...found.map(b => b.left)) - room, right: Math.max(...found.map(b => b.right)) + room,
    top: Math.min(...found.map(b => b.top)) - room, bottom: Math.max(...found.map(b => b.bottom)) + room,
  });
  const members = nodes.get({ filter: (node) => node.framed }).map((node) => box(node.id));
  const others = nodes.get({ filter: (node) => !node.framed }).map((node) => box(node.id));
  const all = around(members, FRAME_ROOM);
  const beside = (b) => b.left > all.right || b.right < all.left || b.top > all.bottom || b.bottom < all.top;
  context.fillStyle = "FRAME_COLOUR";
  context.beginPath();
  for (const frame of others.every(beside) ? [all] : members.map((b) => around([b], FRAME_ROOM)))
    context.roundRect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top, 16);
  context.fill();
});
"""
_FRAME_ROOM = 9  # pixels between a frame and what stands in it
_LINE = 26  # pixels, of the line below a picture that says what the frame is
_OPEN = "background: may be related in any way"


def side_by_side(views: Sequence[GraphView], width: float, height: float) -> tuple[GraphView, ...]:
    """Return the pictures in one layout, stretched to frames of ``width`` by ``height`` pixels.

    Many arrows get more room, and so smaller words.
    """
    nodes = {node.name: node for view in views for node in view.nodes}
    arrows = list(dict.fromkeys((arrow.source, arrow.target) for view in views for arrow in view.arrows))
    most = max((len(view.arrows) for view in views), default=0)
    zoom = 1.0 + min(0.5, 0.06 * max(0, most - 5))
    sizes = {name: _size(node) for name, node in nodes.items()}
    places = {name: (node.x, node.y) for name, node in nodes.items()}
    placed = stretched(places, sizes, zoom * width, zoom * height, arrows)
    crowded = width < CROWDED[0] and most > CROWDED[1]
    return tuple(
        replace(
            view,
            nodes=tuple(replace(n, x=placed[n.name][0], y=placed[n.name][1]) for n in view.nodes),
            crowded=crowded,
        )
        for view in views
    )


def graph_page(view: GraphView, *, dark: bool = False, height: int = 360, zoom: bool = False) -> str:
    """Return one self-contained HTML page that draws ``view``.

    Parameters
    ----------
    view : GraphView
    dark : bool
        For a dark page.
    height : int
        Pixels.
    zoom : bool
        Let the wheel zoom (for the download; inside a page it would swallow scrolling).
    """
    from pyvis.network import Network

    tone = ink(dark)
    sizes = {node.name: _size(node) for node in view.nodes}
    places: dict[str, Place] = {node.name: (node.x, node.y) for node in view.nodes}
    framed = any(node.background for node in view.nodes)
    room = height - _LINE if framed else height
    net = Network(height=f"{room}px", width="100%", directed=True, cdn_resources="in_line", bgcolor=tone.paper)
    for node in view.nodes:
        net.add_node(node.name, **_node_options(node, places[node.name], view.colour, tone))
    for arrow in view.arrows:
        smooth = _smooth(arrow.source, arrow.target, places, sizes)
        crowded = view.crowded or not (smooth["enabled"] or _has_room(arrow, places, sizes))
        net.add_edge(arrow.source, arrow.target, smooth=smooth, **_arrow_options(arrow, view.colour, tone, crowded))
    for a, b in view.arcs:
        net.add_edge(
            a, b, arrows="to, from", color=view.colour, width=1.5, dashes=False,
            smooth={"enabled": True, "type": "curvedCW", "roundness": 0.35},
            title="share an unmeasured cause (bidirected arc)",
        )  # fmt: skip
    taken: list[Place] = []  # where a red number stands
    for x, y, label in view.contradicted:
        middle = ((places[x][0] + places[y][0]) / 2, (places[x][1] + places[y][1]) / 2)
        crowd = sum(abs(middle[0] - a) < 110 and abs(middle[1] - b) < 24 for a, b in taken)
        taken.append(middle)
        net.add_edge(
            x, y, arrows={"to": {"enabled": False}}, color=tone.red, width=2, dashes=[2, 6], label=label,
            font=_on_line(tone.red, tone), smooth=_smooth(x, y, places, sizes, least=18.0 + 34.0 * crowd),
            title="no arrow here, and yet the data show a link (contradicted)",
        )  # fmt: skip
    zoom = zoom or len(view.nodes) > _SMALL
    options = {
        "physics": {"enabled": False},
        "nodes": {"scaling": {"label": {"enabled": False, "drawThreshold": 1}}},
        "interaction": {"hover": True, "zoomView": zoom, "dragView": zoom, "dragNodes": zoom, "tooltipDelay": 80},
    }
    net.set_options(json.dumps(options))
    return _self_contained(net.generate_html(notebook=False), tone, view.name, framed)


def _has_room(arrow: ArrowView, places: Mapping[str, Place], sizes: Mapping[str, Place]) -> bool:
    """Return whether a straight arrow's number stands clear of both its boxes."""
    ends = (arrow.source, arrow.target)
    middle = [sum(places[end][axis] for end in ends) / 2 for axis in (0, 1)]
    label = (0.85 * _LETTER * len(arrow.label), 15.0)
    return not any(
        all(abs(middle[axis] - places[end][axis]) < (label[axis] + sizes[end][axis]) / 2 for axis in (0, 1))
        for end in ends
    )


def _smooth(
    a: str, b: str, places: Mapping[str, Place], sizes: Mapping[str, Place], least: float = 0.0
) -> dict[str, Any]:
    """Return how an arrow is bent; vis bows the middle by about 0.39 of roundness times length."""
    bow = bend(a, b, places, sizes)
    (ax, ay), (bx, by) = places[a], places[b]
    if least and hypot(bx - ax, by - ay) - (sizes[a][0] + sizes[b][0]) / 2 < 110:
        least *= 2.4  # its label does not fit between the boxes
    if abs(bow) < least:
        middle_x = sum(x for x, _ in places.values()) / len(places)
        middle_y = sum(y for _, y in places.values()) / len(places)
        inside = (middle_x - ax) * (by - ay) - (middle_y - ay) * (bx - ax)  # positive: the others lie to the left
        bow = least if (bow or inside) >= 0 else -least
    if bow == 0.0:
        return {"enabled": False}
    length = hypot(places[b][0] - places[a][0], places[b][1] - places[a][1]) or 1.0
    roundness = min(max(abs(bow) / (0.39 * length), 0.08), 0.6)
    return {"enabled": True, "type": "curvedCW" if bow > 0 else "curvedCCW", "roundness": round(roundness, 3)}


def _label(node: NodeView) -> str:
    mark = {"exposure": "▶\u00a0", "outcome": "◎\u00a0"}.get(node.role, "")
    under = f"\n{node.role}" if node.role else "\nunmeasured" if node.latent else ""
    return f"{mark}{node.title}{under}"


def _widest(node: NodeView) -> float:
    """Return how wide a node's text may get before it wraps: a long word stays whole."""
    return max(_WIDEST, _LETTER * 1.12 * max(len(word) for word in _label(node).replace("\n", " ").split(" ")))


def _size(node: NodeView) -> Place:
    """Return about how wide and high a node's box is, in pixels."""
    lines = _label(node).split("\n")
    most = _widest(node)
    wide = [min(_LETTER * len(line), most) for line in lines]
    high = sum(max(1, ceil(_LETTER * len(line) / most)) for line in lines)
    return max(wide) + 20, 17.0 * high + 18


def _node_options(node: NodeView, place: Place, colour: str, tone: Ink) -> dict[str, Any]:
    hover = f"{node.title}\n{_OPEN}" if node.background else node.title
    return {
        **({"framed": True} if node.background else {}),
        "label": _label(node),
        # A title that holds "href" makes pyvis' template write it as markup; nobody's name may.
        "title": hover.replace("href", "h\u200bref"),
        "x": place[0],
        "y": place[1],
        "shape": "box",
        "margin": 8,
        "widthConstraint": {"maximum": _widest(node)},
        "borderWidth": 2.5 if node.role else 1.5,
        "shapeProperties": {"borderDashes": [5, 4] if node.latent else False, "borderRadius": 4 if node.role else 14},
        "color": {
            "background": tone.paper,
            "border": colour if node.role else tone.muted,
            "highlight": {"background": tone.paper, "border": colour},
            "hover": {"background": tone.grid, "border": colour},
        },
        "font": _font(tone.muted if node.latent else tone.text, tone, 14),
    }


def _arrow_options(arrow: ArrowView, colour: str, tone: Ink, crowded: bool = False) -> dict[str, Any]:
    nothing, width = arrow.style == "grey", arrow.width
    options: dict[str, Any] = {
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.8 if width < 4 else 0.55}},
        "width": width,
        "color": {
            "color": tone.muted if nothing else colour,
            "opacity": _opacity(arrow, nothing, tone),
            "inherit": False,
        },
        "dashes": [8, 6] if arrow.doubtful else False,
        "title": arrow.hover or None,
    }
    if arrow.label and not (crowded and arrow.shared):
        options |= {"label": arrow.label, "font": _on_line(tone.muted if arrow.shared else tone.text, tone)}
    return options


def _opacity(arrow: ArrowView, nothing: bool, tone: Ink) -> float:
    pale = 0.62 if tone == ink(True) else 0.4  # dark paper swallows more
    return 0.55 if nothing else pale if arrow.shared else 0.95


def _font(colour: str, tone: Ink, size: float) -> dict[str, Any]:
    return {
        "color": colour,
        "size": size,
        "face": '"Source Sans", system-ui, sans-serif',
        "strokeWidth": 4,
        "strokeColor": tone.paper,
    }


def _on_line(colour: str, tone: Ink) -> dict[str, Any]:
    """What stands on a line interrupts it: a thick arrow would show between the letters."""
    return {**_font(colour, tone, 13), "background": tone.paper, "strokeWidth": 2}


def _self_contained(page: str, tone: Ink, name: str, framed: bool = False) -> str:
    """Take out what pyvis links from the net and its frame, and fit the drawing to its window."""
    page = re.sub(r"<link\b[^>]*?href=\"https?:[^>]*>", "", page, flags=re.S)
    page = re.sub(r"<script\b[^>]*?src=\"https?:[^>]*>\s*</script>", "", page, flags=re.S)
    page = re.sub(r"<center>\s*<h1>.*?</h1>\s*</center>", "", page, flags=re.S)
    style = (
        f"<style>html,body{{margin:0;background:{tone.paper};color:{tone.text}}}"
        "#mynetwork{border:0 !important;float:none !important}.card{border:0}"
        "div.vis-tooltip{white-space:pre-line;font:13px system-ui,sans-serif;border-radius:6px}</style>"
    )
    if framed:
        style += (
            f"<style>.open{{position:fixed;left:12px;bottom:5px;font:13px system-ui,sans-serif;color:{tone.muted}}}"
            f".open i{{display:inline-block;width:22px;height:13px;border-radius:4px;margin-right:7px;"
            f"vertical-align:-2px;background:{tone.grid}}}</style>"
        )
    title = name.replace("&", "&amp;").replace("<", "&lt;")
    page = page.replace("<head>", f"<head>{_POLICY}<title>{title}</title>", 1)
    page = page.replace("</head>", f"{style}</head>", 1)
    head, _, tail = page.rpartition("drawGraph();")
    drawing = _FIT
    if framed:
        frame = _FRAME.replace("FRAME_COLOUR", tone.grid).replace("FRAME_ROOM", str(_FRAME_ROOM))
        drawing = _FIT.replace("drawGraph();\n", f"drawGraph();\n{frame}", 1)
        tail = tail.replace("</body>", f'<div class="open"><i></i>{_OPEN}</div></body>', 1)
    return "<!doctype html>" + head + drawing + tail
