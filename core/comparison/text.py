"""A comparison as plain text: what the command line prints and a notebook shows."""

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from core.check.tested import CURVED
from core.comparison.arrow_scale import arrow_scale
from core.comparison.ways import quality, way
from core.effects.opinions import GAP
from core.words import chance, interval, number, table

if TYPE_CHECKING:
    from core.check.predictive import Check
    from core.check.shape import Shape
    from core.comparison.facts import ClassFacts, Difference
    from core.comparison.result import Comparison, HypothesisFacts, Question
    from core.effects.total import Effect

__all__ = ["comparison_text"]

_WIDTH = 100


def comparison_text(found: "Comparison") -> str:
    """Return the verdict, the answers, the scores (the question's first), what is contradicted, arrows and warnings."""
    rows = f"{found.data.rows:,} rows"
    if found.data.rows_read > found.data.rows:
        rows += f" of {found.data.rows_read:,}"
    title = f"{len(found.hypotheses)} hypotheses over {len(found.data.columns)} columns, {rows}"
    if len(found.hypotheses) == 1:
        title = title.replace("hypotheses", "hypothesis")
    lines = [title, ""]
    lines += ["Verdict", *(_wrapped(sentence) for sentence in found.sentences), ""]
    blocks = [_effects(found)]
    if found.question is not None:
        asked = found.question
        blocks.append([f"The question's columns: {', '.join(asked.columns)}"])
        blocks += [_classes(asked.classes, ", for the question"), _standings(asked)]
        blocks.append(_differences(asked.differences, ", for the question"))
    everywhere = ", over all columns" if found.question is not None else ""
    blocks += [_classes(found.classes, everywhere), _scores(found, everywhere)]
    blocks += [
        _differences(found.differences, everywhere),
        _contradicted(found),
        _doubted(found),
        _flagged(found),
        _shapes(found),
    ]
    blocks += [_ways(found), _arrows(found)]
    for block in blocks:
        lines += [*block, ""] if block else []
    if found.warnings:
        lines += ["Warnings", *(_wrapped(warning) for warning in found.warnings), ""]
    return "\n".join(lines).rstrip()


