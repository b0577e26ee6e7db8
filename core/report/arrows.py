"""An arrow as source text: the columns that it makes of its source, and the number that it carries.

The numbers are those of ``core.fit.arrows``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log

import numpy as np

from core.errors import NotYetError
from core.families import get_family
from core.forms.base import matrix, number
from core.forms.term import Input, Term
from core.model.spec import ModelSpec, NodeModel
from core.report.named import Names
from core.report.source import Text, number_text, written

__all__ = ["cell_function", "columns_function", "earlier_of", "edge_lines"]

# What is said of a step of a number's working scale, where a contrast says it (core.fit.arrows).
_STEPS = {
    "identity": ("one more", 1.0),
    "log": ("twice as much", log(2.0)),
    "log1p": ("twice as many and one more", log(2.0)),
}
_MOVED: dict[str, Callable[[str, str], str]] = {
    "identity": lambda value, step: f"{value} {step}",
    "log": lambda value, step: f"np.exp(np.log({value}) {step})",
    "log1p": lambda value, step: f"np.expm1(np.log1p({value}) {step})",
}
_STEP = 1e-4  # of a standard deviation


# -- columns ---------------------------------------------------------------------------


def columns_function(term: Term, names: Names) -> str:
    """Return the function that makes an arrow's columns, below the numbers that it has of the data."""
    return _Columns(term, names, names.arrows[term]).text()


class _Columns:
    def __init__(self, term: Term, names: Names, called: str) -> None:
        self.term, self.names, self.called = term, names, called
        self.constants: list[str] = []

    def text(self) -> str:
        term = self.term
        own = self.names.columns[term.parent]
        body = []
        if not term.levels and (term.shape is None or not term.shape.kept):
            body.append(f"x = {_standardised(term, own)}")
        straight = self._straight(term, own, "x", "levels") if term.main else ""
        if term.is_straight:
            body.append(f"return {straight}")
        else:
            body += self._parts(own, straight)
        given = ", ".join(
            [*(self.names.columns[name] for name in term.parents), *(["earlier"] if term.earlier else [])]
        )
        lines = "".join(f"    {line}\n" for line in body)
        return "".join(f"{line}\n" for line in self.constants) + f"\n\ndef {self.called}(xp, {given}):\n{lines}"

    def _parts(self, own: str, straight: str) -> list[str]:
        term, body, parts = self.term, [], []
        if term.main:
            body.append(f"straight = {straight}")
            parts.append("straight")
        if term.bent:
            body.append(f"bends = {self._added(own)}")
            parts.append("bends")
        if term.by is not None:
            body += self._other(term.by)
            parts += self._products("straight" if term.main else "bends")
        return [
            *body,
            f"return {parts[0]}" if len(parts) == 1 else f"return xp.concatenate([{', '.join(parts)}], axis=-1)",
        ]

    def constant(self, what: str, values: object) -> str:
        """Write numbers that were frozen of the data; return their name."""
        name = self.names.identifier(f"{self.called}_{what}".upper())
        self.constants.append(f"{name} = {written(values)}")
        return name

    def _straight(self, parent: Input, own: str, x: str, what: str) -> str:
        if not parent.levels:
            return f"{x}[..., None]"
        if isinstance(parent, Term) and not parent.main:
            return ""  # it has no columns but those that its form adds
        basis = np.array(parent.basis).reshape(len(parent.levels), -1)
        return f"level_rows(xp, {self.constant(what, basis)}, {own})"

    def _added(self, own: str) -> str:
        curve, form = self.term.curve, self.term.form
        if form == "quadratic":
            numbers = (*matrix(curve, "line")[0], number(curve, "spread"))
            return f"parabola(x, {', '.join(number_text(value) for value in numbers)})"
        if form in ("smooth", "auto"):
            ends = f"{number_text(number(curve, 'low'))}, {number_text(number(curve, 'step'))}"
            bends, line = (self.constant(what, matrix(curve, what)) for what in ("bends", "line"))
            return f"spline(xp, x, {ends}, {bends}, {line})"
        if form == "monotone":
            if self.term.levels:
                return f"level_rows(xp, {self.constant('steps', matrix(curve, 'table'))}, {own})"
            ends = f"{number_text(number(curve, 'low'))}, {number_text(number(curve, 'step'))}"
            rises, means = (
                self.constant("rises", matrix(curve, "rises")),
                self.constant("means", matrix(curve, "means")[0]),
            )
            return f"rising(xp, x, {ends}, {rises}, {means})"
        if form == "saturating":
            halves = self.constant("halves", matrix(curve, "halves")[0])
            series = self.constant("series", matrix(curve, "series"))
            return f"saturating(xp, {own}, {halves}, {series}, {number_text(number(curve, 'mean'))})"
        if form == "carried":
            carries, halves = (self.constant(what, matrix(curve, what)[0]) for what in ("carries", "halves"))
            mix, series = (self.constant(what, matrix(curve, what)) for what in ("mix", "series"))
            given = f"{carries}, {mix}, {halves}, {series}, {number_text(number(curve, 'mean'))}"
            return f"saturating_later(xp, {own}, earlier, {given})"
        if form == "carried line":
            carries, mix = (
                self.constant("carries", matrix(curve, "carries")[0]),
                self.constant("mix", matrix(curve, "mix")),
            )
            line = f"{number_text(self.term.center)}, {number_text(self.term.scale)}"
            return f"left_over(xp, {own}, earlier, {carries}, {mix}, {line})"
        if form == "group":
            return f"level_rows(xp, np.eye({len(self.term.levels)}), {own})"
        raise NotYetError(
            f"an arrow of form {form} is not written as a script by this version", hint="Choose another form."
        )

    def _other(self, by: Input) -> list[str]:
        own = self.names.columns[by.parent]
        if self.term.varying:
            return [f"other = level_rows(xp, np.eye({len(by.levels)}), {own})"]
        if by.levels:
            return [f"other = {self._straight(by, own, '', 'by_levels')}"]
        return [f"other = ({_standardised(by, own)})[..., None]"]

    def _products(self, own: str) -> list[str]:
        term = self.term
        means = self.constant("means", np.array(term.means).reshape(term.main, -1)) if term.means else ""
        if term.shift:  # from where intercepts and slopes of groups are independent
            own = f"({own} + {number_text(term.shift)})"
        each = [f"{own}[..., {j}:{j + 1}] * other" for j in range(term.main)]
        return [f"{part} - {means}[{j}]" if means else part for j, part in enumerate(each)]


