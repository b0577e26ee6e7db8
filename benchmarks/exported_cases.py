"""Which hypotheses are exported and run elsewhere: all of the sample data, and what arrows and nodes can be beside."""

from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import numpy as np
import pandas as pd

from core import Hypothesis
from core.data.samples import list_samples
from core.formats.native import write_native
from core.hypothesis import Edge, Node

__all__ = ["CASES", "READ", "Case"]

DRAWN, READ = "made up", "files"
FORMATS = ("parquet", "xlsx", "feather", "dta")


@dataclass(frozen=True)
class Case:
    """A hypothesis and its rows, as files that are put into a folder."""

    sample: str
    name: str
    data: str
    file: str
    folder: Path | None = None
    hypothesis: Hypothesis | None = None

    def prepare(self, folder: Path) -> None:
        """Put both files into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.folder is not None:
            copyfile(self.folder / self.data, folder / self.data)
            copyfile(self.folder / self.file, folder / self.file)
        elif self.hypothesis is not None:
            _write(made_up(), folder / self.data)
            (folder / self.file).write_text(write_native(self.hypothesis), encoding="utf-8")


def made_up(rows: int = 120, seed: int = 7) -> pd.DataFrame:
    """Return rows in which one cause acts in a curve, one by another's value, and shops differ in level and slope."""
    rng = np.random.default_rng(seed)
    shop = rng.choice([*"abcd"], rows)
    level = dict(zip("abcd", rng.normal(0, 1, 4), strict=True))
    slope = dict(zip("abcd", rng.normal(0.5, 0.4, 4), strict=True))
    ads, size, visits = rng.normal(5, 2, rows), rng.lognormal(1, 0.6, rows), rng.poisson(4, rows)
    sales = 2 + 1.5 * np.sin(ads) + 0.3 * np.log(size) * (visits - 4) + rng.normal(0, 0.7, rows)
    sales += np.array([level[one] for one in shop])
    stock = np.array([level[one] + slope[one] * x for one, x in zip(shop, sales, strict=True)])
    stock += rng.normal(0, 1, rows)
    day = pd.date_range("2025-03-01", periods=rows).strftime("%Y-%m-%d")
    columns = {"shop": shop, "ads": ads, "size": size, "visits": visits, "sales": sales, "stock": stock, "day": day}
    return pd.DataFrame(columns)


def _write(table: pd.DataFrame, path: Path) -> None:
    match path.suffix:
        case ".parquet":
            table.to_parquet(path)
        case ".feather":
            table.to_feather(path)
        case ".xlsx":
            table.to_excel(path, index=False)
        case ".dta":
            table.to_stata(path, write_index=False)
        case _:
            table.to_csv(path, index=False)


def _bent(form: str) -> Hypothesis:
    """Return a hypothesis with a curve, a sign, an interaction, a group and a slope that varies by group."""
    nodes = (
        Node("ads", family="Normal"), Node("size", family="LogNormal"), Node("visits", family="Poisson"),
        Node("sales", family="Normal", group="shop"), Node("stock", family="Normal", group="shop"), Node("shop"),
    )  # fmt: skip
    edges = (
        Edge("ads", "sales", form=form),
        Edge("size", "sales", by="visits"),
        Edge("visits", "sales", sign="+"),
        Edge("sales", "stock", by="shop"),
    )
    return Hypothesis(f"curve ({form}), sign, group, varying slope, interaction", nodes, edges)


def _carried() -> Hypothesis:
    """Return a hypothesis in which what is left of a cause carries over, and saturates."""
    nodes = (Node("size", family="LogNormal"), Node("visits", family="Poisson"), Node("sales", family="Normal"))
    edges = (Edge("size", "sales", form="saturating", carry=4, sign="+"), Edge("visits", "sales"))
    return Hypothesis("saturating, carries over, sign", nodes, edges)


def _small() -> Hypothesis:
    nodes = (Node("shop"), Node("ads", family="Normal"), Node("sales", family="Normal"))
    return Hypothesis("read from a file", nodes, (Edge("ads", "sales"), Edge("shop", "sales")))


CASES = [
    Case(sample.key, one.name, sample.data_path.name, one.path.name, sample.folder)
    for sample in list_samples()
    for one in sample.hypotheses
]
CASES += [
    Case(DRAWN, made.name, "data.csv", "drawn.json", hypothesis=made)
    for made in (_bent("smooth"), _bent("quadratic"), _carried())
]
CASES += [Case(READ, f".{ending}", f"data.{ending}", "drawn.json", hypothesis=_small()) for ending in FORMATS]
