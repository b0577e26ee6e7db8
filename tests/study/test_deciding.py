"""Decisions on fitted hypotheses: what reaches the core of them, and what is left out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.errors import UsageError
from core.hypothesis import Hypothesis
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.comparing import KEPT
from core.study.deciding import decide_on, levers_of
from tests.study.study_cases import named

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "marketing" / "data.csv"


def acting(frame: pd.DataFrame, *hypotheses: Hypothesis, **settings: str) -> Acting:
    dataset = Dataset.from_frame(frame)
    comparison = compare(dataset, list(hypotheses), cache=KEPT, **settings)
    return acting_on(reopen(comparison, dataset, KEPT), seed=2)


def frame(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, rows))
    y = x + z + rng.normal(size=rows)
    income = np.exp(1 + 0.5 * x + rng.normal(size=rows))
    bought = (rng.random(rows) < 1 / (1 + np.exp(-x))).astype(int)
    return pd.DataFrame({"x": x, "z": z, "y": y, "income": income, "bought": bought})


def test_what_is_worth_a_lognormal_outcome_is_its_mean() -> None:
    """exp(1 + x / 2 + 1 / 2) - 4 x^2, whose slope is 0 where exp(1.5 + x / 2) = 16 x: not the median's."""
    (hypothesis,) = named(A="x -> income")
    found = acting(frame(2000), hypothesis)
    decided = decide_on(found, levers_of(found, ["x=0:1"]), "income", "income - 4 * x ^ 2")
    x = np.linspace(0, 1, 10_001)
    wanted = x[(np.exp(1.5 + x / 2) - 4 * x**2).argmax()]
    assert decided.decision.best["expected"].action["x"] == pytest.approx(wanted, abs=0.05)
    assert decided.decision.best["expected"].mean == pytest.approx(np.exp(1.5 + wanted / 2) - 4 * wanted**2, rel=0.1)


def test_a_chance_and_a_share_of_rows_agree() -> None:
    """The mean of a yes-or-no outcome, without its noise, and the share of drawn rows that say yes."""
    (hypothesis,) = named(A="x -> bought")
    found = acting(frame(), hypothesis)
    levers = levers_of(found, ["x=-1:1"])
    chance, share = (decide_on(found, levers, "bought", text).decision for text in ("bought", "bought > 0.5"))
    assert [one.best["expected"].action["x"] for one in (chance, share)] == pytest.approx([1, 1], abs=0.02)
    assert chance.best["expected"].mean == pytest.approx(share.best["expected"].mean, abs=0.02)
    # 500 draws of 50 rows each: the noise of rows is five times the doubt, and is taken out.
    assert share.best["expected"].sd == pytest.approx(chance.best["expected"].sd, rel=0.5)
    assert chance.best["expected"].uncertainty["chance"] > 0.9, "one row says yes or no"


def test_rows_that_belong_together_know_less() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(40), 10)
    x = rng.normal(size=40)[group]
    y = x + rng.normal(size=40)[group] + 0.3 * rng.normal(size=400)
    data = pd.DataFrame({"x": x, "y": y, "school": [f"s{one}" for one in group]})
    (hypothesis,) = named(A="x -> y")
    wide, narrow = (acting(data, hypothesis, rows=rows) for rows in ("group:school", "none"))
    inflation = wide.reopened.dependence.inflation("x", "y")
    assert inflation > 2
    sds = []
    for one in (wide, narrow):
        best = decide_on(one, levers_of(one, ["x=-2:2"]), "y").decision.best["expected"]
        sds.append(best.sd)
    assert sds[0] / sds[1] == pytest.approx(np.sqrt(inflation), rel=0.01)


