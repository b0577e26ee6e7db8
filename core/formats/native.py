"""The native JSON form, ``whyboard-hypothesis/1``, which loses nothing."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NoReturn

from core.errors import FormatError, HypothesisError
from core.formats.draft import check_name, sayable_name
from core.formats.limits import MAX_ARROWS, MAX_NODES, check_length
from core.formats.reading import Reading
from core.hypothesis import FORMAT, Absence, Edge, Hypothesis, Node, Prior
from core.names import tidy_name

__all__ = ["hypothesis_from_record", "native_reading", "read_native", "write_native"]

_HINT = 'Write it as {"format": "whyboard-hypothesis/1", "nodes": [{"name": "ads"}, …], "edges": [{"source": …}]}.'


def write_native(hypothesis: Hypothesis) -> str:
    """Write the native JSON form."""
    return hypothesis.to_json() + "\n"


def native_reading(
    text: str, name: str | None = None, columns: Collection[str] = (), default: str = "hypothesis"
) -> Reading:
    """Read the native JSON form, as :func:`read_native`, and say which names were tidied."""
    record = _record(text)
    hypothesis = hypothesis_from_record(record, name, default)
    raw = [str(item["name"]) for item in record["nodes"] or ()]
    changed = [(before, node.name) for before, node in zip(raw, hypothesis.nodes, strict=True) if before != node.name]
    said = (f"the name {before!r} was read as {after!r}, without the blanks" for before, after in changed[:5])
    exposures, outcomes = ((mark,) if mark else () for mark in (hypothesis.exposure, hypothesis.outcome))
    return Reading(hypothesis, tuple(said), exposures, outcomes, _name(record.get("name"), "name"))


def read_native(text: str, name: str | None = None, default: str = "hypothesis") -> Hypothesis:
    """Read the native JSON form; ``default`` is the name where neither ``name`` nor the text gives one.

    Raises
    ------
    FormatError
        If the text is not JSON, or not of this shape; else as :func:`hypothesis_from_record`.
    """
    return hypothesis_from_record(_record(text), name, default)


def _record(text: str) -> Any:
    text = check_length(text)
    try:
        return json.loads(text, parse_constant=_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"this is not JSON: {error.msg}", place=f"line {error.lineno}", hint="Correct it there."
        ) from None
    except RecursionError:
        raise FormatError("the JSON is nested too deeply", hint=_HINT) from None
    except ValueError:  # what is left: an integer of thousands of digits
        raise FormatError("a number has too many digits", hint="Write it shorter.") from None


def _constant(word: str) -> NoReturn:
    raise FormatError(f"{word} is not a number that JSON has", hint="Write a finite number.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise FormatError(f"the field {twice!r} stands twice in one object", hint="Keep one of them.")
    return record


def hypothesis_from_record(
    record: Mapping[str, Any], name: str | None = None, default: str = "hypothesis"
) -> Hypothesis:
    """Read the native form as nested mappings and lists.

    Parameters
    ----------
    record : mapping
        See the contract: ``format``, ``nodes[].name``, ``edges[].source`` and
        ``edges[].target`` are needed, all else has a default. Unknown fields are passed over.
    name : str, optional
        Overrides the record's own.
    default : str
        Taken where neither gives a name.

    Raises
    ------
    FormatError
        For a field that is missing or of the wrong type.
    GraphError, CycleError, HypothesisError
        If what it says is inconsistent.
    """
    top = _mapping(record, "the hypothesis")
    if top.get("format") != FORMAT:
        found = top.get("format")
        raise FormatError(
            "the field format is missing" if found is None else f"the format {found!r} is not {FORMAT!r}",
            place="format",
            hint=f'Say "format": "{FORMAT}"; a newer form needs a newer Whyboard.',
        )
    if name is None:
        name = _name(top.get("name"), "name")
    if "nodes" not in top:
        raise FormatError("the field nodes is missing", place="nodes", hint=_HINT)
    nodes = tuple(_node(item, f"nodes[{i}]") for i, item in enumerate(_list(top["nodes"], "nodes", MAX_NODES)))
    known = {node.name for node in nodes}
    return Hypothesis(
        name=default if name is None else sayable_name(name, "name"),
        nodes=nodes,
        edges=_edges(top, known),
        bidirected=_arcs(top, known),
        exposure=_name(top.get("exposure"), "exposure"),
        outcome=_name(top.get("outcome"), "outcome"),
        note=_text(top.get("note"), "note") or "",
        background=_background(top, known),
        absences=_absences(top, known),
    )


def _node(item: Any, place: str) -> Node:
    item = _mapping(item, place)
    name = check_name(_needed(item, "name", place), place)
    place = f"{place}, node {name}"
    priors = _mapping(item.get("priors") or {}, f"{place}, priors")
    return Node(
        name=name,
        kind=_text(item.get("kind"), f"{place}, kind"),
        family=_text(item.get("family"), f"{place}, family"),
        link=_text(item.get("link"), f"{place}, link"),
        latent=_flag(item.get("latent"), f"{place}, latent"),
        group=_name(item.get("group"), f"{place}, group"),
        position=_position(item.get("position"), f"{place}, position"),
        priors=tuple(
            (_needed({"key": key}, "key", place), _prior(value, f"{place}, priors, {key}"))
            for key, value in priors.items()
        ),
        unit=_text(item.get("unit"), f"{place}, unit") or "",
        description=_text(item.get("description"), f"{place}, description") or "",
    )


def _edges(top: Mapping[str, Any], known: set[str]) -> tuple[Edge, ...]:
    edges = []
    for number, item in enumerate(_list(top.get("edges"), "edges", MAX_ARROWS)):
        place = f"edges[{number}]"
        item = _mapping(item, place)
        source, target = (tidy_name(_needed(item, end, place)) for end in ("source", "target"))
        _ends((source, target), known, place)
        prior = item.get("prior")
        edges.append(
            Edge(
                source,
                target,
                form=_text(item.get("form"), f"{place}, form") or "linear",
                sign=_text(item.get("sign"), f"{place}, sign"),
                prior=None if prior is None else _prior(prior, f"{place}, prior"),
                scale=_text(item.get("scale"), f"{place}, scale"),
                by=_name(item.get("by"), f"{place}, by"),
                lag=_whole(item.get("lag"), f"{place}, lag"),
                carry=_whole(item.get("carry"), f"{place}, carry"),
                reason=_text(item.get("reason"), f"{place}, reason") or "",
                citation=_text(item.get("citation"), f"{place}, citation") or "",
            )
        )
    return tuple(edges)


def _absences(top: Mapping[str, Any], known: set[str]) -> tuple[Absence, ...]:
    absences = []
    for number, item in enumerate(_list(top.get("absences"), "absences", MAX_ARROWS)):
        place = f"absences[{number}]"
        item = _mapping(item, place)
        source, target = (tidy_name(_needed(item, end, place)) for end in ("source", "target"))
        _ends((source, target), known, place)
        words = (_text(item.get(key), f"{place}, {key}") or "" for key in ("reason", "citation"))
        absences.append(Absence(source, target, *words))
    return tuple(absences)


def _arcs(top: Mapping[str, Any], known: set[str]) -> tuple[tuple[str, str], ...]:
    arcs = []
    for number, item in enumerate(_list(top.get("bidirected"), "bidirected", MAX_ARROWS)):
        place = f"bidirected[{number}]"
        if not isinstance(item, list | tuple) or len(item) != 2 or not all(isinstance(end, str) for end in item):
            raise FormatError("an arc is not a pair of names", place=place, hint='Write it as ["ads", "sales"].')
        pair = (tidy_name(item[0]), tidy_name(item[1]))
        _ends(pair, known, place)
        arcs.append(pair)
    return tuple(arcs)


def _background(top: Mapping[str, Any], known: set[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for number, item in enumerate(_list(top.get("background"), "background", MAX_NODES)):
        name = _name(item, f"background[{number}]")
        if name is None:
            raise FormatError("a name is expected here, not null", place=f"background[{number}]", hint=_HINT)
        _ends((name,), known, f"background[{number}]")
        found[name] = None
    return tuple(found)


def _ends(ends: Iterable[str], known: set[str], place: str) -> None:
    for end in ends:
        if end not in known:
            raise FormatError(
                f"it names {end!r}, which is not among the nodes",
                place=place,
                hint=f'Add {{"name": "{end}"}} to nodes, or correct the name.',
            )


# -- fields of one type -------------------------------------------------------------


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FormatError(f"an object {{…}} is expected here, not {_shown(value)}", place=place, hint=_HINT)
    return value


def _list(value: Any, place: str, most: int) -> Iterable[Any]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise FormatError(f"a list […] is expected here, not {_shown(value)}", place=place, hint=_HINT)
    if len(value) > most:
        raise FormatError(f"there are more than {most:,} entries", place=place, hint="Keep what the question needs.")
    return value


def _needed(item: Mapping[str, Any], key: str, place: str) -> str:
    value = _text(item.get(key), f"{place}, {key}")
    if value is None:
        raise FormatError(f"the field {key} is missing", place=place, hint=_HINT)
    return value


def _text(value: Any, place: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise FormatError(f"a text is expected here, not {_shown(value)}", place=place, hint='Write it as "text".')
    return _clean(value, place)


def _name(value: Any, place: str) -> str | None:
    text = _text(value, place)
    return None if text is None else sayable_name(text, place)


def _clean(value: str, place: str) -> str:
    # Half of a surrogate pair ("\ud800") is legal JSON but no text: nothing could store or show it.
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise FormatError("a text holds half a character", place=place, hint="Write the text again.")
    return value


def _flag(value: Any, place: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise FormatError(f"true or false is expected here, not {_shown(value)}", place=place, hint="Write true or false.")


def _position(value: Any, place: str) -> tuple[float, float] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise FormatError(f"a position is two numbers, not {_shown(value)}", place=place, hint="Write it as [0, 90].")
    return _number(value[0], place), _number(value[1], place)


def _number(value: Any, place: str) -> float:
    try:
        finite = not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise FormatError(f"a finite number is expected here, not {_shown(value)}", place=place, hint="Give a number.")
    return float(value)


def _whole(value: Any, place: str) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
        raise FormatError(
            f"a number of rows is expected here, not {_shown(value)}", place=place, hint="Write 0, or how many."
        )
    return value


def _prior(value: Any, place: str) -> Prior:
    for key, number in _mapping(value, place).items():
        if key != "distribution" and isinstance(number, int | float):
            _number(number, f"{place}, {key}")
        _text(key, place)
    try:
        prior = Prior.from_dict(value, place)
    except HypothesisError as error:
        raise FormatError(error.message, place=error.place, hint=error.hint) from None
    _clean(prior.distribution, place)
    return prior


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else f"{value[:40]}…")
    if value is None or isinstance(value, bool | float):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else "a huge number"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else type(value).__name__
