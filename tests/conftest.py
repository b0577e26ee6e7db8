"""Which examples the property tests draw.

``make test`` draws the same ones each time, so that it says the same of the same code: a
failure is the change's. ``make wander`` draws new ones, as often as somebody runs it, and what
it finds is written into the test as an example.
"""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("wander", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(autouse=True)
def _no_block_of_another_test() -> Iterator[None]:
    """What ``compare`` keeps from call to call is a notebook's; a test says nothing of the one before it."""
    yield
    comparing = sys.modules.get("core.study.comparing")
    if comparing is not None:
        comparing.KEPT.clear()
