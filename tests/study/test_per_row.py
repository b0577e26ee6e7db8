"""What an action does to each row: against brute force, what it differs with, for whom, and where it cannot differ."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.settings import Setting
from core.hypothesis import Edge, Hypothesis
from core.simulate.ancestral import ancestral
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.per_row import MOST_ROWS, RowEffects, per_row, table_of
from core.study.per_row_words import per_row_said

ROWS = 300
WORLDS = [[Setting("x", 0.0)], [Setting("x", 1.0)]]


def frame(rows: int = ROWS) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    g = np.where(rng.random(rows) < 0.4, "north", "south")
    z, x = rng.normal(size=(2, rows))
    m = 0.8 * x + rng.normal(size=rows)
    y = 20 + x * np.where(g == "north", 2.0, -0.5) + m + 0.5 * rng.normal(size=rows)
    bought = np.where(rng.random(rows) < 1 / (1 + np.exp(-(m + 1.5 * z))), "yes", "no")
    income = np.exp(2 + 0.3 * x + 0.5 * z + 0.2 * rng.normal(size=rows))
    return pd.DataFrame({"g": g, "z": z, "x": x, "m": m, "y": y, "bought": bought, "income": income})


def acting(*drawn: Hypothesis, data: pd.DataFrame | None = None, given: tuple[str, float] | None = None) -> Acting:
    dataset = Dataset.from_frame(frame() if data is None else data)
    return acting_on(reopen(compare(dataset, list(drawn)), dataset), given=given)


def drawn(text: str, name: str = "A") -> Hypothesis:
    return Hypothesis.from_dagitty(f"dag {{ {text} }}", name)


def interacting() -> Hypothesis:
    plain = drawn("x -> m m -> y g -> y x -> y z")
    edges = tuple(Edge("x", "y", by="g") if (e.source, e.target) == ("x", "y") else e for e in plain.edges)
    return replace(plain, edges=edges)


def brute_force(of: Acting, outcome: str, keep: set[str], repeats: int = 60) -> np.ndarray:
    """Return each row's expected outcome in the second world less that in the first, by drawing it many times."""
    fit = of.reopened.fits[0]
    parameters = {m.node: {name: values[::20] for name, values in fit.draws(m.node).items()} for m in fit.spec.nodes}
    totals, raw = [], of.raw
    for value in (0.0, 1.0):
        rng = np.random.default_rng(8)
        do = {name: raw[name] for name in keep} | {"x": np.full(len(raw["x"]), value)}
        many = [
            ancestral(fit.spec, parameters, len(raw["x"]), rng, do=do)[outcome].mean(axis=0) for _ in range(repeats)
        ]
        totals.append(np.mean(many, axis=0))
    return np.asarray(totals[1] - totals[0])


def known(found: RowEffects) -> np.ndarray:
    assert found.effects is not None
    return found.effects


def test_rows_under_an_interaction_are_as_brute_force_has_them() -> None:
    of = acting(interacting())
    (found,) = per_row(of, WORLDS, "y")
    effects = known(found)
    assert effects == pytest.approx(brute_force(of, "y", {"g", "z"}), abs=0.12)
    north = of.raw["g"] == 0
    assert np.ptp(effects[north]) < 1e-9
    assert effects[north].mean() - effects[~north].mean() == pytest.approx(2.5, abs=0.3)
    assert found.varies is not None
    assert found.varies.column == "g"
    assert found.varies.share == pytest.approx(1)
    by_group = {group.name: group for group in found.varies.groups}
    assert by_group["north"].rows == int(north.sum())
    assert by_group["north"].effect["mean"] == pytest.approx(effects[north].mean(), abs=0.02)
    assert by_group["north"].effect["sd"] > 0
    record = found.to_dict()
    assert record is not None
    assert record["share_positive"] == pytest.approx(float((effects > 0).mean()))


def test_rows_of_a_chance_are_as_brute_force_has_them_and_noise_is_no_difference() -> None:
    of = acting(drawn("x -> m m -> bought z -> bought y g"))
    (found,) = per_row(of, WORLDS, "bought")
    effects, truth = known(found), brute_force(of, "bought", {"z", "g", "y"}, 150)
    assert effects.mean() == pytest.approx(truth.mean(), abs=0.01)
    assert np.abs(effects - truth).mean() < 0.025
    assert found.varies is not None
    assert found.varies.column == "z"
    assert found.varies.share > 0.8  # a chance moves least where it is near 0 or 1: not in tenths alone
    assert len(found.varies.groups) == 3
    middle = found.varies.groups[1].effect["mean"]
    assert middle > max(found.varies.groups[0].effect["mean"], found.varies.groups[2].effect["mean"])


