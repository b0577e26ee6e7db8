"""``whyboard effect`` of hypotheses that cannot be fitted: what each says all the same."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.words import sentence

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.effects.settings import Setting
    from core.effects.steps import Step
    from core.hypothesis import Hypothesis
    from core.study.unfitted_records import Estimated, PriorBesidePosterior, Unfitted

__all__ = ["NOT_ASKED", "apart", "step_of", "unfitted_answers", "unfitted_record", "unfitted_text"]

#: What the record of a fitted hypothesis has of all this.
NOT_ASKED: dict[str, Any] = {
    "fitted": True,
    "estimate": None,
    "prior": None,
    "posterior": None,
    "without": None,
    "bounds": None,
    "bounds_reason": None,
    "ways_out": [],
}


def apart(drawn: "Sequence[Hypothesis]") -> "tuple[list[Hypothesis], list[Hypothesis]]":
    """Return the hypotheses that can be fitted, and those whose unmeasured causes stand in the way of that."""
    from core.study.unfitted_rows import has_unmeasured

    found: tuple[list[Hypothesis], list[Hypothesis]] = ([], [])
    for one in drawn:
        found[has_unmeasured(one)].append(one)
    return found


def step_of(worlds: "Sequence[Sequence[Setting]]") -> "Step | None":
    """Return what is done as one step of one node; None where it is more than that."""
    from core.effects.steps import Step

    first, last = worlds[0], worlds[-1]
    if len(last) != 1 or last[0].where is not None:
        return None
    if not first and last[0].way == "shift":
        return Step(by=last[0].amount)
    if len(first) != 1 or (first[0].way, first[0].where, last[0].way) != ("set", None, "set"):
        return None
    return Step(first[0].amount, last[0].amount)


def unfitted_answers(
    left: "Sequence[Hypothesis]",
    drawn: "Sequence[Hypothesis]",
    dataset: "Dataset",
    worlds: "Sequence[Sequence[Setting]]",
    outcome: str,
    given: tuple[str, float | tuple[float, float]] | None,
    *,
    also: Sequence[str] = (),
    seed: int = 0,
) -> "tuple[Unfitted, ...]":
    """Return what each hypothesis that cannot be fitted says; ``drawn`` are all, ``also`` what the fitted ones hold."""
    from core.study.unfitted import unfitted
    from core.study.unfitted_records import Asking
    from core.study.unfitted_rows import why_not_fitted

    treatment = next(setting.node for world in reversed(worlds) for setting in world)
    asking = Asking(treatment, outcome, step_of(worlds), given)
    return tuple(
        unfitted(
            one,
            dataset,
            asking,
            why_not_fitted(one),
            rivals=[other for other in drawn if other is not one],
            also=also,
            seed=seed,
        )
        for one in left
    )


def unfitted_record(one: "Unfitted") -> dict[str, Any]:
    """Return the JSON record, with every field that a fitted hypothesis has."""
    estimate, beside = one.estimate, one.beside
    return {
        "name": one.name,
        "weight": 0.0,
        "identified": one.identified,
        "reason": "; ".join(part for part in (one.reason, one.because) if part),
        "scale": one.scale,
        "values": [],
        "contrast": None,
        "contrasts": None,
        "uncertainty": None,
        "before": None,
        "sentence": None,
        "per_row": None,
        "fitted": False,
        "estimate": None if estimate is None else _estimate(estimate),
        "prior": None if beside is None else _beside(beside, "prior", 0),
        "posterior": None if beside is None else _beside(beside, "posterior", 1),
        "without": None if beside is None else _beside(beside, "without", 2),
        "bounds": None if one.bounds is None else one.bounds.to_dict(),
        "bounds_reason": one.no_bounds or None,
        "ways_out": [way.to_dict() for way in one.exits],
    }


def _estimate(found: "Estimated") -> dict[str, Any]:
    levels = found.contrasts
    return {
        "by": found.by,
        "through": list(found.through),
        "contrast": None if found.contrast is None else {**found.contrast, "ratio": found.ratio},
        "contrasts": None if levels is None else [{"level": level, **one} for level, one in levels.items()],
        "assumes": found.assumes,
    }


def _beside(found: "PriorBesidePosterior", name: str, place: int) -> dict[str, Any]:
    own: Mapping[str, float] = getattr(found, name)
    ratio = None if found.ratios is None else dict(found.ratios[place])
    return {**own, "ratio": ratio, "given": list(found.given), "assumes": found.assumes}


def unfitted_text(answers: "Sequence[Unfitted]") -> list[str]:
    """Return what is printed of them, a paragraph each."""
    from core.study.unfitted_words import told_of

    lines: list[str] = []
    for one in answers:
        told = told_of(one)
        lines += ["", f"{one.name}: {told.answer}", *(f"  {words}" for words in told.more)]
        lines.append(f"  {sentence(f'It is not fitted: {one.reason}')}")
    return ["", "Hypotheses that cannot be fitted, and what they say all the same", *lines] if lines else []
