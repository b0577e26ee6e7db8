"""The functions in which families write their densities, in PyTensor (``core.families.namespace``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt

from core.families.namespace import Namespace

__all__ = ["TENSORS"]

LARGE = 1e4  # from here on differences of log Gamma lose digits that Stirling's series has


def _double(value: Any) -> Any:
    """Return a number in double precision: PyTensor tries the single one first, and warns of what overflows there."""
    return pt.constant(value, dtype="float64") if isinstance(value, float) else value


class _Tensors:
    """PyTensor's, and what it lacks or has in single precision."""

    exp = staticmethod(pt.exp)
    expm1 = staticmethod(pt.expm1)
    log = staticmethod(pt.log)
    log1p = staticmethod(pt.log1p)
    sqrt = staticmethod(pt.sqrt)
    eq = staticmethod(pt.eq)
    where = staticmethod(pt.switch)
    ones_like = staticmethod(pt.ones_like)
    gammaln = staticmethod(pt.gammaln)
    expit = staticmethod(pt.sigmoid)

    @staticmethod
    def minimum(a: Any, b: Any) -> Any:
        """Return the smaller."""
        return pt.minimum(_double(a), _double(b))

    @staticmethod
    def maximum(a: Any, b: Any) -> Any:
        """Return the larger."""
        return pt.maximum(_double(a), _double(b))

    @staticmethod
    def betaln(a: Any, b: Any) -> Any:
        """Return log B(a, b), good where a is far larger than b too."""
        far = pt.maximum(a, LARGE)
        # log Gamma(a) - log Gamma(a + b) by Stirling's series.
        series = b - (far + b - 0.5) * pt.log1p(b / far) - b * pt.log(far) + (1.0 / far - 1.0 / (far + b)) / 12.0
        near = pt.minimum(a, LARGE)
        return pt.gammaln(b) + pt.switch(a > LARGE, series, pt.gammaln(near) - pt.gammaln(near + b))

    @staticmethod
    def log_expit(z: Any) -> Any:
        """Return log(expit(z))."""
        return -pt.softplus(-z)

    @staticmethod
    def ndtr(z: Any) -> Any:
        """Return the Normal distribution function; PyMC's takes the root of 2 in single precision."""
        return 0.5 * pt.erfc(-z / np.sqrt(2.0))

    @staticmethod
    def log_ndtr(z: Any) -> Any:
        """Return its logarithm, good to the far left."""
        scaled = -z / np.sqrt(2.0)
        # Each branch is kept within its own range, so that neither spoils the other's gradient.
        far = pt.log(0.5 * pt.erfcx(pt.maximum(scaled, 0.0))) - pt.maximum(scaled, 0.0) ** 2
        near = pt.log1p(-0.5 * pt.erfc(-pt.minimum(scaled, 0.0)))
        return pt.switch(scaled > 0, far, near)

    @staticmethod
    def logaddexp(a: Any, b: Any) -> Any:
        """Return log(exp(a) + exp(b)); the first may be minus infinity."""
        return b + pt.softplus(a - b)

    @staticmethod
    def changed(values: Any, condition: Any, change: Callable[[Any], Any]) -> Any:
        """See :meth:`Namespace.changed`."""
        return pt.switch(condition, change(values), values)

    @staticmethod
    def log_softmax(z: Any) -> Any:
        """See :meth:`Namespace.log_softmax`."""
        return pt.special.log_softmax(z, axis=-1) if z.ndim > 1 else pt.special.log_softmax(z)

    @staticmethod
    def pick(values: Any, place: Any) -> Any:
        """See :meth:`Namespace.pick`."""
        return values[place] if values.ndim == 1 else values[pt.arange(place.shape[0]), place]

    @staticmethod
    def concatenate(parts: Sequence[Any]) -> Any:
        """See :meth:`Namespace.concatenate`."""
        return pt.concatenate(parts, axis=-1)


TENSORS: Namespace = _Tensors()
