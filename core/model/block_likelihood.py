"""Free variables and likelihood of a block model: the PyMC half of ``core.model.block_model``.

The family says what they are (``Family.sampled``, ``Family.row_density``); here they become PyMC's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.transforms import Ordered

from core.families import get_family
from core.families.ordered_logit import middle_of
from core.families.sampled import Numbers
from core.forms import SHAPES
from core.model.block_model import Signature
from core.model.tensors import TENSORS

__all__ = ["INCREASING", "add_block"]


class _Increasing(Ordered):
    """PyMC's transform of ordered values, from the middle one on, with gaps of 1 where it is handed equal ones.

    The middle one is known best (``core.families.ordered_logit``). A chain starts at the prior's
    mean, which is the same for every cut point. Giving other initial values instead would bar
    the model from ``pm.do`` and ``pm.observe``.
    """

    def forward(self, value: Any, *inputs: Any) -> Any:
        gaps = value[..., 1:] - value[..., :-1]
        logs = pt.log(pt.switch(gaps > 0, gaps, 1.0))
        middle = middle_of(value.shape[-1])
        return pt.concatenate([value[..., middle : middle + 1], logs], axis=-1)

    def backward(self, value: Any, *inputs: Any) -> Any:
        middle, anchor, gaps = middle_of(value.shape[-1]), value[..., :1], pt.exp(value[..., 1:])
        below = anchor - pt.cumsum(gaps[..., :middle][..., ::-1], axis=-1)[..., ::-1]
        return pt.concatenate([below, anchor, anchor + pt.cumsum(gaps[..., middle:], axis=-1)], axis=-1)


INCREASING = _Increasing()

_TRANSFORMS = {"increasing": {"transform": INCREASING}, "": {}}


class _Variables:
    """See :class:`core.families.sampled.Free`."""

    def variable(
        self, name: str, distribution: str, shape: tuple[int, ...] = (), *, transform: str = "", **numbers: Any
    ) -> Any:
        """Make one of PyMC's on the context stack."""
        return getattr(pm, distribution)(name, **numbers, **_TRANSFORMS[transform], shape=shape)

    def term(self, name: str, value: Any) -> None:
        """Make a potential."""
        pm.Potential(name, pt.as_tensor(value))


def add_block(sign: Signature, data: Mapping[str, Any]) -> None:
    """Add a block's variables to the model on the context stack."""
    family, free = get_family(sign.family), _Variables()
    numbers = Numbers.of(family, data["priors"], sign.coefficients, sign.signs)
    at = family.sampled(TENSORS, free, numbers, sign.coefficients, sign.levels)
    if sign.shapes:
        at = {**at, "slopes": at["slopes"][list(sign.made_of)] * _weights(sign, free, data["shapes"])}
    x = data.get("x")
    if sign.nothing:  # a slope times tau is that number times a column times tau
        x = x * _factors(sign, data["taus"])
    logs = family.row_density(TENSORS, data["y"], x, at, sign.link, sign.levels)
    free.term("likelihood", (data["weights"] * logs).sum())  # each row as often as it occurs
    if family.is_count:  # the gamma functions, dearest of all, once a distinct value
        free.term("of_counts", (data["times"] * family.count_constant(TENSORS, data["values"], at)).sum())


def _factors(sign: Signature, sigmas: Any) -> Any:
    """Make the taus; return what multiplies each column, shape (p,)."""
    taus = [
        pt.maximum(pm.Normal(f"tau_{i}", 0.0, sigmas[i]), 0.0) if nothing else pm.HalfNormal(f"tau_{i}", sigmas[i])
        for i, nothing in enumerate(sign.nothing)
    ]
    return pt.stack([taus[i] if i >= 0 else pt.constant(1.0, dtype="float64") for i in sign.scaled_by])


def _weights(sign: Signature, free: _Variables, numbers: Any) -> Any:
    """Make the shapes' variables; return what multiplies the coefficient of each column, shape (p,)."""
    parts: list[Any] = []
    column = place = 0
    for i, (name, start, width) in enumerate(sign.shapes):
        shape = SHAPES[name]
        its = [numbers[place + j] for j in range(shape.data)]
        parts += [pt.ones(start - column), shape.weights_of(pt, shape.variable(free, f"shape_{i}", its, width), its)]
        column, place = start + width, place + shape.data
    return pt.concatenate([*parts, pt.ones(sign.columns - column)])
