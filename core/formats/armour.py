r"""JSON on one line that survives inside other languages: in their quotes, comments and properties.

What could end a text, a comment or a statement around it, or begin one of theirs for a reader that
looks for its key words anywhere (pgmpy's of BIF), is written as ``\u....``, as JSON allows in its texts.
Only ASCII is left, and no quote stands within a text, so that quotes come in pairs.
"""

import json
import re
from typing import Any

__all__ = ["armoured"]

_ESCAPES = re.compile(r"\\(?:u[0-9a-f]{4}|.)|[;/*'!#]|(?:variable|probability|network|property)", re.IGNORECASE)
_SHORT = {'\\"': '"', "\\\\": "\\", "\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "\b", "\\f": "\f"}


def armoured(value: Any) -> str:
    """Return a value as JSON without a line break, a semicolon, a comment sign or a quote within a text."""
    plain = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    # Outside of texts JSON has none of these but in numbers and signs that stay as they are.
    return _ESCAPES.sub(_escaped, plain)


def _escaped(found: re.Match[str]) -> str:
    said = found[0]
    if said.startswith("\\u"):
        return said
    first = _SHORT.get(said, said[0])
    return f"\\u{ord(first):04x}" + ("" if said in _SHORT else said[1:])
