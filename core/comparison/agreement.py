"""Does the joint model, sampled with NUTS, agree with what was shown? In units of Monte Carlo error.

A node that was fitted alone and the same node in the joint model of its hypothesis have the same
posterior, so whatever differs between them should be Monte Carlo error. Each number (a
parameter's posterior mean and standard deviation, elpd, log evidence, where both sides have
them) is compared by ``z``: the difference over the combined Monte Carlo error of both. Errors of
means and of standard deviations come from each side's own draws:

- closed form: independent draws;
- importance sampling: the effective number of draws behind the weights;
- NUTS: effective draws of each parameter by Geyer's initial monotone sequence over chains,
  as in Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), without ranks, since the mean
  itself is what is compared.

**Many numbers.** With many parameters some ``|z|`` over 2 is chance. The bound grows with the
number of numbers compared, so that all of them together exceed it by chance in one
confirmation of a hundred: ``Phi^-1(1 - 0.01 / (2 m))`` (Bonferroni). Errors of elpd and of
evidence are themselves estimates, so a difference of these under :data:`SMALL_NATS`, which
could change no statement, never counts against agreement.

**Too few draws to tell.** A mean that is off by more than :data:`LARGEST_SHARE` of a posterior standard
deviation, though within that bound, confirms nothing: the draws are too few.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from core.fit.effective import effective_size
from core.fit.result import BlockFit
from core.model.spec import NodeModel

__all__ = [
    "CHANCE",
    "LARGEST_SHARE",
    "SMALL_NATS",
    "Agreement",
    "Pair",
    "agreement",
    "agreements",
    "bound_for",
    "parameter_words",
    "summary",
]

FloatArray = NDArray[np.float64]
Title = Callable[[str], str]

CHANCE = 0.01
"""How often a confirmation of which every part agrees would say by chance that something differs."""

SMALL_NATS = 0.05
"""Differences of elpd or log evidence below this are none, however small their error is said to be."""


LARGEST_SHARE = 0.1
"""Of a posterior standard deviation: by so much a mean may be off where it is to count as confirmed."""


@dataclass(frozen=True)
class Agreement:
    """What NUTS says of one node of a hypothesis as it was shown.

    ``compared`` numbers were compared, and ``bound`` is the ``|z|`` that they may reach by
    chance. ``worst_z`` and ``worst`` are the largest ``|z|`` among posterior means and the
    parameter it belongs to, ``largest_share`` the largest difference of a mean in posterior standard
    deviations; ``sd_ratio`` is the posterior standard deviation as shown over
    that of NUTS, where it is farthest from 1, and ``sd_z`` the largest ``|z|`` of its
    logarithm. Differences are as shown minus NUTS, natural logarithm; None where a side has
    none. ``agrees`` is None where the two cannot be compared.
    """

    node: str
    method: str
    compared: int
    bound: float
    worst_z: float
    worst: str
    sd_ratio: float
    sd_z: float
    sd_worst: str
    elpd_difference: float | None
    elpd_z: float | None
    evidence_difference: float | None
    evidence_z: float | None
    agrees: bool | None
    sentence: str
    hypotheses: tuple[str, ...] = ()
    largest_share: float = 0.0


@dataclass(frozen=True, eq=False)
class Pair:
    """One node twice: as shown, and by NUTS; ``model`` gives its parameters the user's names."""

    node: str
    quick: BlockFit
    sampled: BlockFit
    model: NodeModel | None = None
    hypotheses: tuple[str, ...] = ()


