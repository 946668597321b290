"""The lists in the data files: what the functions of `hppt_lib.verifiers.word_lists` give back."""

from __future__ import annotations

from hppt_lib.errors import HpptError
from tests.verifiers.cases.function_case import function_cases

_MODULE = "hppt_lib.verifiers.word_lists"

# Each row: the arguments, what must come back, what is special about it.
WORD_LISTS = (
    ("object pronouns", ("me", "him", "us", "them", "thee"), "in the order of the file"),
    ("1 syllable", ("aisle", "isle", "whole", "aren", "weren"), "a comment above it"),
    ("objects", HpptError, "there is no such list"),
)
LINE_LISTS = (
    (
        "spellings of capitals",
        "geography.txt",
        (
            "reykjavík = reykjavik",
            "kiev = kyiv",
            "luxembourg city = luxembourg",
            "chișinău = chisinau",
            "chişinău = chisinau",
            "berne = bern",
        ),
        "entries of several words",
    ),
    ("object pronouns", "geography.txt", HpptError, "a list of the other file"),
)
WORD_SETS = (("tea hot\n tea", {"tea", "hot"}, "white space of every kind"),)

CASES = (
    *function_cases(_MODULE, "word_list", WORD_LISTS),
    *function_cases(_MODULE, "line_list", LINE_LISTS),
    *function_cases(_MODULE, "word_set", WORD_SETS),
)
