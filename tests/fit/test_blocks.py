"""Content keys: what is in them, and what is not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, hypothesis

from core.data.dataset import Dataset
from core.errors import ModelError, UsageError
from core.fit import blocks
from core.fit.blocks import block_seed, content_key
from core.hypothesis import Prior
from core.model.spec import NodeModel, Response, Term


def keys(dataset, graph, **settings):
    return {node: block.key for node, (block, _) in blocks_of(dataset, graph, **settings).items()}


def test_an_arrow_changes_the_key_of_one_family(gaussian):
    before = keys(gaussian, hypothesis("a>b b>c"))
    after = keys(gaussian, hypothesis("a>b b>c a>c"))
    assert [node for node in before if before[node] != after[node]] == ["c"]


def test_the_order_of_arrows_does_not_matter(gaussian):
    assert keys(gaussian, hypothesis("a>c b>c"))["c"] == keys(gaussian, hypothesis("b>c a>c"))["c"]


def test_names_do_not_matter(gaussian):
    other = Dataset.from_frame(gaussian.table.rename(columns={"a": "p", "b": "q", "c": "r"}))
    ours, theirs = keys(gaussian, hypothesis("a>b b>c")), keys(other, hypothesis("p>q q>r"))
    assert list(ours.values()) == list(theirs.values())


def test_everything_that_counts_is_in_the_key(gaussian):
    base = keys(gaussian, hypothesis("a>b"))["b"]
    changed = gaussian.table.copy()
    changed.loc[0, "a"] += 1e-9
    assert keys(Dataset.from_frame(changed), hypothesis("a>b"))["b"] != base
    assert keys(gaussian, hypothesis("a>b"), draws=2000)["b"] != base
    assert keys(gaussian, hypothesis("a>b"), seed=1)["b"] != base
    assert keys(gaussian, hypothesis("a>b"), method="nuts")["b"] != base
    assert keys(gaussian, hypothesis("a>b", b="StudentT"))["b"] != base
    assert keys(gaussian, hypothesis("a>b", nodes=["a", "b"]).with_node("b", family="Normal"))["b"] == base


TERM = Term("a", "category", "levels", levels=("x", "y", "z"), basis=((0.5, 0.1), (-0.5, 0.1), (0.0, -0.2)))
MODEL = NodeModel(
    "b", "binary", "Bernoulli", "logit", Response(levels=("no", "yes")), (TERM,),
    (("intercept", Prior("Normal", (("mu", 0.0), ("sigma", 1.5)))),),
)  # fmt: skip


def key_of(model):
    return content_key(model, ("1", "2"), "auto", 4000, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"family": "Table"},
        {"link": "probit"},
        *({"response": replace(MODEL.response, **part)} for part in (
            {"transform": "log"}, {"center": 1e-9}, {"scale": 1.0 + 1e-9}, {"levels": ("no", "yes", "?")},
        )),
        *({"terms": (replace(TERM, **part),)} for part in (
            {"kind": "ordered"}, {"transform": "identity"}, {"center": 1e-9}, {"scale": 1.0 + 1e-9},
            {"levels": ("x", "y")}, {"basis": TERM.basis[::-1]},
        )),
        {"terms": (TERM, TERM)},
        {"priors": (("slopes", MODEL.priors[0][1]),)},
        {"priors": (("intercept", Prior("StudentT", MODEL.priors[0][1].parameters)),)},
        {"priors": (("intercept", Prior("Normal", (("mu", 0.0), ("sigma", 1.0)))),)},
    ],
)  # fmt: skip
def test_no_two_models_share_a_key(change):
    assert key_of(replace(MODEL, **change)) != key_of(MODEL)


def test_words_are_no_part_of_the_key():
    words = replace(MODEL, node="other", reason="chosen", terms=(replace(TERM, parent="p", levels=("1", "2", "3")),))
    assert key_of(words) == key_of(MODEL)


def test_columns_version_and_packages_are_in_the_key(monkeypatch):
    assert content_key(MODEL, ("1", "3"), "auto", 4000, 0) != key_of(MODEL)
    assert content_key(MODEL, ("2", "1"), "auto", 4000, 0) != key_of(MODEL)
    for name, value in (("FIT_VERSION", -1), ("_versions", lambda method: ("numpy 0",))):
        before = key_of(MODEL)
        monkeypatch.setattr(blocks, name, value)
        assert key_of(MODEL) != before


def test_methods(gaussian):
    graph = hypothesis("a>b b>c", b="StudentT")
    methods = {node: block.method for node, (block, _) in blocks_of(gaussian, graph).items()}
    assert methods == {"a": "exact", "b": "auto", "c": "exact"}
    for way in ("importance", "nuts"):
        forced = {block.method for block, _ in blocks_of(gaussian, graph, method=way).values()}
        assert forced == {way}
    mixed = {node: block.method for node, (block, _) in blocks_of(gaussian, graph, methods={"b": "nuts"}).items()}
    assert mixed == {"a": "exact", "b": "nuts", "c": "exact"}
    with pytest.raises(UsageError, match="'z'"):
        blocks_of(gaussian, graph, methods={"z": "nuts"})
    with pytest.raises(ModelError, match="node b: the family StudentT"):
        blocks_of(gaussian, graph, method="exact")
    with pytest.raises(UsageError, match="'vi'"):
        blocks_of(gaussian, graph, method="vi")
    for draws in (0, 399, 10**6, 400.0, True):
        with pytest.raises(UsageError, match="draws a node"):
            blocks_of(gaussian, graph, draws=draws)


def test_each_way_has_a_key_of_its_own(gaussian):
    graph = hypothesis("a>b", b="StudentT")
    assert len({keys(gaussian, graph, method=way)["b"] for way in ("auto", "importance", "nuts")}) == 3


def test_block_seeds_differ_by_block(gaussian):
    seeds = [block_seed(block) for block, _ in blocks_of(gaussian, hypothesis("a>b b>c")).values()]
    assert len(set(seeds)) == 3
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_levels_of_a_category_are_not_names_in_the_key():
    codes = np.random.default_rng(0).integers(0, 3, 60)
    one = pd.DataFrame({"g": np.array(["a", "b", "c"])[codes], "h": np.array(["u", "v"])[codes % 2]})
    two = pd.DataFrame({"g": np.array(["k", "l", "m"])[codes], "h": np.array(["x", "y"])[codes % 2]})
    graph = hypothesis("g>h")
    assert keys(Dataset.from_frame(one), graph) == keys(Dataset.from_frame(two), graph)
