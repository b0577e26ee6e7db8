"""Schooling and wages (Card 1995): least squares 0.0747, by a college nearby 0.1315, from the published moments."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from twins import twin

from core.check.roles import Role
from core.effects.instrumented import two_stage
from core.effects.least_squares import basis_of, fitted
from core.effects.naive import naive_estimates
from core.effects.steps import Step

CARD = twin("card", 3010)
GIVEN = tuple(name for name in CARD if name not in {"lwage", "educ", "nearc4"})


def test_the_published_table() -> None:
    """Card 1995, table 3; as Wooldridge 2010, example 5.4, prints it: 0.0747 (0.0035) and 0.1315 (0.0550)."""
    assert len(GIVEN) == 14
    given = np.column_stack([CARD[name] for name in GIVEN])
    line = fitted(CARD["lwage"], CARD["educ"][:, None], basis_of(given))
    found = two_stage(CARD["lwage"], CARD["educ"], CARD["nearc4"][:, None], given)
    assert line is not None
    assert found is not None
    assert line.df == found.df == 2994
    assert line.coefficients[0] == pytest.approx(0.0747, abs=5e-5)
    assert found.coefficient == pytest.approx(0.1315, abs=5e-5)
    # Errors need rows and not moments: the twin's noise is even, so its robust errors come near the classical ones.
    assert np.sqrt(line.covariance[0, 0]) == pytest.approx(0.0035, abs=2e-4)
    assert found.se == pytest.approx(0.0550, abs=3e-3)
    assert found.first_stage == pytest.approx(13.3, abs=1.0)  # the classical F is 13.26
    assert not found.weak


def test_the_estimates_of_a_table() -> None:
    roles = {name: Role(name, "gaussian") for name in CARD}
    found = naive_estimates(
        CARD, roles, "educ", "lwage", Step(), log_outcome=True, black_box=False,
        adjustment_sets=[GIVEN], instruments=[("nearc4", GIVEN)],
    )  # fmt: skip
    assert [one.kind for one in found] == ["raw", "everything", "adjusted", "instrument"]
    _, _, adjusted, by_college = found
    assert adjusted.mean == pytest.approx(np.exp(0.0747), abs=1e-4)
    assert by_college.mean == pytest.approx(np.exp(0.1315), abs=1e-4)
    assert {one.scale for one in found} == {"ratio"}
    assert by_college.anderson_rubin is not None
    ((low, high),) = by_college.anderson_rubin
    assert low == pytest.approx(np.exp(0.046), abs=0.01)  # of the rows themselves: 0.0457 to 0.2470
    assert high == pytest.approx(np.exp(0.247), abs=0.02)