def earlier_of(term: Term) -> str:
    """Return what stands for a parent's earlier values in a script: a matrix, the last row's first."""
    return f"data[{('earlier', term.parent)!r}]".replace("[(", "[").replace(")]", "]")


def _standardised(parent: Input, own: str) -> str:
    value = Text(own if parent.transform == "identity" else f"xp.{parent.transform}({own})")
    return str((value - parent.center) / parent.scale)


def cell_function(node: NodeModel, names: Names) -> str:
    """Return the function that gives the row of a node's table: the number of its parents' combination."""
    own = [names.columns[term.parent] for term in node.terms]
    place = own[0]
    for term, name in zip(node.terms[1:], own[1:], strict=True):
        place = f"({place}) * {len(term.levels)} + {name}" if " " in place else f"{place} * {len(term.levels)} + {name}"
    return f"def {names.cells[node.node]}({', '.join(own)}):\n    return {place}\n"


# -- what each carries -------------------------------------------------------------------


def edge_lines(spec: ModelSpec, node: NodeModel, names: Names) -> list[str]:
    """Return the statements that yield the draws of what each arrow into a node carries."""
    family = get_family(node.family)
    if not node.terms:
        return []
    what = "probabilities" if family.form == "cells" else "slopes"
    lines = [f"{what} = draws(trace, {names.quoted(node.node, what)})"]
    for term in node.terms:
        if family.form == "cells":
            lines += _of_table(spec, node, term, names)
        else:
            lines += _Edge(spec, node, term, names).lines(family.form == "lines")
    return lines


