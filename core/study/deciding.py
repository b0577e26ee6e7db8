"""What to choose, from fitted hypotheses: levers as they are typed, outcomes as the hypotheses play them.

Where a utility is a line in the outcome its mean needs the outcome's mean alone, which is played without the outcome's
own noise; of a LogNormal outcome it is the mean with sigma held (:mod:`core.effects.contrasted`), since a decision is
about totals. Any other utility needs outcomes of single rows. Hypotheses that give no answer are left out, and it is
said.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.decide.choosing import Aims
from core.decide.deciding import Decision, decide
from core.decide.formula import is_affine
from core.decide.levers import Lever, Levers, parse_limits
from core.decide.reading import parse_formula
from core.decide.utility import COST, utility_of
from core.effects.settings import Setting, column_of
from core.effects.total import has_no_mean
from core.effects.worlds import Stage, drawn_for, play, staged
from core.errors import UsageError
from core.families import get_family
from core.families.choose import DISCRETE_KINDS
from core.model.spec import ModelSpec, NodeModel
from core.simulate.ancestral import do_values
from core.study.acting import Acting
from core.study.lots import rows_of
from core.words import either

__all__ = ["Decided", "check_asked", "decide_on", "levers_of"]

FloatArray = NDArray[np.float64]

# Draws and rows: those that choose, and others that score; as many as score choose once more among the best few.
# Fewer where an action takes long to play.
_CHOOSING, _SCORING = (500, 100), (1000, 400)
_CHOOSING_DEAR, _SCORING_DEAR = (250, 20), (500, 50)
_OTHER_NOISE = 2**63  # added to the seed of what scores: the noise that chose must not come again
_LAST_NOISE = 2**62  # likewise, of what chooses once more
_COUNTED = 1000  # whole numbers between a lever's bounds, up to which they are its values
_SEEN = (0.01, 0.99)


@dataclass(frozen=True, eq=False)
class Decided:
    """A decision with what belongs beside it.

    Parameters
    ----------
    decision : Decision
    levers : Levers
    outcome : str
    levels : mapping of str to tuple of str
        Of each lever that has levels; an action holds their codes.
    rows : int
        All that are complete; actions are played on some of them.
    told : tuple of str
        Sentences on what was left out.
    """

    decision: Decision
    levers: Levers
    outcome: str
    levels: Mapping[str, tuple[str, ...]]
    rows: int
    told: tuple[str, ...]

    def said(self, action: Mapping[str, float]) -> dict[str, float | str]:
        """Return an action with levels by name."""
        return {
            name: self.levels[name][round(value)] if name in self.levels else value for name, value in action.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain facts, as docs/contract.md has them."""
        record = _renamed(self.decision.to_dict(), self)
        warnings = [*record.pop("warnings"), *self.told]
        return {"outcome": self.outcome, "rows": self.rows, **record, "warnings": warnings}


def _renamed(part: Any, decided: Decided) -> Any:
    if isinstance(part, dict):
        return {
            key: decided.said(value) if key == "action" else value if key == "uncertainty" else _renamed(value, decided)
            for key, value in part.items()
        }
    return [_renamed(one, decided) for one in part] if isinstance(part, list) else part


def check_asked(
    nodes: Sequence[str], outcome: str, formula: str | None, limits: Sequence[str], risk: float, spread: float | None
) -> None:
    """Refuse, before anything is fitted, what can be seen to be wrong from the hypotheses' nodes alone.

    Raises
    ------
    UsageError, FormulaError
        For an outcome that is no node, a formula or a limit that cannot be read, a risk or a spread that is none.
    """
    if outcome not in nodes:
        hint = f"The nodes are: {', '.join(nodes[:8])}."
        raise UsageError(f"{outcome!r} is not a node of any hypothesis", place=f"--outcome {outcome}", hint=hint)
    Aims(np.ones(1), risk, spread)
    if formula:
        parse_formula(formula, [*nodes, COST])
    for text in limits:
        parse_limits(text, nodes)


