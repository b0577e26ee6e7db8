"""``whyboard effect``."""

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.cli.experiments import experiments_record, experiments_text, learn, read_experiments
from core.cli.mediating import mediation_record, mediation_text, one_step, parted
from core.cli.per_row import rows_of, rows_text, with_rows
from core.cli.reading import (
    as_json,
    check_out,
    named_file,
    open_cache,
    progress_of,
    rivals_and_data,
    tell,
)
from core.cli.saying import effect_sentences, sentences_text, with_sentences
from core.cli.unfitted import NOT_ASKED, apart, unfitted_answers, unfitted_record, unfitted_text
from core.errors import UsageError, WhyboardError
from core.words import either, interval, joined, number, sentence, table

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.effects.settings import Setting
    from core.fit.posterior import Summary
    from core.hypothesis import Hypothesis
    from core.study.acting import Acting
    from core.study.forecast import Acted, Forecast, Prediction
    from core.study.plainly import Beside
    from core.study.unfitted_records import Unfitted
    from core.study.ways import Ways

__all__ = ["run_effect"]

_DOUBT = {"chance": "chance", "parameters": "parameters", "structure": "graph", "forms": "curve or family"}


def run_effect(options: argparse.Namespace) -> str:
    """Say what follows from an action under each hypothesis; return what to print."""
    told: list[str] = []
    rivals, dataset = rivals_and_data(options, told)
    tell(told, options)
    drawn = [hypothesis for hypothesis, _ in rivals.values()]
    outcome = options.outcome or next((one.outcome for one in drawn if one.outcome), None)
    if outcome is None:
        raise UsageError("no outcome was given", hint="Say what is asked about, as --outcome sales.")
    if not options.settings:
        raise UsageError("nothing is done", hint="Say what you would change, as --do ads=6,7.")
    if options.through and not options.mediation:
        raise UsageError("a way was named, and no ways are asked for", place="--through", hint="Add --mediation.")
    check_out(options, "--per-row")
    _check_outcome(outcome, drawn)
    exposure = options.settings[0].split("=", 1)[0].rstrip("+* ").strip()
    known = {name for one in drawn for name in one.graph.nodes}
    asked = [(exposure, outcome)] if exposure in known and exposure != outcome else []

    from core.check.rows_as import rows_as
    from core.effects.settings import column_of
    from core.study import compare, reopen
    from core.study.acting import acting_on
    from core.study.comparing import KEPT
    from core.study.doing import given_rows, said_world, worlds_of
    from core.study.shrinking import next_measurements

    fitted, left = apart(drawn)
    if not fitted:
        return _of_none_fitted(options, rivals, dataset, outcome, told)
    lacking = [name for name in (exposure, outcome) if name in dataset.names]
    try:
        cache = open_cache(options) or KEPT
        comparison = compare(
            dataset,
            [one.with_unconnected(lacking) for one in fitted] if left else fitted,
            effects=asked,
            seed=options.seed,
            rows=rows_as(options.rows, dataset, "--rows"),
            cache=cache,
            progress=progress_of(options),
        )
        spec = comparison.specs[0]
        worlds = worlds_of(spec, options.settings)
        reopened, given = reopen(comparison, dataset, cache), given_rows(spec, options.given)
        acting = acting_on(reopened, seed=options.seed, given=given)
        learned, words = learn(acting, read_experiments(options, spec, outcome))
        before = acting.act(worlds, outcome)
        found = before if learned is None else learned.acting.act(worlds, outcome)
        done = [dict(said_world(spec, world)) for world in worlds]
        now = acting if learned is None else learned.acting
        sentences = effect_sentences(now, found, worlds)
        rows = rows_of(now, worlds, outcome, options.per_row)
        also = [column.name for column in comparison.data.columns]
        unfitted = unfitted_answers(left, drawn, reopened.dataset, worlds, outcome, given, also=also, seed=options.seed)
        beside = _naive(options, acting, before, worlds)
        ways: tuple[Ways, ...] = ()
        measure = next_measurements(now, worlds, found)
        if options.mediation:
            ways = parted(now, worlds, outcome, options.through, options.seed)
    except WhyboardError as error:
        raise named_file(error, rivals, options.data) from None
    dropped = comparison.data.rows_read - comparison.data.rows
    if dropped > 0:
        told.append(f"rows left out, since a modelled column has no value there: {dropped:,}")
    told += [*found.told, *(one.said for one in comparison.left_out)]
    if left:
        told.append(f"the average leaves out {joined(one.name for one in left)}, which cannot be fitted")
    if options.json:
        record = with_sentences(_record(found, before, done, options.given, [*words, *told]), sentences)
        record["averaged"]["next_measurement"] = [one.to_dict() for one in measure]
        record |= {"naive": [one.to_dict() for one in beside], "mediation": mediation_record(ways)}
        record["hypotheses"] = _in_order(drawn, with_rows(record["hypotheses"], rows), unfitted)
        return as_json({**record, "experiments": experiments_record(learned, spec)})
    levels = column_of(spec, outcome).response.levels
    more: list[str] = ["", *mediation_text(ways, levels)] if ways else []
    if measure:
        more = ["", "What to measure next", *(f"  {one.sentence}" for one in measure[:3]), *more]
    more = [*sentences_text(sentences), *unfitted_text(unfitted), *rows_text(rows, acting, outcome), *more]
    return _text(found, before, done, told, experiments_text(learned, words), beside, more)


