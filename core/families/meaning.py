"""What one number of a family says: the change on its link's scale, in the units of the data.

A slope lives on the scale of a family's linear predictor. Some of these scales are the data's
own; on others a change is a factor (of the mean, of the odds), and the probit's is neither.
Each family says of each of its links which it is (:attr:`core.families.base.Family.meanings`);
pictures, tables, the verdict and the docs read it there.
"""

from dataclasses import dataclass
from math import exp
from typing import Literal

__all__ = [
    "ADDED",
    "FACTOR_OF_MEAN",
    "FACTOR_OF_MEDIAN",
    "IN_PROBABILITY",
    "ODDS",
    "ODDS_AGAINST",
    "ODDS_HIGHER",
    "ODDS_OF_SHARE",
    "PROBIT",
    "Meaning",
]

LARGEST = 500.0  # exp of more is past what the machine knows


@dataclass(frozen=True)
class Meaning:
    """How to say a change on a link's scale.

    Parameters
    ----------
    of : str
        What changes: ``"value"``, ``"mean"``, ``"odds"`` … in the expert's words.
    scale : str
        What the bare number is on, as tables say it: ``"log odds of the effect's node"``.
    factor : bool
        The change multiplies: its exponential is said, as ``×1.28``.
    mark : str
        What stands before the number where there is little room; empty for what needs no word.
    after : str
        What stands behind the number where there is room, if it is not in the data's unit.
    unit : {"data", "probability", "none"}
        What the number is in.
    """

    of: str
    scale: str
    factor: bool = False
    mark: str = ""
    after: str = ""
    unit: Literal["data", "probability", "none"] = "none"

    def size(self, moved: float) -> float:
        """Return a change on the link's scale as what is added, or as the factor that it makes."""
        return exp(min(moved, LARGEST)) if self.factor else moved

    @property
    def nothing(self) -> str:
        """No change at all, as it is said: ``"0"`` or ``"×1"``."""
        return "×1" if self.factor else "0"


ADDED = Meaning("value", "units of the effect's node", unit="data")
FACTOR_OF_MEAN = Meaning("mean", "log of the mean of the effect's node", factor=True)
FACTOR_OF_MEDIAN = Meaning("median", "log of the effect's node", factor=True)
IN_PROBABILITY = Meaning("probability", "probability", after=" in probability", unit="probability")
ODDS = Meaning("odds", "log odds of the effect's node", factor=True, mark="odds ")
ODDS_OF_SHARE = Meaning(
    "odds of the mean share", "log odds of the mean of the effect's node", factor=True, mark="odds "
)
ODDS_HIGHER = Meaning(
    "odds of a higher level", "log odds of a higher level of the effect's node", factor=True, mark="odds of higher "
)
ODDS_AGAINST = Meaning(
    "odds against the commonest level",
    "log odds against the commonest level of the effect's node",
    factor=True,
    mark="odds ",
)
PROBIT = Meaning(
    "leaning towards yes",
    "standard deviations of a hidden leaning towards 1 (probit)",
    mark="probit ",
    after=" standard deviations of a hidden leaning towards yes (probit)",
)
