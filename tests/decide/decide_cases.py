"""Outcomes in closed form, and random formulas, for tests of decisions."""

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.decide.choosing import Aims, Chosen, choose
from core.decide.formula import ARITY, Binary, Call, Formula, Name, Negation, Not, Number
from core.decide.levers import Levers
from core.decide.utility import Outcomes, utility_of

FloatArray = NDArray[np.float64]
ONE = np.ones(1)
COLUMNS = ("sales", "ads", "tv spend", "max", "or", "a`b", "größe")


def certain(*surfaces: Callable[[FloatArray], FloatArray], draws: int = 40) -> Outcomes:
    """Outcomes without noise: one function of actions (A, L) to (A,) a hypothesis."""

    def outcomes(actions: FloatArray, /) -> FloatArray:
        means = np.stack([surface(actions) for surface in surfaces])
        return np.broadcast_to(means[:, :, None, None], (len(surfaces), len(actions), draws, 1))

    return outcomes


def found(
    outcomes: Outcomes, levers: Levers, aims: Aims | None = None, formula: str | None = None, seed: int = 0
) -> Chosen:
    return choose(outcomes, utility_of(formula, "sales", levers), levers, aims or Aims(ONE), seed)


def best_of(chosen: Chosen, by: str = "expected") -> FloatArray:
    return np.asarray(chosen.actions[chosen.best[by]])


# -- formulas -----------------------------------------------------------------------------

_numbers = st.floats(0, 1e12, allow_nan=False).map(Number) | st.integers(0, 1000).map(lambda n: Number(float(n)))
_leaves: st.SearchStrategy[Formula] = _numbers | st.sampled_from(COLUMNS).map(Name)
_SIGNS = ("+", "-", "*", "/", "^", "<", ">", "<=", ">=", "and", "or")


def _grown(parts: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    def called(name: str) -> st.SearchStrategy[Formula]:
        fewest, most = ARITY[name]
        arguments = st.lists(parts, min_size=fewest, max_size=min(most, 4))
        return arguments.map(lambda some: Call(name, tuple(some)))

    return (
        st.builds(Negation, parts)
        | st.builds(Not, parts)
        | st.builds(Binary, st.sampled_from(_SIGNS), parts, parts)
        | st.sampled_from(sorted(ARITY)).flatmap(called)
    )


formulas: st.SearchStrategy[Formula] = st.recursive(_leaves, _grown, max_leaves=12)
