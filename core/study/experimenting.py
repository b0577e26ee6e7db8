"""What experiments say of fitted hypotheses: what each had foreseen, how they move, and how their numbers do.

The result of an experiment is one more observation of a hypothesis' parameters (:mod:`core.effects.experiments`). So
each hypothesis has a likelihood of its own for it, and hypotheses that no observation of the columns can separate are
separated by what was done: inside a Markov class members now have probabilities of their own. A hypothesis of which it
cannot be told what it foresees keeps its probability, and the others share what they had.

Where rows depend on one another, what a hypothesis foresees is as wide as its effects are reported
(:mod:`core.effects.widened`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from core.effects.cleared import cleared
from core.effects.experiments import Disagreement, Experiment, disagreement, evidence, moved_by
from core.effects.redrawn import Part, redrawn
from core.effects.worlds import play, staged
from core.errors import UsageError
from core.families import get_family
from core.families.base import Draws
from core.fit.posterior import Summary, summary
from core.fit.proposal import resample
from core.fit.result import Fit
from core.fit.rows import entering
from core.fit.target import Target
from core.graph.paths import nodes_on_directed_paths
from core.model.design import block_data
from core.study.acting import Acting

__all__ = ["Experimented", "Foreseen", "Learned", "experimented"]

FloatArray = NDArray[np.float64]

_ROWS = 200  # on which a contrast is averaged: noise is the same in both worlds, so that more change no third digit
_DRAWS = 4000
_SLOW_DRAWS = 1000  # where noise on the way is dear


@dataclass(frozen=True)
class Foreseen:
    """What one hypothesis had foreseen of one experiment.

    Parameters
    ----------
    name : str
        The hypothesis.
    reason : str
        Why it foresees nothing; empty else, and then all that follows is known.
    leads : bool
        Whether some path leads from what was done to the outcome.
    predicted : Summary or None
        Of what is moved, what the parameters leave open.
    disagreement : Disagreement or None
    log_evidence : float or None
        Log density of the result, by itself; None where it was not asked for.
    effective : float or None
        How many draws stand behind that (Kong 1992); NaN where it is approximate.
    """

    name: str
    reason: str = ""
    leads: bool = True
    predicted: Summary | None = None
    disagreement: Disagreement | None = None
    log_evidence: float | None = None
    effective: float | None = None


@dataclass(frozen=True)
class Learned:
    """One experiment, and what each hypothesis had foreseen of it."""

    experiment: Experiment
    foreseen: tuple[Foreseen, ...]


@dataclass(frozen=True, eq=False)
class Experimented:
    """Hypotheses that have learnt from experiments.

    Parameters
    ----------
    acting : Acting
        With the draws and the weights that they have now.
    before : Acting
    learned : tuple of Learned
    gains : tuple of float or None
        Log density of all the results together under each hypothesis; None where one is not foreseen.
    approximate : tuple of str
        The hypotheses whose numbers are a Normal approximation.
    """

    acting: Acting
    before: Acting
    learned: tuple[Learned, ...]
    gains: tuple[float | None, ...]
    approximate: tuple[str, ...]


def experimented(acting: Acting, experiments: Sequence[Experiment], *, alone: bool = True) -> Experimented:
    """Return hypotheses with the results of experiments in their likelihood.

    Parameters
    ----------
    acting : Acting
    experiments : sequence of Experiment
        Each of units that are not among the rows, and independent of the others.
    alone : bool
        Whether the density of each of several results is wanted by itself too, which takes as long again for each.

    Raises
    ------
    UsageError
        If an experiment is about no node, on rows that follow from what was done, or on an outcome without a mean.
    ModelError
        If a node cannot be what it was set to.
    """
    at = [replace(acting, given=one.given) for one in experiments]
    for place, one in zip(at, experiments, strict=True):
        try:
            if one.outcome in one.touched:
                raise UsageError(
                    f"{one.outcome!r} is what is asked about, and it is set too",
                    hint="Set its causes, and say what followed for it.",
                )
            place.check(one.touched, one.outcome)
        except UsageError as error:
            raise error.at(f"experiment {one.name}") from None
    found = [_Hypothesis(acting, place, tuple(experiments), tuple(at), alone) for place in range(len(acting.names))]
    updates = [one.updated() for one in found]
    learned = tuple(Learned(one, tuple(each.foreseen[k] for each in updates)) for k, one in enumerate(experiments))
    gains = tuple(one.gain for one in updates)
    reopened = replace(acting.reopened, fits=tuple(one.fit for one in updates))
    after = replace(acting, reopened=reopened, weights=_moved(acting.weights, gains), alike=False)
    rough = tuple(name for name, one in zip(acting.names, updates, strict=True) if one.approximate)
    return Experimented(after, acting, learned, gains, rough)


def _moved(weights: Sequence[float], gains: Sequence[float | None]) -> tuple[float, ...]:
    """Return weights times the likelihood, among those that have one; the others keep theirs."""
    logs = {
        place: log(weights[place]) + gain for place, gain in enumerate(gains) if gain is not None and weights[place] > 0
    }
    if not logs:
        return tuple(weights)
    share, top = sum(weights[place] for place in logs), max(logs.values())
    raw = {place: exp(value - top) for place, value in logs.items()}
    total = sum(raw.values())
    return tuple(share * raw[place] / total if place in raw else weight for place, weight in enumerate(weights))


@dataclass(frozen=True, eq=False)
class _Update:
    foreseen: tuple[Foreseen, ...]
    gain: float | None
    fit: Fit
    approximate: bool


@dataclass(frozen=True, eq=False)
class _Found:
    """The families on the way given results, or nothing where nothing is to be learnt of them."""

    log_evidence: float
    effective: float
    parameters: Mapping[str, Draws]
    approximate: bool = False


@dataclass(frozen=True, eq=False)
class _Hypothesis:
    """One hypothesis and the experiments, each with the rows that it is about."""

    acting: Acting
    place: int
    experiments: tuple[Experiment, ...]
    at: tuple[Acting, ...]
    alone: bool

    @property
    def fit(self) -> Fit:
        return self.acting.reopened.fits[self.place]

    def updated(self) -> _Update:
        """Return what was foreseen, and the hypothesis with all that it can learn."""
        name = self.acting.names[self.place]
        reasons = [self.acting.withheld(self.place, one.touched, one.outcome) for one in self.experiments]
        told = tuple(k for k, reason in enumerate(reasons) if not reason)
        if not told:
            return _Update(tuple(Foreseen(name, reason) for reason in reasons), None, self.fit, False)
        said = self._contrasts(told, {node: self._draws(node) for node in self._way(told)})
        each = self.alone or len(told) == 1
        alone = {k: self._scored((k,), said[j : j + 1]) for j, k in enumerate(told)} if each else {}
        together = alone[told[0]] if len(told) == 1 else self._scored(told, said)
        learnt = together if (self._roots(told) == 1.0).all() else self._learnt(told, said)
        rows = dict(zip(told, self._wide(told, said), strict=True))
        foreseen = tuple(
            Foreseen(name, reason) if reason else self._foreseen(k, rows[k], alone.get(k))
            for k, reason in enumerate(reasons)
        )
        gain = together.log_evidence if len(told) == len(reasons) else None
        return _Update(
            foreseen, gain, _with_draws(self.fit, learnt.parameters), together.approximate or learnt.approximate
        )

    def _foreseen(self, k: int, wide: FloatArray, alone: _Found | None) -> Foreseen:
        one = self.experiments[k]
        gap = disagreement(wide, one.estimate, one.se)
        name, leads = self.acting.names[self.place], bool(self._way((k,)))
        log_evidence, effective = (None, None) if alone is None else (alone.log_evidence, alone.effective)
        return Foreseen(name, "", leads, summary(wide), gap, log_evidence, effective)

    def _wide(self, told: Sequence[int], said: FloatArray) -> FloatArray:
        middle = said.mean(axis=1, keepdims=True)
        return np.asarray(middle + self._roots(told)[:, None] * (said - middle))

    def _scored(self, told: Sequence[int], said: FloatArray) -> _Found:
        """Return the evidence of some experiments, what is foreseen drawn out where rows depend on one another.

        ``Normal(e; m + root (c - m), se)`` is ``Normal(m + (e - m) / root; c, se / root) / root``.
        """
        estimates, ses = self._numbers(told)
        middle, roots = said.mean(axis=1), self._roots(told)
        found = self._given(told, said, middle + (estimates - middle) / roots, ses / roots)
        return replace(found, log_evidence=found.log_evidence - float(np.log(roots).sum()))

    def _learnt(self, told: Sequence[int], said: FloatArray) -> _Found:
        """Return the families given the results, where effects are drawn out when they are reported.

        The results count as much more as the rows count less: with their errors divided by the roots the posterior,
        drawn out, is that of rows that say less (exact for Normal posteriors).
        """
        estimates, ses = self._numbers(told)
        return self._given(told, said, estimates, ses / self._roots(told))

    def _given(self, told: Sequence[int], said: FloatArray, estimates: FloatArray, ses: FloatArray) -> _Found:
        """Return the families on the way given results: their draws weighed, or drawn again."""
        weighed, way = evidence(said, estimates, ses), self._way(told)
        if not way or weighed.even:
            rng = np.random.default_rng([self.acting.seed, 47])
            chosen = resample(weighed.weights, len(weighed.weights), rng)
            own = {node: {name: part[chosen] for name, part in self._draws(node).items()} for node in way}
            return _Found(weighed.log_evidence, weighed.effective, own)
        parts = {node: self._part(node) for node in way}
        found = redrawn(parts, partial(self._contrasts, tuple(told)), said, estimates, ses, seed=self.acting.seed)
        return _Found(found.log_evidence, found.effective, found.parameters, found.approximate)

    def _part(self, node: str) -> Part:
        reopened = self.acting.reopened
        model, block = self.fit.spec.node(node), self.fit.by_node[node]
        rows = entering(block_data(model, reopened.complete))
        known = block.rows_sampled is None
        normaliser = block.log_evidence - float(rows.log_jacobian.sum()) if known else float("nan")
        return Part(Target.of(model, rows), self._draws(node), normaliser)

    def _numbers(self, told: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        some = [self.experiments[k] for k in told]
        return np.array([one.estimate for one in some]), np.array([one.se for one in some])

    def _way(self, told: Sequence[int]) -> tuple[str, ...]:
        """Return the nodes whose families some experiments are about, in the order of the specification."""
        graph = self.acting.comparison.drawn[self.place].graph
        found: set[str] = set()
        for one in (self.experiments[k] for k in told):
            between = {name for node in one.touched for name in nodes_on_directed_paths(graph, node, one.outcome)}
            found |= between - set(one.touched)
        return tuple(model.node for model in self.fit.spec.nodes if model.node in found)

    @cached_property
    def _chosen(self) -> NDArray[np.intp]:
        """Which draws are weighed, evenly spread."""
        inside = set(self._way(range(len(self.experiments)))) - {one.outcome for one in self.experiments}
        families = [get_family(self.fit.spec.node(node).family) for node in inside]
        slow = any(family.slow_noise or family.is_count for family in families)
        return _spread(self._total, min(self._total, _SLOW_DRAWS if slow else _DRAWS))

    @property
    def _total(self) -> int:
        return min(len(part) for model in self.fit.spec.nodes for part in self.fit.draws(model.node).values())

    def _draws(self, node: str) -> Draws:
        return {name: part[self._chosen] for name, part in self.fit.draws(node).items()}

    def _roots(self, told: Sequence[int]) -> FloatArray:
        """Return by how much each contrast is drawn out, (J,)."""
        dependence = self.acting.reopened.dependence
        some = [self.experiments[k] for k in told]
        factors = [max(dependence.inflation(node, one.outcome) for node in one.touched) for one in some]
        return np.sqrt(np.array(factors))

    def _contrasts(self, told: Sequence[int], parameters: Mapping[str, Draws]) -> FloatArray:
        """Return what each of some experiments moves under some draws of the families on the way, (J, S)."""
        many = next((len(part) for own in parameters.values() for part in own.values()), len(self._chosen))
        return np.array([self._contrast(k, parameters, many) for k in told]).reshape(len(told), many)

    def _contrast(self, k: int, parameters: Mapping[str, Draws], many: int) -> FloatArray:
        one = self.experiments[k]
        graph = self.acting.comparison.drawn[self.place].graph
        own = {node: parameters[node] for node in self._way((k,))}
        if not own:  # no path: a setting that cannot be is refused all the same
            for setting in (setting for world in one.worlds for setting in world):
                setting.check(self.fit.spec, self.at[k].raw)
            return np.zeros(many)
        stage = staged(graph, self.fit.spec, own, self.at[k].raw, draws=many, rows=_ROWS, seed=self.acting.seed)
        played = play(stage, one.worlds, one.outcome)
        found = moved_by(played)
        if not played.noisy:
            return found
        anew = replace(stage, seed=stage.seed + 1)
        return cleared(found, moved_by(play(anew, one.worlds, one.outcome)), own)


def _spread(total: int, many: int) -> NDArray[np.intp]:
    """Return ``many`` places among ``total``, evenly spread; each more than once where there are more."""
    return np.floor((np.arange(many) + 0.5) * total / many).astype(np.intp)


def _with_draws(fit: Fit, parameters: Mapping[str, Draws]) -> Fit:
    """Return a fit with other draws of some nodes, as many as it had; its scores stay those of the rows."""
    blocks = dict(fit.blocks)
    for nodes, block in fit.blocks.items():
        draws = dict(block.draws)
        for at, node in enumerate(nodes):
            head = "" if len(nodes) == 1 else f"{at}."
            for name, part in parameters.get(node, {}).items():
                draws[f"{head}{name}"] = part[_spread(len(part), len(draws[f"{head}{name}"]))]
        blocks[nodes] = replace(block, draws=draws)
    return replace(fit, blocks=blocks)