def _in_order(
    drawn: "Sequence[Hypothesis]", records: Sequence[dict[str, Any]], unfitted: "Sequence[Unfitted]"
) -> list[dict[str, Any]]:
    """Return the records of all hypotheses as they were given."""
    by_name = {record["name"]: record for record in (*records, *map(unfitted_record, unfitted))}
    return [by_name[one.name] for one in drawn if one.name in by_name]


def _of_none_fitted(
    options: argparse.Namespace,
    rivals: "dict[str, tuple[Hypothesis, str]]",
    dataset: "Dataset",
    outcome: str,
    told: list[str],
) -> str:
    """Say what follows where every hypothesis draws an unmeasured cause, so that none can be fitted."""
    from core.check.one_each import one_of_each
    from core.check.rows_as import in_order, rows_as
    from core.study.doing import given_rows, said_world, worlds_of
    from core.study.forecast import Acted, Forecast
    from core.study.unfitted_rows import columns_of_all

    drawn = [hypothesis for hypothesis, _ in rivals.values()]
    try:
        taken = rows_as(options.rows, dataset, "--rows")
        dataset = in_order(one_of_each(dataset, taken), taken)
        spec, rows = columns_of_all(drawn, dataset)
        worlds = worlds_of(spec, options.settings)
        given = given_rows(spec, options.given)
        unfitted = unfitted_answers(drawn, drawn, dataset, worlds, outcome, given, seed=options.seed)
    except WhyboardError as error:
        raise named_file(error, rivals, options.data) from None
    told.append("no hypothesis can be fitted, so that there is no average")
    if options.naive or options.mediation or options.experiments:
        told.append("plain estimates, ways and experiments stand beside fitted hypotheses, and there is none")
    nothing = Acted(outcome, (), Forecast("all", False, "no hypothesis can be fitted", "mean", weight=0.0), (), rows)
    done = [dict(said_world(spec, world)) for world in worlds]
    if options.json:
        record = _record(nothing, nothing, done, options.given, told)
        record["hypotheses"] = _in_order(drawn, [], unfitted)
        return as_json({**record, "naive": [], "mediation": [], "experiments": []})
    first, last = (_world(world) for world in (done[0], done[-1]))
    lines = [f"{outcome}: {first} -> {last} ({rows:,} rows)", *unfitted_text(unfitted)]
    return "\n".join([*lines, "", *map(sentence, told)])


def _naive(
    options: argparse.Namespace, acting: "Acting", found: "Acted", worlds: "Sequence[Sequence[Setting]]"
) -> "tuple[Beside, ...]":
    """Return the plain estimates of the same step, where one node alone goes from one value to another."""
    if not options.naive:
        return ()
    step = one_step(worlds, "plain estimates are", "--naive")
    from core.study.plainly import plainly

    return plainly(acting, found, step, seed=options.seed)


def _check_outcome(outcome: str, drawn: Sequence["Hypothesis"]) -> None:
    nodes = list(dict.fromkeys(name for one in drawn for name in one.graph.nodes))
    if outcome not in nodes:
        raise UsageError(
            f"{outcome!r} is not a node of any hypothesis",
            place=f"--outcome {outcome}",
            hint=f"The nodes are: {', '.join(nodes[:8])}.",
        )


# -- as JSON ----------------------------------------------------------------------------


def _record(
    found: "Acted", before: "Acted", done: Sequence[Mapping[str, Any]], given: Sequence[str], told: Sequence[str]
) -> dict[str, Any]:
    return {
        "format": "whyboard-effect/1",
        "do": list(done),
        "outcome": found.outcome,
        "given": given[0] if given else None,
        "rows": found.rows,
        "hypotheses": [_both(*pair, done) for pair in zip(found.forecasts, before.forecasts, strict=True)],
        "averaged": _both(found.averaged, before.averaged, done),
        "warnings": list(told),
    }


