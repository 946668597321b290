"""Cases of every family as data: what must pass and what must fail, each with its reason.

The tests run them on the verifiers; `tests/measure/planted_bugs.py` runs them on verifiers with
planted bugs and counts those that no case catches.
"""

from __future__ import annotations

from tests.verifiers.cases import ifbench_a, ifbench_b, ifeval_a, ifeval_b, iftrain
from tests.verifiers.cases.case import Case

CASES: tuple[Case, ...] = (
    *ifeval_a.CASES,
    *ifeval_b.CASES,
    *iftrain.CASES,
    *ifbench_a.CASES,
    *ifbench_b.CASES,
)

__all__ = ["CASES", "Case"]
