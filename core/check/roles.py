"""How a column takes part in a test: as a response of one kind, or as regressors.

A test of independence needs no posterior, only the form that the hypothesis gives each
column: the scale on which it responds, and the working scale on which it explains others
(``core.model.spec``). A :class:`Role` holds these two, for observed and for replicated
values alike: every function takes arrays with any number of leading dimensions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.model.spec import ModelSpec, NodeModel

__all__ = ["Role", "role_of", "roles_of"]

FloatArray = NDArray[np.float64]

_TINY = 1e-12


@dataclass(frozen=True)
class Role:
    """One column's form in a test.

    Parameters
    ----------
    name : str
    response : str
        ``"gaussian"``, ``"binary"``, ``"count"`` or ``"category"``.
    to_response : str
        ``"identity"``, ``"log"`` or ``"logit"``: raw value to the scale on which a
        Gaussian response is modelled.
    to_regressor : str
        ``"identity"``, ``"log"``, ``"log1p"`` or ``"levels"``: raw value to what
        explains others.
    levels : int
        Number of levels of a discrete column, else 0.
    """

    name: str
    response: str
    to_response: str = "identity"
    to_regressor: str = "identity"
    levels: int = 0

    @property
    def discrete(self) -> bool:
        """Whether raw values are codes."""
        return self.levels > 0

    def responses(self, raw: FloatArray) -> FloatArray:
        """Return the response, same shape as ``raw``; codes for a category."""
        if self.to_response == "log":
            return np.log(np.maximum(raw, _TINY))
        if self.to_response == "logit":
            inside = np.clip(raw, _TINY, 1.0 - 1e-9)
            return np.log(inside / (1.0 - inside))
        return raw

    def regressors(self, raw: FloatArray) -> FloatArray:
        """Return the columns that explain others, shape ``(*raw.shape, width)``."""
        if self.discrete:
            return (raw[..., None] == np.arange(1, self.levels)).astype(np.float64)
        if self.to_regressor == "log":
            return np.log(np.maximum(raw, _TINY))[..., None]
        if self.to_regressor == "log1p":
            return np.log1p(np.maximum(raw, 0.0))[..., None]
        return raw[..., None]

    @property
    def width(self) -> int:
        """How many regressors the column gives."""
        return max(self.levels - 1, 1)


def role_of(name: str, family: str, levels: int, response_transform: str = "identity") -> Role:
    """Return the role of a column under a family."""
    if levels > 0:
        return Role(name, "binary" if levels == 2 else "category", to_regressor="levels", levels=levels)
    made = get_family(family)
    if made.role != "gaussian":
        return Role(name, made.role, to_regressor=made.working)
    if "log" in (made.role_scale, response_transform):
        return Role(name, "gaussian", "log", "log")
    return Role(name, "gaussian", made.role_scale, made.working)


def roles_of(spec: ModelSpec) -> Mapping[str, Role]:
    """Return the role of every column of a specification, modelled or given."""
    return {model.node: _from_model(model) for model in spec.columns}


def _from_model(model: NodeModel) -> Role:
    return role_of(model.node, model.family, len(model.response.levels), model.response.transform)
