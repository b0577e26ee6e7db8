"""Resampled data sets: whole numbers that add up, the same for the same seed, groups where rows are many."""

import numpy as np
import pytest

from core.fit import resamples
from core.fit.resamples import GROUPS, Resamples


def test_weights_are_those_of_a_bootstrap() -> None:
    found = Resamples.of(50, 3, 4000)
    assert found.weights.shape == (4000, 50)
    assert (found.weights == found.weights.round()).all()
    assert (found.weights.sum(axis=1) == 50).all()
    assert found.weights.mean() == pytest.approx(1.0)
    assert found.weights.var() == pytest.approx(1 - 1 / 50, rel=0.02)


def test_they_depend_on_seed_and_rows_alone() -> None:
    assert (Resamples.of(50, 3).weights == Resamples.of(50, 3).weights).all()
    assert (Resamples.of(50, 3).weights != Resamples.of(50, 4).weights).any()


@pytest.mark.parametrize("rows", [60, 1_003])
def test_sums_and_tallies_of_grouped_rows_are_those_of_the_rows(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(resamples, "SINGLE_ROWS", 59)
    monkeypatch.setattr(resamples, "GROUPS", 20)
    rng = np.random.default_rng(0)
    found = Resamples.of(rows, 1, 7)
    assert found.order is not None
    assert found.groups == 20
    by_row = found.weights[:, found.group_of]
    values = rng.normal(size=(rows, 3))
    assert found.sums(values) == pytest.approx(by_row @ values)
    assert found.sums(values[:, 0]) == pytest.approx(by_row @ values[:, 0])
    place, keep = rng.integers(4, size=rows) * 3, rng.random(rows) < 0.7
    numbers, tallies = found.tallies(place, keep)
    assert list(numbers) == [0, 3, 6, 9]
    expected = [[by_row[b, keep & (place == number)].sum() for number in numbers] for b in range(7)]
    assert tallies == pytest.approx(np.array(expected))
    for several, weights in found.parts():
        assert len(several) == weights.shape[1]  # type: ignore[arg-type]


def test_groups_have_the_spread_of_a_bootstrap() -> None:
    rng = np.random.default_rng(2)
    rows = 50_000
    values = np.sort(rng.normal(size=rows))  # in order, as a file may be
    found = Resamples.of(rows, 0, 400)
    assert found.groups == GROUPS
    assert found.sums(values).std() == pytest.approx(np.sqrt(rows), rel=0.15)


@pytest.mark.parametrize("limit", [1_000, 30])
def test_clusters_are_drawn_whole(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(resamples, "SINGLE_ROWS", limit)
    monkeypatch.setattr(resamples, "GROUPS", 20)
    rng = np.random.default_rng(0)
    clusters = rng.permutation(np.repeat(np.arange(40), rng.integers(1, 9, 40)))
    rows = len(clusters)
    found = Resamples.of(rows, 1, 7, clusters)
    assert found.groups == (40 if limit > 40 else 20)
    assert (found.weights.sum(axis=1) == found.groups).all()
    by_row = found.weights[:, found.group_of]
    for one in range(40):
        assert (np.ptp(by_row[:, clusters == one], axis=1) == 0).all()
    values = rng.normal(size=(rows, 3))
    assert found.sums(values) == pytest.approx(by_row @ values)
    assert found.sums(values[:, 0]) == pytest.approx(by_row @ values[:, 0])
    total = np.zeros((7, 3))
    for some, weights in found.parts():
        total += weights @ values[some]
    assert total == pytest.approx(by_row @ values)
    place = rng.integers(4, size=rows)
    numbers, tallies = found.tallies(place)
    assert tallies == pytest.approx(np.array([[w[place == k].sum() for k in numbers] for w in by_row]))


def test_sums_of_clusters_have_the_spread_of_clusters() -> None:
    rng = np.random.default_rng(3)
    clusters = np.repeat(np.arange(200), 10)
    values = rng.normal(size=200)[clusters]
    found = Resamples.of(2_000, 0, 400, clusters)
    assert found.sums(values).std() == pytest.approx(10 * np.sqrt(200), rel=0.15)
