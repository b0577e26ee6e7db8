"""Which examples the property tests draw.

``make test`` draws the same ones each time, so that it says the same of the same code: a
failure is the change's. ``make wander`` draws new ones, as often as somebody runs it, and what
it finds is written into the test as an example.

``make check`` runs what needs neither PyMC nor a browser nor workers. There a test that takes
PyMC in without saying so fails, so that the marks stay true.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that start servers, workers, browsers or PyMC: a long one at the end would run alone."""
    long = {
        item.path
        for item in items
        for mark in ("browser", "workers", "pymc")
        if item.get_closest_marker(mark) is not None
    }
    order = {path: number for number, path in enumerate(dict.fromkeys(item.path for item in items))}
    items.sort(key=lambda item: (item.path not in long, order[item.path]))


class NoPyMC(MetaPathFinder):
    """Refuses what takes seconds to import."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in ("pymc", "pytensor", "nutpie", "numba"):
            raise AssertionError(f"make check does without {name}: mark this test with pytest.mark.pymc")
        return None


if os.environ.get("WHYBOARD_CHECK"):
    sys.meta_path.insert(0, NoPyMC())
