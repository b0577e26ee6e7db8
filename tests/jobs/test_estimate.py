"""Kinds of block, and what is remembered of the time that they took."""

import numpy as np
import pytest

from core.fit.result import Block, BlockFit, JointBlock
from core.jobs.estimate import (
    block_seconds,
    compare_seconds,
    is_sampled,
    kind_of,
    kind_of_signature,
    measured,
    signature_of_kind,
)
from core.jobs.warm import COMMON
from core.model.block_model import Signature
from core.model.spec import ModelSpec, NodeModel, Response


def fit(rows: int, seconds: float) -> BlockFit:
    zeros = np.zeros(rows)
    return BlockFit("aa", "nuts", {}, zeros, zeros, 0.0, seconds={"fit": seconds, "score": 0.5})


def test_a_joint_model_has_a_kind_of_its_own_and_is_not_compiled_ahead() -> None:
    model = NodeModel("n", "count", "Poisson", "log", Response())
    kind = kind_of(JointBlock("aa", ModelSpec("A", (model,)), 4000, 0))
    assert kind == "joint/1"
    assert not is_sampled(kind)
    assert block_seconds("joint/4", 1000, {}, ()) > block_seconds(kind, 1000, {}, ()) > 10.0
    assert block_seconds(kind, 2000, {kind: (1000, 8.0)}, ()) == pytest.approx(12.0)
    assert measured(kind, fit(50, 1.0), (), ()) == (50, 1.5)


def test_a_kind_is_the_signature_of_its_compiled_model() -> None:
    model = NodeModel("n", "count", "Poisson", "log", Response())
    assert kind_of(Block("aa", model, "nuts", 4000, 0)) == "Poisson/log/0/0"
    assert kind_of(Block("aa", model, "exact", 4000, 0)) == "exact"
    for kind in COMMON:
        signature = signature_of_kind(kind)
        assert signature is not None
        assert kind == f"{signature.family}/{signature.link}/{signature[2]}/{signature[3]}"
        assert is_sampled(kind)
    scaled = Signature("Bernoulli", "logit", 3, 0, (-1, 0, 0), (True,))
    assert signature_of_kind(kind_of_signature(scaled)) == scaled
    assert is_sampled(kind_of_signature(scaled))
    assert signature_of_kind("a/b/1/0/x/1") is None
    assert signature_of_kind("exact") is None
    assert signature_of_kind("a/b/c/d") is None


def test_what_waited_for_its_compilation_is_no_measurement() -> None:
    kind = "Poisson/log/0/0"
    assert measured(kind, fit(300, 1.5), {}, {kind}) == (300, 2.0)
    assert measured(kind, fit(300, 60.0), {}, set()) == (1000, 2.0)  # the guess alone, to be compiled early
    assert measured(kind, fit(300, 60.0), {kind}, set()) is None


def test_sampling_grows_with_rows_and_compiling_is_added_once() -> None:
    kind, known = "Poisson/log/1/0", {"Poisson/log/1/0": (1000, 2.0)}
    assert block_seconds(kind, 1000, known, {kind}) == pytest.approx(2.0)
    assert block_seconds(kind, 3000, known, {kind}) == pytest.approx(4.0)  # half of it is the start
    assert block_seconds(kind, 1000, known, ()) - block_seconds(kind, 1000, known, {kind}) > 4
    assert block_seconds("exact", 10_000, known, ()) < 0.1
    assert compare_seconds(24, {"compare": (12, 1.5)}) == pytest.approx(3.0)
