"""The steps in order, as the pages, the command line and a notebook call them.

``plan`` resolves hypotheses against data and says which blocks must be fitted; any worker
fits them; ``assemble`` makes the facts, ``joint_plan`` and ``confirmed`` hold them against the
joint model. :func:`compare` does all three in this process, and
:func:`reopen` goes on from there.
"""

from core.comparison.storage import comparison_from_bytes, comparison_to_bytes
from core.study.assembling import assemble
from core.study.comparing import compare
from core.study.confirming import confirmed
from core.study.planning import Plan, plan
from core.study.reopening import Reopened, reopen
from core.study.sampled import joint_plan

__all__ = [
    "Plan",
    "Reopened",
    "assemble",
    "compare",
    "comparison_from_bytes",
    "comparison_to_bytes",
    "confirmed",
    "joint_plan",
    "plan",
    "reopen",
]