def _wrapped(sentence: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in sentence)
    return fill(clean, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _classes(classes: "Sequence[ClassFacts]", scope: str) -> list[str]:
    rows = [
        [
            " = ".join(c.members),
            number(c.bagged_probability),
            number(c.probability),
            number(c.log_evidence, 6),
            number(c.stacking_weight),
        ]
        for c in classes
    ]
    head = ["class", "probability (bagged)", "on these rows", "log evidence", "stacking weight"]
    title = f"Classes{scope} (members of one class are tied: no observational data can separate them)"
    return [title, *table(head, rows, "lrrrr")]


def _standings(asked: "Question") -> list[str]:
    rows = [
        [one.name, number(one.elpd.estimate, 6), number(one.elpd.se), number(one.elpd.p)] for one in asked.standings
    ]
    return ["Scores, for the question", *table(["hypothesis", "elpd", "se", "p"], rows, "lrrr")]


def _scores(found: "Comparison", scope: str) -> list[str]:
    rows = []
    for h in found.hypotheses:
        gates = "passed" if h.gates.passed else "failed: " + ", ".join(f"{f.gate} at {f.node}" for f in h.gates.failed)
        tested = sum(test.contradicted is not None for test in h.implications)
        claims = f"{len(h.contradicted)} of {tested}" if tested else "none tested"
        rows.append([h.name, number(h.elpd.estimate, 6), number(h.elpd.se), number(h.elpd.p), claims, gates])
    return [f"Scores{scope}", *table(["hypothesis", "elpd", "se", "p", "claims contradicted", "gates"], rows, "lrrr")]


def _ways(found: "Comparison") -> list[str]:
    """Say, once a block, how each node was fitted, and how well."""
    rows: dict[str, list[str]] = {}
    for h in found.hypotheses:
        for block in h.blocks:
            name = ", ".join(block.nodes)
            key = block.key or f"{h.name} {name}"
            if key in rows:
                rows[key][1] += f", {h.name}"
            else:
                causes = next(node.parents for node in h.nodes if node.name == block.nodes[0])
                rows[key] = [name, h.name, ", ".join(causes) or "-", way(block), quality(block) or "-"]
    head = ["node", "in", "causes", "way", "quality"]
    return ["How each node was fitted", *table(head, list(rows.values()))]


def _differences(differences: "Sequence[Difference]", scope: str) -> list[str]:
    rows = []
    for d in differences:
        where = sorted(d.by_node.items(), key=lambda item: -abs(item[1]))
        nodes = ", ".join(f"{node} {number(value)}" for node, value in where[:3])
        said = d.clauses[0].text
        rows.append([f"{d.a} - {d.b}", number(d.elpd), number(d.se), number(d.log_bayes_factor), nodes, said])
    head = ["pair", "elpd", "se", "log Bayes factor", "where", "verdict"]
    return [f"Differences{scope}", *table(head, rows, "lrrr")] if rows else []


def _contradicted(found: "Comparison") -> list[str]:
    rows = []
    for h in found.hypotheses:
        for test in h.contradicted_bearing:
            claim = f"{test.x} unrelated to {test.y}" + (f" given {', '.join(test.given)}" if test.given else "")
            size = [number(test.association), interval(test.q05, test.q95)]
            rows.append([h.name, claim, *size, chance(test.p_adjusted)])
    head = ["hypothesis", "claims", "association", "90 %", "adjusted p"]
    beside = [f"{len(h.contradicted_beside)} in {h.name}" for h in found.hypotheses if h.contradicted_beside]
    more = [f"  among background columns, which do not bear on the question: {', '.join(beside)}"] if beside else []
    title = "Contradicted claims" if found.question is None else "Contradicted claims that bear on the question"
    shown = table(head, rows, "llrlr") if rows else ["  none"]
    return [title, *shown, *more] if rows or beside else []


def _doubted(found: "Comparison") -> list[str]:
    rows = []
    for h in found.hypotheses:
        for test in h.doubted_bearing:
            claim = f"{test.x} unrelated to {test.y}" + (f" given {', '.join(test.given)}" if test.given else "")
            why = test.shape or ""
            if test.rows:
                why += f": {', '.join(map(str, test.rows[:8]))}{', …' if len(test.rows) > 8 else ''}"
            elif test.about is not None and test.shape == CURVED:
                why += f": {test.about}"
            looks = [number(test.p_value), number(test.p_curved), number(test.p_without_few)]
            rows.append([h.name, claim, number(test.association), *looks, why])
    head = ["hypothesis", "claim", "association", "p in a line", "in curves", "without few", "what it may be"]
    return ["Claims in doubt", *table(head, rows, "llrrrrl")] if rows else []


def _flagged(found: "Comparison") -> list[str]:
    rows = [
        [h.name, c.node, c.statistic, number(c.observed), number(c.replicated_mean), _tail(c)]
        for h in found.hypotheses
        for c in h.checks
        if c.flagged
    ]
    head = ["hypothesis", "node", "statistic", "observed", "replicated", "predictive p"]
    return ["Not reproduced", *table(head, rows, "lllrrr")] if rows else []


def _shapes(found: "Comparison") -> list[str]:
    """List each flag once, with the hypotheses that have it."""
    titles = {column.name: column.label for column in found.data.columns}
    rows: dict[tuple[str, ...], list[str]] = {}
    for h in found.hypotheses:
        for shape in (*h.flagged_shapes, *h.overruled_shapes):
            said = shape.said(lambda name: titles.get(name, name))
            taken = "you take it as it is" if shape.overruled else _mended(shape)
            key = (shape.node, shape.aspect, str(shape.about), said)
            if key in rows:
                rows[key][0] += f", {h.name}"
            else:
                rows[key] = [h.name, shape.node, said, chance(shape.p_adjusted), taken]
    head = ["in", "node", "what is left says", "adjusted p", "what would mend it"]
    return ["Families that do not fit", *table(head, list(rows.values()), "lllrl")] if rows else []


def _mended(shape: "Shape") -> str:
    match shape.remedy:
        case "bend":
            return "an arrow that bends (not in this version)"
        case "interact":
            return "an arrow that differs by group (not in this version)"
        case "family":
            return f"the family {shape.family}"
    return "-"


def _tail(check: "Check") -> str:
    """Return a predictive p-value no finer than the replicates tell it: of 200, none that goes as far is under 0.01."""
    if check.predictive_p == 0 and len(check.replicated):
        return f"<{2 / len(check.replicated):.2g}"
    return number(check.predictive_p)


def _effects(found: "Comparison") -> list[str]:
    rows = []
    for h in found.hypotheses:
        for e in h.effects:
            name = f"{e.treatment} on {e.outcome}"
            if e.scale == "median":
                name += " (median)"
            for c in e.contrasts or ():
                level = f", {c.level}" if c.level else ""
                rows.append([h.name, f"{name}: {c.low} to {c.high}{level}", number(c.mean), interval(c.q05, c.q95)])
            if e.contrasts is None:
                rows.append([h.name, name, number(e.mean), interval(e.q05, e.q95)])
                rows += _beside(h.name, e)
            rows += _opinions(h.name, e)
    head = ["hypothesis", "effect", "mean", "90 %"]
    return ["Total effects, if the hypothesis is right", *table(head, rows, "llrl")] if rows else []


def _beside(name: str, e: "Effect") -> list[list[str]]:
    """Return what stands beside an effect: a larger step, and the mean beside the median."""
    rows = []
    if e.quartiles is not None and e.mean:
        q = e.quartiles
        step = f"  {e.treatment} from {number(q.low)} to {number(q.high)}, the middle half of the rows"
        rows.append([name, step, number(q.mean), interval(q.q05, q.q95)])
    if e.on_mean is not None and e.mean:
        said = f"  on the mean of {e.outcome} (its spread held below the 99.9 % point of its posterior)"
        rows.append([name, said, number(e.on_mean["mean"]), interval(e.on_mean["q05"], e.on_mean["q95"])])
    if e.robustness is not None:
        share = number(100 * e.robustness.value, 2)
        said = f"  zero if something unmeasured explains {share} % of what is left of both (robustness value)"
        rows.append([name, said, "", ""])
        if (bench := e.robustness.benchmark) is not None:
            left = f"{number(100 * bench.left, 2)} %" if bench.left > 0 else "nothing"
            rows.append([name, f"  one as strong as {bench.name} would leave {left} of it (benchmark)", "", ""])
    return rows


def _opinions(name: str, e: "Effect") -> list[list[str]]:
    """Return with whom rows can be compared, and what regressions that may bend say."""
    rows, scale = [], {"ratio": ", as a ratio", "mean": ""}
    if e.overlap is not None:
        o = e.overlap
        rows.append([name, "  rows with nobody to compare with", f"{100 * o.share:.0f} %", ""])
        if o.lacks and o.comparable is not None:
            said = o.comparable.factor if o.scale == "ratio" else o.comparable.to_dict()
            words = f"  among the others, by a regression that may bend{scale[o.scale or 'mean']}"
            rows.append([name, words, number(said["mean"]), interval(said["q05"], said["q95"])])
    for where, opinion in (("", e.second), (" on the mean", e.second and e.second.on_mean)):
        if opinion is None:
            continue
        step = " between the quartiles" if opinion.step == "quartiles" else ""
        between = f", {opinion.low} to {opinion.high}" if opinion.low is not None else ""
        apart = f", {opinion.gap:.1f} joint errors away" if opinion.gap > GAP else ""
        words = f"  by a regression that may bend{step}{where}{scale[opinion.scale]}{between}{apart} (second opinion)"
        rows.append([name, words, number(opinion.said["mean"]), interval(opinion.said["q05"], opinion.said["q95"])])
    if e.second is not None and e.second.bends:
        rows.append([name, f"  {e.treatment} acts in a curve", f"p {chance(e.second.p_curve)}", ""])
    return rows


def _arrows(found: "Comparison") -> list[str]:
    rows = [row for h in found.hypotheses for row in _arrow_rows(h)]
    head = ["hypothesis", "arrow", "mean", "90 %", "standardised", "that is", "mean and interval are"]
    return ["Arrows", *table(head, rows, "llrlrll")] if rows else []


def _arrow_rows(h: "HypothesisFacts") -> list[list[str]]:
    rows = []
    made = {node.name: vars(node) for node in h.columns}
    for edge in h.edges:
        arrow = f"{edge.source} -> {edge.target}"
        scale = arrow_scale(made.get(edge.source), made.get(edge.target), edge.working_scale)
        for c in edge.contrasts or ():
            level = f", {c.level}" if c.level else ""
            size = [number(c.mean), interval(c.q05, c.q95), "-"]
            said = [scale.meaning.mark + scale.amount(c.mean, sign=True), scale.meaning.scale]
            rows.append([h.name, f"{arrow}: {c.low} to {c.high}{level}", *size, *said])
        if edge.contrasts is None:
            size = [number(edge.mean), interval(edge.q05, edge.q95), number(edge.standardized_mean)]
            said = ["-" if edge.mean is None else scale.label(edge.mean), "" if scale.plain else scale.words]
            rows.append([h.name, arrow, *size, *said])
        if edge.bends is not None:
            rows.append([h.name, "  it bends", f"{edge.bends:.2f}", "", "-", "-", "probability that it does"])
    return rows
