"""What a user types after ``--do``, as worlds to play.

``X=V`` sets a node, ``X=V,V2`` sets it to one value in the first world and to another in the second, ``X=LO..HI``
gives each row a value of a range, ``X+=D`` moves it and ``X*=F`` multiplies it. With ``@ G=LEVEL`` behind it only the
rows with that level are acted on. Where nothing has a second value, the first world is that of the rows as they are.
"""

from collections.abc import Mapping, Sequence

from core.effects.settings import Setting, column_of
from core.errors import ModelError, UsageError
from core.model.spec import ModelSpec
from core.simulate.ancestral import do_values

__all__ = ["given_rows", "said_given", "said_world", "worlds_of"]

_WAYS = (("+=", "shift"), ("*=", "scale"), ("=", "set"))


def worlds_of(spec: ModelSpec, texts: Sequence[str]) -> tuple[tuple[Setting, ...], ...]:
    """Return the worlds that some settings describe, each a tuple of settings.

    Parameters
    ----------
    spec : ModelSpec
        Of any of the hypotheses: all know the same columns.
    texts : sequence of str
        One a node.

    Raises
    ------
    UsageError
        If a text cannot be read, a node stands twice, or the numbers of values differ.
    ModelError
        For an unknown node or level.
    """
    choices = [_settings(spec, text) for text in texts]
    nodes = [(one[0].node, one[0].where) for one in choices]
    if len(set(nodes)) < len(nodes):
        raise UsageError("a node is set twice", place="--do", hint="Give each node one value, or several with commas.")
    many = max((len(one) for one in choices), default=1)
    if any(len(one) not in (1, many) for one in choices):
        raise UsageError(
            "the settings have different numbers of values",
            place="--do",
            hint="Give each node one value for all worlds, or as many as the others.",
        )
    worlds = tuple(tuple(one[k if len(one) > 1 else 0] for one in choices) for k in range(many))
    return worlds if many > 1 else ((), *worlds)


def _settings(spec: ModelSpec, text: str) -> tuple[Setting, ...]:
    """Return what one text says of one node, a setting a value."""
    names = sorted((model.node for model in spec.columns), key=len, reverse=True)
    body, where = _where(spec, text, names)
    for name in names:
        rest = body[len(name) :].lstrip()
        if not body.startswith(name):
            continue
        for mark, way in _WAYS:
            if rest.startswith(mark):
                value = rest[len(mark) :].strip()
                if way == "set":
                    return tuple(
                        Setting(one.node, one.amount, one.way, one.top, where) for one in _set(spec, name, value)
                    )
                number = _number(value, text)
                return (Setting(name, number, "shift" if way == "shift" else "scale", where=where),)
    known = ", ".join(model.node for model in spec.columns)
    if "=" in body:
        column_of(spec, body.split("=", 1)[0].rstrip("+* ").strip())
    raise UsageError(f"{text!r} sets no node", place="--do", hint=f"Write it as --do ads=6,7. The nodes are: {known}.")


def _set(spec: ModelSpec, name: str, value: str) -> list[Setting]:
    model = column_of(spec, name)
    levels = model.response.levels
    if not levels and ".." in value:
        low, high = (_number(part, value) for part in value.split("..", 1))
        if not low < high:
            raise UsageError(f"{value!r} is no range", place=f"--do {name}", hint="Write it as --do ads=6..7.")
        return [Setting(name, low, "spread", high)]
    parts = [value] if value in levels else _parts(value, levels)
    return [Setting(name, do_values(spec, {name: part})[name]) for part in parts]


def _parts(value: str, levels: Sequence[str]) -> list[str]:
    """Split at commas; a level's name may hold one."""
    found: list[str] = []
    left = value
    while left:
        whole = next((one for one in sorted(levels, key=len, reverse=True) if left.startswith(one)), None)
        end = len(whole) if whole is not None and left[len(whole) :].lstrip()[:1] in ("", ",") else left.find(",")
        part, left = (left, "") if end < 0 else (left[:end], left[end:].lstrip().removeprefix(",").lstrip())
        found.append(part.strip())
    return found or [value]