def _both(answer: "Forecast", before: "Forecast", done: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is said now, and what was said before the experiments."""
    was = {"weight": before.weight if before.known else 0.0, "contrast": before.contrast}
    return {**_answer(answer, done), "before": None if answer is before else was}


def _answer(answer: "Forecast", done: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    values = [_value(prediction, world) for prediction, world in zip(answer.predictions, done, strict=False)]
    share = answer.predictions[-1].share if answer.predictions else None
    return {
        "name": answer.name,
        "weight": answer.weight if answer.known else 0.0,
        "identified": answer.identified,
        "reason": answer.reason or None,
        "scale": answer.scale,
        "values": values,
        "contrast": _contrast(answer),
        "contrasts": None
        if answer.contrasts is None
        else [
            {"level": level, **summary, "uncertainty": answer.shares[level].to_dict()}
            for level, summary in answer.contrasts.items()
        ],
        "uncertainty": None if share is None else share.to_dict(),
        **NOT_ASKED,
    }


def _contrast(answer: "Forecast") -> dict[str, Any] | None:
    if answer.contrast is None:
        return None
    record: dict[str, Any] = {**answer.contrast, "ratio": answer.ratio, "on_mean": answer.on_mean}
    return {**record, "uncertainty": None if answer.share is None else answer.share.to_dict()}


def _value(prediction: "Prediction", world: Mapping[str, Any]) -> dict[str, Any]:
    row: Any = prediction.row or dict.fromkeys(("mean", "sd", "q05", "q95"))
    return {
        "do": dict(world),
        **row,
        "average": prediction.average,
        "levels": [
            {"level": level, **summary, "uncertainty": prediction.shares[level].to_dict()}
            for level, summary in prediction.levels.items()
        ]
        or None,
        "uncertainty": None if prediction.share is None else prediction.share.to_dict(),
    }


# -- as text ----------------------------------------------------------------------------


def _text(
    found: "Acted",
    before: "Acted",
    done: Sequence[Mapping[str, Any]],
    told: Sequence[str],
    experiments: Sequence[str],
    beside: "Sequence[Beside]",
    more: Sequence[str] = (),
) -> str:
    first, last = (_world(world) for world in (done[0], done[-1]))
    lines = [*experiments, f"{found.outcome}: {first} -> {last} ({found.rows:,} rows)", ""]
    if found.averaged.contrasts is not None:
        head = ["", *found.averaged.contrasts]
        rows = [
            [one.name, *(_short(part) for part in one.contrasts.values())]
            for one in (*found.forecasts, found.averaged)
            if one.contrasts is not None
        ]
        lines += ["chance of each level, last less first", *table(head, rows)]
    else:
        what = "median" if found.averaged.scale == "median" else "average"
        head = ["", "first", "last", "difference", "times", "one row in the last", "weight", "doubt"]
        lines += [
            f"{what}, with 90 % intervals",
            *table(head, [_row(one) for one in (*found.forecasts, found.averaged)]),
        ]
        if found is not before:
            lines += ["", "before the experiments", *_before(before)]
    if beside:
        lines += ["", "What is commonly computed of the same rows, and why it differs"]
        lines += [f"  if {either(names)} is right: {words}" for one in beside for names, words in one.why]
    lines += more
    reasons = [f"{one.name}: {one.reason}" for one in found.forecasts if one.reason]
    return "\n".join([*lines, "", *(sentence(words) for words in (*reasons, *told))]).rstrip()


def _before(before: "Acted") -> list[str]:
    rows = [[one.name, _short(one.contrast), f"{one.weight:.2f}"] for one in (*before.forecasts, before.averaged)]
    return table(["", "difference", "weight"], rows)


def _row(answer: "Forecast") -> list[str]:
    if answer.contrast is None:
        return [answer.name, "", "", answer.reason, "", "", "", ""]
    first, last = answer.predictions[0], answer.predictions[-1]
    share = answer.share if answer.share is not None and answer.share.structure is not None else None
    doubt = "" if share is None else ", ".join(f"{_DOUBT[name]} {own:.0%}" for name, own in share.parts.items() if own)
    times = "" if answer.ratio is None else _short(answer.ratio)
    ends = (_short(first.average), _short(last.average))
    return [answer.name, *ends, _short(answer.contrast), times, _short(last.row), f"{answer.weight:.2f}", doubt]


def _short(summary: "Summary | None") -> str:
    if summary is None:
        return ""
    return f"{number(summary['mean'])} {interval(summary['q05'], summary['q95'])}"


def _world(world: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in world.items()) or "rows as they are"
