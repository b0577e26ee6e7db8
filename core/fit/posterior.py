"""Draws in a few numbers: mean, standard deviation and 90 % interval, and what of a category is set against what."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from core.model.spec import NodeModel

__all__ = ["AS_OBSERVED", "ONE_MORE", "Contrast", "Summary", "contrasts_of", "summary"]

FloatArray = NDArray[np.float64]

#: The two ends of a step of a number, in words, where a contrast needs them.
AS_OBSERVED = "as observed"
ONE_MORE = "one more"


@dataclass(frozen=True)
class Contrast:
    """One comparison inside an effect that has several; ``level`` names a level of the outcome."""

    low: str
    high: str
    mean: float
    sd: float
    q05: float
    q95: float
    level: str | None = None

    @property
    def name(self) -> str:
        """What is compared, in words: ``"Chinstrap against Adelie"``."""
        words = self.high if self.low == AS_OBSERVED else f"{self.high} against {self.low}"
        return f"{self.level}: {words}" if self.level is not None else words

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        record: dict[str, object] = {"name": self.name, "from": self.low, "to": self.high}
        if self.level is not None:
            record["level"] = self.level
        return record | {"mean": self.mean, "sd": self.sd, "q05": self.q05, "q95": self.q95}


def contrasts_of(model: NodeModel, observed: FloatArray) -> tuple[tuple[float, float] | None, ...]:
    """Return the pairs of codes to compare; ``None`` stands for "one unit more in every row"."""
    levels = len(model.response.levels)
    if levels == 0:
        return (None,)
    if levels == 2:
        return ((0.0, 1.0),)
    if model.kind == "ordered":
        return tuple((float(code), float(code + 1)) for code in range(levels - 1))
    counts = np.bincount(observed.astype(np.intp), minlength=levels)
    common = int(np.argmax(counts))
    return tuple((float(common), float(code)) for code in range(levels) if code != common)


class Summary(TypedDict):
    """Mean, standard deviation and 90 % interval of draws."""

    mean: float
    sd: float
    q05: float
    q95: float


def summary(draws: FloatArray) -> Summary:
    """Summarise draws, shape (S,)."""
    q05, q95 = np.quantile(draws, (0.05, 0.95))
    return {"mean": float(draws.mean()), "sd": float(draws.std()), "q05": float(q05), "q95": float(q95)}