def agreement(
    node: str,
    quick: BlockFit,
    sampled: BlockFit,
    *,
    model: NodeModel | None = None,
    compared: int | None = None,
    title: Title = str,
) -> Agreement:
    """Compare a block as it was shown with its NUTS draws.

    Parameters
    ----------
    node : str
    quick, sampled : BlockFit
        Closed form or importance sampling, and NUTS.
    model : NodeModel, optional
        Gives parameters their names on the data's own scale; without it positions.
    compared : int, optional
        How many numbers are compared in all, if this is one block of several.
    title : callable
        From a node's name to the user's words for it.
    """
    if quick.rows_sampled != sampled.rows_sampled:
        return _judged(_incomparable(node, quick, sampled), 0.0, title)
    one, other = _named(quick.draws, model), _named(sampled.draws, model)
    names = [name for name in one if name in other]
    means, shares = np.zeros(len(names)), np.zeros(len(names))
    ratios, spreads = np.ones(len(names)), np.zeros(len(names))
    for i, name in enumerate(names):
        a, b = _moments(one[name], quick), _moments(other[name], sampled)
        means[i] = _z(a.mean - b.mean, sqrt(a.mean_error**2 + b.mean_error**2))
        shares[i] = abs(a.mean - b.mean) / a.sd if a.sd > 0 else 0.0
        ratios[i] = a.sd / b.sd if a.sd > 0 and b.sd > 0 else 1.0
        spreads[i] = _z(log(ratios[i]), sqrt(a.log_sd_error**2 + b.log_sd_error**2))
    scored = quick.rows_scored is None and sampled.rows_scored is None
    elpd = quick.elpd - sampled.elpd if scored and isfinite(quick.elpd) and isfinite(sampled.elpd) else None
    evidence = quick.log_evidence - sampled.log_evidence
    evidence_or_none = evidence if isfinite(evidence) else None
    elpd_z = None if elpd is None else _z(elpd, sqrt(quick.elpd_mcse**2 + sampled.elpd_mcse**2))
    evidence_error = sqrt(quick.log_evidence_se**2 + sampled.log_evidence_se**2)
    evidence_z = None if evidence_or_none is None else _z(evidence, evidence_error)
    own = 2 * len(names) + (elpd is not None) + (evidence_or_none is not None)
    worst = int(np.argmax(np.abs(means))) if names else 0
    loose = int(np.argmax(np.abs(np.log(ratios)))) if names else 0
    found = Agreement(
        node=node,
        method=quick.method,
        compared=own,
        bound=0.0,
        worst_z=float(np.abs(means).max()) if names else 0.0,
        worst=names[worst] if names else "",
        sd_ratio=float(ratios[loose]) if names else 1.0,
        sd_z=float(np.abs(spreads).max()) if names else 0.0,
        sd_worst=names[int(np.argmax(np.abs(spreads)))] if names else "",
        elpd_difference=elpd,
        elpd_z=elpd_z,
        evidence_difference=evidence_or_none,
        evidence_z=evidence_z,
        agrees=None,
        sentence="",
        largest_share=float(shares.max()) if names else 0.0,
    )
    return _judged(found, bound_for(compared or own), title)


def agreements(pairs: Sequence[Pair], title: Title = str) -> tuple[Agreement, ...]:
    """Compare several blocks under one bound, which accounts for the numbers of all of them."""
    found = [
        replace(agreement(p.node, p.quick, p.sampled, model=p.model, title=title), hypotheses=p.hypotheses)
        for p in pairs
    ]
    bound = bound_for(sum(one.compared for one in found))
    return tuple(_judged(one, bound, title) if one.compared else one for one in found)


def summary(found: Sequence[Agreement], title: Title = str) -> tuple[str, ...]:
    """Return what a confirmation found, a sentence or two a hypothesis: what differs, or the largest difference."""
    if not found:
        return ("There was nothing to confirm: no node could be sampled anew.",)
    said: list[str] = []
    for hypotheses in dict.fromkeys(one.hypotheses for one in found):
        own = [one for one in found if one.hypotheses == hypotheses]
        head = f"{', '.join(hypotheses)}: " if hypotheses else ""
        wrong = [one.sentence for one in own if one.agrees is False]
        unsure = [one.sentence for one in own if one.agrees is None]
        said += [_upper(head + sentence) for sentence in dict.fromkeys(wrong + unsure)]
        same = [one for one in own if one.agrees]
        if same and not wrong:
            top = max(same, key=lambda one: one.worst_z)
            what = "what else was shown" if unsure else "what was shown"
            said.append(
                f"{head}the joint model, sampled with NUTS, agrees with {what}: the largest difference is "
                f"{top.worst_z:.1f} Monte Carlo errors ({title(top.node)}, {parameter_words(top.worst, title)})."
            )
    if any(one.agrees is False for one in found):
        said.append(
            "Do not rely on what differs: fit it by sampling every node (NUTS), on the Fit page under "
            "How it is fitted, and report it as a fault."
        )
    elif any(one.agrees for one in found):
        numbers = sum(one.compared for one in found if one.agrees)
        said.append(f"Among {numbers:,} numbers one up to {found[0].bound:.1f} would be chance.")
    return tuple(said)


def bound_for(compared: int) -> float:
    """Return the ``|z|`` that the largest of so many numbers exceeds by chance in :data:`CHANCE` of cases."""
    return NormalDist().inv_cdf(1.0 - CHANCE / (2.0 * max(compared, 1)))


# -- one number -------------------------------------------------------------------


@dataclass(frozen=True)
class _Moments:
    mean: float
    sd: float
    mean_error: float
    log_sd_error: float


def _moments(draws: FloatArray, fit: BlockFit) -> _Moments:
    """Return mean and standard deviation of draws (S,), with their Monte Carlo errors."""
    deviation = draws - draws.mean()
    square = deviation**2
    variance = float(square.mean())
    if variance == 0:
        return _Moments(float(draws.mean()), 0.0, 0.0, 0.0)
    error = sqrt(variance / _size(draws, fit))
    # log sd = log(variance) / 2, to first order
    spread = sqrt(float(square.var()) / _size(square, fit)) / (2.0 * variance)
    return _Moments(float(draws.mean()), sqrt(variance), error, spread)


