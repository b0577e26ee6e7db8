"""A comparison draws itself for a notebook: the figures of the Compare page, from the facts alone."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core.comparison.result import Comparison
from core.data.dataset import Dataset
from core.errors import UsageError
from core.hypothesis import Hypothesis
from core.study import compare, comparison_from_bytes, comparison_to_bytes

ROWS = 80


@pytest.fixture(scope="module")
def result() -> Comparison:
    rng = np.random.default_rng(3)
    season = rng.normal(size=ROWS)
    ads = season + rng.normal(size=ROWS)
    data = Dataset.from_frame(pd.DataFrame({"season": season, "ads": ads, "sales": 2 * ads + rng.normal(size=ROWS)}))
    texts = {
        "A": 'dag { ads [pos="0,0"] sales [pos="300,40"] ads -> sales }',
        "B": "dag { season -> ads season -> sales }",
        "C": "dag { ads season -> sales }",
    }
    rivals = [Hypothesis.from_dagitty(text, name=name) for name, text in texts.items()]
    return compare(data, rivals, effects=[("ads", "sales")], cache=None)


def test_every_effect_is_drawn_with_the_numbers_of_the_facts(result: Comparison) -> None:
    figures = result.plot()
    effect = figures["effect of ads on sales"]
    assert isinstance(effect, go.Figure)
    drawn = json.dumps(effect.to_dict(), default=lambda array: np.asarray(array).tolist())
    own = result.hypothesis("A").effects[0].mean
    assert own is not None
    points = [float(x) for trace in effect.data if trace.x is not None for x in np.atleast_1d(trace.x) if x is not None]
    assert any(abs(x - own) < 1e-9 for x in points)
    assert "What ads does to sales" in drawn
    assert "change in sales for 1 more ads" in drawn


def test_every_pair_that_differs_is_drawn_with_the_largest_first(result: Comparison) -> None:
    figures = result.plot()
    pairs = {f"{d.a} and {d.b}": d for d in result.differences}
    drawn = [name for name in figures if name in pairs]
    assert set(drawn) == set(pairs)
    sizes = [abs(pairs[name].elpd or 0.0) for name in drawn]
    assert sizes == sorted(sizes, reverse=True)
    bars = figures[drawn[0]].data[0]
    assert dict(zip(bars.customdata, bars.x, strict=True)) == pytest.approx(dict(pairs[drawn[0]].by_node))


def test_dark_and_light_differ_in_ink_only(result: Comparison) -> None:
    light, dark = result.plot(), result.plot(dark=True)
    assert list(light) == list(dark)
    one = next(iter(light))
    assert light[one].layout.font.color != dark[one].layout.font.color


def places(page: str) -> dict[str, tuple[float, float]]:
    nodes = re.search(r"nodes = new vis\.DataSet\((\[.*?\])\);", page, re.S)
    assert nodes
    return {node["id"]: (node["x"], node["y"]) for node in json.loads(nodes[1])}


def test_a_graph_shows_nodes_where_they_were_drawn(result: Comparison) -> None:
    picture = result.graph("A")
    found = places(picture.html)
    assert set(found) == {"ads", "sales", "season"}  # what others have too stands there, unconnected
    assert found["ads"][0] < found["sales"][0]
    assert set(places(result.graph("B").html)) == {"season", "ads", "sales"}
    assert "http://" not in re.sub(r"http://www\.w3\.org", "", picture.html.split("<body", 1)[1].split("<script", 1)[0])


def test_a_picture_shows_itself_and_is_saved(result: Comparison, tmp_path) -> None:  # type: ignore[no-untyped-def]
    picture = result.graph("B", height=300)
    assert picture._repr_html_().startswith('<iframe srcdoc="')
    assert "<script" not in picture._repr_html_()  # escaped: it runs inside the frame only
    picture.save(tmp_path / "b.html")
    assert (tmp_path / "b.html").read_text(encoding="utf-8") == picture.html


def test_drawings_are_stored_with_the_comparison(result: Comparison) -> None:
    again = comparison_from_bytes(comparison_to_bytes(result))
    assert again.drawn == result.drawn
    assert again.graph("A").html == result.graph("A").html


def test_a_name_that_there_is_not(result: Comparison) -> None:
    with pytest.raises(UsageError, match="no drawing") as caught:
        result.graph("Z")
    assert "A, B, C" in caught.value.hint
    with pytest.raises(UsageError, match="no drawing") as caught:
        replace(result, drawn=()).graph("A")
    assert "Compare again" in caught.value.hint
