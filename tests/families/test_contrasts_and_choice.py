"""The basis of categories favours no level; the default family follows from the data alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contrasts import design_basis, zero_sum_basis
from core.data.constants import assumed_constants
from core.errors import ModelError
from core.families import FAMILIES, get_family
from core.families.choose import choose_family, families_for


@given(st.integers(1, 30))
def test_the_basis_is_orthonormal_and_sums_to_zero(levels):
    basis = zero_sum_basis(levels)
    np.testing.assert_allclose(basis.T @ basis, np.eye(levels - 1), atol=1e-12)
    np.testing.assert_allclose(basis.sum(axis=0), 0, atol=1e-12)


@given(st.permutations(range(5)))
def test_another_order_of_levels_is_a_rotation(order):
    """So independent equal-variance slopes imply the same effects of the levels in any order."""
    basis = np.array(design_basis(5))
    rotation = np.linalg.lstsq(basis, basis[list(order)], rcond=None)[0]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(basis @ rotation, basis[list(order)], atol=1e-12)
    np.testing.assert_allclose(basis @ basis.T, (np.eye(5) - 1 / 5) / 2, atol=1e-12)


def test_two_levels_are_the_centred_zero_and_one():
    np.testing.assert_allclose(np.ravel(design_basis(2)), [-0.5, 0.5])


POSITIVE = assumed_constants("x", "positive", 1, 9)


@pytest.mark.parametrize(
    ("constants", "all_discrete", "expected"),
    [
        (assumed_constants("x", "real"), False, ("Normal", "identity")),
        (replace(POSITIVE, skew=2.0, log_skew=0.1), False, ("LogNormal", "identity")),
        (replace(POSITIVE, skew=1.0, log_skew=-1.4), False, ("Normal", "identity")),
        (replace(POSITIVE, skew=-1.0, log_skew=-2.0), False, ("Normal", "identity")),
        (assumed_constants("x", "proportion"), False, ("Beta", "logit")),
        (replace(assumed_constants("x", "count"), mean=4.0, variance=5.9), False, ("Poisson", "log")),
        (replace(assumed_constants("x", "count"), mean=4.0, variance=6.1), False, ("NegativeBinomial", "log")),
        (assumed_constants("x", "binary"), False, ("Bernoulli", "logit")),
        (assumed_constants("x", "binary"), True, ("Table", "identity")),
        (assumed_constants("x", "category", levels=("a", "b", "c")), False, ("Categorical", "softmax")),
        (assumed_constants("x", "category", levels=("a", "b", "c")), True, ("Table", "identity")),
        (assumed_constants("x", "ordered", levels=("a", "b", "c")), True, ("OrderedLogit", "cumulative")),
        (assumed_constants("x", "ordered", levels=("a", "b", "c")), False, ("OrderedLogit", "cumulative")),
    ],
)
def test_the_default_family(constants, all_discrete, expected):
    choice = choose_family(constants, all_discrete)
    assert (choice.family, choice.link) == expected
    assert choice.reason


@pytest.mark.parametrize("kind", ["date", "identifier"])
def test_dates_and_identifiers_are_no_nodes(kind):
    with pytest.raises(ModelError, match=kind):
        choose_family(replace(assumed_constants("x", "real"), kind=kind), False)
    assert families_for(kind) == ()


@pytest.mark.parametrize("kind", ["real", "positive", "proportion", "count", "binary", "category", "ordered"])
def test_every_family_on_offer_takes_the_kind(kind):
    assert families_for(kind)
    for name in families_for(kind):
        assert kind in get_family(name).kinds
    assert set(families_for(kind)) <= set(FAMILIES)
