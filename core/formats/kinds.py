"""The formats that are read and written, by key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.errors import FormatError
from core.formats.bif import bif_reading, called_in_bif, write_bif
from core.formats.bnlearn import bnlearn_reading
from core.formats.dagitty import dagitty_reading, write_dagitty
from core.formats.dot import dot_reading, write_dot
from core.formats.gml import gml_reading, write_gml
from core.formats.graphml import graphml_reading, write_graphml
from core.formats.lavaan import called_in_lavaan, lavaan_reading, write_lavaan
from core.formats.native import native_reading, write_native
from core.formats.reading import Reading
from core.hypothesis import Hypothesis

__all__ = ["FORMATS", "Format", "known_format"]


@dataclass(frozen=True)
class Format:
    """A text format: its key (``--to``), its title, the endings of its files, how it is read and written.

    ``write`` is None where a format has no word for what hypotheses hold, and is only read. ``called``
    says what nodes are called there, where a format does not hold every name.
    """

    key: str
    title: str
    endings: tuple[str, ...]
    read: Callable[..., Reading]
    write: Callable[[Hypothesis], str] | None
    called: Callable[[Hypothesis], Mapping[str, str]] | None = None


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        found.key: found
        for found in (
            Format("dagitty", "DAGitty's text", (".dagitty", ".txt"), dagitty_reading, write_dagitty),
            Format("dot", "Graphviz DOT", (".dot", ".gv"), dot_reading, write_dot),
            Format("graphml", "GraphML", (".graphml",), graphml_reading, write_graphml),
            Format("gml", "GML", (".gml",), gml_reading, write_gml),
            Format("bnlearn", "a model string of bnlearn", (".bn",), bnlearn_reading, None),
            Format("lavaan", "lavaan's model syntax", (".lavaan",), lavaan_reading, write_lavaan, called_in_lavaan),
            Format("bif", "a Bayesian network in BIF", (".bif",), bif_reading, write_bif, called_in_bif),
            Format("json", "Whyboard's own JSON", (".json",), native_reading, write_native),
        )
    }
)
"""The formats by key, in the order in which they are offered."""


def known_format(key: str, writing: bool = False) -> Format:
    """Return a format by its key; :class:`FormatError` if there is none, or none that can be written."""
    choices = [found.key for found in FORMATS.values() if found.write is not None or not writing]
    if key in choices:
        return FORMATS[key]
    if key in FORMATS:
        message = f"Whyboard reads {FORMATS[key].title} and does not write it"
    else:
        message = f"there is no format {key!r}"
    raise FormatError(message, hint=f"Choose one of: {', '.join(choices)}.")
