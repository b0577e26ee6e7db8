"""What to expect of somebody new, in sentences with units."""

from collections.abc import Mapping

from core.comparison.facts import ColumnFacts, label_in
from core.comparison.result import HypothesisFacts
from core.effects.settings import Setting
from core.study.forecast import Forecast, Prediction
from core.study.said import amount_said
from core.study.supposing import rests_said
from core.words import interval, joined, number, sentence

__all__ = ["FORECAST", "newcomer_said"]

FORECAST = (
    "This is a forecast, not what would have happened: of somebody new the outcome is not known yet, so that nothing "
    "shows what is special about them, and chance stays in it (do is not a counterfactual)."
)
_LEAST = 0.005  # of the chance of a level that is named


def newcomer_said(
    answer: Forecast,
    facts: HypothesisFacts,
    columns: Mapping[str, ColumnFacts],
    worlds: tuple[Setting, Setting],
    outcome: str,
) -> tuple[str, ...]:
    """Return what one hypothesis expects: a sentence for each value of the cause, and one on the difference.

    Parameters
    ----------
    answer : Forecast
    facts : HypothesisFacts
        The hypothesis as it was compared.
    columns : mapping of str to ColumnFacts
        The user's words for columns.
    worlds : (Setting, Setting)
        The two values of the cause.
    outcome : str
    """
    moved = amount_said(answer, columns, outcome)
    if not answer.known:
        return (sentence(moved),)
    y = columns[outcome]
    said = [
        f"With {columns[one.node].label} {_value(one, columns)}, {_expected(prediction, y, answer.scale)}."
        for one, prediction in zip(worlds, answer.predictions, strict=True)
    ]
    rests = rests_said(facts, [worlds[0].node], outcome, label_in(columns))
    return (*said, f"The difference on average over all like this, if {answer.name} is right: {moved}{rests}.")


def _value(one: Setting, columns: Mapping[str, ColumnFacts]) -> str:
    column = columns[one.node]
    if column.levels:
        return column.levels[int(one.amount)]
    return f"{one.amount:,.6g}{' ' * bool(column.unit)}{column.unit}"


def _expected(found: Prediction, outcome: ColumnFacts, scale: str) -> str:
    label, unit = outcome.label, f" {outcome.unit}" if outcome.unit else ""
    if found.levels:
        named = sorted(found.levels.items(), key=lambda pair: -pair[1]["mean"])
        likely = [f"{level} ({100 * chance['mean']:.0f} in 100)" for level, chance in named if chance["mean"] >= _LEAST]
        return f"{label} is to be expected at {joined(likely[:6])}"
    average, row = found.average, found.row
    if average is None or row is None:
        return f"{label} cannot be given a number"
    if len(outcome.levels) == 2:
        low, high = 100 * average["q05"], 100 * average["q95"]
        return f"{100 * average['mean']:.0f} {interval(low, high)} in 100 like this have {label} = {outcome.levels[1]}"
    middle = "in the middle" if scale == "median" else "on average"
    return (
        f"{label} is {number(average['mean'])} {interval(average['q05'], average['q95'])}{unit} {middle} of all like "
        f"this, and of 100 single ones about 90 lie between {number(row['q05'])} and {number(row['q95'])}"
    )