def _where(spec: ModelSpec, text: str, names: Sequence[str]) -> tuple[str, tuple[str, float] | None]:
    for place in (i for i, letter in enumerate(text) if letter == "@"):
        tail = text[place + 1 :].strip()
        for name in names:
            rest = tail[len(name) :].lstrip()
            if tail.startswith(name) and rest.startswith("="):
                if not column_of(spec, name).response.levels:
                    raise UsageError(
                        f"{name!r} has no levels by which rows could be chosen",
                        place=f"--do {text}",
                        hint="Name a category behind the @.",
                    )
                code = do_values(spec, {name: rest[1:].strip()})[name]
                return text[:place].strip(), (name, code)
    return text.strip(), None


def _number(text: str, whole: str) -> float:
    try:
        return float(text.strip().removesuffix("%")) / (100.0 if text.strip().endswith("%") else 1.0)
    except ValueError:
        raise UsageError(
            f"{text!r} is no number", place=f"--do {whole}", hint="Write it as --do ads=6,7 or --do ads+=1."
        ) from None


def _said(spec: ModelSpec, setting: Setting) -> str | float:
    """Return what a setting says of its node: a level's name, a number, or words."""
    levels = column_of(spec, setting.node).response.levels
    only = ""
    if setting.where is not None:
        column, code = setting.where
        only = f" where {column} is {column_of(spec, column).response.levels[int(code)]}"
    if setting.way == "set":
        value: str | float = levels[int(setting.amount)] if levels else setting.amount
        return f"{value}{only}" if only else value
    if setting.way == "spread":
        return f"{setting.amount:g} to {setting.top:g}{only}"
    sign = "+" if setting.way == "shift" and setting.amount >= 0 else ""
    return f"{sign}{setting.amount:g}{only}" if setting.way == "shift" else f"times {setting.amount:g}{only}"


def given_rows(spec: ModelSpec, texts: Sequence[str]) -> tuple[str, float | tuple[float, float]] | None:
    """Return which rows ``--given`` asks about: those of a level, of a number, or of a range.

    Raises
    ------
    UsageError
        If more than one is given, or it cannot be read.
    """
    if not texts:
        return None
    if len(texts) > 1:
        raise UsageError(
            "more than one condition was given", place="--given", hint="Give one, as --given region=north."
        )
    unclear = UsageError(
        f"{texts[0]!r} does not say which rows",
        place="--given",
        hint="Write it as --given region=north, or --given age=30..40.",
    )
    try:
        (setting, *more) = _settings(spec, texts[0])
    except ModelError as error:
        why = error.message.replace(" cannot be set to ", " is never ")
        raise UsageError(f"{unclear.message}: {why}", place=unclear.place, hint=error.hint) from None
    except UsageError:
        raise unclear from None
    if more or setting.way not in ("set", "spread") or setting.where is not None:
        raise unclear
    return setting.node, (setting.amount, setting.top) if setting.way == "spread" else setting.amount


def said_world(spec: ModelSpec, world: Sequence[Setting]) -> Mapping[str, str | float]:
    """Return what is done in a world, by node; empty where rows are as they are."""
    return {setting.node: _said(spec, setting) for setting in world}


def said_given(spec: ModelSpec, given: tuple[str, float | tuple[float, float]] | None) -> str | None:
    """Return for which rows something is asked as ``--given`` takes it; None for all."""
    if given is None:
        return None
    name, wanted = given
    if isinstance(wanted, tuple):
        return f"{name}={wanted[0]:g}..{wanted[1]:g}"
    levels = column_of(spec, name).response.levels
    return f"{name}={levels[int(wanted)] if levels else f'{wanted:g}'}"
