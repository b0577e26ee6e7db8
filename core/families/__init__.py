"""Families: the distributions of a node given its parents, in numpy, no PyMC.

One file a family; :func:`get_family` finds one by the name that a hypothesis uses.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.errors import ModelError, NotYetError
from core.families.base import Draws, Family, FloatArray, Priors
from core.families.bernoulli import Bernoulli
from core.families.beta import Beta
from core.families.categorical import Categorical
from core.families.gamma import Gamma
from core.families.negative_binomial import NegativeBinomial
from core.families.normal import LogNormal, Normal
from core.families.ordered_logit import OrderedLogit
from core.families.poisson import Poisson
from core.families.skew_normal import SkewNormal
from core.families.student_t import StudentT
from core.families.table import Table
from core.families.weibull import Weibull
from core.families.zero_inflated import ZeroInflatedNegativeBinomial, ZeroInflatedPoisson
from core.hypothesis import FAMILIES as NAMES

__all__ = ["FAMILIES", "Draws", "Family", "FloatArray", "Priors", "get_family"]

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            Normal(),
            LogNormal(),
            StudentT(),
            SkewNormal(),
            Gamma(),
            Weibull(),
            Beta(),
            Bernoulli(),
            Poisson(),
            NegativeBinomial(),
            ZeroInflatedPoisson(),
            ZeroInflatedNegativeBinomial(),
            Categorical(),
            Table(),
            OrderedLogit(),
        )
    }
)


def get_family(name: str, node: str = "") -> Family:
    """Return a family by name.

    Raises
    ------
    NotYetError
        If the name is one that hypotheses may use but this version cannot fit.
    ModelError
        If there is no such name.
    """
    if name in FAMILIES:
        return FAMILIES[name]
    place = f"node {node}" if node else ""
    hint = f"Choose one of: {', '.join(FAMILIES)}."
    if name in NAMES:
        raise NotYetError(f"the family {name} cannot be fitted by this version", place=place, hint=hint)
    raise ModelError(f"there is no family {name!r}", place=place, hint=hint)
