"""What follows from acting, under each hypothesis and over all of them.

A prediction under an action is that of one more row like those observed; what it leaves open is split by the law of
total variance into what the world does at random (``chance``, with how rows differ), what the parameters leave open,
and, over hypotheses, what the structure leaves open. A contrast of two worlds is one of averages, so chance has no part
in it.

Hypotheses are averaged by the probability of their class, in the question's scope where one is asked; graphs of a class
count alike, since no observation favours one, and hypotheses of one graph by their evidence. Where no probability may
be told (a gate failed, rows are not exchangeable) all hypotheses count alike, and it is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.comparison.result import Comparison
from core.effects.settings import Setting
from core.effects.worlds import Played, Stage, play, staged
from core.errors import UsageError
from core.graph.background import total_effect_left_open
from core.graph.paths import nodes_on_directed_paths
from core.study.forecast import Acted, Curve, Forecast, averaged, forecast_of, mixed
from core.study.reopening import Reopened
from core.study.weighing import apart_in, graph_key, weights_of

__all__ = ["Acting", "acting_on"]

FloatArray = NDArray[np.float64]

_ALIKE = "no probability may be told of these hypotheses, so that all count alike in the average"


@dataclass(frozen=True, eq=False)
class Acting:
    """Fitted hypotheses, ready to be acted on.

    Parameters
    ----------
    reopened : Reopened
    weights : tuple of float
        Of each hypothesis in an average; they add up to 1.
    alike : bool
        Whether these are all the same for want of probabilities.
    seed : int
    given : (str, float or tuple of float), optional
        Only rows in which a column has this code, or lies in this range.
    """

    reopened: Reopened
    weights: tuple[float, ...]
    alike: bool
    seed: int = 0
    given: tuple[str, float | tuple[float, float]] | None = None

    @property
    def comparison(self) -> Comparison:
        """The comparison that is acted on."""
        return self.reopened.comparison

    @property
    def names(self) -> tuple[str, ...]:
        """The hypotheses, in their order."""
        return tuple(facts.name for facts in self.comparison.hypotheses)

    @cached_property
    def raw(self) -> Mapping[str, FloatArray]:
        """Every row that is acted on, by column, with earlier values where something carries over; (N,) each."""
        observed = self.reopened.observed
        raw = observed.inputs
        if self.given is None:
            return raw
        column, wanted = self.given
        values = raw[column]
        keep = (values >= wanted[0]) & (values <= wanted[1]) if isinstance(wanted, tuple) else values == wanted
        return {name: part[keep] for name, part in raw.items()}

    def stage(self, place: int, *, draws: int, rows: int, shared: bool = False) -> Stage:
        """Return one hypothesis on some of its draws and rows; ``shared``: see :class:`Stage`."""
        fit = self.reopened.fits[place]
        parameters = {model.node: fit.draws(model.node) for model in fit.spec.nodes}
        graph = self.comparison.drawn[place].graph
        return staged(
            graph,
            fit.spec,
            parameters,
            self.raw,
            draws=draws,
            rows=rows,
            seed=self.seed,
            shared=shared,
            memory=None if shared else self.reopened.worlds,  # a decision tries many, and keeps them to itself
            key=(place, self.given),
        )

    def act(self, worlds: Sequence[Sequence[Setting]], outcome: str, *, draws: int = 1000, rows: int = 400) -> Acted:
        """Return what each hypothesis says of some worlds, and how the last differs from the first.

        Parameters
        ----------
        worlds : sequence of sequence of Setting
        outcome : str
        draws, rows : int
            How many are used at most.
        """
        touched = sorted({setting.node for world in worlds for setting in world})
        self.check(touched, outcome)
        root = max((sqrt(self.reopened.dependence.inflation(node, outcome)) for node in touched), default=1.0)
        answers: list[Forecast] = []
        played: list[Played | None] = []
        for place, name in enumerate(self.names):
            reason = self.withheld(place, touched, outcome)
            if reason:
                answers.append(Forecast(name, not reason.startswith("not identified"), reason, "mean"))
                played.append(None)
                continue
            found = play(self.stage(place, draws=draws, rows=rows), worlds, outcome, cells=True)
            played.append(found)
            answer = forecast_of(name, found, self._levels(place, outcome), root)
            if not self._leads(place, touched, outcome):
                answer = replace(answer, reason="no path leads there")
            answers.append(replace(answer, weight=self.weights[place]))
        graphs = [graph_key(hypothesis) for hypothesis in self.comparison.drawn]
        together = averaged(answers, played, self.weights, root, graphs)
        return Acted(outcome, tuple(answers), together, tuple(self._told(answers, together)), self._rows)

    def curve(
        self,
        node: str,
        at: FloatArray,
        outcome: str,
        others: Sequence[Setting] = (),
        *,
        draws: int = 200,
        rows: int = 40,
    ) -> Curve:
        """Return the outcome's average over values of one node, the ``others`` set beside it in every world."""
        self.check([node, *(setting.node for setting in others)], outcome)
        worlds = [[Setting(node, float(value)), *others] for value in at]
        root = sqrt(self.reopened.dependence.inflation(node, outcome))
        found: dict[str, FloatArray] = {}
        for place, name in enumerate(self.names):
            if self.withheld(place, [node], outcome):
                continue
            centre = play(self.stage(place, draws=draws, rows=rows), worlds, outcome).settled
            if centre is not None:
                middle = centre.mean(axis=1, keepdims=True)
                found[name] = middle + root * (centre - middle)
        ends = {name: np.quantile(draws, (0.05, 0.95), axis=1) for name, draws in found.items()}
        weights = [weight for name, weight in zip(self.names, self.weights, strict=True) if name in found]
        together = mixed(list(found.values()), weights) if found else np.full((len(at), 1), np.nan)
        low, high = np.quantile(together, (0.05, 0.95), axis=1)
        seen = np.quantile(self.raw[node], (0.01, 0.99))
        return Curve(
            at,
            {name: draws.mean(axis=1) for name, draws in found.items()},
            {name: pair[0] for name, pair in ends.items()},
            {name: pair[1] for name, pair in ends.items()},
            found,
            (together.mean(axis=1), low, high),
            (float(seen[0]), float(seen[1])),
        )

    @property
    def _rows(self) -> int:
        return len(next(iter(self.raw.values())))

    def check(self, touched: Sequence[str], outcome: str) -> None:
        """Refuse what is no node, and rows that are chosen by what follows from the action."""
        nodes = tuple(column.name for column in self.comparison.data.columns)
        if missing := [node for node in (*touched, outcome) if node not in nodes]:
            raise UsageError(
                f"{missing[0]!r} is not a node of any hypothesis", hint=f"The nodes are: {', '.join(nodes[:8])}."
            )
        if self.given is None:
            return
        column = self.given[0]
        for hypothesis in self.comparison.drawn:
            if touched and column in hypothesis.graph.descendants(*touched):
                raise UsageError(
                    f"{column!r} follows from what is set, under {hypothesis.name!r}",
                    place="--given",
                    hint="Only what comes before the action can say for whom it is asked. For single rows, ask for a "
                    "counterfactual.",
                )
        if not self._rows:
            raise UsageError(f"no row is left with that {column!r}", place="--given", hint="Give a value that occurs.")

    def _levels(self, place: int, outcome: str) -> tuple[str, ...]:
        return self.reopened.fits[place].spec.node(outcome).response.levels

    def _leads(self, place: int, touched: Sequence[str], outcome: str) -> bool:
        graph = self.comparison.drawn[place].graph
        return any(nodes_on_directed_paths(graph, node, outcome) for node in touched)

    def withheld(self, place: int, touched: Sequence[str], outcome: str) -> str:
        """Return why one hypothesis gives no answer; empty if it gives one."""
        hypothesis = self.comparison.drawn[place]
        graph = hypothesis.graph
        for node in touched:
            if total_effect_left_open(graph, hypothesis.background, node, outcome):
                return f"not identified: {node} is background, and how it is related to the others is left open"
        between = {name for node in touched for name in nodes_on_directed_paths(graph, node, outcome)}
        failed = self.reopened.failed(place) & (between - set(touched) | {outcome})
        if failed:
            return f"sampling of {sorted(failed)[0]} did not pass its checks"
        return ""

    def _told(self, answers: Sequence[Forecast], together: Forecast) -> list[str]:
        told = []
        if len(answers) > 1 and self.alike:
            told.append(_ALIKE)
        clear = [one for one in answers if one.contrast is not None and one.contrast["q05"] * one.contrast["q95"] > 0]
        up = [one.name for one in clear if one.contrast is not None and one.contrast["mean"] > 0]
        down = [one.name for one in clear if one.contrast is not None and one.contrast["mean"] < 0]
        if up and down:
            told.append(f"the hypotheses contradict each other on the sign: up in {up[0]}, down in {down[0]}")
        share = together.share
        if share is not None and share.largest in ("structure", "forms") and share.variance > 0:
            what = "whose graph is right" if share.largest == "structure" else apart_in(self.comparison.drawn)
            told.append(f"{what} matters most ({share.parts[share.largest]:.0%} of the doubt)")
        lacking = [one.name for one in answers if not one.known]
        if lacking and len(lacking) < len(answers):
            told.append(f"the average leaves out {', '.join(lacking)}")
        return told


def acting_on(
    reopened: Reopened, *, seed: int = 0, given: tuple[str, float | tuple[float, float]] | None = None
) -> Acting:
    """Return fitted hypotheses ready to be acted on; ``given`` restricts them to some rows."""
    weights, alike = weights_of(reopened.comparison)
    return Acting(reopened, weights, alike, seed, given)
