"""Where badges stand, and what a frame shows: the rules of the canvas, without a browser."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "ui" / "editor" / "frontend"
RUN = Path(__file__).with_name("canvas.mjs")

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (FRONTEND / "node_modules" / "esbuild").is_dir(),
    reason="needs Node and installed packages (make frontend)",
)

NODE = {"id": "n", "x": 0.0, "y": 0.0, "w": 150.0, "h": 50.0}
BADGE = {"id": "n", "w": 120.0, "h": 25.0}
#: The sides of a node from which heads may come, leaving at least one of the badge's places free.
FROM = {"top": (0.0, -33.0), "bottom": (0.0, 33.0), "left": (-83.0, 0.0), "right": (83.0, 0.0)}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a function that asks the canvas' own code."""
    out = tmp_path_factory.mktemp("rules") / "rules.mjs"
    esbuild = FRONTEND / "node_modules" / "esbuild" / "bin" / "esbuild"
    entry = 'export * from "./src/badges"; export * from "./src/sight";'
    command = [str(esbuild), "--bundle", "--format=esm", "--platform=node", "--loader=ts", f"--outfile={out}"]
    subprocess.run(command, input=entry, text=True, cwd=FRONTEND, check=True, capture_output=True, timeout=120)

    def ask(badges: list[dict[str, Any]], views: list[dict[str, Any]]) -> dict[str, list[Any]]:
        given = json.dumps({"badges": badges, "views": views})
        done = subprocess.run(
            ["node", str(RUN), str(out)], input=given, capture_output=True, text=True, check=True, timeout=120
        )
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    return ask


def head(side: str, shift: float) -> dict[str, float]:
    """Return the square of a head that ends at a side of the node, so far from its middle."""
    x, y = FROM[side]
    return {"x": x + shift if x == 0 else x, "y": y if x == 0 else y + shift / 3, "w": 14.0, "h": 14.0}


def met(a: dict[str, float], b: dict[str, float]) -> bool:
    return abs(a["x"] - b["x"]) < (a["w"] + b["w"]) / 2 and abs(a["y"] - b["y"]) < (a["h"] + b["h"]) / 2


def test_a_badge_leaves_every_head_to_be_seen(asked: Any) -> None:
    """Heads from any three sides, anywhere along them: the fourth is free, and the badge finds it."""
    rng = random.Random(3)
    cases = []
    for _ in range(200):
        sides = rng.sample(["left", "right", rng.choice(["top", "bottom"])], rng.randint(1, 3))
        heads = [head(side, rng.uniform(-60, 60)) for side in sides for _ in range(rng.randint(1, 3))]
        paths = [[{"x": 9 * h["x"], "y": 9 * h["y"]}, {"x": h["x"], "y": h["y"]}] for h in heads]
        cases.append({"badge": BADGE, "boxes": [NODE], "heads": heads, "paths": paths})
    found = asked(cases, [])["standing"]
    for case, place in zip(cases, found, strict=True):
        assert not any(met(place, one) for one in case["heads"]), (case["heads"], place)


def test_a_badge_stands_where_it_always_did_while_that_is_free(asked: Any) -> None:
    below = head("bottom", 0.0)
    empty = {"badge": BADGE, "boxes": [NODE], "heads": [], "paths": []}
    assert [one["side"] for one in asked([empty, {**empty, "heads": [below]}], [])["standing"]] == ["top-left"] * 2


def test_all_is_in_sight_unless_nothing_could_be_told_apart_then(asked: Any) -> None:
    frame = {"w": 570.0, "h": 400.0}

    def view(width: float, height: float) -> dict[str, Any]:
        corners = [{"id": "a", "x": 60, "y": 25, "w": 120, "h": 50}]
        corners.append({"id": "b", "x": width - 60, "y": height - 25, "w": 120, "h": 50})
        return {"boxes": corners, "bounds": {"x": 0, "y": 0, "width": width, "height": height}, "frame": frame}

    small, wide, huge = asked([], [view(300, 200), view(1000, 500), view(4000, 2000)])["seen"]
    assert (small["outside"], small["view"]["zoom"]) == ([], pytest.approx(1.15))
    assert wide["outside"] == []
    assert 0.5 < wide["view"]["zoom"] < 0.74
    assert (huge["outside"], huge["view"]["zoom"]) == (["b"], pytest.approx(0.74))
