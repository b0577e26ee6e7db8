"""One tree of errors, each with a message, a place and a hint.

Every refusal that a user can meet is a :class:`WhyboardError`: *what* is wrong
(``message``), *where* (``place``: a file, row, column, line or node) and *what to
do* (``hint``). The command line prints the two lines of :meth:`WhyboardError.lines`
and exits with status 2; the app shows the same words. Any other exception is a
fault of ours.
"""

__all__ = [
    "ChangedError",
    "CycleError",
    "DataError",
    "FitError",
    "FormatError",
    "GraphError",
    "HypothesisError",
    "ModelError",
    "NotYetError",
    "StoreError",
    "UsageError",
    "WhyboardError",
]


class WhyboardError(Exception):
    """Base of every refusal.

    Parameters
    ----------
    message : str
        What is wrong, one sentence, no newline needed.
    place : str, optional
        Where: ``"sales.csv, row 3, column ads"``, ``"node sales"``, ``"line 4"``.
    hint : str, optional
        What the user can do about it.
    """

    def __init__(self, message: str, *, place: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = _one_line(message)
        self.place = _one_line(place)
        self.hint = _one_line(hint)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (workers); keyword-only arguments would be lost.
        return (_rebuild, (type(self), self.message, self.place, self.hint, self.__dict__))

    def at(self, place: str) -> "WhyboardError":
        """Return the same error, with ``place`` put in front of what it already names."""
        joined = f"{place}, {self.place}" if self.place else place
        return _rebuild(type(self), self.message, joined, self.hint, {**self.__dict__, "place": _one_line(joined)})

    def lines(self) -> str:
        """Return the two lines that the command line prints on standard error."""
        return f"error: {self}\nhint: {self.hint or 'see whyboard --help'}"


def _one_line(text: str) -> str:
    return " ".join(str(text).split())


def _rebuild(kind: type[WhyboardError], message: str, place: str, hint: str, state: dict[str, object]) -> WhyboardError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    error.message, error.place, error.hint = message, place, hint
    return error


class UsageError(WhyboardError):
    """A command or function was called in a way that it does not take."""


class DataError(WhyboardError):
    """A data file or a column cannot be used as it is."""


class GraphError(WhyboardError):
    """A graph is malformed: unknown or repeated nodes, a self loop."""


class CycleError(GraphError):
    """A graph has a directed cycle.

    Parameters
    ----------
    path : sequence of str
        The nodes of the cycle in order, the first repeated at the end.
    """

    def __init__(self, path: tuple[str, ...], *, place: str = "") -> None:
        arrows = " -> ".join(path)
        super().__init__(
            f"the arrows form a cycle: {arrows}",
            place=place,
            hint="Remove or reverse one of these arrows; a causal graph has no cycles.",
        )
        self.path = tuple(path)


class HypothesisError(WhyboardError):
    """A hypothesis is inconsistent in itself or with the data."""


class FormatError(WhyboardError):
    """A text is not in the format that it claims to be."""


class ModelError(WhyboardError):
    """A hypothesis cannot be made into a model of these data."""


class NotYetError(ModelError):
    """What is asked for is well defined, but this version cannot do it."""


class FitError(WhyboardError):
    """A block could not be fitted."""


class StoreError(WhyboardError):
    """Something that was kept cannot be found or read."""


class ChangedError(StoreError):
    """Somebody else changed meanwhile what was to be written."""