class _Edge:
    def __init__(self, spec: ModelSpec, node: NodeModel, term: Term, names: Names) -> None:
        self.node, self.term, self.parent = node, term, spec.node(term.parent)
        self.ends = f"{term.parent!r}, {node.node!r}"
        self.source = f"data[{term.parent!r}]"
        self.others = "".join(f", data[{name!r}]" for name in term.parents[1:])
        self.function = names.arrows[term]
        where = node.columns_of(term.parent)
        self.own = f"slopes[:, {where.start}:{where.stop}]"
        scale = node.response.scale
        self.unit = "" if scale == 1.0 else f"{number_text(scale)} * "

    def lines(self, several: bool) -> list[str]:
        term = self.term
        if several:
            return list(self._softmax())
        if term.is_group:
            return [f'yield {self.ends}, np.full(1, np.nan), "levels that are drawn together"']
        if not term.levels:
            if term.is_straight:
                where = self.node.columns_of(term.parent).start
                return [f'yield {self.ends}, {self.unit}slopes[:, {where}] / {number_text(term.scale)}, ""']
            return [*self._per_unit(), f'yield {self.ends}, {self.unit}{self.own} @ moved, ""']
        if len(term.levels) == 2:
            return [f"moved = {self._between('0', '1')}", f'yield {self.ends}, {self.unit}{self.own} @ moved, ""']
        said = 'f"{at[high]} against {at[low]}"'
        return self._for_pairs(f"yield {self.ends}, {self.unit}{self.own} @ moved, {said}")

    def _for_pairs(self, *each: str) -> list[str]:
        ordered = self.parent.kind == "ordered"
        return [
            f"at = list(LEVELS[{self.term.parent!r}])",
            f"for low, high in pairs({self.source}, {len(self.term.levels)}, ordered={ordered}):",
            f"    moved = {self._between('low', 'high')}",
            *(f"    {line}" for line in each),
        ]

    def _between(self, low: str, high: str) -> str:
        ends = (f"np.full(len({self.source}), {end})" for end in (low, high))
        return f"change({self.function}, {', '.join(ends)}{self.others})"

    def _per_unit(self) -> list[str]:
        """Move the source a little up and down on its working scale, in every row."""
        step, move = _STEP * self.term.scale, _MOVED[self.term.transform]
        if self.term.earlier:  # moved in the earlier rows too
            ends = (
                f"{self.function}(np, {self.source} {sign} step, {earlier_of(self.term)} {sign} step)" for sign in "+-"
            )
            high, low = (f"{end}.mean(axis=0)" for end in ends)
            return [
                f"step = {number_text(step)}",
                f"high = {high}",
                f"low = {low}",
                "moved = (high - low) / (2.0 * step)",
            ]
        return [
            f"step = {number_text(step)}",
            f"low, high = {move(self.source, '- step')}, {move(self.source, '+ step')}",
            f"moved = change({self.function}, low, high{self.others}) / (2.0 * step)",
        ]

    def _softmax(self) -> Iterator[str]:
        """Log-odds of each level against the commonest."""
        node, term = self.node, self.term
        yield f"levels, base = list(LEVELS[{node.node!r}]), commonest(data[{node.node!r}], {node.levels})"
        each = [
            f'odds = np.einsum("saj,a->sj", {self.own}, moved)',
            "for code, level in enumerate(levels):",
            "    if code != base:",
        ]
        last = f"        yield {self.ends}, odds[:, code] - odds[:, base], "
        if term.levels:
            said = 'f"{level}: {at[high]} against {at[low]}"'
            yield from self._for_pairs(*each, f"{last}{said}")
            return
        said, step = _STEPS[term.transform]
        yield from self._per_unit()
        if step != 1.0:
            yield f"moved = {number_text(step)} * moved"
        yield from (*each, f'{last}f"{{level}}: {said}"')


def _of_table(spec: ModelSpec, node: NodeModel, term: Term, names: Names) -> Iterator[str]:
    """How the child's probabilities change with the parent's level, the other parents as observed."""
    given = ", ".join(
        f"np.full(len(data[{one.parent!r}]), code)" if one is term else f"data[{one.parent!r}].astype(int)"
        for one in node.terms
    )
    count, own = len(term.levels), f"{term.parent!r}, {node.node!r}"
    yield f"at = [shares(probabilities, {names.cells[node.node]}({given})) for code in range({count})]"
    if count == 2 and node.levels == 2:
        yield f'yield {own}, at[1][:, 1] - at[0][:, 1], ""'
        return
    ordered = spec.node(term.parent).kind == "ordered"
    yield f"levels, moved = list(LEVELS[{node.node!r}]), list(LEVELS[{term.parent!r}])"
    yield f"for low, high in pairs(data[{term.parent!r}], {count}, ordered={ordered}):"
    yield f"    for code in {'range(1, 2)' if node.levels == 2 else f'range({node.levels})'}:"
    yield '        said = f"{levels[code]}: {moved[high]} against {moved[low]}"'
    yield f"        yield {own}, at[high][:, code] - at[low][:, code], said"
