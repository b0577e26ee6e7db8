"""How large a graph that comes as text may be: far beyond what anyone draws, short of what stalls the app."""

from core.errors import FormatError

__all__ = ["MAX_ARROWS", "MAX_BYTES", "MAX_DEPTH", "MAX_NAME", "MAX_NODES", "MAX_REMARKS", "MAX_TOKENS", "check_length"]

MAX_BYTES = 5_000_000
MAX_NODES = 1_000
MAX_ARROWS = 50_000
MAX_DEPTH = 50
MAX_TOKENS = 300_000
MAX_NAME = 500
MAX_REMARKS = 40


def check_length(text: str, hint: str = "Keep the variables that the question needs.") -> str:
    """Return the text without its byte mark; :class:`FormatError` if it is too long to be a graph."""
    if len(text) > MAX_BYTES:
        raise FormatError(f"the text is over {MAX_BYTES // 1_000_000} MB", hint=hint)
    return text.removeprefix("\ufeff")
