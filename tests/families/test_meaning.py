"""What a number of each family is said to mean is what the family's own distribution does."""

import numpy as np
import pytest
from scipy import stats

from core.families import FAMILIES
from core.families.base import Draws, FloatArray

ALL = [(name, link) for name, family in FAMILIES.items() for link in family.links]
LEVELS, ROWS, MOVED = 4, 5, 0.37


def parameters(name: str) -> Draws:
    """One draw, no number of it special; a table with a row of probabilities a configuration."""
    rng = np.random.default_rng(3)
    family = FAMILIES[name]
    width = 2 if name == "Table" else 1
    theta = rng.normal(0.0, 0.6, (1, family.dimension(width, LEVELS)))
    return family.constrain(theta, width, LEVELS)


def moved(draws: Draws, by: float) -> Draws:
    """The same with a slope of ``by``; of a category's first level against all others, which stay."""
    slopes = np.full_like(draws["slopes"], 0.0)
    if slopes.ndim == 3:
        slopes[..., 0] = by
    else:
        slopes[...] = by
    return {**draws, "slopes": slopes}


def odds(share: FloatArray) -> FloatArray:
    return share / (1.0 - share)


def means(name: str, link: str) -> tuple[FloatArray, FloatArray]:
    """E[y] (or the levels' probabilities) at x = 0 and at x = 1, where the slope is ``MOVED``."""
    family, draws = FAMILIES[name], moved(parameters(name), MOVED)
    return tuple(family.mean(draws, np.full((ROWS, 1), float(x)), link)[0] for x in (0, 1))  # type: ignore[return-value]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_link_has_a_meaning(name: str) -> None:
    family = FAMILIES[name]
    assert len(family.meanings) == len(family.links)
    assert [family.meaning(link) for link in family.links] == list(family.meanings)


@pytest.mark.parametrize(("name", "link"), ALL)
def test_a_change_does_what_its_meaning_says(name: str, link: str) -> None:
    meaning = FAMILIES[name].meaning(link)
    size = meaning.size(MOVED)
    if name == "Table":  # its draws are probabilities: a change of one is a change of the mean
        family, draws = FAMILIES[name], parameters(name)
        low, high = (family.mean(draws, np.full((1, 1), float(c)), link)[0, 0] for c in (0, 1))
        change = draws["probabilities"][0, 1] - draws["probabilities"][0, 0]
        assert high - low == pytest.approx([meaning.size(one) for one in change])
        return
    before, after = means(name, link)
    match meaning.of:
        case "value":
            found = after - before
        case "mean":
            found = after / before
        case "median":  # the family works on log y, whose median is its mean
            found = np.exp(after) / np.exp(before)
        case "odds" | "odds of the mean share":
            found = odds(after) / odds(before)
        case "odds of a higher level":
            above = [np.cumsum(share[:, ::-1], axis=1)[:, :-1] for share in (before, after)]
            found = odds(above[1]) / odds(above[0])
        case "odds against the commonest level":
            against = [share[:, 0] / share[:, 2] for share in (before, after)]
            found = against[1] / against[0]
        case "leaning towards yes":
            found = stats.norm.ppf(after) - stats.norm.ppf(before)
        case _:
            pytest.fail(f"nothing here says what {meaning.of!r} is")
    assert found == pytest.approx(np.full_like(found, size))


@pytest.mark.parametrize(("name", "link"), ALL)
def test_a_factor_of_one_and_a_sum_of_nothing_are_no_change(name: str, link: str) -> None:
    meaning = FAMILIES[name].meaning(link)
    assert meaning.size(0.0) == float(meaning.nothing.removeprefix("×"))
    assert np.isfinite(meaning.size(1e9)) or not meaning.factor
