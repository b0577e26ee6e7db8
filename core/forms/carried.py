"""Carried: what is left of a cause carries over to later rows, in a line or saturating: a / (a + half).

    a_t = sum_l w_l x_{t-l},   w_l = carry^l / sum_m carry^m,   l = 0 ... L:

geometric adstock, then saturation (Jin, Wang, Sun, Chan & Koehler 2017), with the weights adding up to 1. carry ~
Beta(1, 3): most of the mass near 0, where nothing carries over. Half and height are those of
:mod:`core.forms.saturating`, whose column this is where carry is 0. An effect of the cause is the sustained one: a
value that is set is set in the earlier rows too.

As a function of log half and carry the column is a sum of the products of two series of Chebyshev polynomials, of log
half and of the root of carry. It is good to a thousandth of the height, the root of the mean square over the priors, up
to 30 earlier rows, even of a cause that comes in pulses; far better of one that is seldom away.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.forms.base import Curve, Form, frozen, matrix, number
from core.forms.saturating import HALVES, Half, Saturating, at_points, polynomials, slopes_of_polynomials
from core.forms.shape import Priors, Shape
from core.hypothesis import Prior

if TYPE_CHECKING:
    from core.families.sampled import Free
    from core.forms.term import Input

__all__ = ["CARRIES", "Carried", "CarriedLine", "Carry", "HalfAndCarry"]

FloatArray = NDArray[np.float64]

CARRIES = 14
"""How many polynomials of the root of carry there are."""
_LEAST, _MOST = 1e-200, 1.0 - 1e-12  # of carry


class Carry(Shape):
    """What is left after a row; its coordinate is standard Normal under the prior."""

    name = "carry"
    quantities = ("carry",)
    kept = True
    data = 2

    def priors(self, curve: Curve) -> Priors:
        """See :meth:`Shape.priors`."""
        return (Prior("Beta", (("alpha", 1.0), ("beta", 3.0))),)

    def size(self, width: int) -> int:
        """See :meth:`Shape.size`."""
        return 1

    def draw(self, priors: Priors, width: int, draws: int, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Shape.draw`: shape (S, 1)."""
        return self.at(priors, rng.standard_normal((draws, 1)))

    def at(self, priors: Priors, z: FloatArray) -> FloatArray:
        """See :meth:`Shape.at`: shape (S, 1)."""
        return _carry_at(priors[0], z[:, 0])[:, None]

    def coordinates(self, priors: Priors, quantity: FloatArray) -> FloatArray:
        """See :meth:`Shape.coordinates`."""
        from scipy.special import betainc, betaincc, ndtri

        alpha, beta = priors[0]["alpha"], priors[0]["beta"]
        carry = np.clip(quantity[:, :1], _LEAST, _MOST)
        below, above = betainc(alpha, beta, carry), betaincc(alpha, beta, carry)
        return np.where(below < above, ndtri(below), -ndtri(above))

    def log_prior(self, priors: Priors, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Shape.log_prior`."""
        return -0.5 * z[:, 0] ** 2 - 0.5 * np.log(2 * np.pi), -z

    def weights(self, xp: Any, quantity: Any, curve: Curve) -> Any:
        """See :meth:`Shape.weights`: Chebyshev polynomials of the root of carry."""
        return _polynomials(xp, quantity[..., 0])

    def weights_gradient(self, priors: Priors, z: FloatArray, curve: Curve) -> FloatArray:
        """See :meth:`Shape.weights_gradient`."""
        carry = _carry_at(priors[0], z[:, 0])
        turned = slopes_of_polynomials(_place(np, carry), CARRIES)
        return (turned * _slope(priors[0], carry, z[:, 0])[:, None])[:, :, None]

    def height(self, slopes: FloatArray) -> FloatArray:
        """See :meth:`Shape.height`: the first polynomial is 1."""
        return slopes[:, 0]

    def named(
        self, parent: str, curve: Curve, slopes: FloatArray, quantity: FloatArray | None, scale: float
    ) -> dict[str, FloatArray]:
        """See :meth:`Shape.named`."""
        found = {f"slope[{parent}]": scale * slopes[:, 0] / number(curve, "spread")}
        return found if quantity is None else {**found, f"carry[{parent}]": quantity[:, 0]}

    def from_named(
        self, parent: str, curve: Curve, width: int, named: Mapping[str, float], scale: float
    ) -> tuple[FloatArray, tuple[float, ...]]:
        """See :meth:`Shape.from_named`."""
        carry = _carry_of(parent, named)
        height = named[f"slope[{parent}]"] * number(curve, "spread") / scale
        return height * np.asarray(_polynomials(np, np.array(carry))), (carry,)

    def numbers(self, priors: Priors, curve: Curve) -> tuple[float, ...]:
        """See :meth:`Shape.numbers`."""
        return priors[0]["alpha"], priors[0]["beta"]

    def variable(self, free: "Free", name: str, numbers: Any, width: int) -> Any:
        """See :meth:`Shape.variable`: carry itself."""
        return free.variable(f"{name}_carry", "Beta", alpha=numbers[0], beta=numbers[1])

    def weights_of(self, xp: Any, variable: Any, numbers: Any) -> Any:
        """See :meth:`Shape.weights_of`."""
        return _polynomials(xp, variable)

    def free_values(self, name: str, priors: Priors, z: FloatArray) -> dict[str, FloatArray]:
        """See :meth:`Shape.free_values`."""
        return {f"{name}_carry": _carry_at(priors[0], z[:, 0])}

    def from_variable(self, priors: Priors, value: Any) -> FloatArray:
        """See :meth:`Shape.from_variable`."""
        return np.asarray(value)[:, None]


class HalfAndCarry(Shape):
    """Where half of the effect is reached, and what is left after a row: :class:`Half`, then :class:`Carry`."""

    name = "half and carry"
    quantities = ("half", "carry")
    kept = True
    data = Half.data + Carry.data

    def priors(self, curve: Curve) -> Priors:
        """See :meth:`Shape.priors`."""
        return *_HALF.priors(curve), *_CARRY.priors(curve)

    def size(self, width: int) -> int:
        """See :meth:`Shape.size`."""
        return 2

    def draw(self, priors: Priors, width: int, draws: int, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Shape.draw`: shape (S, 2)."""
        return self.at(priors, rng.standard_normal((draws, 2)))

    def at(self, priors: Priors, z: FloatArray) -> FloatArray:
        """See :meth:`Shape.at`: shape (S, 2)."""
        return np.hstack([_HALF.at(priors[:1], z[:, :1]), _CARRY.at(priors[1:], z[:, 1:])])

    def coordinates(self, priors: Priors, quantity: FloatArray) -> FloatArray:
        """See :meth:`Shape.coordinates`."""
        own = _HALF.coordinates(priors[:1], quantity[:, :1]), _CARRY.coordinates(priors[1:], quantity[:, 1:])
        return np.hstack(own)

    def log_prior(self, priors: Priors, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Shape.log_prior`."""
        own = _HALF.log_prior(priors[:1], z[:, :1]), _CARRY.log_prior(priors[1:], z[:, 1:])
        return own[0][0] + own[1][0], np.hstack([own[0][1], own[1][1]])

    def weights(self, xp: Any, quantity: Any, curve: Curve) -> Any:
        """See :meth:`Shape.weights`: products of polynomials, those of log half the faster."""
        own = _HALF.weights(xp, quantity[..., :1], curve), _CARRY.weights(xp, quantity[..., 1:], curve)
        return _products(xp, *own)

    def weights_gradient(self, priors: Priors, z: FloatArray, curve: Curve) -> FloatArray:
        """See :meth:`Shape.weights_gradient`."""
        quantity = self.at(priors, z)
        of_half, of_carry = _HALF.weights(np, quantity[:, :1], curve), _CARRY.weights(np, quantity[:, 1:], curve)
        by_half = _HALF.weights_gradient(priors[:1], z[:, :1], curve)[:, :, 0]
        by_carry = _CARRY.weights_gradient(priors[1:], z[:, 1:], curve)[:, :, 0]
        return np.stack([_products(np, by_half, of_carry), _products(np, of_half, by_carry)], axis=-1)

    def height(self, slopes: FloatArray) -> FloatArray:
        """See :meth:`Shape.height`: the first product is 1."""
        return slopes[:, 0]

    def named(
        self, parent: str, curve: Curve, slopes: FloatArray, quantity: FloatArray | None, scale: float
    ) -> dict[str, FloatArray]:
        """See :meth:`Shape.named`."""
        found = _HALF.named(parent, curve, slopes, quantity, scale)
        return found if quantity is None else {**found, f"carry[{parent}]": quantity[:, 1]}

    def from_named(
        self, parent: str, curve: Curve, width: int, named: Mapping[str, float], scale: float
    ) -> tuple[FloatArray, tuple[float, ...]]:
        """See :meth:`Shape.from_named`."""
        slopes, (half,) = _HALF.from_named(parent, curve, width, named, scale)
        carry = _carry_of(parent, named)
        return np.asarray(_products(np, slopes, _polynomials(np, np.array(carry)))), (half, carry)

    def numbers(self, priors: Priors, curve: Curve) -> tuple[float, ...]:
        """See :meth:`Shape.numbers`."""
        return *_HALF.numbers(priors[:1], curve), *_CARRY.numbers(priors[1:], curve)

    def variable(self, free: "Free", name: str, numbers: Any, width: int) -> Any:
        """See :meth:`Shape.variable`: half's coordinate, and carry itself."""
        own, left = numbers[: Half.data], numbers[Half.data :]
        return _HALF.variable(free, name, own, width), _CARRY.variable(free, name, left, width)

    def weights_of(self, xp: Any, variable: Any, numbers: Any) -> Any:
        """See :meth:`Shape.weights_of`."""
        own, left = numbers[: Half.data], numbers[Half.data :]
        return _products(xp, _HALF.weights_of(xp, variable[0], own), _CARRY.weights_of(xp, variable[1], left))

    def free_values(self, name: str, priors: Priors, z: FloatArray) -> dict[str, FloatArray]:
        """See :meth:`Shape.free_values`."""
        return {
            **_HALF.free_values(name, priors[:1], z[:, :1]),
            **_CARRY.free_values(name, priors[1:], z[:, 1:]),
        }

    def from_variable(self, priors: Priors, value: Any) -> FloatArray:
        """See :meth:`Shape.from_variable`."""
        own = _HALF.from_variable(priors[:1], value[0]), _CARRY.from_variable(priors[1:], value[1])
        return np.hstack(own)


_HALF, _CARRY = Half(), Carry()


def _carry_of(parent: str, named: Mapping[str, float]) -> float:
    carry = named[f"carry[{parent}]"]
    if not 0 <= carry < 1:
        raise ModelError(
            f"carry[{parent}] cannot be {carry:g}",
            place=f"carry[{parent}]",
            hint="Give a number from 0, where nothing carries over, to below 1.",
        )
    return carry


def _carry_at(prior: Prior, z: FloatArray) -> FloatArray:
    """Return the quantile of a Beta at that of a standard Normal, shape (S,)."""
    from scipy.special import betaincinv, log_ndtr, ndtr

    if prior["alpha"] == 1.0:
        found = -np.expm1(log_ndtr(-z) / prior["beta"])
    else:
        found = betaincinv(prior["alpha"], prior["beta"], ndtr(z))
    return np.asarray(np.clip(found, _LEAST, _MOST))


def _slope(prior: Prior, carry: FloatArray, z: FloatArray) -> FloatArray:
    """Return the derivative of carry's place by its coordinate, shape (S,); 0 where carry is held."""
    from scipy.special import betaln

    alpha, beta = prior["alpha"], prior["beta"]
    log_density = (alpha - 1) * np.log(carry) + (beta - 1) * np.log1p(-carry) - betaln(alpha, beta)
    moved = np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - log_density)
    return np.where((carry > _LEAST) & (carry < _MOST), moved / np.sqrt(carry), 0.0)


