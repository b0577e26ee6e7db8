"""A free port for a test's own server.

Port 0 would give one from the range that the system also hands to outgoing connections, of
which a browser and a cluster of workers open many: between the look and the server's start
one of them may get it. Ports below that range are given to nobody who does not ask.
"""

import random
import socket
from pathlib import Path

__all__ = ["free_port"]

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 15_000


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens, below the system's own range."""
    try:
        end = int(_RANGE.read_text().split()[0])
    except (OSError, ValueError):
        end = 32_768  # Linux's default; macOS and Windows begin higher
    choose = random.SystemRandom()  # a seeded generator would give two processes the same ports
    while True:
        port = choose.randrange(_LOWEST, max(end, _LOWEST + 10_000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
