"""What would shrink the doubt, in sentences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.effects.by_block import Carried
from core.effects.settings import Setting
from core.model.spec import ModelSpec
from core.study.doing import said_world
from core.words import joined, number

__all__ = ["Apart", "said_apart", "said_chance", "said_forms", "said_parameters"]

Title = Callable[[str], str]


@dataclass(frozen=True)
class Apart:
    """Two graphs, and what tells them apart.

    Parameters
    ----------
    names : (str, str)
    means : (float, float)
        The difference that each foretells.
    tied : bool
        Whether no observation separates them.
    more : int or None
        How many more rows like those that there are would; None where none or too many.
    rows : int or None
        With how many rows an experiment would; None where its answers overlap with any number.
    withheld : bool
        Whether what rows say of them may not be told.
    """

    names: tuple[str, str]
    means: tuple[float, float]
    tied: bool
    more: int | None
    rows: int | None
    withheld: bool = False


def said_parameters(share: float, sd: float, more: float, carried: tuple[Carried, float] | None, title: Title) -> str:
    """Say which strengths matter and what shrinks their part.

    Parameters
    ----------
    share : float
        Of the parameters in all.
    sd, more : float
        Standard deviation of the difference now, and with four times the rows.
    carried : (Carried, float), optional
        The block that carries most, ``variance`` being its share of the parameters' part; and what is left once an
        experiment as exact as the rows was made on it.
    title : callable
    """
    whole = "all" if share > 0.995 else f"{share:.0%}"
    first = f"Unknown strengths make up {whole} of the doubt about the difference"
    rows = f"Four times as many rows like these would take its standard deviation from {number(sd)} to {number(more)}"
    if carried is None:
        return f"{first}. {rows}."
    part, left = carried
    what = f"how strongly {title(part.arrow[0])} moves {title(part.arrow[1])}" if part.arrow else (
        f"how {joined(title(node) for node in part.nodes)} {'comes' if len(part.nodes) == 1 else 'come'} about"
    )  # fmt: skip
    if part.variance > 0.995:
        first = f"{first}, all of it in {what}"
    else:
        first = (
            f"{first}, {'most' if part.variance > 0.5 else 'the largest part'} of it ({part.variance:.0%}) in {what}"
        )
    return f"{first}. {rows}; an experiment on that alone, as exact as these rows are, to {number(left)}."


def said_apart(share: float, apart: Apart, spec: ModelSpec, worlds: Sequence[Sequence[Setting]], title: Title) -> str:
    """Say which measurement tells two graphs apart, and what either expects of it."""
    a, b = apart.names
    first = f"Whose graph is right makes up {share:.0%} of the doubt about the difference"
    if apart.tied:
        rows = f"no rows like these tell {a} from {b}"
    elif apart.withheld:
        rows = "what these rows say of that may not be told"
    elif apart.more is None:
        rows = f"rows like these hardly tell {a} from {b}"
    elif apart.more == 0:
        rows = f"the rows tell {a} from {b} already, and more of them will do so more clearly"
    else:
        rows = f"about {_round(apart.more):,} more rows like these would tell {a} from {b}"
    lot = f"{'S' if apart.tied or apart.more is None else 'Or s'}et {_lot(spec, worlds, title)} by lot"
    expects = f"the difference would be {number(apart.means[0])} if {a} is right and {number(apart.means[1])} if {b} is"
    if apart.rows is None:
        many = "though the two overlap by what is unknown of their strengths, however many rows it has"
    else:
        many = f"and with about {_round(apart.rows):,} rows their 95 % ranges no longer overlap"
    return f"{first}, most between {a} and {b}: {rows}. {lot}: {expects}, {many}."


def _lot(spec: ModelSpec, worlds: Sequence[Sequence[Setting]], title: Title) -> str:
    """Return what is set by lot, with its values where it is one node."""
    first, last = (dict(said_world(spec, world)) for world in (worlds[0], worlds[-1]))
    moved = [node for node in last if first.get(node) != last[node]]
    if len(moved) != 1 or moved[0] not in first:
        return joined(title(node) for node in moved)
    ends = [end if isinstance(end, str) else f"{end:.6g}" for end in (first[moved[0]], last[moved[0]])]
    return f"{title(moved[0])} to {ends[0]} or {ends[1]}"


def said_forms(share: float, names: tuple[str, str], where: str) -> str:
    """Say where rows would tell two curves or families of one graph apart."""
    a, b = names
    first = (
        f"Which curve or family it is makes up {share:.0%} of the doubt about the difference, most between {a} and {b}"
    )
    if where:
        return f"{first}: more rows where {where} would tell, since there they lie furthest apart."
    return f"{first}: more rows of any kind would tell, since their curves differ alike all over."


def said_chance(share: float, spread: float) -> str:
    """Say what no data shrink."""
    whole = "nearly all" if share > 0.995 else f"{share:.0%}"
    return (
        f"Of one more row {whole} of the doubt is chance (standard deviation {number(spread)}): no data shrink it, "
        "since rows differ by themselves. Only a cause that is not in the graphs yet could."
    )


def _round(rows: int) -> int:
    """Return a number of rows to two digits, upwards."""
    unit = 10 ** max(0, len(str(rows)) - 2)
    return -(-rows // unit) * unit