# -- levers, as they are typed ------------------------------------------------------------


def levers_of(
    acting: Acting,
    choices: Sequence[str],
    costs: Sequence[str] = (),
    budget: float | None = None,
    limits: Sequence[str] = (),
) -> Levers:
    """Return the levers that some texts describe.

    Parameters
    ----------
    acting : Acting
    choices : sequence of str
        ``ads=0:9``; of a column with levels ``discount=no:yes``.
    costs : sequence of str
        ``ads=1.5``: of one unit, in units of the outcome.
    budget : float, optional
    limits : sequence of str
        ``tv + radio <= 10``.

    Raises
    ------
    UsageError
        For a text that cannot be read, or names no node.
    """
    spec = acting.comparison.specs[0]
    prices = dict(_split(spec, text, "--cost") for text in costs)
    levers = tuple(_lever(acting, spec, text, prices) for text in choices)
    names = tuple(lever.name for lever in levers)
    if strangers := [name for name in prices if name not in names]:
        hint = "Only what is chosen has a cost: name it with --choose too."
        raise UsageError(f"{strangers[0]!r} is not chosen", place=f"--cost {strangers[0]}", hint=hint)
    return Levers(levers, budget, tuple(limit for text in limits for limit in parse_limits(text, names)))


def _split(spec: ModelSpec, text: str, option: str) -> tuple[str, str]:
    """Split ``NAME=REST``; a name may hold an equals sign."""
    for name in sorted((model.node for model in spec.columns), key=len, reverse=True):
        rest = text[len(name) :].lstrip()
        if text.startswith(name) and rest.startswith("="):
            return name, rest[1:].strip()
    example = "--choose ads=0:9" if option == "--choose" else "--cost ads=1.5"
    if "=" in text:
        column_of(spec, text.split("=", 1)[0].strip())
    raise UsageError(f"{text!r} has no {'='!r}", place=option, hint=f"Write it as {example}.")


def _lever(acting: Acting, spec: ModelSpec, text: str, prices: Mapping[str, str]) -> Lever:
    name, bounds = _split(spec, text, "--choose")
    model = column_of(spec, name)
    if model.kind == "category" and len(model.response.levels) > 2:
        raise UsageError(
            f"the levels of {name!r} have no order",
            place=f"--choose {name}",
            hint="Choose numbers, yes or no, or levels in an order; compare single levels with whyboard effect.",
        )
    low, high = _bounds(spec, model, name, bounds)
    values: tuple[float, ...] = ()
    if (model.kind in DISCRETE_KINDS or model.kind == "count") and high - low <= _COUNTED:
        values = tuple(float(value) for value in range(math.ceil(low), math.floor(high) + 1))
        if not values:
            raise UsageError(f"no whole number lies in {bounds!r}", place=f"--choose {name}", hint="Widen the bounds.")
    raw = np.asarray(acting.raw[name], dtype=np.float64)
    for value in (values[0], values[-1]) if values else (low, high):
        Setting(name, value).check(spec, acting.raw)
    discrete = model.kind in DISCRETE_KINDS
    seen = (raw.min(), raw.max()) if discrete else np.quantile(raw, _SEEN)
    cost = _number(prices[name], f"--cost {name}") if name in prices else 0.0
    now = float(raw.mean())
    if values:  # the level of most rows, or the whole number nearest to the average
        codes, rows = np.unique(raw, return_counts=True)
        now = float(codes[rows.argmax()]) if discrete else float(round(now))
    return Lever(name, low, high, values, cost, now=now, seen=(float(seen[0]), float(seen[1])))


def _bounds(spec: ModelSpec, model: NodeModel, name: str, bounds: str) -> tuple[float, float]:
    place = f"--choose {name}"
    for cut in (at for at, letter in enumerate(bounds) if letter == ":"):
        low, high = bounds[:cut].strip(), bounds[cut + 1 :].strip()
        if model.response.levels:
            if bounds.count(":") == 1 or (low in model.response.levels and high in model.response.levels):
                return do_values(spec, {name: low})[name], do_values(spec, {name: high})[name]
            continue
        return _number(low, place), _number(high, place)
    raise UsageError(f"{bounds!r} is no range", place=place, hint=f"Write it as {name}=0:9, both ends included.")


