"""Reference posteriors of posteriordb: what was published, in the order of the published parameters.

Source: Magnusson, Bürkner & Vehtari, *posteriordb: a set of posteriors for Bayesian inference and
probabilistic programming*, version 0.5, github.com/stan-dev/posteriordb, commit 28f8d3f of
2025-04-29. Means and their Monte Carlo errors are those of
``reference_posteriors/summary_statistics/mean_value``, computed from 10,000 reference draws of Stan;
the standard deviations are of those same draws. Models and data of kidiq, earnings, mesquite
and nes are from Gelman & Hill (2006), *Data Analysis Using Regression and Multilevel/Hierarchical
Models*; arK is synthetic; kilpisjarvi is of the Finnish Meteorological Institute.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DRAWS", "POSTERIORS", "Published"]

FloatArray = NDArray[np.float64]
LogPrior = Callable[[FloatArray], FloatArray]

DRAWS = 10_000
"""Reference draws behind every number, independent but for a lag-1 autocorrelation under 0.05."""


def flat(values: FloatArray) -> FloatArray:
    """Improper: no prior statement in the Stan model."""
    return np.zeros(len(values))


def half_cauchy(sigma: FloatArray) -> FloatArray:
    """``sigma ~ cauchy(0, 2.5)`` under ``real<lower=0> sigma``."""
    return -np.log1p((sigma / 2.5) ** 2)


def normal(mean: Any, sd: Any) -> LogPrior:
    """``beta ~ normal(mean, sd)``; one number for all coefficients, or one for each."""
    return lambda values: -0.5 * np.square((values - np.asarray(mean)) / np.asarray(sd)).sum(axis=1)


@dataclass(frozen=True)
class Published:
    """One reference posterior.

    ``parents`` are the outcome's, in the order of the published coefficients after the
    intercept; ``log x`` is the logarithm of x. The parameters are intercept, coefficients (three for
    a category of four levels, against its first) and sigma. ``log`` says that the model is of
    the outcome's logarithm, ``unit`` what that logarithm was divided by. ``coefficients`` and
    ``sigma`` are the published log prior densities on the data's own scale, up to constants;
    ``slope_sd`` is the published prior sd of the slopes where it is proper.
    """

    name: str
    data: str
    outcome: str
    parents: str
    means: tuple[float, ...]
    mcse: tuple[float, ...]
    sds: tuple[float, ...]
    log: bool = False
    unit: float = 1.0
    coefficients: LogPrior = flat
    sigma: LogPrior = flat
    slope_sd: float | None = None


POSTERIORS = (
    Published(
        "kidiq-kidscore_momhs",
        "kidiq",
        "kid_score",
        "mom_hs",
        (77.51461, 11.81317, 19.86599),
        (0.0205, 0.0231, 0.00675),
        (2.0361, 2.2972, 0.67204),
        sigma=half_cauchy,
    ),
    Published(
        "kidiq-kidscore_momiq",
        "kidiq",
        "kid_score",
        "mom_iq",
        (25.91653, 0.6086284, 18.27585),
        (0.0608, 0.000599, 0.00632),
        (5.9686, 0.058982, 0.62402),
        sigma=half_cauchy,
    ),
    Published(
        "kidiq-kidscore_momhsiq",
        "kidiq",
        "kid_score",
        "mom_hs, mom_iq",
        (25.79411, 5.987432, 0.5629938, 18.13919),
        (0.0578, 0.0219, 0.000597, 0.00616),
        (5.8606, 2.216, 0.060466, 0.61853),
        sigma=half_cauchy,
    ),
    Published(
        "kidiq-kidscore_interaction",
        "kidiq",
        "kid_score",
        "mom_hs, mom_iq, hs_iq",
        (-11.35865, 51.03276, 0.9674126, -0.4815862, 17.98109),
        (0.14, 0.16, 0.00152, 0.0017, 0.00619),
        (13.688, 15.248, 0.14761, 0.16128, 0.61404),
        sigma=half_cauchy,
    ),
    Published(
        "kidiq_with_mom_work-kidscore_interaction_c",
        "kidiq",
        "kid_score",
        "c_hs, c_iq, c_hs_iq",
        (87.63897, 2.860786, 0.5885578, -0.4831642, 18.01521),
        (0.00913, 0.0245, 0.000606, 0.00165, 0.0062),
        (0.90562, 2.4122, 0.060618, 0.16255, 0.61352),
    ),
    Published(
        "kidiq_with_mom_work-kidscore_interaction_c2",
        "kidiq",
        "kid_score",
        "c2_hs, c2_iq, c2_hs_iq",
        (86.81553, 2.855154, 0.727293, -0.4822262, 18.02299),
        (0.0121, 0.0247, 0.000815, 0.00165, 0.00617),
        (1.2154, 2.4588, 0.081446, 0.16423, 0.62485),
    ),
    Published(
        "kidiq_with_mom_work-kidscore_interaction_z",
        "kidiq",
        "kid_score",
        "z_hs, z_iq, z_hs_iq",
        (87.64863, 2.322426, 17.63591, -11.91601, 18.02277),
        (0.00919, 0.0205, 0.0182, 0.0398, 0.00602),
        (0.91058, 2.0184, 1.8196, 3.971, 0.61255),
    ),
    Published(
        "kidiq_with_mom_work-kidscore_mom_work",
        "kidiq",
        "kid_score",
        "mom_work",
        (82.00552, 3.884361, 11.53305, 5.201459, 20.29326),
        (0.023, 0.0307, 0.035, 0.027, 0.00716),
        (2.328, 3.129, 3.5666, 2.7159, 0.69463),
    ),
    Published(
        "earnings-earn_height",
        "earnings",
        "earn",
        "height",
        (-61285.22, 1261.795, 18887.35),
        (99.3, 1.48, 3.89),
        (9667.9, 144.19, 385.66),
    ),
    Published(
        "earnings-logearn_height",
        "earnings",
        "earn",
        "height",
        (5.781724, 0.05877234, 0.8939567),
        (0.0045, 6.71e-05, 0.000183),
        (0.45478, 0.0067818, 0.018395),
        log=True,
    ),
    Published(
        "earnings-log10earn_height",
        "earnings",
        "earn",
        "height",
        (2.510521, 0.02552599, 0.3882856),
        (0.00196, 2.92e-05, 7.93e-05),
        (0.19623, 0.0029252, 0.0079565),
        log=True,
        unit=log(10),
    ),
    Published(
        "earnings-logearn_height_male",
        "earnings",
        "earn",
        "height, male",
        (8.157663, 0.02057706, 0.4238573, 0.8818214),
        (0.00593, 9.18e-05, 0.000724, 0.000186),
        (0.59797, 0.0092441, 0.072583, 0.018028),
        log=True,
    ),
    Published(
        "earnings-logearn_interaction",
        "earnings",
        "earn",
        "height, male, height_male",
        (8.390015, 0.01698586, -0.07761323, 0.007424651, 0.882002),
        (0.00885, 0.000137, 0.0129, 0.000191, 0.000185),
        (0.84859, 0.013121, 1.2589, 0.01866, 0.018333),
        log=True,
    ),
    Published(
        "earnings-logearn_interaction_z",
        "earnings",
        "earn",
        "z_height, male, z_height_male",
        (9.5255, 0.06481153, 0.4202344, 0.02975356, 0.8818507),
        (0.000442, 0.00049, 0.000723, 0.000736, 0.00018),
        (0.04493, 0.049701, 0.073285, 0.071385, 0.01794),
        log=True,
    ),
    Published(
        "earnings-logearn_logheight_male",
        "earnings",
        "earn",
        "log height, male",
        (3.611908, 1.409882, 0.4210676, 0.8819242),
        (0.0259, 0.00622, 0.000713, 0.00018),
        (2.5869, 0.62056, 0.071774, 0.018047),
        log=True,
    ),
    Published(
        "mesquite-mesquite",
        "mesquite",
        "weight",
        "diam1, diam2, canopy_height, total_height, density, group",
        (-727.0382, 187.037, 373.6959, 355.6123, -101.6875, 132.0591, -365.3304, 277.7615),
        (1.5, 1.2, 1.3, 2.27, 1.92, 0.363, 1.07, 0.321),
        (151.99, 117.7, 130.79, 221.32, 192.78, 35.971, 105.2, 32.481),
    ),
    Published(
        "mesquite-logmesquite",
        "mesquite",
        "weight",
        "log diam1, log diam2, log canopy_height, log total_height, log density, group",
        (5.350364, 0.3985705, 1.149196, 0.3772098, 0.3900444, 0.1092511, -0.5846687, 0.3406797),
        (0.00177, 0.00293, 0.00217, 0.0029, 0.00334, 0.00126, 0.00135, 0.000403),
        (0.17778, 0.29318, 0.21787, 0.29298, 0.32838, 0.12683, 0.13417, 0.040086),
        log=True,
    ),
    Published(
        "mesquite-logmesquite_logvolume",
        "mesquite",
        "weight",
        "log volume",
        (5.170848, 0.7220085, 0.4266703),
        (0.000873, 0.000564, 0.00048),
        (0.086422, 0.056199, 0.047788),
        log=True,
    ),
    Published(
        "mesquite-logmesquite_logva",
        "mesquite",
        "weight",
        "log volume, log area, group",
        (5.224136, 0.6122292, 0.2924173, -0.5273247, 0.3479074),
        (0.000918, 0.002, 0.00247, 0.00119, 0.000397),
        (0.092717, 0.20019, 0.24816, 0.11888, 0.039485),
        log=True,
    ),
    Published(
        "mesquite-logmesquite_logvas",
        "mesquite",
        "weight",
        "log volume, log area, log shape, log total_height, log density, group",
        (5.351525, 0.375892, 0.3974395, -0.3748946, 0.3893634, 0.1100392, -0.5847139, 0.3407574),
        (0.00178, 0.00291, 0.00303, 0.00244, 0.00329, 0.00126, 0.00134, 0.000406),
        (0.17737, 0.28996, 0.30285, 0.24039, 0.32909, 0.12617, 0.13321, 0.040335),
        log=True,
    ),
    Published(
        "mesquite-logmesquite_logvash",
        "mesquite",
        "weight",
        "log volume, log area, log shape, log total_height, group",
        (5.309911, 0.3871767, 0.4096394, -0.3174636, 0.4234553, -0.5385544, 0.3393947),
        (0.0017, 0.00283, 0.003, 0.00229, 0.00317, 0.00122, 0.000394),
        (0.16972, 0.2865, 0.29994, 0.22837, 0.32142, 0.12255, 0.039325),
        log=True,
    ),
    Published(
        "nes1972-nes",
        "nes1972",
        "partyid7",
        "real_ideo, race_adj, age_discrete, educ1, gender, income",
        (
            1.774353,
            0.4839464,
            -1.106525,
            -0.1884406,
            -0.04833936,
            0.5154255,
            0.2972183,
            -0.005595099,
            0.1607268,
            1.882254,
        ),
        (0.00422, 0.000421, 0.00195, 0.00142, 0.00139, 0.00182, 0.000609, 0.00104, 0.000526, 0.000365),
        (0.41345, 0.041982, 0.19394, 0.14234, 0.1395, 0.18498, 0.060314, 0.10342, 0.052697, 0.036899),
    ),
    Published(
        "nes1988-nes",
        "nes1988",
        "partyid7",
        "real_ideo, race_adj, age_discrete, educ1, gender, income",
        (
            3.126782,
            0.6216518,
            -1.731456,
            -0.3094836,
            -0.4537982,
            -0.3995577,
            0.1440782,
            -0.08054478,
            0.06406717,
            1.863678,
        ),
        (0.00454, 0.000411, 0.00175, 0.00159, 0.0017, 0.00198, 0.000676, 0.00115, 0.000595, 0.000391),
        (0.44747, 0.040687, 0.17756, 0.15503, 0.16657, 0.19517, 0.066634, 0.11237, 0.059987, 0.039391),
    ),
    Published(
        "nes2000-nes",
        "nes2000",
        "partyid7",
        "real_ideo, race_adj, age_discrete, educ1, gender, income",
        (
            0.8046126,
            0.7893079,
            -1.077333,
            -0.4535743,
            -0.7184412,
            -0.4828411,
            0.244711,
            -0.09264035,
            0.2364666,
            1.786125,
        ),
        (0.00734, 0.000602, 0.00282, 0.00294, 0.00295, 0.00331, 0.00107, 0.00169, 0.000874, 0.000587),
        (0.73781, 0.059858, 0.28927, 0.2932, 0.29682, 0.32732, 0.10716, 0.16927, 0.087405, 0.058288),
    ),
    Published(
        "arK-arK",
        "arK",
        "y",
        "lag1, lag2, lag3, lag4, lag5",
        (-0.0007186503, 0.6921633, 0.4390431, 0.105816, -0.03543504, -0.3015121, 0.1505667),
        (0.000106, 0.000722, 0.000908, 0.000923, 0.000854, 0.0007, 7.97e-05),
        (0.010708, 0.070551, 0.08731, 0.093083, 0.086042, 0.069883, 0.0077747),
        coefficients=normal(0.0, 10.0),
        slope_sd=10.0,
        sigma=half_cauchy,
    ),
    Published(
        "kilpisjarvi_mod-kilpisjarvi",
        "kilpisjarvi",
        "y",
        "x",
        (-60.71228, 0.01758363, 1.131667),
        (0.307, 7.7e-05, 0.00106),
        (29.965, 0.0075242, 0.10782),
        coefficients=normal((9.31290322580645, 0.0), (100.0, 0.0333333333333333)),
        slope_sd=0.0333333333333333,
    ),
)
