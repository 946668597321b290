"""Constraints on punctuation."""

from __future__ import annotations

from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.words import counted

# The comma of Latin text, and those that other scripts or other widths have for the same purpose:
# Armenian, Arabic, N'Ko, Ethiopic, Mongolian, turned, raised, reversed, Chinese and Japanese, Lisu,
# Vai, Bamum, vertical, small, full-width and half-width.
COMMAS = (
    ",\u055d\u060c\u07f8\u1363\u1802\u1808\u2e32\u2e34\u2e41\u3001\ua4fe\ua60d\ua6f5"
    "\ufe10\ufe11\ufe50\ufe51\uff0c\uff64"
)


@register(
    "punctuation:no_comma",
    "Do not use any commas.",
    "Your answer must not contain a comma.",
    "Write without using commas.",
    "Avoid commas completely.",
    "No commas are allowed.",
)
def no_comma(response: str) -> Verdict:
    """No comma of any script."""
    number = sum(map(response.count, "," if response.isascii() else COMMAS))
    return Verdict(not number, f"{counted(number, 'comma')}, none wanted")


@reference("punctuation:no_comma")
def no_comma_reference(response: str) -> Verdict:
    """No comma of ASCII."""
    number = response.count(",")
    return Verdict(not number, f"{counted(number, 'comma')}, none wanted")