def test_a_hypothesis_that_gives_no_answer_is_left_out() -> None:
    one, other = named(A="x -> y z -> y", B="x -> y z -> y x -> z")
    found = acting(frame(), one, replace(other, background=("x", "z")))
    decided = decide_on(found, levers_of(found, ["z=-1:1"]), "y")
    assert [own.name for own in decided.decision.hypotheses] == ["A"]
    assert decided.decision.hypotheses[0].weight == 1
    assert "B is left out: not identified: z is background" in decided.told[0]
    alone = acting(frame(), replace(other, background=("x", "z")))
    with pytest.raises(UsageError, match="no hypothesis gives an answer"):
        decide_on(alone, levers_of(alone, ["z=-1:1"]), "y")


def test_today_and_what_was_seen_come_from_the_rows() -> None:
    data = frame()
    found = acting(data, *named(A="x -> y z -> y"))
    lever = levers_of(found, ["x=-9:9"]).all[0]
    assert lever.now == pytest.approx(data["x"].mean())
    assert lever.seen == pytest.approx(tuple(data["x"].quantile([0.01, 0.99])))
    decided = decide_on(found, levers_of(found, ["x=-9:9"], ["x=3"]), "y")
    assert decided.decision.best["expected"].action["x"] == -9
    assert decided.decision.best["expected"].unseen == ("x",)
    assert any("hardly anybody was seen there" in warning for warning in decided.decision.warnings)


def test_risk_moves_spend_to_the_channel_that_is_better_known() -> None:
    """The marketing sample with two channels that saturate alike: tv seen up to 9, radio in few shops, up to 3."""
    data = pd.read_csv(SAMPLE)
    rng = np.random.default_rng(3)
    radio = np.where(rng.random(len(data)) < 0.3, rng.uniform(0, 3, len(data)), 0.0)
    data["radio"] = radio.round(3)
    data["sales"] += 25 * radio / (radio + 3)
    tv = rng.uniform(0, 9, len(data))
    data["tv"] = tv.round(3)
    data["sales"] += 25 * tv / (tv + 3)
    (hypothesis,) = named(
        A="season -> visits visits -> sales price -> sales season -> sales tv -> sales radio -> sales"
    )
    bent = tuple(
        replace(edge, form="quadratic") if edge.source in ("tv", "radio") else edge for edge in hypothesis.edges
    )
    found = acting(data, replace(hypothesis, edges=bent))
    levers = levers_of(found, ["tv=0:9", "radio=0:9"], budget=8)
    best = decide_on(found, levers, "sales", risk=0.05, spread=2.0).decision.best
    known = [best[by].action["tv"] - best[by].action["radio"] for by in ("expected", "cvar", "spread")]
    assert known[1] > known[0] + 0.2
    assert known[2] > known[0] + 0.2
    assert best["cvar"].sd < best["expected"].sd
    assert best["cvar"].cvar > best["expected"].cvar


def test_on_the_sample_nothing_said_is_beaten_by_today_and_levels_are_those_of_all_rows() -> None:
    data = pd.read_csv(SAMPLE)
    rivals = [Hypothesis.from_dagitty((SAMPLE.parent / f"{n.lower()}.dagitty").read_text(), n) for n in "ABC"]
    found = acting(data, *rivals)
    for choices in (["ads=1:9"], ["ads=1:9", "price=16:24"]):
        decision = decide_on(found, levers_of(found, choices, ["ads=1"]), "sales").decision
        now = decision.now
        assert now is not None
        assert now.mean == pytest.approx((data["sales"] - data["ads"]).mean(), abs=0.06)
        for one in (decision.best["expected"], decision.best["cvar"], *decision.frontier):
            assert not (now.mean > one.mean and now.cvar > one.cvar)
        assert not any("draws that score" in said for said in decision.warnings)


def test_refusals() -> None:
    found = acting(frame(), *named(A="x -> y"))
    with pytest.raises(UsageError, match="not a node"):
        decide_on(found, levers_of(found, ["x=0:1"]), "nothing")
    with pytest.raises(UsageError, match="not chosen"):
        levers_of(found, ["x=0:1"], ["y=1"])
