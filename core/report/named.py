"""What things are called in a script: identifiers that Python takes, and PyMC's names as the joint model has them."""

from __future__ import annotations

from core.forms.term import Term
from core.model.names import free_name, variable_names
from core.model.spec import ModelSpec
from core.report.source import identifier

__all__ = ["Names"]

_OURS = (
    "np", "pd", "pm", "pt", "az", "sys", "csv", "lgamma", "Any", "Ordered", "Increasing", "Callable", "Mapping",
    "DATA", "LEVELS", "MISSING", "ROWS", "LEFT_OUT", "SEED", "DRAWS", "data", "used", "rows", "model", "trace", "xp",
    "x", "slopes", "table", "columns", "complete", "straight", "bends", "other", "moved", "low", "high", "step", "at",
    "read_table", "numbers", "days", "codes", "was_set", "level_rows", "parabola", "spline", "rising", "saturating",
    "weights_of_half", "weights_of_carry", "weights_of_half_and_carry", "left_over", "carried_over", "saturating_later",
    "chebyshev", "earlier",
    "before", "time", "change", "pairs",
    "commonest", "shares", "log_ndtr", "increasing", "read", "build", "draws", "edges", "main", "place", "writer",
)  # fmt: skip


class Names:
    """The names of one script; each is given once.

    ``columns`` are the variables of the columns, ``arrows`` the functions that make a term's columns, ``cells`` those
    that give the row of a table, and ``pymc`` PyMC's names of the columns. What PyMC calls a parameter stands in
    ``parameters`` once it has been made.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self._identifiers = set(_OURS)
        self.pymc = variable_names(model.node for model in spec.columns)
        self._taken = set(self.pymc.values())
        self.columns = {model.node: self.identifier(model.node) for model in spec.columns}
        self.arrows: dict[Term, str] = {}
        for model in spec.nodes:
            for term in model.terms:
                if term not in self.arrows:  # several children may take a parent alike
                    own = self.columns[term.parent]
                    near = f"{own}_columns" if term.is_straight else f"{own}_on_{self.columns[model.node]}"
                    self.arrows[term] = self.identifier(near)
        self.cells = {model.node: self.identifier(f"{self.columns[model.node]}_cell") for model in spec.nodes}
        self.parameters: dict[tuple[str, str], str] = {}

    def identifier(self, near: str) -> str:
        """Return a new name for Python."""
        found = identifier(near, self._identifiers)
        self._identifiers.add(found)
        return found

    def variable(self, node: str, parameter: str) -> tuple[str, str]:
        """Return a new variable of a node: what Python calls it, and PyMC's name in quotes."""
        name = free_name(f"{self.pymc[node]}.{parameter}", self._taken)
        self._taken.add(name)
        self.parameters[node, parameter] = repr(name)
        return self.identifier(f"{self.columns[node]}_{parameter}"), repr(name)

    def quoted(self, node: str, parameter: str) -> str:
        """Return PyMC's name of a parameter that has been made, in quotes."""
        return self.parameters[node, parameter]
