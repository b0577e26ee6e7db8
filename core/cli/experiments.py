"""Experiments on the command line: read, told as JSON, and told as text."""

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.words import chance, interval, number, sentence, table

if TYPE_CHECKING:
    from core.effects.experiments import Experiment
    from core.model.spec import ModelSpec
    from core.study.acting import Acting
    from core.study.experimenting import Experimented, Foreseen

__all__ = ["experiments_record", "experiments_text", "learn", "read_experiments"]

_MOST = 12


def read_experiments(options: argparse.Namespace, spec: "ModelSpec", outcome: str) -> tuple["Experiment", ...]:
    """Return the experiments that ``--experiment`` and ``--experiments`` name."""
    from core.study.experiment_texts import experiment_of, experiments_in

    typed = tuple(experiment_of(spec, text) for text in options.experiment)
    return typed if options.experiments is None else (*typed, *experiments_in(spec, options.experiments, outcome))


def learn(acting: "Acting", experiments: Sequence["Experiment"]) -> tuple["Experimented | None", tuple[str, ...]]:
    """Return what hypotheses learn from experiments, and that in sentences; None where there are none."""
    if not experiments:
        return None, ()
    from core.study.experiment_words import experiment_words
    from core.study.experimenting import experimented

    found = experimented(acting, experiments)
    return found, experiment_words(found)


def experiments_record(found: "Experimented | None", spec: "ModelSpec") -> list[dict[str, Any]]:
    """Return the contract's record of experiments."""
    from core.study.doing import said_given, said_world

    return [
        {
            "name": one.experiment.name,
            "do": [dict(said_world(spec, world)) for world in one.experiment.worlds],
            "outcome": one.experiment.outcome,
            "given": said_given(spec, one.experiment.given),
            "estimate": one.experiment.estimate,
            "se": one.experiment.se,
            "hypotheses": [_foreseen(each) for each in one.foreseen],
        }
        for one in (() if found is None else found.learned)
    ]


def _foreseen(each: "Foreseen") -> Mapping[str, Any]:
    return {
        "name": each.name,
        "reason": each.reason or None,
        "predicted": each.predicted,
        "disagreement": None if each.disagreement is None else each.disagreement.to_dict(),
        "log_evidence": each.log_evidence,
        "effective": each.effective,
    }


def experiments_text(found: "Experimented | None", told: Sequence[str]) -> list[str]:
    """Return lines on what was found and what each hypothesis had foreseen."""
    if found is None:
        return []
    head = ["", "found", *(f"{name} foresaw" for name in found.acting.names)]
    rows = [
        [one.experiment.name, f"{number(one.experiment.estimate)} ± {number(one.experiment.se)}"]
        + [_short(each) for each in one.foreseen]
        for one in found.learned[:_MOST]
    ]
    more = len(found.learned) - _MOST
    return [
        "experiments, with 90 % intervals of what was foreseen, and how seldom it foresees a result so far off",
        *table(head, rows),
        *([f"  and {more:,} more"] if more > 0 else []),
        "",
        *(sentence(words) for words in told),
        "",
    ]


def _short(each: "Foreseen") -> str:
    if each.predicted is None or each.disagreement is None:
        return each.reason
    inside = interval(each.predicted["q05"], each.predicted["q95"]) if each.leads else "no path"
    return f"{number(each.predicted['mean'])} {inside}, {chance(each.disagreement.p)}"