def _place(xp: Any, carry: Any) -> Any:
    """Return where a carry stands among the polynomials: its root, from -1 to 1, since most happens near 0."""
    return 2.0 * xp.sqrt(carry) - 1.0


def _polynomials(xp: Any, carry: Any) -> Any:
    return polynomials(xp, _place(xp, carry), CARRIES)


def _products(xp: Any, of_half: Any, of_carry: Any) -> Any:
    """Return the weights from those of log half, shape (…, 16), and of carry, (…, 14): shape (…, 14 * 16)."""
    return xp.concatenate([of_carry[..., j : j + 1] * of_half for j in range(CARRIES)], axis=-1)


def _at_carries() -> dict[str, FloatArray]:
    """Return the carries at which columns are made, and what turns these into those of the polynomials."""
    points, series = at_points(CARRIES)
    return {"carries": ((points + 1.0) / 2.0) ** 2, "mix": series}


def _left(xp: Any, curve: Curve, value: Any) -> Any:
    """Return what is left at each of these carries, shape (…, 14), of values from now back, (…, 1 + earlier)."""
    shares = matrix(curve, "carries")[0][:, None] ** np.arange(int(number(curve, "rows")) + 1)
    return value @ (shares / shares.sum(axis=1, keepdims=True)).T


class Carried(Saturating):
    """No straight column; one a product of polynomials. An arrow is of this form by its ``carry``, not by name."""

    name = "carried"
    words = "what is left of it carries over to later rows, and more and more does less and less: a / (a + half)"
    called = "a saturating curve that carries over"
    shape = HalfAndCarry()
    carrying = None

    def freeze(self, values: FloatArray, parent: "Input") -> Curve | None:
        """See :meth:`Form.freeze`."""
        found = super().freeze(values, parent)
        return found and (*found, *frozen(**_at_carries()))

    def earlier(self, curve: Curve) -> int:
        """See :meth:`Form.earlier`."""
        return int(number(curve, "rows"))

    def width(self, parent: "Input", curve: Curve) -> int:
        """See :meth:`Form.width`."""
        return HALVES * CARRIES

    def added(self, xp: Any, parent: "Input", curve: Curve, value: Any) -> Any:
        """See :meth:`Form.added`."""
        # At each pair of a point of carry and one of half, the halves the faster.
        left = _left(xp, curve, xp.maximum(value, 0.0))
        pairs = left[..., :, None] / (left[..., :, None] + matrix(curve, "halves")[0])
        flat = xp.concatenate([pairs[..., j, :] for j in range(CARRIES)], axis=-1)
        columns = flat @ np.kron(matrix(curve, "mix"), matrix(curve, "series"))
        return columns - np.eye(1, HALVES * CARRIES)[0] * number(curve, "mean")


class CarriedLine(Form):
    """The same without saturation: a straight line in what is left. No straight column; one a polynomial of carry."""

    name = "carried line"
    words = "a straight line in it and in what is left of it from earlier rows"
    called = "a straight line that carries over"
    curves = False
    straight = False
    scale = "raw"
    shape = Carry()

    def refusal(self, parent: "Input", values: FloatArray | None) -> tuple[str, str] | None:
        """See :meth:`Form.refusal`."""
        if parent.levels:
            return f"{parent.parent!r} is a category, of which nothing is left", "Set the carry-over to 0."
        return None

    def freeze(self, values: FloatArray, parent: "Input") -> Curve | None:
        """See :meth:`Form.freeze`."""
        return frozen(spread=parent.scale, **_at_carries())

    def earlier(self, curve: Curve) -> int:
        """See :meth:`Form.earlier`."""
        return int(number(curve, "rows"))

    def width(self, parent: "Input", curve: Curve) -> int:
        """See :meth:`Form.width`."""
        return CARRIES

    def added(self, xp: Any, parent: "Input", curve: Curve, value: Any) -> Any:
        """See :meth:`Form.added`."""
        return ((_left(xp, curve, value) - parent.center) / parent.scale) @ matrix(curve, "mix")
