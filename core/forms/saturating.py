"""Saturating: x / (x + half), for a cause of which more and more does less and less.

``x`` is on the data's own scale and not below 0; at ``half`` the cause does half of what it can. half ~ LogNormal(log
median of x, 1), the height is a slope like any other: the column is centred and scaled as it is where half is the
median.

As a function of log half the column is a sum of a few fixed columns, its Chebyshev series over four standard
deviations of the prior to either side (Trefethen 2013, chapter 3): good to a ten-thousandth of its height.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.forms.base import Curve, Form, frozen, matrix, number
from core.forms.shape import Shape
from core.hypothesis import Prior

if TYPE_CHECKING:
    from core.families.sampled import Free
    from core.forms.term import Input

__all__ = ["Half", "Saturating"]

FloatArray = NDArray[np.float64]

_TERMS = 16
_REACH = 4.0  # of log half, to either side of the median's
_FEWEST_VALUES = 3


class Half(Shape):
    """Where half of the effect is reached; its coordinate is standard Normal under the prior."""

    name = "half"
    kept = True
    data = 2

    def prior(self, curve: Curve) -> Prior:
        """See :meth:`Shape.prior`."""
        return Prior("LogNormal", (("mu", number(curve, "log_median")), ("sigma", 1.0)))

    def size(self, width: int) -> int:
        """See :meth:`Shape.size`."""
        return 1

    def draw(self, prior: Prior, width: int, draws: int, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Shape.draw`: shape (S,)."""
        return self.at(prior, rng.standard_normal((draws, 1)))

    def at(self, prior: Prior, z: FloatArray) -> FloatArray:
        """See :meth:`Shape.at`: shape (S,)."""
        return np.asarray(np.exp(np.clip(prior["mu"] + prior["sigma"] * z[:, 0], -600.0, 600.0)))

    def coordinates(self, prior: Prior, quantity: FloatArray) -> FloatArray:
        """See :meth:`Shape.coordinates`."""
        return ((np.log(quantity) - prior["mu"]) / prior["sigma"])[:, None]

    def log_prior(self, prior: Prior, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Shape.log_prior`."""
        return -0.5 * z[:, 0] ** 2 - 0.5 * np.log(2 * np.pi), -z

    def weights(self, xp: Any, quantity: Any, curve: Curve) -> Any:
        """See :meth:`Shape.weights`: Chebyshev polynomials of log half."""
        return _weights(xp, xp.log(quantity) - number(curve, "log_median"))

    def weights_gradient(self, prior: Prior, z: FloatArray, curve: Curve) -> FloatArray:
        """See :meth:`Shape.weights_gradient`."""
        place = (prior["mu"] + prior["sigma"] * z[:, 0] - number(curve, "log_median")) / _REACH
        inside = np.clip(place, -1.0, 1.0)
        # T_k' = k U_{k-1}, and U goes on as T does.
        second = [np.ones_like(inside), 2.0 * inside]
        while len(second) < _TERMS:
            second.append(2.0 * inside * second[-1] - second[-2])
        found = np.stack([np.zeros_like(inside), *(k * second[k - 1] for k in range(1, _TERMS))], axis=-1)
        return (found * (place == inside)[:, None] * prior["sigma"] / _REACH)[:, :, None]

    def height(self, slopes: FloatArray) -> FloatArray:
        """See :meth:`Shape.height`: the first polynomial is 1."""
        return slopes[:, 0]

    def named(
        self, parent: str, curve: Curve, slopes: FloatArray, quantity: FloatArray | None, scale: float
    ) -> dict[str, FloatArray]:
        """See :meth:`Shape.named`."""
        most = scale * number(curve, "rise") * slopes[:, 0]
        return {f"most[{parent}]": most} | ({} if quantity is None else {f"half[{parent}]": quantity})

    def from_named(
        self, parent: str, curve: Curve, width: int, named: Mapping[str, float], scale: float
    ) -> tuple[FloatArray, float]:
        """See :meth:`Shape.from_named`."""
        half = named[f"half[{parent}]"]
        if not half > 0:
            raise ModelError(
                f"half[{parent}] cannot be {half:g}", place=f"half[{parent}]", hint="Give a number above 0."
            )
        height = named[f"most[{parent}]"] / (scale * number(curve, "rise"))
        return height * np.asarray(self.weights(np, np.array(half), curve)), half

    def numbers(self, prior: Prior, curve: Curve) -> tuple[float, ...]:
        """See :meth:`Shape.numbers`."""
        return prior["mu"] - number(curve, "log_median"), prior["sigma"]

    def variable(self, free: "Free", name: str, numbers: Any, width: int) -> Any:
        """See :meth:`Shape.variable`: the coordinate."""
        return free.variable(name, "Normal", mu=0.0, sigma=1.0)

    def weights_of(self, xp: Any, variable: Any, numbers: Any) -> Any:
        """See :meth:`Shape.weights_of`."""
        return _weights(xp, numbers[0] + numbers[1] * variable)

    def free_value(self, prior: Prior, z: FloatArray) -> FloatArray:
        """See :meth:`Shape.free_value`."""
        return z[:, 0]

    def from_variable(self, prior: Prior, value: FloatArray) -> FloatArray:
        """See :meth:`Shape.from_variable`."""
        return self.at(prior, value[:, None])


def _weights(xp: Any, over_median: Any) -> Any:
    """Return the polynomials of a log half, less the median's."""
    place = over_median / _REACH
    return xp.stack(_polynomials(xp.minimum(xp.maximum(place, -1.0), 1.0)), axis=-1)


def _polynomials(place: Any) -> list[Any]:
    found = [0.0 * place + 1.0, place]
    while len(found) < _TERMS:
        found.append(2.0 * place * found[-1] - found[-2])
    return found


class Saturating(Form):
    """No straight column; one a polynomial."""

    name = "saturating"
    words = "more and more of it does less and less: x / (x + half)"
    called = "a saturating curve"
    straight = False
    scale = "raw"
    shape = Half()

    def refusal(self, parent: "Input", values: FloatArray | None) -> tuple[str, str] | None:
        """See :meth:`Form.refusal`."""
        if parent.levels:
            return f"{parent.parent!r} is a category, which cannot saturate", "Leave the arrow linear."
        if values is not None and len(values) and (values * parent.scale + parent.center).min() < -1e-9 * parent.scale:
            return (
                f"{parent.parent!r} has values below 0, where x / (x + half) means nothing",
                "Choose a smooth or a monotone curve for this arrow.",
            )
        return None

    def freeze(self, values: FloatArray, parent: "Input") -> Curve | None:
        """See :meth:`Form.freeze`."""
        raw = np.maximum(values * parent.scale + parent.center, 0.0)
        if len(np.unique(raw)) < _FEWEST_VALUES:
            return None
        median = float(np.median(raw[raw > 0]))
        k = np.arange(_TERMS)
        nodes = (k + 0.5) * np.pi / _TERMS
        halves = median * np.exp(_REACH * np.cos(nodes))
        # Values at Chebyshev's points to coefficients of the polynomials.
        series = np.cos(np.outer(nodes, k)) * np.where(k == 0, 1.0, 2.0) / _TERMS
        there = raw / (raw + median)
        spread = there.std(ddof=1)
        if not spread > 0:
            return None
        return frozen(
            log_median=np.log(median),
            halves=halves,
            series=series / spread,
            mean=there.mean() / spread,
            rise=1 / spread,
        )

    def width(self, parent: "Input", curve: Curve) -> int:
        """See :meth:`Form.width`."""
        return _TERMS

    def added(self, xp: Any, parent: "Input", curve: Curve, value: Any) -> Any:
        """See :meth:`Form.added`."""
        x = xp.maximum(value, 0.0)[..., None]
        columns = (x / (x + matrix(curve, "halves")[0])) @ matrix(curve, "series")
        return columns - np.eye(1, _TERMS)[0] * number(curve, "mean")
