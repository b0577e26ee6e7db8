"""What is commonly computed of the same rows beside what each hypothesis says, and why the two differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from core.check.roles import roles_of
from core.effects.contour import Contour, contour_of
from core.effects.differing import why
from core.effects.experiments import Experiment
from core.effects.naive import Estimate, naive_estimates
from core.effects.robustness import Robustness, strengths_of
from core.effects.settings import Setting, column_of
from core.effects.steps import Step
from core.fit.posterior import Summary
from core.graph.identify import identify
from core.study.acting import Acting
from core.study.forecast import Acted
from core.study.robust import design_for, robustness_for

__all__ = ["Beside", "contour_for", "plainly"]

_MOST_SETS = 6
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class Beside:
    """One plain estimate, and why it differs from what hypotheses say: sentences with the hypotheses that say them."""

    estimate: Estimate
    why: tuple[tuple[tuple[str, ...], str], ...]

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        said = [{"hypotheses": list(names), "sentence": sentence} for names, sentence in self.why]
        return {**self.estimate.to_dict(), "why": said}


@dataclass(frozen=True)
class _Said:
    mean: float | None
    q05: float | None
    q95: float | None


def plainly(
    acting: Acting,
    found: Acted,
    moved: tuple[str, float, float],
    *,
    titles: Mapping[str, str] | None = None,
    trees: bool = True,
    seed: int = 0,
) -> tuple[Beside, ...]:
    """Return plain estimates of one step, each with a sentence on why it differs.

    Parameters
    ----------
    acting : Acting
    found : Acted
        What the hypotheses say of that step.
    moved : (str, float, float)
        A node, and from where to where it is moved; codes of levels.
    titles : mapping of str to str, optional
        The user's words for columns.
    trees : bool
        Whether boosted trees are among them, which take longer than all others together.
    seed : int
        Of the trees.

    Notes
    -----
    Adjusted for is each minimal set of any hypothesis, six at most; an instrument is one under any of them. Of over
    20,000 rows a random part is looked at. Nothing is estimated of an outcome with several levels.
    """
    node, low, high = moved
    fits, graphs = acting.reopened.fits, [drawn.graph for drawn in acting.comparison.drawn]
    spec = fits[0].spec
    target = column_of(spec, found.outcome)
    if len(target.response.levels) > 2:
        return ()
    skewed = target.response.transform == "log"
    raw = {model.node: acting.raw[model.node] for model in spec.columns}
    raw = _some(raw)
    if len(column_of(spec, node).response.levels) > 2:  # one contrast: only the rows of its two levels
        keep = np.isin(raw[node], (low, high))
        raw = {name: values[keep] for name, values in raw.items()}
    if skewed:
        raw[found.outcome] = np.log(raw[found.outcome])
    known = [identify(drawn.graph, node, found.outcome, drawn.background) for drawn in acting.comparison.drawn]
    sets = dict.fromkeys(one for each in known for one in each.adjustment_sets.sets[:_MOST_SETS])
    ways = dict.fromkeys((one.instrument, tuple(one.given)) for each in known for one in each.instruments)
    named = titles or {}
    estimates = naive_estimates(
        raw,
        roles_of(spec),
        node,
        found.outcome,
        Step(low, high),
        adjustment_sets=[one for one in list(sets)[:_MOST_SETS] if one],
        instruments=list(ways)[:_MOST_SETS],
        log_outcome=skewed,
        black_box=trees,
        seed=seed,
        title=lambda name: named.get(name, name),
    )
    said = []
    for estimate in estimates:
        by_words: dict[str, list[str]] = {}
        for graph, forecast in zip(graphs, found.forecasts, strict=True):
            answer = _said(forecast.ratio if skewed else forecast.contrast)
            words = why(estimate, answer, graph, node, found.outcome, lambda name: named.get(name, name))
            by_words.setdefault(words, []).append(forecast.name)
        said.append(Beside(estimate, tuple((tuple(names), words) for words, names in by_words.items())))
    return tuple(said)


def _said(found: Summary | None) -> _Said:
    return _Said(None, None, None) if found is None else _Said(found["mean"], found["q05"], found["q95"])


def _some[T](raw: dict[str, T]) -> dict[str, T]:
    many = len(next(iter(raw.values())))  # type: ignore[arg-type]
    if many <= _MOST_ROWS:
        return raw
    part = np.sort(np.random.default_rng([many, 43]).choice(many, _MOST_ROWS, replace=False))
    return {name: values[part] for name, values in raw.items()}  # type: ignore[index]


def contour_for(
    acting: Acting, place: int, pair: tuple[str, str], experiments: Sequence[Experiment] = ()
) -> tuple[Robustness, Contour] | None:
    """Return how strong an unmeasured cause would have to be to overturn one hypothesis' effect, as a map.

    Beside it the lines on which it would become what another hypothesis says; on the working scales of the columns.

    Parameters
    ----------
    acting : Acting
    place : int
        The hypothesis, by its place.
    pair : (str, str)
        Treatment and outcome.
    experiments : sequence of Experiment
        They do not enter, since the map is about what the rows alone say. Where one is about this effect in everybody,
        and the outcome enters as it is, there is a line on which the estimate would become what it found.
    """
    reopened = acting.reopened
    answers = {}
    for other, (drawn, fit) in enumerate(zip(acting.comparison.drawn, reopened.fits, strict=True)):
        found = robustness_for(drawn, fit.spec, reopened.observed, pair, reopened.memory)
        if found is not None and isfinite(found.estimate):
            answers[other] = found
    if place not in answers:
        return None
    names = acting.names
    others = {names[other]: found.estimate for other, found in answers.items() if other != place}
    others |= {name: 0.0 for other, name in enumerate(names) if other not in answers}
    design = design_for(acting.comparison.drawn[place], reopened.fits[place].spec, reopened.observed, pair)
    tried = _on_its_scale(acting, place, pair, experiments)
    return answers[place], contour_of(answers[place], strengths_of(*design), others, tried)


def _on_its_scale(
    acting: Acting, place: int, pair: tuple[str, str], experiments: Sequence[Experiment]
) -> dict[str, float]:
    """Return what experiments found per unit of the treatment's working scale, by name, where it can be said so."""
    treatment, outcome = pair
    roles = roles_of(acting.reopened.fits[place].spec)
    found: dict[str, float] = {}
    if roles[outcome].to_regressor != "identity" and not roles[outcome].discrete:
        return found
    raw = acting.reopened.observed.raw[treatment]
    for one in experiments:
        settings = [setting for world in one.worlds for setting in world]
        if one.outcome != outcome or one.given is not None or any(
            setting.node != treatment or setting.where is not None for setting in settings
        ):  # fmt: skip
            continue
        ends = [_applied(world, raw, treatment) for world in one.worlds]
        low, high = (float(np.mean(roles[treatment].regressors(end)[..., 0])) for end in ends)
        if high != low:
            found[one.name] = one.estimate / (high - low)
    return found


def _applied(world: Sequence[Setting], raw: NDArray[np.float64], treatment: str) -> NDArray[np.float64]:
    for setting in world:
        return setting.applied({treatment: raw})
    return raw
