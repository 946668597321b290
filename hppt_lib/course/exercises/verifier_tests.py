"""The last exercise of notebook 02: the reader writes tests, and planted bugs grade them.

A test is an example: a response, and whether a verifier must pass it. The examples run on the right
verifier first, so that none of them wants a wrong verdict, and then on verifiers with a bug.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from hppt_lib.course.checks import Case, Exercise
from hppt_lib.course.exercises.formats import BULLET_MISTAKES, exactly_bullets
from hppt_lib.course.planted import PlantedBug, plant, survivors
from hppt_lib.verifiers.registry import Verdict

# (response, whether the verifier must pass it)
Example = tuple[str, bool]

WANTED = 3
# A few planted bugs are hard to see, so a tenth may be missed.
THRESHOLD = 0.9

# What is said of the `BULLET_MISTAKES`, in their order: enough to think of an example, no example.
_HINTS = (
    "more bullet points than wanted pass",
    "fewer bullet points than wanted pass",
    "a horizontal rule counts as a bullet point",
    "no space is asked for after the mark",
    "whatever begins with a mark counts, words or not, space or not",
    "indented bullet points are missed",
    "of the four marks, only the asterisk is known",
    "of the four marks, only the hyphen is known",
    "of the four marks, only the asterisk and the hyphen are known",
    "the items of a numbered list count as well",
    "a mark counts wherever it stands in a line",
    "lines are counted, whatever they hold",
)


def three_bullets(response: str) -> bool:
    """The verifier under test: exactly three bullet points."""
    return exactly_bullets(response, WANTED)


def bullet_examples() -> list[Example]:
    """Examples that catch every bug that is planted here; the reader's may be others."""
    return [
        ("- tea\n- milk\n- jam", True),
        ("Here you are:\n\n* tea\n+ milk\n\n• jam\nThat is all.", True),
        ("  - tea\n\t* milk\n    + jam", True),
        ("- 1\n- 2\n- 3", True),
        ("- tea\n* * *\n- milk\n---\n- jam", True),
        ("**Breakfast**\n- tea\n- milk\n- jam", True),
        ("-5 degrees\n- tea\n- milk\n- jam", True),
        ("1. Breakfast\n- tea\n- milk\n2) Lunch\n- jam", True),
        ("- tea - hot\n- milk * cold\n- jam + bread", True),
        ("- tea\n- milk", False),
        ("- tea", False),
        ("- tea\n- milk\n- jam\n- bread", False),
        ("Tea, milk and jam.", False),
        ("1. tea\n2. milk\n3. jam", False),
        ("-tea\n-milk\n-jam", False),
        ("**Tea**\n**Milk**\n**Jam**", False),
        ("* * *\n- - -\n+ + +", False),
        ("tea - milk - jam - bread", False),
        ("tea\nmilk\njam", False),
    ]


def grade_examples(examples: Any) -> Verdict:
    """Whether examples for `three_bullets` are right, and catch the planted bugs.

    Args:
        examples: what the reader wrote; anything at all.

    Returns:
        Passed if every expectation is right and at least `THRESHOLD` of the bugs are caught. The
        reason says what share was caught, and describes one bug that was not.
    """
    problem = _wrong_form(examples) or _wrong_expectations(examples)
    if problem:
        return Verdict(False, problem)
    planted = planted_bugs()
    missed = survivors(planted, examples)
    caught = len(planted) - len(missed)
    share = f"your examples catch {caught} of {len(planted)} planted bugs"
    share += f" ({caught / len(planted):.0%})"
    if missed:
        share += f".\n  One of those that they do not catch: {missed[0].what}"
    if caught < THRESHOLD * len(planted):
        return Verdict(False, f"{share}.\n  At least {THRESHOLD:.0%} is wanted: add examples.")
    return Verdict(True, share)


@cache
def planted_bugs() -> list[PlantedBug]:
    """Verifiers of three bullet points with a bug each: those that people write come first."""
    likely = [
        PlantedBug("likely mistake", hint, 0, "", _with_three(mistake.answer))
        for hint, mistake in zip(_HINTS, BULLET_MISTAKES, strict=True)
    ]
    mechanical = [
        PlantedBug(
            bug.name,
            f"in line {bug.line} of exactly_bullets, {bug.what}",
            bug.line,
            bug.code,
            _with_three(bug.function),
        )
        for bug in plant(exactly_bullets)
    ]
    return likely + mechanical


def _with_three(function: Callable[..., bool]) -> Callable[[str], bool]:
    return partial(function, wanted=WANTED)


def _wrong_form(examples: Any) -> str | None:
    if not isinstance(examples, list):
        return f"a list of examples is expected, and yours is a {type(examples).__name__}."
    if not examples:
        return "the list is empty: it catches none of the planted bugs."
    for number, example in enumerate(examples, start=1):
        pair = isinstance(example, tuple) and len(example) == 2
        if not (pair and isinstance(example[0], str) and isinstance(example[1], bool)):
            return (
                f"example {number} is not a pair of a response and True or False: {example!r:.80}"
            )
    return None


def _wrong_expectations(examples: Sequence[Example]) -> str | None:
    wrong = [
        f"example {number}, {response!r:.60}: you want {wanted}, the right verdict is {not wanted}"
        for number, (response, wanted) in enumerate(examples, start=1)
        if three_bullets(response) is not wanted
    ]
    if not wrong:
        return None
    more = f"\n  and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return "the right verifier fails your tests:\n  " + "\n  ".join(wrong[:3]) + more


EXERCISES: dict[str, Exercise] = {
    "bullet_examples": Exercise(
        reference=bullet_examples,
        cases=(Case("your examples for a verifier of exactly 3 bullet points", {}),),
        mistakes=(),
        not_covered="bugs that nobody planted: 100 % is no proof.",
        judge=grade_examples,
    ),
}