def _size(draws: FloatArray, fit: BlockFit) -> float:
    if fit.method == "nuts":
        each = len(draws) // fit.chains
        return effective_size(draws[: each * fit.chains].reshape(fit.chains, each))
    effective = fit.diagnostics.effective_draws
    return float(len(draws)) if effective is None else min(float(len(draws)), effective)


def _z(difference: float, error: float) -> float:
    if error > 0:
        return difference / error
    return 0.0 if abs(difference) < 1e-9 else float(np.copysign(np.inf, difference))


def _named(draws: Mapping[str, FloatArray], model: NodeModel | None) -> dict[str, FloatArray]:
    """Return every number of the parameters by a name that a reader knows, each (S,)."""
    if model is not None:
        from core.simulate.parameters import named_parameters

        return named_parameters(model, draws)
    found = {}
    for name, values in draws.items():
        flat = values.reshape(len(values), -1)
        for place in range(flat.shape[1]):
            found[name if flat.shape[1] == 1 else f"{name}[{place + 1}]"] = flat[:, place]
    return found


# -- words ------------------------------------------------------------------------


def _judged(found: Agreement, bound: float, title: Title) -> Agreement:
    if not found.compared:
        words = f"{title(found.node)}: {found.sentence}, which neither confirms nor contradicts what was shown."
        return replace(found, bound=bound, sentence=words)
    fine = found.worst_z <= bound and found.sd_z <= bound
    for difference, z in (
        (found.elpd_difference, found.elpd_z),
        (found.evidence_difference, found.evidence_z),
    ):
        fine = fine and (difference is None or z is None or abs(z) <= bound or abs(difference) <= SMALL_NATS)
    if fine and found.largest_share > LARGEST_SHARE:
        said = (
            f"{title(found.node)}: a posterior mean is off by {found.largest_share:.2f} standard deviations, which so "
            "few effective draws cannot tell from chance: ask for more draws."
        )
        return replace(found, bound=bound, agrees=None, sentence=said)
    return replace(found, bound=bound, agrees=bool(fine), sentence=_sentence(found, bound, bool(fine), title))


def _sentence(found: Agreement, bound: float, fine: bool, title: Title) -> str:
    node = title(found.node)
    if fine:
        return (
            f"{node}: sampling with NUTS agrees with what was shown. The largest difference is "
            f"{found.worst_z:.1f} Monte Carlo errors ({parameter_words(found.worst, title)}); among "
            f"{found.compared} numbers up to {bound:.1f} would be chance."
        )
    parts = []
    if found.worst_z > bound:
        parts.append(f"the mean of {parameter_words(found.worst, title)} by {_errors(found.worst_z)}")
    if found.sd_z > bound:
        parts.append(f"the spread of {parameter_words(found.sd_worst, title)} by {_errors(found.sd_z)}")
    for what, difference, z in (
        ("elpd", found.elpd_difference, found.elpd_z),
        ("log evidence", found.evidence_difference, found.evidence_z),
    ):
        if difference is not None and z is not None and abs(z) > bound and abs(difference) > SMALL_NATS:
            parts.append(f"{what} by {difference:+.2f} ({_errors(abs(z))})")
    limit = f"up to {bound:.1f} would be chance"
    return f"{node}: sampling with NUTS differs from what was shown: {', '.join(parts)}; {limit}."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _errors(z: float) -> str:
    return f"{z:.1f} Monte Carlo errors" if z < 1e4 else "far more than its Monte Carlo error"


def parameter_words(name: str, title: Title = str) -> str:
    """Return a parameter's name in words: ``slope[ads]`` is ``slope of ads``."""
    head, bracket, rest = name.partition("[")
    if not bracket or not rest.endswith("]"):
        return name
    inside, joint, level_of_child = rest[:-1].rpartition("] [")
    parent, sign, level = (inside if joint else level_of_child).partition("=")
    word = title(parent) + (f" = {level}" if sign else "")
    return f"{head} of {word}" + (f" ({level_of_child})" if joint else "")


def _incomparable(node: str, quick: BlockFit, sampled: BlockFit) -> Agreement:
    """Return that draws from other rows neither confirm nor contradict."""
    saw = sampled.rows_sampled if sampled.rows_sampled is not None else quick.rows_sampled
    words = f"NUTS saw only {saw:,} of {len(quick.elpd_i):,} rows, so its draws are wider by nature"
    return Agreement(node, quick.method, 0, 0.0, 0.0, "", 1.0, 0.0, "", None, None, None, None, None, words)
