"""A script reads a file as the app has read it, whatever kind of file it is."""

import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.hypothesis import Hypothesis, Node
from core.model.resolve import resolve
from core.report.notebook import notebook_of
from core.report.rows import plain_rows, readings_of
from core.report.script import script_of

WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "parquet": lambda table, path: table.to_parquet(path),
    "feather": lambda table, path: table.to_feather(path),
    "xlsx": lambda table, path: table.to_excel(path, index=False),
    "dta": lambda table, path: table.to_stata(path, write_index=False),
    "csv.gz": lambda table, path: table.to_csv(path, index=False),
    "tsv": lambda table, path: table.to_csv(path, index=False, sep="\t"),
}


def table(rows: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "ads": rng.normal(5, 2, rows),
            "visits": rng.poisson(4, rows).astype(np.int32),
            "shop": rng.choice(["north", "south", "west"], rows),
            "member": rng.choice(["no", "yes"], rows),
            "day": pd.Timestamp("2024-03-01") + pd.to_timedelta(np.arange(rows), unit="D"),
            "region": pd.Categorical(rng.choice(["a", "b", "c"], rows)),
            "level": rng.integers(1, 4, rows).astype(np.int16),
        }
    )
    frame.loc[3, "ads"] = np.nan
    return frame


@pytest.fixture
def without_pymc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading needs pandas alone: what samples stands still."""
    for name in ("arviz", "pymc", "pymc.distributions", "pymc.distributions.transforms", "pytensor", "pytensor.tensor"):
        monkeypatch.setitem(sys.modules, name, MagicMock())


@pytest.mark.parametrize("ending", WRITERS)
def test_the_rows_are_those_of_the_app(ending: str, tmp_path: Path, without_pymc: None) -> None:
    path = tmp_path / f"rows.{ending}"
    WRITERS[ending](table(), path)
    dataset = Dataset.read(path)
    names = list(table().columns)
    spec = resolve(Hypothesis("A", tuple(Node(name) for name in names if name != "day")), dataset)
    rows, odd = readings_of(spec, str(path), dataset)
    assert odd == ()
    script = script_of(spec, rows)
    space: dict[str, object] = {"__name__": "exported"}
    exec(compile(script, "script.py", "exec"), space)
    read = space["read"]
    assert callable(read)
    data = read()
    complete = dataset.complete([name for name in names if name != "day"])
    for name, values in data.items():
        np.testing.assert_array_equal(values, dataset.values(name)[complete], err_msg=name)
    assert len(data["ads"]) == 39


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("csv", "It needs pymc, pandas and arviz."),
        ("parquet", "It needs pymc, pandas, arviz and pyarrow."),
        ("xlsx", "It needs pymc, pandas, arviz and openpyxl."),
        ("dta", "It needs pymc, pandas and arviz."),
    ],
)
def test_the_first_lines_say_what_it_needs(ending: str, said: str, tmp_path: Path) -> None:
    dataset = Dataset.from_frame(table())
    spec = resolve(Hypothesis("A", (Node("ads"),)), dataset)
    rows = plain_rows(spec, f"rows.{ending}", dataset)
    assert said in " ".join(line.lstrip("# ") for line in script_of(spec, rows).splitlines()[:3])
    assert "matplotlib" in notebook_of(spec, rows)
