"""Small data sets for the tests of fitting; lets them import their helpers, which lie beside them."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def gaussian():
    """Three columns: a -> b -> c, the last one log-normal and right skewed."""
    rng = np.random.default_rng(5)
    a = rng.normal(2.0, 3.0, size=120)
    b = 0.5 * a + rng.normal(size=120)
    c = np.exp(0.6 * b + rng.normal(size=120))
    return Dataset.from_frame(pd.DataFrame({"a": a, "b": b, "c": c}))


@pytest.fixture(scope="session")
def discrete():
    """Three discrete columns: x and y binary, z of three levels."""
    rng = np.random.default_rng(6)
    x = rng.integers(0, 2, 150)
    y = (x + (rng.random(150) < 0.3)) % 2
    z = np.array(["low", "mid", "top"])[(x + y + rng.integers(0, 2, 150)) % 3]
    return Dataset.from_frame(pd.DataFrame({"x": x, "y": y, "z": z}))
