"""What is known of one unit, and whether it is enough to say what would have happened to it.

A counterfactual takes the unit's own noise from what was seen of it (abduction; Pearl 2009, 7.1). What the row does
not say is never passed over: either nothing that was seen of the unit depends on it, and it is drawn as if nothing had
been seen, or the row is incomplete evidence about the unit, and the counterfactual is refused.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.errors import ModelError
from core.model.spec import ModelSpec

__all__ = ["Evidence", "downstream", "evidence_of"]


@dataclass(frozen=True)
class Evidence:
    """What becomes of each node of a row in which some are set.

    Parameters
    ----------
    changed : tuple of str
        What is downstream of what is set, causes before effects: the nodes that may change.
    drawn : tuple of str
        Not downstream and missing: drawn given their own causes, the same in both worlds; causes first.
    unseen : frozenset of str
        Those of ``changed`` that are missing: their own noise is drawn as if nothing had been seen.
    """

    changed: tuple[str, ...]
    drawn: tuple[str, ...] = ()
    unseen: frozenset[str] = frozenset()


def downstream(spec: ModelSpec, names: Iterable[str]) -> tuple[str, ...]:
    """Return the nodes that something changes when ``names`` are set, which look at no cause; causes before effects."""
    fixed = frozenset(names)
    reached = set(fixed)
    found = []
    for model in spec.nodes:
        if model.node not in fixed and reached.intersection(model.parents):
            reached.add(model.node)
            found.append(model.node)
    return tuple(found)


def evidence_of(
    spec: ModelSpec, settings: Collection[str], missing: Collection[str], was_set: Collection[str] = ()
) -> Evidence:
    """Return what a row is evidence of.

    Parameters
    ----------
    spec : ModelSpec
    settings : collection of str
        The nodes that are set in the world that is imagined.
    missing : collection of str
        Columns without a value in the row.
    was_set : collection of str
        Columns that were set by intervention when the row was observed.

    Raises
    ------
    ModelError
        Where the row is incomplete evidence, or a node that would change had been set when it was observed.
    """
    changed = downstream(spec, settings)
    for name in changed:
        if name in was_set:
            raise ModelError(
                f"{name!r} was set when this row was observed: the row does not say what it would have been by itself",
                place=f"node {name}",
                hint=f"Keep it as it was set (--do {name}=…), or choose a row in which it was not set.",
            )
    needed = [*changed, *(parent for name in changed for parent in spec.node(name).parents)]
    needed = [name for name in dict.fromkeys(needed) if name in missing]
    drawn: set[str] = set()
    for name in needed:  # grows while it is gone through: what is drawn needs its own causes
        seen_below = [below for below in downstream(spec, [name]) if below not in missing]
        if seen_below:
            raise ModelError(
                f"this row has no value of {name!r}, and {seen_below[0]!r}, which depends on it, is known: "
                "what is known of this unit is incomplete",
                place=f"node {name}",
                hint=f"Choose a row with a value of {name!r}, or fill it in.",
            )
        if name in changed or name in settings:
            continue
        if any(model.node == name for model in spec.given):
            raise ModelError(
                f"this row has no value of {name!r}, of which the hypothesis says nothing (background)",
                place=f"node {name}",
                hint=f"Choose a row with a value of {name!r}.",
            )
        drawn.add(name)
        needed += [one for one in spec.node(name).parents if one in missing and one not in needed]
    return Evidence(
        changed,
        tuple(model.node for model in spec.nodes if model.node in drawn),
        frozenset(name for name in changed if name in missing),
    )
