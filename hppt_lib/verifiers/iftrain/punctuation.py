"""Constraints that forbid punctuation marks."""

from __future__ import annotations

from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.words import counted

# Signs that are one dot, or a row of dots.
_DOTS = ".\uff0e\ufe52\u2024\u2025\u2026\u22ef"
_EXCLAMATIONS = "!\uff01\ufe57\u00a1\u203c\u2048\u2049\u2757\u2755\u2762\u2763"


@register(
    "punctuation:punctuation_dot",
    "In your entire response, refrain from the use of . (i.e. dots) as punctuation and in general.",
    "Do not use any dots (.) in your answer, neither as full stops nor anywhere else.",
    "Your answer must not contain a single dot.",
    "Write without periods: the character . must not appear at all.",
)
def punctuation_dot(response: str) -> Verdict:
    """No dot: no full stop, decimal point or ellipsis. The Chinese full stop is a circle."""
    number = sum(map(response.count, _DOTS))
    return Verdict(not number, f"{counted(number, 'dot')}, none wanted")


@reference("punctuation:punctuation_dot")
def punctuation_dot_reference(response: str) -> Verdict:
    """No ASCII dot."""
    return Verdict("." not in response, f"{counted(response.count('.'), 'dot')}, none wanted")


@register(
    "punctuation:punctuation_exclamation",
    "In your entire response, refrain from the use of ! (i.e. exclamation marks) as punctuation and"
    " in general.",
    "Do not use exclamation marks anywhere in your answer.",
    "Your answer must not contain a single exclamation mark.",
    "Avoid the character ! completely.",
)
def punctuation_exclamation(response: str) -> Verdict:
    """No exclamation mark of any script."""
    number = sum(map(response.count, _EXCLAMATIONS))
    return Verdict(not number, f"{counted(number, 'exclamation mark')}, none wanted")


@reference("punctuation:punctuation_exclamation")
def punctuation_exclamation_reference(response: str) -> Verdict:
    """No ASCII exclamation mark."""
    number = response.count("!")
    return Verdict(not number, f"{counted(number, 'exclamation mark')}, none wanted")
