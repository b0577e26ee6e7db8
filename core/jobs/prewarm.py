"""Compile the common models ahead of time: ``python -m core.jobs.prewarm``.

For images and installers: what PyTensor compiles is kept in the folder that the embedded
NUTS worker will use, so that the first fit does not pay for it. Needs no scheduler.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from core.settings import load_settings, make_home

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Compile and say what is ready."""
    settings = load_settings()
    parser = argparse.ArgumentParser(prog="python -m core.jobs.prewarm", description=__doc__)
    parser.add_argument("--compiled", default=str(settings.compiled / "nuts"), help="the folder to fill")
    folder = parser.parse_args(argv).compiled
    make_home(settings)
    os.makedirs(folder, exist_ok=True)
    os.environ["PYTENSOR_FLAGS"] = f"base_compiledir={folder}"
    from core.jobs.warm import warm_up  # imports PyTensor, which reads the flags once

    for kind in warm_up("nuts", (), lambda: False):
        print(f"ready: {kind}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