def test_where_noise_alone_makes_rows_differ_they_are_alike() -> None:
    of = acting(drawn("x -> m m -> bought z y g"))
    (found,) = per_row(of, WORLDS, "bought")
    assert known(found).std() < 0.05 * known(found).mean()
    assert found.varies is None


def test_a_straight_line_does_the_same_to_every_row() -> None:
    of = acting(drawn("x -> m m -> y g -> y z -> y x -> y"), drawn("m -> x m -> y g z", "B"))
    straight, nowhere = per_row(of, WORLDS, "y")
    assert straight.form == "straight"
    assert np.ptp(known(straight)) < 1e-9
    columns = {one.name: one for one in of.comparison.data.columns}
    (said,) = per_row_said(straight, columns, "y")
    assert "every arrow on the way is a straight line" in said
    assert per_row_said(nowhere, columns, "y") == ("Nothing happens to any row: no path leads there.",)
    assert nowhere.to_dict() is None


def test_of_a_log_normal_outcome_rows_differ_by_what_they_have_to_begin_with() -> None:
    of = acting(drawn("x -> income z -> income m g"))
    (found,) = per_row(of, WORLDS, "income")
    assert found.median
    assert found.form == "factor"
    assert found.varies is not None
    assert found.varies.column == "z"
    columns = {one.name: one for one in of.comparison.data.columns}
    said = per_row_said(found, columns, "income")
    assert "more in the median of income" in said[0]
    assert said[1].startswith("As a factor it is the same for every row")
    assert said[2].startswith("It differs most with z")


def test_a_median_over_what_is_drawn_on_the_way_has_every_row() -> None:
    bent = drawn("x -> bought bought -> income z -> income")
    (found,) = per_row(acting(bent), WORLDS, "income")
    assert len(known(found)) == ROWS
    assert found.varies is not None
    assert found.varies.column == "z"


def test_rows_keep_their_numbers_and_are_so_many_at_most() -> None:
    data = frame(MOST_ROWS + 200)
    data.loc[:2, "x"] = np.nan
    of = acting(drawn("x -> income z -> income m g"), drawn("x -> income z m g", "B"), data=data)
    found = per_row(of, WORLDS, "income")
    table = table_of(found)
    assert len(table) == MOST_ROWS
    numbers = [int(one["row"]) for one in table]
    assert min(numbers) > 3
    assert max(numbers) <= MOST_ROWS + 200
    assert set(table[0]) == {"row", "A", "B"}
    # What a row has to begin with shows which one it is.
    z, effects = data["z"].to_numpy()[np.array(numbers) - 1], np.array([one["A"] for one in table])
    assert np.corrcoef(z, np.log(effects))[0, 1] == pytest.approx(1)
    some = acting(drawn("x -> income z -> income g"), given=("g", 0.0))
    (part,) = per_row(some, WORLDS, "income")
    assert part.numbers is not None
    assert (frame()["g"].to_numpy()[part.numbers - 1] == "north").all()


def test_of_several_levels_there_is_no_one_number() -> None:
    data = frame()
    data["kind"] = np.where(data["x"] > 0.5, "a", np.where(data["z"] > 0, "b", "c"))
    (found,) = per_row(acting(drawn("x -> kind z -> kind"), data=data), WORLDS, "kind")
    assert found.effects is None
    assert "several levels" in found.reason


def test_who_goes_the_other_way_is_told() -> None:
    of = acting(interacting())
    columns = {one.name: one for one in of.comparison.data.columns}
    effects = np.concatenate([np.linspace(0.5, 2, 96), np.full(4, -0.3)])
    numbers = np.arange(1, 101)
    found = RowEffects("A", "", False, numbers, effects)
    said = per_row_said(found, columns, "y")
    assert "for 4 % it goes the other way than on average" in said[0]
    assert said[1] == "No single column explains how rows differ."
    assert found.other_way == pytest.approx(0.04)
    backwards = RowEffects("A", "", False, numbers, -effects)
    assert "less y" in per_row_said(backwards, columns, "y")[0]
