"""The number of an arrow in the verdict: what the picture shows, not the slope on the scale that is fitted."""

import pytest

from core.comparison.arrow_scale import arrow_scale

NORMAL = {"family": "Normal", "link": "identity", "kind": "real"}


@pytest.mark.parametrize(
    ("source", "target", "slope", "said"),
    [
        (NORMAL, NORMAL, (0.3, 0.1, 0.5), "0.300 [0.100, 0.500], 90 % interval excludes 0"),
        (NORMAL, NORMAL, (0.3, -0.1, 0.7), "0.300 [-0.100, 0.700], 90 % interval holds 0"),
        # log 2 more on the log scale is twice as much
        (NORMAL, {"family": "Poisson", "link": "log"}, (0.693147, 0.405465, 1.098612),
         "×2.00 [1.50, 3.00], 90 % interval excludes ×1"),
        (NORMAL, {"family": "LogNormal", "link": "identity"}, (0.0, -0.693147, 0.693147),
         "×1.00 [0.500, 2.00], 90 % interval holds ×1"),
        (NORMAL, {"family": "Bernoulli", "link": "logit"}, (-0.693147, -1.098612, -0.405465),
         "odds ×0.500 [0.333, 0.667], 90 % interval excludes ×1"),
        # an elasticity of 2: a doubling of the cause, four times the effect
        ({"family": "LogNormal", "link": "identity"}, {"family": "LogNormal", "link": "identity"}, (2.0, 1.0, 3.0),
         "×4.00 [2.00, 8.00] a doubling, 90 % interval excludes ×1"),
    ],
)  # fmt: skip
def test_slopes_are_said_in_the_units_of_the_data(source, target, slope, said) -> None:
    assert arrow_scale(source, target).sentence(*slope) == said
