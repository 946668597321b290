"""Syllables and tokens: examples of the functions behind IFBench's constraints on words."""

from __future__ import annotations

from tests.verifiers.cases.function_case import function_cases

_GRAMMAR = "hppt_lib.verifiers.ifbench.grammar"
_SYLLABLES = "hppt_lib.verifiers.ifbench.syllables"

# Each row: the arguments, what must come back, what is special about it.
TOKENS = (
    ("don't re-use", ["don't", "re-use"], "marks inside a word"),
    ("a1 12b it's3", ["a", "1", "12", "b", "it's", "3"], "letters and digits are parted"),
    ("x_y a-_b", ["x", "y", "a", "-", "b"], "an underscore is nothing"),
    ("a' -b", ["a", "'", "-", "b"], "marks outside a word stand alone"),
    ("So, I\ngo.", ["So", ",", "I", "\n", "go", "."], "a line break is a mark"),
)

SYLLABLES = (
    ("go", frozenset({1}), "not a number below zero"),
    ("dog-ear", frozenset({2}), "both parts count"),
    ("tea-", frozenset(), "nothing after the hyphen"),
    ("fox's", frozenset({2}), "an ending with a syllable of its own"),
    ("dryly", frozenset({2}), "another one"),
    ("hour", frozenset({1, 2}), "spoken in two ways: one less, not one more"),
    ("dually", frozenset({2, 3}), "so are words made of one"),
    ("basicallys", frozenset({4}), '"ically" is swallowed at the end only'),
    ("fuelwood", frozenset({2}), '"uel" is one syllable inside a word'),
    ("bruised", frozenset({1}), '"ui" is one syllable'),
    ("swimsuit", frozenset({2}), '"ui" is one syllable at the end as well'),
)

CASES = (
    *function_cases(_GRAMMAR, "words_and_marks", TOKENS),
    *function_cases(_SYLLABLES, "syllable_counts", SYLLABLES),
)
