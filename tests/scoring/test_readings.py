"""The differences between the two readings are found, shown, and their absence explained."""

from __future__ import annotations

import pytest

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.scoring import differences_table
from tests.helpers.commands import hppt

pytestmark = pytest.mark.slow


def test_an_id_is_found_by_any_part_of_it() -> None:
    """Mistake: only the beginning is compared, so that "palindrome" finds nothing."""
    shown = differences_table("palindrome", width=120)
    assert "words:palindrome" in shown and "keywords:palindrome" in shown
    assert "punctuation:" not in shown
    assert differences_table("KEYWORDS:existence", width=120).count("keywords:existence") >= 1


def test_what_a_benchmarks_own_program_does_is_found_by_its_name() -> None:
    """Mistake: the defects beyond single constraints are known to reports alone."""
    shown = differences_table("cfbench", width=120)
    assert "CFBench's fallback" in shown and "palindrome" not in shown


def test_without_a_part_all_are_shown() -> None:
    """Mistake: a table that leaves out rows that it has no room for."""
    shown = differences_table(width=300)
    for each in verifiers.differences():
        assert each.id in shown


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("palindrmoe", "Did you mean .*words:palindrome"),
        ("keyword:existence", "Did you mean keywords:existence"),
        ("xyz", r"no constraint with 'xyz' in its id\. Differences are known in: .*, count, "),
        ("hppt:substance", "No difference .* known for hppt:substance: they agree"),
    ],
)
def test_nothing_found_is_explained(part: str, message: str) -> None:
    """Mistake: an empty table, or the same words for a misspelt id and for one without any."""
    with pytest.raises(HpptError, match=message):
        differences_table(part)


def test_the_command_lists_them() -> None:
    """Mistake: a table that nobody can read in a terminal, or status 0 for a misspelt id."""
    done = hppt("differences", "palindrome")
    assert done.returncode == 0 and "reading reference" in done.stdout
    assert "words:palindrome" in done.stdout and "punctuation:" not in done.stdout
    done = hppt("differences", "keyword-existence")
    assert done.returncode == 1 and "Did you mean" in done.stderr
