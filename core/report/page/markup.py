"""Markup that escapes whatever it is given: only what was made here stands as it is.

So nobody's name can end a tag or run: text becomes markup in one place, :func:`el`.
"""

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["Html", "el", "joined_html", "listing", "note", "table", "typeset", "voided"]


class Html(str):
    """Markup that is safe to stand as it is."""

    __slots__ = ()


def _safe(part: object) -> str:
    if isinstance(part, Html):
        return part
    return escape("".join(c if c.isprintable() or c == "\n" else " " for c in str(part)), quote=True)


def joined_html(parts: Iterable[object], between: str = "") -> Html:
    """Return parts one after another; what is no markup is escaped."""
    return Html(_safe(between).join(_safe(part) for part in parts))


def el(tag: str, *children: object, **attributes: object) -> Html:
    """Return an element; children that are no markup are escaped, and so is what attributes hold.

    ``class_`` is ``class``, an underscore in other names is a hyphen; an attribute that is None is left out.

    >>> el("b", "<x>", class_="name")
    '<b class="name">&lt;x&gt;</b>'
    """
    return Html(f"<{tag}{_attributes(attributes)}>{joined_html(children)}</{tag}>")


def voided(tag: str, **attributes: object) -> Html:
    """Return an element that holds nothing, as SVG's shapes are."""
    return Html(f"<{tag}{_attributes(attributes)}/>")


def _attributes(attributes: dict[str, object]) -> str:
    named = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items() if value is not None)
    return "".join(f' {name}="{_safe(str(value))}"' for name, value in named)


def listing(items: Iterable[object], class_: str | None = None) -> Html:
    """Return a list; nothing where there are no items."""
    found = [el("li", item) for item in items]
    return el("ul", *found, class_=class_) if found else Html("")


def note(*words: object) -> Html:
    """Return a small line beside what matters."""
    return el("p", *words, class_="note")


def typeset(words: str) -> str:
    """Return a sentence with arrows as one sign, which no line can break."""
    return words.replace(" -> ", " → ")


def table(
    head: Sequence[object], rows: Iterable[Sequence[object]], numbers: str = "", caption: str = "", even: bool = False
) -> Html:
    """Return a table with one head row; nothing where there are no rows.

    Parameters
    ----------
    head : sequence of text or markup
    rows : iterable of sequences
    numbers : str
        One letter a column: ``"r"`` aligns to the right.
    caption : str
        What the table holds.
    even : bool
        Columns of one width.
    """
    sides = ["num" if numbers[place : place + 1] == "r" else None for place in range(len(head))]
    body = [
        el("tr", *(el("td", cell, class_=side) for cell, side in zip(row, sides, strict=True)))
        for row in rows
    ]  # fmt: skip
    if not body:
        return Html("")
    heads = el("tr", *(el("th", cell, class_=side, scope="col") for cell, side in zip(head, sides, strict=True)))
    said = el("caption", caption) if caption else ""
    return el(
        "div", el("table", said, el("thead", heads), el("tbody", *body), class_="even" if even else None), class_="wide"
    )