def _number(text: str, place: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{text!r} is no number", place=place, hint="Give a number, such as 1.5.")
    return value


# -- the decision -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Scene:
    """One hypothesis on some draws and rows, and by how much all rows bring more than these."""

    stage: Stage
    more: float


def decide_on(
    acting: Acting,
    levers: Levers,
    outcome: str,
    formula: str | None = None,
    *,
    risk: float = 0.1,
    spread: float | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Decided:
    """Return what to choose.

    Parameters
    ----------
    acting : Acting
    levers : Levers
        Of :func:`levers_of`.
    outcome : str
    formula : str, optional
        The utility; unless given, the outcome less what the action costs.
    risk, spread
        As :func:`core.decide.deciding.decide` takes them.
    progress : callable, optional

    Raises
    ------
    UsageError
        Where no hypothesis can answer, or the outcome has no number for what it is.
    """
    acting.check(levers.names, outcome)
    utility = utility_of(formula, outcome, levers)
    lines = is_affine(utility.formula, outcome)
    told: list[str] = []
    kept: list[int] = []
    for place, name in enumerate(acting.names):
        model = column_of(acting.reopened.fits[place].spec, outcome)
        if len(model.response.levels) > 2:
            raise UsageError(
                f"{outcome!r} has levels, and no number says what each is worth",
                place=f"--outcome {outcome}",
                hint="Choose an outcome that is a number, or yes or no.",
            )
        if reason := _reason(acting, place, levers.names, outcome):
            told.append(f"{name} is left out: {reason}")
            continue
        kept.append(place)
    if not kept:
        raise UsageError("no hypothesis gives an answer", place=f"--outcome {outcome}", hint=". ".join(told))
    if len(kept) > 1 and acting.alike:
        told.append("no probability may be told of these hypotheses, so that all count alike")
    weights = [acting.weights[place] for place in kept]
    if not sum(weights) > 0:
        weights = [1.0] * len(kept)
        told.append("of these hypotheses none has a probability to speak of, so that all count alike")
    dependence = acting.reopened.dependence
    dear = any(_is_dear(acting.stage(place, draws=1, rows=1), levers.names, outcome, not lines) for place in kept)
    choosing, again, scoring = _scenes(acting, kept, levers, outcome, dear)
    played = partial(_played, levers.names, outcome)
    told += _without_mean([acting.names[place] for place in kept], scoring, levers.names, outcome, lines)
    decision = decide(
        partial(played, choosing, not lines),
        levers,
        utility,
        weights,
        [acting.names[place] for place in kept],
        risk,
        spread,
        acting.seed,
        wider=math.sqrt(max(dependence.inflation(name, outcome) for name in levers.names)),
        again=partial(played, again, not lines),
        scoring=partial(played, scoring, not lines),
        by_row=partial(played, scoring, True) if lines else None,
        progress=progress,
    )
    spec = acting.comparison.specs[0]
    levels = {name: found for name in levers.names if (found := column_of(spec, name).response.levels)}
    return Decided(decision, levers, outcome, levels, len(next(iter(acting.raw.values()))), tuple(told))


def _reason(acting: Acting, place: int, levers: Sequence[str], outcome: str) -> str:
    model = {one.node for one in acting.reopened.fits[place].spec.nodes}
    if outcome not in model:
        return f"{outcome} is background, and nobody says what it follows from"
    return acting.withheld(place, levers, outcome)


def _without_mean(
    names: Sequence[str], scenes: Sequence[_Scene], levers: tuple[str, ...], outcome: str, lines: bool
) -> list[str]:
    """Return a sentence on the hypotheses under which the outcome has no mean: too much lies far out."""
    some = [
        name
        for name, scene in zip(names, scenes, strict=True)
        if has_no_mean(drawn_for(scene.stage, levers, outcome, single=True))
    ]
    if not some:
        return []
    instead = "its median counts in its place" if lines else "what is averaged over drawn rows hangs on a few of them"
    return [f"if {either(some)} is right, {outcome} has no average, since too much lies far out: {instead}"]


def _scenes(
    acting: Acting, kept: Sequence[int], levers: Levers, outcome: str, dear: bool
) -> tuple[tuple[_Scene, ...], tuple[_Scene, ...], tuple[_Scene, ...]]:
    """Return each hypothesis on draws that choose, on others that choose once more among the best, on those that score.

    Draws that choose share the noise of a row, so that what few rows add is the same for all of them and risk is what
    parameters leave open. The others do not, so that it averages out; those that choose once more are like those that
    score, but for draws and noise, so that both see the same risk.
    """
    today = [Setting(lever.name, _today(lever)) for lever in levers.all]
    found: tuple[list[_Scene], list[_Scene], list[_Scene]] = ([], [], [])
    (first, few), (second, many) = (_CHOOSING_DEAR, _SCORING_DEAR) if dear else (_CHOOSING, _SCORING)
    for place in kept:
        fit, graph = acting.reopened.fits[place], acting.comparison.drawn[place].graph
        parameters = {model.node: fit.draws(model.node) for model in fit.spec.nodes}
        half = len(next(iter(next(iter(parameters.values())).values()))) // 2
        # At random: draws may come chain by chain, or from one component of a mixture after another.
        order = np.random.default_rng([acting.seed, 41]).permutation(2 * half)
        rows = rows_of(graph, fit.spec, parameters, acting.raw, today, outcome, acting.seed)
        logs = fit.spec.node(outcome).response.transform == "log"  # rows know its median, and its mean is what counts
        for scenes, some, count, seed, shared in (
            (found[0], order[: min(first, half)], few, acting.seed, True),
            (found[1], order[max(0, half - second) : half], many, acting.seed + _LAST_NOISE, False),
            (found[2], order[half : half + second], many, acting.seed + _OTHER_NOISE, False),
        ):
            own = {node: {name: v[some] for name, v in draws.items()} for node, draws in parameters.items()}
            lot = rows.lot(count)
            stage = staged(graph, fit.spec, own, lot.raw, draws=len(some), rows=count, seed=seed, shared=shared)
            scenes.append(_Scene(stage, 0.0 if logs else lot.more))
    return tuple(found[0]), tuple(found[1]), tuple(found[2])


def _today(lever: Lever) -> float:
    return (lever.low + lever.high) / 2 if lever.now is None else lever.now


def _is_dear(stage: Stage, names: tuple[str, ...], outcome: str, single: bool) -> bool:
    """Return whether an action takes long: noise is drawn of a family that is not of the Normal's kind."""
    return any(not get_family(model.family).response for model in drawn_for(stage, names, outcome, single=single))


def _played(
    names: tuple[str, ...], outcome: str, scenes: tuple[_Scene, ...], single: bool, actions: FloatArray, /
) -> FloatArray:
    """Return outcomes of actions, shape (H, A, S, R): means over rows, R = 1, unless single rows are asked for."""
    worlds = [[Setting(name, float(value)) for name, value in zip(names, action, strict=True)] for action in actions]
    found = []
    for scene in scenes:
        stage = scene.stage
        played = play(stage, worlds, outcome, cells=single, medians=False)
        if single and played.cells is not None:
            found.append(played.cells)
            continue
        means = played.centre if played.on_mean is None else played.on_mean
        if played.on_mean is None and played.settled is not None and not stage.shared:
            # Without noise on the way what is left of rows is how they differ, and nothing to be taken out.
            means = played.settled if drawn_for(stage, names, outcome) else means
        found.append(means[:, :, None] + scene.more)
    return np.stack(found)
