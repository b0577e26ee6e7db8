"""The words of the interface: escaping what users named, and the sentences several pages share.

Names of columns, nodes, hypotheses and projects are other people's text. Streamlit reads
most labels as Markdown, and a few places take HTML, so a name passes through exactly one
of these on its way to the screen:

- :func:`md` for anything Streamlit reads as Markdown: labels of buttons, tabs, segmented
  controls and links, messages, captions, ``st.markdown``;
- :func:`html` for text inside ``st.html``;
- nothing for plain text: options of a select box, cells of a table, values of inputs.
"""

from __future__ import annotations

import html as _html
import re
from collections.abc import Iterable, Sequence

from core.errors import WhyboardError
from core.figures.cutting import cut, cut_all

__all__ = [
    "KIND_WORDS",
    "clip",
    "clip_all",
    "count",
    "duration",
    "html",
    "html_error",
    "listing",
    "md",
    "number",
    "one_line",
    "size",
]

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:<>&^=\"'])")
# Streamlit turns these into signs after Markdown has been read, so a backslash does not hold
# them; an invisible word joiner (U+2060) between the two characters does.
_SHORTCODE = re.compile(r":(?=[\w+\-/])")
_ARROW = re.compile(r"(?<=[<\-=~])(?=[>\-=])")
_JOINER = "\u2060"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

KIND_WORDS = {
    "real": "any number",
    "positive": "positive number",
    "proportion": "share between 0 and 1",
    "count": "count",
    "binary": "yes or no",
    "category": "category",
    "ordered": "ordered category",
    "identifier": "identifier",
    "date": "date",
}


def one_line(text: object) -> str:
    """Return ``text`` on one line, without control characters or marks that turn the reading direction."""
    return " ".join(_CONTROL.sub(" ", str(text)).split())


def md(text: object) -> str:
    """Return ``text`` so that Markdown shows it letter for letter."""
    plain = one_line(text)
    plain = _SHORTCODE.sub(f":{_JOINER}", plain)
    plain = _ARROW.sub(_JOINER, plain)
    return _MARKDOWN.sub(r"\\\1", plain)


def html(text: object) -> str:
    """Return ``text`` so that HTML shows it letter for letter, in text and in attributes."""
    return _html.escape(one_line(text), quote=True)


def html_error(error: WhyboardError) -> str:
    """Return an error as HTML: what is wrong, where, and what to do."""
    where = f" <em>({html(error.place)})</em>" if error.place else ""
    hint = f"<br>{html(error.hint)}" if error.hint else ""
    return f"<strong>{html(sentence(error.message))}</strong>{where}{hint}"


def sentence(text: str) -> str:
    """Return ``text`` with a capital first letter and a full stop."""
    plain = one_line(text)
    if not plain:
        return plain
    return plain[0].upper() + plain[1:] + ("" if plain[-1] in ".?!…:" else ".")


def clip(text: object, most: int = 28) -> str:
    """Return ``text`` on one line, cut in the middle where it is longer than ``most`` characters."""
    return cut(one_line(text), most)


def clip_all(texts: Iterable[object], most: int = 28) -> list[str]:
    """Return texts as :func:`clip` does, but different ones so that they stay different."""
    return cut_all([one_line(text) for text in texts], most)


def count(n: int, one: str, many: str = "") -> str:
    """Return ``n`` with its noun: ``count(1, "row")`` is ``"1 row"``, ``count(412, "row")`` ``"412 rows"``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listing(items: Iterable[str], most: int = 5) -> str:
    """Return ``"a, b and c"``; the rest beyond ``most`` as a number."""
    names: Sequence[str] = list(items)
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def number(value: float | None, digits: int = 3) -> str:
    """Return a number as people write it: three significant digits, no exponent where it can be helped."""
    if value is None or value != value:
        return "–"
    if value == 0:
        return "0"
    size_of = abs(value)
    if size_of >= 10**9 or size_of < 10**-4:
        return f"{value:.{digits}g}"
    if size_of >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    text = f"{value:.{digits}g}"
    return text if "e" not in text else f"{value:.6f}".rstrip("0")


def duration(seconds: float) -> str:
    """Return a time in words: whole seconds, minutes from a minute and a half on."""
    if seconds < 1.5:
        return "1 s"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def size(n_bytes: int) -> str:
    """Return a file size in words."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n_bytes >= step:
            return f"{n_bytes / step:.1f} {unit}".replace(".0 ", " ")
    return f"{n_bytes} bytes"
