"""How strong an unmeasured cause would have to be, as a map: where the effect is gone, or becomes what a rival says."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.effects.contour import Contour, Line, Mark
from core.figures.theme import Ink, Part, Style, axis, finish, ink, lines
from core.words import joined

__all__ = ["contour_figure"]

_HEIGHT = 360
_MARKS = 6


def contour_figure(
    found: Contour, styles: Mapping[str, Style], *, across: str, up: str, titles: Mapping[str, str], dark: bool = False
) -> go.Figure:
    """Draw the map.

    Parameters
    ----------
    found : Contour
    styles : mapping of str to Style
        Of the hypotheses whose lines are drawn.
    across, up : str
        What the shares are of.
    titles : mapping of str to str
        The user's words for measured causes.
    """
    tone = ink(dark)
    right, top = float(found.treatment[-1]), float(found.outcome[-1])
    data: list[Part] = [
        {
            "type": "contour", "x": found.treatment.tolist(), "y": found.outcome.tolist(), "z": found.estimate.tolist(),
            "contours": {"coloring": "none", "showlabels": True, "labelfont": {"size": 11, "color": tone.muted}},
            "line": {"color": tone.grid, "width": 1.2}, "showscale": False, "ncontours": 8, "hoverinfo": "skip",
        }
    ]  # fmt: skip
    nothing = [styles[line.name].letter for line in found.others if line.other == 0.0 and line.name in styles]
    said = f"nothing is left{f', as {joined(nothing)} says' if nothing else ''}"
    data.append(_drawn(found.zero, tone.red, said, "dash", (right, top)))
    for line in found.others:
        style = styles.get(line.name)
        # What is farther from zero needs a cause that hides some of the effect: another map than this one.
        if style is not None and len(line.treatment) and line.other != 0.0 and not line.away:
            data.append(_drawn(line, style.colour, f"what {style.letter} says", "solid", (right, top)))
    for line in found.experiments:
        if len(line.treatment) and not line.away:
            data.append(_drawn(line, tone.text, f"what {line.name} found", "dot", (right, top)))
    marks = [mark for mark in found.marks if mark.treatment <= right and mark.outcome <= top][: 3 * _MARKS]
    if marks:
        data.append(_marks(marks, titles, tone))
    layout: Part = {
        "xaxis": axis(tone, title=_title(across), range=[0, right], tickformat=".0%"),
        "yaxis": axis(tone, title=_title(up), range=[0, top], tickformat=".0%"),
    }
    return finish(data, layout, tone, height=_HEIGHT, margin={"l": 62, "b": 44, "t": 10, "r": 20})


def _title(text: str) -> Part:
    return {"text": lines(text, 80, 1), "standoff": 6, "font": {"size": 13}}


def _drawn(line: Line, colour: str, name: str, dash: str, corner: tuple[float, float]) -> Part:
    inside = [
        (float(a), float(b)) for a, b in zip(line.treatment, line.outcome, strict=True)
        if a <= corner[0] and b <= corner[1]
    ]  # fmt: skip
    labels = [""] * len(inside)
    if inside:
        labels[len(inside) // 2] = name
    return {
        "x": [a for a, _ in inside], "y": [b for _, b in inside], "mode": "lines+text", "text": labels,
        "textposition": "top right", "textfont": {"color": colour, "size": 12},
        "line": {"color": colour, "width": 2.5, "dash": dash},
        "hovertemplate": f"{name}: %{{x:.1%}} and %{{y:.1%}}<extra></extra>",
    }  # fmt: skip


def _marks(marks: Sequence[Mark], titles: Mapping[str, str], tone: Ink) -> Part:
    said = [f"{mark.times:g} x {titles.get(mark.name, mark.name)}" for mark in marks]
    return {
        "x": [mark.treatment for mark in marks], "y": [mark.outcome for mark in marks], "mode": "markers+text",
        "text": said, "textposition": "middle right", "textfont": {"size": 11, "color": tone.text},
        "marker": {"symbol": "diamond", "size": 8, "color": tone.text}, "cliponaxis": False,
        "hovertemplate": "a cause as strong as %{text}: %{x:.1%} and %{y:.1%}<extra></extra>",
    }  # fmt: skip
