"""The command line: the same steps without a browser.

Bad input: exit status 2, nothing on standard output, an ``error:`` line and a ``hint:`` line
on standard error. Exit 1 is a fault of ours. Progress goes to standard error.
"""

from core.cli.main import main

__all__ = ["main"]
