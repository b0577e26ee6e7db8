"""Colours of paths are no hypothesis' colours, and can be told from them by everybody, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from ui.theme import COLOURS, contrast

CSS = (Path(__file__).resolve().parents[2] / "ui" / "editor" / "frontend" / "src" / "editor.css").read_text("utf-8")
PAPER = {"light": "#ffffff", "dark": "#0e1117"}
#: A difference in OKLab of 0.02 can just be seen (Ottosson 2020); four times that is no matter of looking closely.
FAR = 0.08

#: What protanopes, deuteranopes and tritanopes see of linear RGB (Machado, Oliveira & Fernandes 2009, severity 1).
EYES = {
    "common": np.eye(3),
    "no red": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "no green": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "no blue": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
#: Linear RGB to cone responses, and their cube roots to OKLab (Ottosson 2020).
CONES = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
LAB = np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]])


def linear(colour: str) -> np.ndarray:
    shares = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def seen(colour: str, eyes: str) -> np.ndarray:
    return LAB @ np.cbrt(np.clip(CONES @ np.clip(EYES[eyes] @ linear(colour), 0, 1), 0, None))


def apart(one: str, other: str) -> float:
    """Return how different two colours look to whom they differ least."""
    return min(float(np.linalg.norm(seen(one, eyes) - seen(other, eyes))) for eyes in EYES)


def of_paths(theme: str) -> dict[str, str]:
    found = dict(re.findall(r"--(causal|biasing): light-dark\((#\w{6}, #\w{6})\)", CSS))
    return {name: pair.split(", ")[theme == "dark"] for name, pair in found.items()}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_paths_have_colours_that_no_hypothesis_has(theme: str) -> None:
    paths = of_paths(theme)
    assert set(paths) == {"causal", "biasing"}
    assert apart(*paths.values()) > FAR
    for name, colour in paths.items():
        assert contrast(colour, PAPER[theme]) > 4.5  # words are set in it
        near = {other: apart(colour, other) for other in COLOURS if apart(colour, other) < FAR}
        assert not near, (name, near)


def test_paths_differ_in_line_as_well_as_in_colour() -> None:
    band, ties = (re.search(rf"^\.wb-band\.{name} {{(.*?)}}", CSS, re.M) for name in ("causal", "biasing"))
    assert band is not None
    assert ties is not None
    assert "dasharray" not in band[1]
    assert "dasharray" in ties[1]
