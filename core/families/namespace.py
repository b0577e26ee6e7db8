"""The functions in which families write their densities, once for numpy and PyTensor.

A density written against ``xp``, a :class:`Namespace`, is numpy's with :data:`NUMPY` and
PyTensor's with ``core.model.tensors.TENSORS``. Beside these functions a family uses operators and
indexing alone, so that a third namespace could write the same density out as source text.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from core.families import special

__all__ = ["NUMPY", "Array", "Namespace"]

Array = Any
"""An array of numpy or a tensor of PyTensor, as the namespace has it."""


class Namespace(Protocol):
    """What a family may call; every function works element by element unless it says otherwise."""

    def exp(self, z: Array) -> Array: ...  # noqa: D102
    def expm1(self, z: Array) -> Array: ...  # noqa: D102
    def log(self, z: Array) -> Array: ...  # noqa: D102
    def log1p(self, z: Array) -> Array: ...  # noqa: D102
    def sqrt(self, z: Array) -> Array: ...  # noqa: D102
    def minimum(self, a: Array, b: Array) -> Array: ...  # noqa: D102
    def maximum(self, a: Array, b: Array) -> Array: ...  # noqa: D102
    def eq(self, a: Array, b: Array) -> Array: ...  # noqa: D102
    def where(self, condition: Array, yes: Array, no: Array) -> Array: ...  # noqa: D102
    def ones_like(self, z: Array) -> Array: ...  # noqa: D102
    def gammaln(self, z: Array) -> Array: ...  # noqa: D102
    def betaln(self, a: Array, b: Array) -> Array: ...  # noqa: D102
    def expit(self, z: Array) -> Array: ...  # noqa: D102
    def log_expit(self, z: Array) -> Array: ...  # noqa: D102
    def ndtr(self, z: Array) -> Array: ...  # noqa: D102
    def log_ndtr(self, z: Array) -> Array: ...  # noqa: D102
    def logaddexp(self, a: Array, b: Array) -> Array: ...  # noqa: D102

    def changed(self, values: Array, condition: Array, change: Callable[[Array], Array]) -> Array:
        """Return ``values`` (…, N), of which ``change`` has been made where the condition (N,) holds."""

    def log_softmax(self, z: Array) -> Array:
        """Return the log of the softmax over the last axis."""

    def pick(self, values: Array, place: Array) -> Array:
        """Return ``values[i, place[i]]``, shape (N,); of values without rows ``values[place]``."""

    def concatenate(self, parts: Sequence[Array]) -> Array:
        """Join parts along their last axis."""


class _Numpy:
    """Numpy's, with scipy's where it has none; these import scipy when they are called."""

    exp = staticmethod(np.exp)
    expm1 = staticmethod(np.expm1)
    log = staticmethod(np.log)
    log1p = staticmethod(np.log1p)
    sqrt = staticmethod(np.sqrt)
    minimum = staticmethod(np.minimum)
    maximum = staticmethod(np.maximum)
    eq = staticmethod(np.equal)
    where = staticmethod(np.where)
    ones_like = staticmethod(np.ones_like)
    gammaln = staticmethod(special.gammaln)
    betaln = staticmethod(special.betaln)
    expit = staticmethod(special.expit)
    log_expit = staticmethod(special.log_expit)
    ndtr = staticmethod(special.ndtr)
    log_ndtr = staticmethod(special.log_ndtr)
    logaddexp = staticmethod(np.logaddexp)
    log_softmax = staticmethod(special.log_softmax)

    @staticmethod
    def changed(values: Array, condition: Array, change: Callable[[Array], Array]) -> Array:
        """See :meth:`Namespace.changed`; in place, and only where it must be computed."""
        values[..., condition] = change(values[..., condition])
        return values

    @staticmethod
    def pick(values: Array, place: Array) -> Array:
        """See :meth:`Namespace.pick`."""
        place = np.asarray(place, dtype=np.intp)
        return values[place] if values.ndim == 1 else values[np.arange(len(place)), place]

    @staticmethod
    def concatenate(parts: Sequence[Array]) -> Array:
        """See :meth:`Namespace.concatenate`."""
        return np.concatenate(parts, axis=-1)


NUMPY: Namespace = _Numpy()
