"""Saturating: x / (x + half), for a cause of which more and more does less and less.

``x`` is on the data's own scale and not below 0; at ``half`` the cause does half of what it can. half ~ LogNormal(log
median of x, 1), the height is a slope like any other: the column is centred and scaled as it is where half is the
median.

As a function of log half the column is a sum of a few fixed columns, its Chebyshev series over four standard
deviations of the prior to either side (Trefethen 2013, chapter 3): good to a ten-thousandth of its height.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.forms.base import Curve, Form, frozen, matrix, number
from core.forms.shape import Priors, Shape
from core.hypothesis import Prior

if TYPE_CHECKING:
    from core.families.sampled import Free
    from core.forms.term import Input

__all__ = [
    "HALVES", "Half", "Saturating", "at_points", "polynomials", "slopes_of_polynomials", "weights_of_half",
]  # fmt: skip

FloatArray = NDArray[np.float64]

HALVES = 16
"""How many polynomials of log half there are."""
_REACH = 4.0  # of log half, to either side of the median's
_FEWEST_VALUES = 3


class Half(Shape):
    """Where half of the effect is reached; its coordinate is standard Normal under the prior."""

    name = "half"
    quantities = ("half",)
    kept = True
    data = 2

    def priors(self, curve: Curve) -> Priors:
        """See :meth:`Shape.priors`."""
        return (Prior("LogNormal", (("mu", number(curve, "log_median")), ("sigma", 1.0))),)

    def size(self, width: int) -> int:
        """See :meth:`Shape.size`."""
        return 1

    def draw(self, priors: Priors, width: int, draws: int, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Shape.draw`: shape (S, 1)."""
        return self.at(priors, rng.standard_normal((draws, 1)))

    def at(self, priors: Priors, z: FloatArray) -> FloatArray:
        """See :meth:`Shape.at`: shape (S, 1)."""
        return np.asarray(np.exp(np.clip(priors[0]["mu"] + priors[0]["sigma"] * z[:, :1], -600.0, 600.0)))

    def coordinates(self, priors: Priors, quantity: FloatArray) -> FloatArray:
        """See :meth:`Shape.coordinates`."""
        return (np.log(quantity[:, :1]) - priors[0]["mu"]) / priors[0]["sigma"]

    def log_prior(self, priors: Priors, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Shape.log_prior`."""
        return -0.5 * z[:, 0] ** 2 - 0.5 * np.log(2 * np.pi), -z

    def weights(self, xp: Any, quantity: Any, curve: Curve) -> Any:
        """See :meth:`Shape.weights`: Chebyshev polynomials of log half."""
        return weights_of_half(xp, xp.log(quantity[..., 0]) - number(curve, "log_median"))

    def weights_gradient(self, priors: Priors, z: FloatArray, curve: Curve) -> FloatArray:
        """See :meth:`Shape.weights_gradient`."""
        (prior,) = priors
        place = (prior["mu"] + prior["sigma"] * z[:, 0] - number(curve, "log_median")) / _REACH
        return (slopes_of_polynomials(place, HALVES) * prior["sigma"] / _REACH)[:, :, None]

    def height(self, slopes: FloatArray) -> FloatArray:
        """See :meth:`Shape.height`: the first polynomial is 1."""
        return slopes[:, 0]

    def named(
        self, parent: str, curve: Curve, slopes: FloatArray, quantity: FloatArray | None, scale: float
    ) -> dict[str, FloatArray]:
        """See :meth:`Shape.named`."""
        most = scale * number(curve, "rise") * slopes[:, 0]
        return {f"most[{parent}]": most} | ({} if quantity is None else {f"half[{parent}]": quantity[:, 0]})

    def from_named(
        self, parent: str, curve: Curve, width: int, named: Mapping[str, float], scale: float
    ) -> tuple[FloatArray, tuple[float, ...]]:
        """See :meth:`Shape.from_named`."""
        half = named[f"half[{parent}]"]
        if not half > 0:
            raise ModelError(
                f"half[{parent}] cannot be {half:g}", place=f"half[{parent}]", hint="Give a number above 0."
            )
        height = named[f"most[{parent}]"] / (scale * number(curve, "rise"))
        return height * np.asarray(self.weights(np, np.array([half]), curve)), (half,)

    def numbers(self, priors: Priors, curve: Curve) -> tuple[float, ...]:
        """See :meth:`Shape.numbers`."""
        return priors[0]["mu"] - number(curve, "log_median"), priors[0]["sigma"]

    def variable(self, free: "Free", name: str, numbers: Any, width: int) -> Any:
        """See :meth:`Shape.variable`: the coordinate."""
        return free.variable(name, "Normal", mu=0.0, sigma=1.0)

    def weights_of(self, xp: Any, variable: Any, numbers: Any) -> Any:
        """See :meth:`Shape.weights_of`."""
        return weights_of_half(xp, numbers[0] + numbers[1] * variable)

    def free_values(self, name: str, priors: Priors, z: FloatArray) -> dict[str, FloatArray]:
        """See :meth:`Shape.free_values`."""
        return {name: z[:, 0]}

    def from_variable(self, priors: Priors, value: Any) -> FloatArray:
        """See :meth:`Shape.from_variable`."""
        return self.at(priors, value[:, None])


def weights_of_half(xp: Any, over_median: Any) -> Any:
    """Return the polynomials of a log half, less the median's, shape (…, 16)."""
    return polynomials(xp, over_median / _REACH, HALVES)


def polynomials(xp: Any, place: Any, count: int) -> Any:
    """Return Chebyshev's polynomials at places (…), held within -1 and 1; shape (…, count)."""
    inside = xp.minimum(xp.maximum(place, -1.0), 1.0)
    found = [0.0 * inside + 1.0, inside]
    while len(found) < count:
        found.append(2.0 * inside * found[-1] - found[-2])
    return xp.stack(found, axis=-1)


def slopes_of_polynomials(place: FloatArray, count: int) -> FloatArray:
    """Return their derivatives by the place, shape (S, count); 0 beyond -1 and 1."""
    inside = np.clip(place, -1.0, 1.0)
    # T_k' = k U_{k-1}, and U goes on as T does.
    second = [np.ones_like(inside), 2.0 * inside]
    while len(second) < count:
        second.append(2.0 * inside * second[-1] - second[-2])
    found = np.stack([np.zeros_like(inside), *(k * second[k - 1] for k in range(1, count))], axis=-1)
    return np.asarray(found * (place == inside)[:, None])


def at_points(count: int) -> tuple[FloatArray, FloatArray]:
    """Return Chebyshev's points, shape (count,), and what turns values there into coefficients of the polynomials.

    The second has a row for each point and a column for each polynomial.
    """
    k = np.arange(count)
    nodes = (k + 0.5) * np.pi / count
    return np.cos(nodes), np.cos(np.outer(nodes, k)) * np.where(k == 0, 1.0, 2.0) / count


class Saturating(Form):
    """No straight column; one a polynomial."""

    name = "saturating"
    words = "more and more of it does less and less: x / (x + half)"
    called = "a saturating curve"
    straight = False
    scale = "raw"
    shape: ClassVar[Shape] = Half()
    carrying: ClassVar[str | None] = "carried"

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
        points, series = at_points(HALVES)
        halves = median * np.exp(_REACH * points)
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
        return HALVES

    def added(self, xp: Any, parent: "Input", curve: Curve, value: Any) -> Any:
        """See :meth:`Form.added`."""
        x = xp.maximum(value, 0.0)[..., None]
        columns = (x / (x + matrix(curve, "halves")[0])) @ matrix(curve, "series")
        return columns - np.eye(1, HALVES)[0] * number(curve, "mean")
