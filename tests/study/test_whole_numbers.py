"""Grades and years of schooling beside the claim and the arrow between them: the verdict says one thing."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.study import compare
from tests.study.study_cases import named


def _data(grades: bool, effect: float, seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=300)
    cause = 0.7 * z + rng.normal(size=300)
    x = np.clip(np.round(4 + 1.4 * cause), 1, 7) if grades else np.clip(np.round(13 + 2.2 * cause), 8, 20)
    y = 0.5 * z + effect * (x - x.mean()) / x.std() + rng.normal(size=300)
    return Dataset.from_frame(pd.DataFrame({"z": z, "x": x.astype(int), "y": y}))


@pytest.mark.parametrize("effect", [0.0, 0.15, 0.3])
@pytest.mark.parametrize("grades", [True, False], ids=["Likert", "schooling"])
def test_no_arrow_is_both_missed_and_spoken_against(grades: bool, effect: float) -> None:
    hypotheses = named(A="z -> x z -> y", B="z -> x z -> y x -> y")
    for seed in range(6):
        data = _data(grades, effect, seed)
        assert data.column("x").kind == ("ordered" if grades else "real")
        found = compare(data, hypotheses, effects=[("x", "y")], draws=1000, cache=None)
        missed = any({test.x, test.y} == {"x", "y"} for test in found.hypothesis("A").contradicted)
        assert not (missed and "speak against" in found.verdict), found.verdict
        if missed and not effect:  # no arrow, and chance: one in twenty
            assert "too small for this prior to ask for the arrow" in found.verdict
