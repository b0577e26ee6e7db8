"""Monotone: a curve that never turns, in steps whose shares of the whole rise are learnt.

Of a number: I-splines (Ramsay 1988), the running sums of cubic B-splines on equal knots, from the 1st to the 99th
hundredth of the data and straight beyond. Of an ordered category: one step from each level to the next
(Bürkner & Charpentier 2020). The rise is a slope like any other, and its shares are Dirichlet(1). The columns are
centred on the data and scaled so that equal shares make a predictor of standard deviation 1: the height then means what
a slope of a standardised cause does.
"""

from collections.abc import Mapping
from math import lgamma
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.contrasts import zero_sum_basis
from core.errors import ModelError
from core.forms.base import Curve, Form, frozen, looked_up, matrix, number
from core.forms.shape import Priors, Shape
from core.forms.splines import combined, differences, knots_of
from core.hypothesis import Prior

if TYPE_CHECKING:
    from core.families.sampled import Free
    from core.forms.term import Input

__all__ = ["STEPS", "Monotone", "Shares"]

FloatArray = NDArray[np.float64]

STEPS = 5
"""Of a number. With seven, importance sampling missed its gates in half of the trials, with five in one of five."""
_FEWEST_VALUES = 3


class Shares(Shape):
    """Numbers above 0 that add up to 1.

    Their coordinates are those of the isometric log-ratio (Egozcue et al. 2003): ``softmax(basis @ z)``, in which no
    share stands out.
    """

    name = "shares"
    quantities = ("shares",)
    data = 1

    def priors(self, curve: Curve) -> Priors:
        """See :meth:`Shape.priors`: Dirichlet, as many in all as there are shares, so 1 of each."""
        return (Prior("Dirichlet", (("equivalent_sample_size", number(curve, "steps")),)),)

    def size(self, width: int) -> int:
        """See :meth:`Shape.size`."""
        return width - 1

    def draw(self, priors: Priors, width: int, draws: int, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Shape.draw`: shape (S, M)."""
        return rng.dirichlet(np.full(width, priors[0]["equivalent_sample_size"] / width), draws)

    def at(self, priors: Priors, z: FloatArray) -> FloatArray:
        """See :meth:`Shape.at`."""
        logs = z @ zero_sum_basis(z.shape[1] + 1).T
        weights = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def coordinates(self, priors: Priors, quantity: FloatArray) -> FloatArray:
        """See :meth:`Shape.coordinates`."""
        return np.asarray(np.log(np.maximum(quantity, 1e-300)) @ zero_sum_basis(quantity.shape[1]))

    def log_prior(self, priors: Priors, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Shape.log_prior`; the Jacobian is sqrt(M) times the product of the shares."""
        count = z.shape[1] + 1
        basis, each = zero_sum_basis(count), priors[0]["equivalent_sample_size"] / count
        logs = z @ basis.T
        top = logs.max(axis=1, keepdims=True)
        total = top[:, 0] + np.log(np.exp(logs - top).sum(axis=1))
        constant = lgamma(count * each) - count * lgamma(each) + 0.5 * np.log(count)
        # The logs add up to zero, so what is left of their sum is the normaliser.
        return constant - count * each * total, -count * each * (self.at(priors, z) @ basis)

    def weights(self, xp: Any, quantity: Any, curve: Curve) -> Any:
        """See :meth:`Shape.weights`: the shares themselves."""
        return quantity

    def weights_gradient(self, priors: Priors, z: FloatArray, curve: Curve) -> FloatArray:
        """See :meth:`Shape.weights_gradient`."""
        basis, shares = zero_sum_basis(z.shape[1] + 1), self.at(priors, z)
        return np.asarray(shares[:, :, None] * (basis[None] - (shares @ basis)[:, None, :]))

    def height(self, slopes: FloatArray) -> FloatArray:
        """See :meth:`Shape.height`: the whole rise."""
        return np.asarray(slopes.sum(axis=1))

    def from_slopes(self, slopes: FloatArray) -> FloatArray:
        """See :meth:`Shape.from_slopes`; where nothing rises, equal shares."""
        whole = slopes.sum(axis=1, keepdims=True)
        return np.where(whole != 0, slopes / np.where(whole != 0, whole, 1.0), 1.0 / slopes.shape[1])

    def named(
        self, parent: str, curve: Curve, slopes: FloatArray, quantity: FloatArray | None, scale: float
    ) -> dict[str, FloatArray]:
        """See :meth:`Shape.named`."""
        shares = self.from_slopes(slopes)
        found = {f"rise[{parent}]": scale * number(curve, "rise") * slopes.sum(axis=1)}
        return found | {f"share[{parent}, {j + 1}]": shares[:, j] for j in range(shares.shape[1])}

    def from_named(
        self, parent: str, curve: Curve, width: int, named: Mapping[str, float], scale: float
    ) -> tuple[FloatArray, tuple[float, ...]]:
        """See :meth:`Shape.from_named`; shares are divided by their sum."""
        shares = np.array([named[f"share[{parent}, {j + 1}]"] for j in range(width)])
        if (shares < 0).any() or not shares.sum() > 0:
            raise ModelError(
                f"a share of the steps of {parent!r} is below 0, or none is above it",
                place=f"share[{parent}, 1] …",
                hint="Give numbers of at least 0, some above 0.",
            )
        height = named[f"rise[{parent}]"] / (scale * number(curve, "rise"))
        return height * shares / shares.sum(), ()

    def numbers(self, priors: Priors, curve: Curve) -> tuple[float, ...]:
        """See :meth:`Shape.numbers`."""
        return (priors[0]["equivalent_sample_size"] / number(curve, "steps"),)

    def variable(self, free: "Free", name: str, numbers: Any, width: int) -> Any:
        """See :meth:`Shape.variable`."""
        return free.variable(name, "Dirichlet", (width,), a=numbers[0] * np.ones(width))

    def weights_of(self, xp: Any, variable: Any, numbers: Any) -> Any:
        """See :meth:`Shape.weights_of`."""
        return variable

    def free_values(self, name: str, priors: Priors, z: FloatArray) -> dict[str, FloatArray]:
        """See :meth:`Shape.free_values`."""
        return {name: self.at(priors, z)}

    def from_variable(self, priors: Priors, value: Any) -> FloatArray:
        """See :meth:`Shape.from_variable`."""
        return value


class Monotone(Form):
    """No straight column; one a step."""

    name = "monotone"
    words = "a curve that only rises, or only falls"
    called = "a monotone curve"
    of_levels = ("ordered",)
    straight = False
    shape = Shares()

    def refusal(self, parent: "Input", values: FloatArray | None) -> tuple[str, str] | None:
        """See :meth:`Form.refusal`."""
        if not parent.levels or parent.kind in self.of_levels:
            return None
        return (
            f"{parent.parent!r} is a category without an order, over which nothing can rise",
            f"Set the kind of {parent.parent!r} to ordered, or leave the arrow linear.",
        )

    def freeze(self, values: FloatArray, parent: "Input") -> Curve | None:
        """See :meth:`Form.freeze`."""
        if parent.levels:
            return self._steps(values, len(parent.levels))
        if len(np.unique(values)) < _FEWEST_VALUES:
            return None
        count = STEPS + 1
        low, step = knots_of(values, count)
        # The sum of this B-spline and all after it goes from 0 to 1; that of all of them is 1 everywhere.
        rises = differences(count) @ np.tril(np.ones((count, count)))[:, 1:]
        raw = combined(np, values, low, step, rises)
        spread = raw.mean(axis=1).std()
        if not spread > 0:
            return None
        means = raw.mean(axis=0)
        return frozen(low=low, step=step, rises=rises / spread, means=means / spread, steps=len(means), rise=1 / spread)

    def _steps(self, codes: FloatArray, levels: int) -> Curve | None:
        if levels < _FEWEST_VALUES:
            return None
        table = np.tril(np.ones((levels, levels)), -1)[:, :-1]
        seen = codes[np.isfinite(codes)].astype(np.intp)
        shares = np.bincount(seen, minlength=levels) / max(len(seen), 1) if len(seen) else np.full(levels, 1 / levels)
        means = shares @ table
        spread = float(np.sqrt(shares @ (table.mean(axis=1) - means.mean()) ** 2))
        if not spread > 0:
            return None
        return frozen(table=(table - means) / spread, steps=levels - 1, rise=1 / spread)

    def width(self, parent: "Input", curve: Curve) -> int:
        """See :meth:`Form.width`."""
        return int(number(curve, "steps"))

    def added(self, xp: Any, parent: "Input", curve: Curve, value: Any) -> Any:
        """See :meth:`Form.added`."""
        if parent.levels:
            return looked_up(xp, matrix(curve, "table"), value)
        x = parent.standardised(xp, value)
        rises = combined(xp, x, number(curve, "low"), number(curve, "step"), matrix(curve, "rises"))
        return rises - matrix(curve, "means")[0]
