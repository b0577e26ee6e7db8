"""``whyboard app``: serve the web app, and stop it with everything that it started."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from core.errors import UsageError
from core.settings import load_settings, make_home

__all__ = ["run_app"]

_PATIENCE = 9.0  # seconds for an orderly end; with the next step all is over within 15
_FORCE = 3.0
_LETTING_GO = 4.0
_IN_USE = (48, 98)  # macOS, Linux
_REFUSED = 2


def run_app(options: argparse.Namespace) -> str:
    """Serve until stopped (SIGTERM or Ctrl+C).

    Raises
    ------
    UsageError
        If it cannot be served from here, from this port or from this data folder.
    SystemExit
        At the end: 0, 2 if the server said why it does not begin, 1 if it broke.
    """
    root = Path(__file__).resolve().parents[2]
    script = root / "app.py"
    if not script.is_file():
        raise UsageError("the app's pages are not there", place=str(script), hint="Run whyboard app from its checkout.")
    _check_home()
    _check_port(options.host, options.port)
    environment = dict(os.environ)
    if environment.get("WHYBOARD_HOME"):
        environment["WHYBOARD_HOME"] = str(Path(environment["WHYBOARD_HOME"]).expanduser().absolute())
    command = [
        *(sys.executable, "-m", "ui.serving", "--child"),
        *("--port", str(options.port), "--host", options.host),
    ]
    # A session of its own: Ctrl+C in the terminal is for us, who then stop it in order. Its workers end with it,
    # and it ends with us even if we are killed: it reads the pipe whose other end only we hold.
    server = subprocess.Popen(  # noqa: S603
        command, cwd=root, env=environment, stdin=subprocess.PIPE, start_new_session=True
    )

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        status = server.wait()
    finally:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        _end(server)
        for number, handler in before.items():
            signal.signal(number, handler)
    raise SystemExit(_REFUSED if status == _REFUSED else 1 if status else 0)


def _check_port(host: str, port: int) -> None:
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise UsageError(f"there is no address {host!r}", place="--host", hint="Use localhost or 0.0.0.0.") from None
    until = time.monotonic() + _LETTING_GO
    while (error := _binding_fails(kind, address)) is not None:
        taken = error.errno in _IN_USE
        if taken and time.monotonic() < until:  # a server that was killed a moment ago may hold it still
            time.sleep(0.1)
            continue
        raise UsageError(
            f"port {port} {'is in use' if taken else 'cannot be used'}",
            place="--port",
            hint="Choose another, as in whyboard app --port 8502.",
        )


def _binding_fails(kind: int, address: Any) -> OSError | None:
    with socket.socket(kind, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            return error
    return None


def _check_home() -> None:
    home = load_settings().home
    try:
        make_home(load_settings())
        usable = os.access(home, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if not usable:
        raise UsageError(
            "the data folder cannot be written to",
            place=str(home),
            hint="Set WHYBOARD_HOME to a folder that you may write to.",
        )


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server and its workers to stop, then make them."""
    _signal_group(server.pid, signal.SIGTERM if server.poll() is None else None)
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and (server.poll() is None or _alive(server.pid)):
        time.sleep(0.1)
    if _alive(server.pid) or server.poll() is None:
        _signal_group(server.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            server.wait(_FORCE)


def _signal_group(group: int, number: signal.Signals | None) -> None:
    """Signal the process group; where there are no groups (Windows), the server alone."""
    if number is None:
        number = signal.SIGTERM
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
