"""By which ways an effect comes, under each hypothesis that is acted on."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

from core.effects.mediation import Mediation
from core.effects.settings import column_of
from core.effects.shares import shares_of
from core.errors import UsageError, WhyboardError
from core.graph.paths import nodes_on_directed_paths
from core.study.acting import Acting
from core.study.mediating import mediation_of

__all__ = ["Ways", "ways_of"]


@dataclass(frozen=True, eq=False)
class Ways:
    """How one hypothesis parts an effect.

    Parameters
    ----------
    name : str
        The hypothesis.
    parts : tuple of Mediation
        One, or one a level of an outcome of several; none where there is a reason.
    reason : str
        Why the effect is not split; empty where it is.
    apart: (str, str), optional
        Two nodes, where the reason is that no path leads from one to the other: the effect is zero.
    """

    name: str
    parts: tuple[Mediation, ...] = ()
    reason: str = ""
    apart: tuple[str, str] | None = None

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the JSON records, one a level of an outcome of several."""
        nothing: dict[str, Any] = dict.fromkeys(
            ("level", "scale", "total", "direct", "indirect", "pure_indirect", "controlled", "together")
        )
        if self.reason:
            empty: dict[str, Any] = {"mediators": [], "witnesses": [], "paths": []}
            return [{"hypothesis": self.name, **nothing, **empty, "reason": self.reason}]
        found = []
        for one in self.parts:
            record: dict[str, Any] = one.to_dict()
            shares = shares_of(one) or {}
            paths = [
                {"arrow": [one.treatment, path.pop("target")], **path, "share": shares.get(child)}
                for path, child in zip(record.pop("arrows"), one.arrows, strict=True)
            ]
            kept = {name: record[name] for name in (*nothing, "mediators", "witnesses")}
            found.append({"hypothesis": self.name, **kept, "paths": paths, "reason": None})
        return found


def ways_of(
    acting: Acting,
    moved: tuple[str, float, float],
    outcome: str,
    *,
    mediators: Collection[str] | None = None,
    seed: int = 0,
) -> tuple[Ways, ...]:
    """Return how each hypothesis parts the effect of moving one node.

    Parameters
    ----------
    acting : Acting
        With the rows that are asked about; intervals are as wide as rows that resemble each other make them.
    moved : (str, float, float)
        A node, and from where to where it is moved; codes of levels.
    outcome : str
    mediators : collection of str, optional
        What counts as lying between: all nodes that do unless given. A hypothesis in which one does not has a reason.
    seed : int

    Raises
    ------
    UsageError
        For what is no node, rows that follow from the action, or mediators that lie between under no hypothesis.
    """
    node, low, high = moved
    acting.check([node], outcome)
    known = [column.name for column in acting.comparison.data.columns]
    if missing := [name for name in mediators or () if name not in known]:
        raise UsageError(f"there is no node {missing[0]!r}", hint=f"The nodes are: {', '.join(known[:8])}.")
    levels = column_of(acting.reopened.fits[0].spec, node).response.levels
    ends = (levels[int(low)], levels[int(high)]) if levels else (low, high)
    found, refused = [], []
    for place, name in enumerate(acting.names):
        reason = acting.withheld(place, [node], outcome)
        if reason:
            found.append(Ways(name, reason=reason))
            continue
        if not nodes_on_directed_paths(acting.comparison.drawn[place].graph, node, outcome):
            found.append(Ways(name, reason=f"no path leads from {node} to {outcome}", apart=(node, outcome)))
            continue
        try:
            found.append(Ways(name, _parted(acting, place, (node, outcome), ends, mediators, seed)))
        except WhyboardError as error:
            refused += [error] if isinstance(error, UsageError) else []
            found.append(Ways(name, reason=error.message))
    if mediators and refused and not any(one.parts for one in found):
        raise refused[0]
    return tuple(found)


def _parted(
    acting: Acting,
    place: int,
    pair: tuple[str, str],
    ends: tuple[str | float, str | float],
    mediators: Collection[str] | None,
    seed: int,
) -> tuple[Mediation, ...]:
    reopened = acting.reopened
    rows = reopened.complete
    if acting.given is not None:
        column, wanted = acting.given
        values = rows.values(column)
        rows = rows.take(
            (values >= wanted[0]) & (values <= wanted[1]) if isinstance(wanted, tuple) else values == wanted
        )
    drawn, fit = acting.comparison.drawn[place], reopened.fits[place]
    found = mediation_of(drawn, fit, rows, *pair, mediators=mediators, values=ends, seed=seed)
    root = sqrt(reopened.dependence.inflation(*pair))
    return found if root == 1.0 else tuple(_wider(one, root) for one in found)


def _wider(one: Mediation, root: float) -> Mediation:
    """Return a split whose draws stand further from their means; its parts add up as they did."""

    def moved(draws: Any) -> Any:
        return draws.mean() + root * (draws - draws.mean())

    parts = {name: moved(draws) for name, draws in one.parts.items()}
    arrows = {name: moved(draws) for name, draws in one.arrows.items()}
    return replace(one, parts=parts, arrows=arrows, together=moved(one.together))
