"""A table that has given second moments, exactly: its regressions are those of the rows that the moments are of."""

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parent / "data"


def twin(name, rows, seed=0):
    """Return columns by name, each shape (rows,), with mean zero and the covariances of the file."""
    moments = pd.read_csv(DATA / f"{name}_moments.csv", index_col=0)
    noise = np.random.default_rng(seed).normal(size=(rows, len(moments)))
    noise -= noise.mean(axis=0)
    flat, _ = np.linalg.qr(noise)  # orthonormal, and still of mean zero
    table = np.sqrt(rows - 1) * flat @ np.linalg.cholesky(moments.to_numpy()).T
    return dict(zip(moments.columns, table.T, strict=True))
