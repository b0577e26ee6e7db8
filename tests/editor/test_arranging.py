"""Where nodes, lines and labels stand in a picture: properties over random graphs and frames."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "ui" / "editor" / "frontend"
RUN = Path(__file__).with_name("arranging.mjs")

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (FRONTEND / "node_modules" / "esbuild").is_dir(),
    reason="needs Node and installed packages (make frontend)",
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a function that plans pictures."""
    out = tmp_path_factory.mktemp("plan") / "plan.mjs"
    esbuild = FRONTEND / "node_modules" / "esbuild" / "bin" / "esbuild"
    command = [str(esbuild), "src/plan.ts", "--bundle", "--format=esm", "--platform=node", f"--outfile={out}"]
    subprocess.run(command, cwd=FRONTEND, check=True, capture_output=True, timeout=120)

    def planned(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        done = subprocess.run(
            ["node", str(RUN), str(out)],
            input=json.dumps(cases),
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    return planned


def case(rng: random.Random, most: int = 14) -> dict[str, Any]:
    """Make up a graph, cycles between rivals and arcs included."""
    ids = [f"n{i}" for i in range(rng.randint(2, most))]
    pairs = list(combinations(ids, 2))
    rng.shuffle(pairs)
    count = min(len(pairs), rng.randint(len(ids) // 2, 2 * len(ids)))
    edges = [[*(pair if rng.random() < 0.9 else pair[::-1]), rng.random() < 0.08] for pair in pairs[:count]]
    items = [{"id": i, "w": rng.randint(60, 165), "h": rng.choice((30, 44, 58)), "r": 9} for i in ids]
    return {
        "items": items,
        "edges": edges,
        "pairs": pairs[count : count + rng.randint(0, 3)],
        "drawn": {},
        "width": rng.choice((330, 520, 680, 1070)),
    }


def meet(a: dict[str, float], b: dict[str, float]) -> bool:
    return abs(a["x"] - b["x"]) < (a["w"] + b["w"]) / 2 and abs(a["y"] - b["y"]) < (a["h"] + b["h"]) / 2


def within(box: dict[str, float], size: dict[str, float]) -> bool:
    return (
        box["x"] - box["w"] / 2 >= -1
        and box["x"] + box["w"] / 2 <= size["w"] + 1
        and box["y"] - box["h"] / 2 >= -1
        and box["y"] + box["h"] / 2 <= size["h"] + 1
    )


def test_nothing_lies_on_anything_and_everything_is_in_the_frame(plan: Any) -> None:
    rng = random.Random(7)
    cases = [case(rng) for _ in range(24)]
    lost = wanted = 0
    for given, found in zip(cases, plan(cases), strict=True):
        assert found["size"]["w"] == given["width"]
        nodes = [{**item, **found["places"][item["id"]]} for item in given["items"]]
        labels = list(found["labels"].values())
        for one, other in combinations(nodes + labels, 2):
            assert not meet(one, other)
        for label in labels:
            assert not any(meet(label, head) for head in found["heads"])
        assert all(within(box, found["size"]) for box in nodes + labels)
        lost += found["wanted"] - len(labels)
        wanted += found["wanted"]
    assert lost <= 0.01 * wanted  # a label that nothing has room for waits for hovering


def test_the_box_of_a_background_covers_nobody_in_any_picture(plan: Any) -> None:
    rng = random.Random(5)
    cases = []
    for _ in range(12):
        given = case(rng)
        most = [item["id"] for item in given["items"]][: rng.randint(1, 9)]
        # A rival holds some of them, and nobody points into them from outside.
        given["held"] = [most, most[: rng.randint(1, len(most))]]
        given["edges"] = [e for e in given["edges"] if e[1] not in most and not (e[2] and e[0] in most)]
        given["drawn"] = {item["id"]: {"x": rng.random(), "y": rng.random()} for item in given["items"]}
        cases.append(given)
    for given, found in zip(cases, plan(cases), strict=True):
        nodes = [{**item, **found["places"][item["id"]]} for item in given["items"]]
        assert all(within(box, found["size"]) for box in nodes)
        for members in given["held"]:
            held = [box for box in nodes if box["id"] in members]
            left, right = min(b["x"] - b["w"] / 2 for b in held) - 14, max(b["x"] + b["w"] / 2 for b in held) + 14
            top, bottom = min(b["y"] - b["h"] / 2 for b in held) - 31, max(b["y"] + b["h"] / 2 for b in held) + 14
            box = {"x": (left + right) / 2, "y": (top + bottom) / 2, "w": right - left, "h": bottom - top}
            assert within(box, found["size"])
            assert not [other["id"] for other in nodes if other["id"] not in members and meet(box, other)]


def test_lines_keep_clear_of_nodes(plan: Any) -> None:
    rng = random.Random(11)
    cases = [{**case(rng), "width": rng.choice((330, 680))} for _ in range(14)]
    over = lines = 0
    for given, found in zip(cases, plan(cases), strict=True):
        nodes = {item["id"]: {**item, **found["places"][item["id"]]} for item in given["items"]}
        for key, path in found["paths"].items():
            ends = key.replace("~", "-").split("-")
            lines += 1
            over += any(
                meet({**point, "w": 0.0, "h": 0.0}, box)
                for point in path
                for name, box in nodes.items()
                if name not in ends
            )
    assert lines > 100
    assert over <= 0.01 * lines


def test_the_same_picture_gets_the_same_plan(plan: Any) -> None:
    cases = [case(random.Random(seed)) for seed in (3, 4)]
    assert plan(cases) == plan(cases)


def test_causes_stand_before_effects_and_no_row_takes_all(plan: Any) -> None:
    """A chain of twelve with long names was one flat line."""
    ids = [f"n{i}" for i in range(12)]
    chain = {
        "items": [{"id": i, "w": 165, "h": 44, "r": 9} for i in ids],
        "edges": [[a, b, False] for a, b in pairwise(ids)],
        "pairs": [],
        "drawn": {},
        "width": 680,
    }
    (found,) = plan([chain])
    heights = [found["places"][i]["y"] for i in ids]
    assert heights == sorted(heights)
    assert len(set(heights)) == 12
    assert found["size"]["h"] > 500


def test_a_drawing_that_can_be_read_keeps_its_places(plan: Any) -> None:
    drawn = {"n0": {"x": 0, "y": 0}, "n1": {"x": 400, "y": 10}, "n2": {"x": 200, "y": 300}}
    given = {
        "items": [{"id": i, "w": 90, "h": 30, "r": 9} for i in drawn],
        "edges": [["n2", "n0", False], ["n0", "n1", False]],
        "pairs": [],
        "width": 520,
    }
    kept, anew = plan([{**given, "drawn": drawn}, {**given, "drawn": {}}])
    places = kept["places"]
    assert places["n0"]["x"] < places["n2"]["x"] < places["n1"]["x"]
    assert places["n2"]["y"] > places["n1"]["y"] + 100
    assert (
        anew["places"]["n2"]["y"] < anew["places"]["n0"]["y"] or anew["places"]["n2"]["x"] < anew["places"]["n0"]["x"]
    )
