"""Random and hostile strings through every verifier; tests/measure/robustness.py has more."""

from __future__ import annotations

import pytest

from tests.measure import hostile, robustness

pytestmark = pytest.mark.slow

SLOW = {"change_case", "language"}  # the reading `reference` needs langdetect, at 5 ms a call


@pytest.mark.parametrize("group", sorted({case.id.partition(":")[0] for case in hostile.CASES}))
def test_no_exception_and_one_verdict_for_one_string(group: str) -> None:
    """Mistakes: half a surrogate pair that is encoded; a set whose order ends up in a reason."""
    count = 500 if group in SLOW else 2000
    found, elsewhere = robustness.examine(count, [group], seed=1, jobs=1)
    assert found.checks
    assert not found.raised
    assert not found.changed
    assert not elsewhere
