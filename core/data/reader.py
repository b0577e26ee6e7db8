"""The program that reads one uploaded file and ends: ``python -m core.data.reader``.

Started by :mod:`core.data.apart`, which speaks to it over its standard input and output:

- in: a line of JSON (``name``, ``bytes``, ``limits``, ``memory``, ``seconds``), then the file;
- out: lines of JSON, ``{"doing": …, "share": …}`` while it works and at the end one of
  ``{"table": bytes}`` (followed by that many bytes, :mod:`core.data.kept`), ``{"refused": …}``
  and ``{"fault": …}``.

Its memory and processor time are bounded by the operating system where that can be asked to,
and it ends when its input does: with whoever started it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from typing import IO, Any

__all__ = ["main"]

_TELL_SECONDS = 0.1


def main() -> None:
    """Wait for a file, read it, and hand back what was read."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _import_all()
    asked, content = _take(sys.stdin.buffer)
    _bound(int(asked["memory"]), int(asked["seconds"]))
    threading.Thread(target=_end_with_input, daemon=True).start()
    _answer(answer, asked, content)
    answer.flush()
    os._exit(0)  # a library's threads may still wait for something


def _import_all() -> None:
    """Import what reading any file needs, so that whoever uploads does not wait for it."""
    import openpyxl  # noqa: F401
    import pandas.io.stata  # noqa: F401

    import core.data.kept
    import core.data.read  # noqa: F401


def _take(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    line = stream.readline()
    if not line:
        sys.exit(0)  # a spare that was not needed
    asked = json.loads(line)
    content = stream.read(asked["bytes"])
    if len(content) < asked["bytes"]:
        sys.exit(0)
    return asked, content


def _bound(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: whoever started this watches it alone
        return
    for what, most in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _end_with_input() -> None:
    sys.stdin.buffer.read(1)
    os._exit(1)


def _answer(stream: IO[bytes], asked: dict[str, Any], content: bytes) -> None:
    from core.data.kept import to_bytes
    from core.data.limits import Limits
    from core.data.read import read_dataset
    from core.data.telling import listening, tell
    from core.errors import WhyboardError

    def say(**what: Any) -> None:
        stream.write(json.dumps(what).encode() + b"\n")
        stream.flush()

    last = ("", 0.0)

    def pass_on(doing: str, share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if doing != last[0] or now - last[1] > _TELL_SECONDS:
            last = (doing, now)
            say(doing=doing, share=share)

    try:
        with listening(pass_on):
            dataset = read_dataset(content, name=asked["name"], limits=Limits(**asked["limits"]))
            tell("handing it over")
            table = to_bytes(dataset)
    except WhyboardError as error:
        say(refused={"message": error.message, "place": error.place, "hint": error.hint})
    except MemoryError:
        say(refused={"memory": True})
    except Exception:
        say(fault=traceback.format_exc()[-8000:])
    else:
        say(table=len(table))
        stream.write(table)


if __name__ == "__main__":
    main()
