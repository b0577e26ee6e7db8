"""What happens where nutpie's compiled part breaks; no PyMC, the sampler is a stand-in."""

import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, hypothesis

from core.data.dataset import Dataset
from core.errors import FitError
from core.fit import nuts_sampling
from core.fit.result import FitCancelledError


class PanicException(BaseException):
    pass


class Sampler:
    def __init__(self, outcome):
        self.outcome = outcome

    def wait(self, timeout):
        raise self.outcome

    def cancel(self):
        raise PanicException("Poisoned sampler state mutex")


@pytest.fixture
def seeds(monkeypatch):
    """The seeds of the samplers that are started; ``outcomes`` says what each comes to."""
    started = SimpleNamespace(seeds=[], outcomes=[])

    def sample(compiled, **settings):
        started.seeds.append(settings["seed"])
        return Sampler(started.outcomes[len(started.seeds) - 1])

    monkeypatch.setitem(sys.modules, "nutpie", SimpleNamespace(sample=sample))
    monkeypatch.setattr(
        nuts_sampling, "compiled_for", lambda sign, cancelled: SimpleNamespace(with_data=lambda **arrays: None)
    )
    return started


@pytest.fixture
def block():
    rng = np.random.default_rng(1)
    data = Dataset.from_frame(pd.DataFrame({"a": rng.normal(size=30), "b": rng.normal(size=30)}))
    found, rows = blocks_of(data, hypothesis("a>b"))["b"]
    return found.model, rows


def test_another_seed_is_tried_and_in_the_end_it_is_an_error_of_ours(seeds, block):
    seeds.outcomes = [PanicException("bad initial gradient\nStack backtrace:")] * 4
    with pytest.raises(FitError, match=r"bad initial gradient$"):
        nuts_sampling.sample(*block, draws=400, chains=4, seed=2**63 - 1)
    assert seeds.seeds == [2**63 - 1, 0, 1, 2]


def test_a_cancelled_sampler_is_not_started_again(seeds, block):
    seeds.outcomes = [TimeoutError()]
    with pytest.raises(FitCancelledError):
        nuts_sampling.sample(*block, draws=400, chains=4, seed=1, cancelled=lambda: bool(seeds.seeds))
    assert seeds.seeds == [1]


def test_an_interrupt_goes_through(seeds, block):
    seeds.outcomes = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        nuts_sampling.sample(*block, draws=400, chains=4, seed=1)
    assert seeds.seeds == [1]
