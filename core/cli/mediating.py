"""``whyboard effect --mediation``: the effect, parted by its ways."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.errors import UsageError
from core.words import interval, number, table

if TYPE_CHECKING:
    from core.effects.settings import Setting
    from core.study.acting import Acting
    from core.study.ways import Ways

__all__ = ["mediation_record", "mediation_text", "one_step", "parted"]


def one_step(worlds: "Sequence[Sequence[Setting]]", what: str, place: str) -> tuple[str, float, float]:
    """Return which node alone goes from where to where; UsageError where that is not what is done."""
    ends = [world[0] for world in (worlds[0], worlds[-1]) if len(world) == 1]
    if len(ends) < 2 or any(one.way != "set" or one.where is not None for one in ends):
        raise UsageError(
            f"{what} of one node that goes from one value to another",
            place=place,
            hint="Write one --do, as --do ads=6,7.",
        )
    return ends[0].node, ends[0].amount, ends[1].amount


def parted(
    acting: "Acting", worlds: "Sequence[Sequence[Setting]]", outcome: str, through: Sequence[str], seed: int
) -> "tuple[Ways, ...]":
    """Return the effect of one step, parted by its ways under each hypothesis."""
    from core.study.ways import ways_of

    step = one_step(worlds, "the ways are", "--mediation")
    try:
        return ways_of(acting, step, outcome, mediators=list(dict.fromkeys(through)) or None, seed=seed)
    except UsageError as error:
        if not through:
            raise
        raise UsageError(error.message, place=f"--through {', '.join(through)}", hint=error.hint) from None


def mediation_record(ways: "Sequence[Ways]") -> list[dict[str, Any]]:
    """Return the JSON records, one a hypothesis, and a level of an outcome of several."""
    return [record for one in ways for record in one.to_dicts()]


def mediation_text(ways: "Sequence[Ways]", levels: tuple[str, ...] = ()) -> list[str]:
    """Return a table of the parts, and what they come to in sentences."""
    from core.study.ways_words import other_ways, ways_said

    rows = [
        [
            one.name if part.level is None else f"{one.name}: {part.level}",
            *(_short(record[name]) for name in ("total", "indirect", "direct", "controlled")),
        ]
        for one in ways
        for part, record in zip(one.parts, one.to_dicts(), strict=False)
    ]
    rest = next((other_ways(part) for one in ways for part in one.parts), "directly")
    head = ["", "total", "through others", rest, f"{rest}, the others held as each row has them"]
    times = any(part.scale == "ratio" for one in ways for part in one.parts)
    said = [f"  {words}" for one in ways for words in ways_said(one, right=one.name, levels=levels)]
    under = "By which way it comes, with 90 % intervals"
    return [f"{under}{', as factors of the median' if times else ''}", *(table(head, rows) if rows else []), *said]


def _short(summary: Any) -> str:
    return "" if summary is None else f"{number(summary['mean'])} {interval(summary['q05'], summary['q95'])}"
