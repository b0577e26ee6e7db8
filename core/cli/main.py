"""Entry point: parse, run, and turn what went wrong into two lines and an exit status."""

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module

from core.errors import UsageError, WhyboardError

__all__ = ["main"]

REFUSED, FAULT, STOPPED = 2, 1, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status (0 done, 2 refused, 1 our fault).

    Set ``WHYBOARD_DEBUG`` to see the traceback of a fault of ours.
    """
    from core.cli.parser import build_parser

    arguments = list(sys.argv[1:] if argv is None else argv)
    _use_utf8()
    if not os.environ.get("WHYBOARD_DEBUG"):
        warnings.simplefilter("ignore")  # what a library remarks to programmers is no message to users
    try:
        options = build_parser().parse_args(arguments)
        if options.run is None:
            raise UsageError("no command was given", hint="Write whyboard --help for the list.")
        module, function = options.run.split(".")
        output = getattr(import_module(f"core.cli.{module}"), function)(options)
        if output:
            sys.stdout.write(output if output.endswith("\n") else f"{output}\n")
            sys.stdout.flush()
    except WhyboardError as error:
        print(error.lines(), file=sys.stderr)
        return REFUSED
    except BrokenPipeError:
        # The reader went away (as with `| head`): not our fault, and nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return STOPPED
    except Exception as error:
        if os.environ.get("WHYBOARD_DEBUG"):
            raise
        words = " ".join(str(error).split())[:500]
        print(f"error: a fault of ours: {type(error).__name__}: {words}", file=sys.stderr)
        print("hint: Run it again with WHYBOARD_DEBUG=1 and report what it prints.", file=sys.stderr)
        return FAULT
    return 0


def _use_utf8() -> None:
    """Names may hold any character; a terminal that cannot show one gets a mark, never an exception."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            encoding = (getattr(stream, "encoding", "") or "").lower().replace("-", "")
            reconfigure(errors="backslashreplace" if encoding not in ("utf8", "utf16") else "surrogateescape")
