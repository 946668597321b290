"""Strings that break careless verifiers, and the verifiers to run them through.

Measures nothing itself: linearity.py and robustness.py share it.
"""

from __future__ import annotations

from hppt_lib import verifiers
from tests.verifiers.cases import CASES

# What is repeated up to the size that is wanted.
HOSTILE: dict[str, str] = {
    "opening brackets": "[",
    "opening parentheses": "(",
    "opening braces": "{",
    "angular brackets": "<",
    "asterisks": "*",
    "double quotation marks": '"',
    "single quotation marks": "'",
    "backticks": "`",
    "backslashes": "\\",
    "line ends": "\n",
    "carriage returns": "\r\n",
    "spaces": " ",
    "tabs": "\t",
    "commas": ",",
    "dots": ".",
    "hashes": "#",
    "hyphens": "-",
    "letters": "a",
    "capitals": "A",
    "digits": "7",
    "pairs of brackets": "[]",
    "titles": "<<a>> ",
    "titles that never close": "<<a",
    "bold that never closes": "**a ",
    "emphasis": "*a* ",
    "rules": "***\n",
    "bullet points": "* a\n",
    "deep bullet points": "  " * 20 + "- a\n",
    "numbered points": "1. a\n",
    "headings": "# a\n",
    "fences": "```\n",
    "fences with a name": "```python\n",
    "sections": "SECTION 1\n",
    "nested JSON": '{"a":[',
    "escaped quotation marks": '\\"',
    "open placeholders": "[a ",
    "links that never close": '[a](b "',
    "addresses of labels": "[a]: b.org\n",
    "formulas that never close": "\\[a\\(b$$c $d",
    "formulas": "$a$\\(b\\)",
    "brackets in code": "`a[b][c]",
    "short sentences": "a. ",
    "abbreviations": "e.g. Mr. ",
    "questions and exclamations": "? ! ",
    "dotted words": "a.b.",
    "postscripts": "P.S. ",
    "words": "tea ",
    "words in capitals": "TEA ",
    "commas and words": "tea, ",
    "palindromes": "abba",
    "tables": "| a | b |\n",
    "tags": "<a>",
    "Chinese characters": "春",
    "kana": "か",
    "Thai consonants": "ก",
    "Thai": "ดีมาก ",
    "Thai vowels and repetition": "เๆ ๆ",
    "Burmese and Khmer": "မာដ្ម។",
    "combining marks": "e\u0301\u0316",
    "emoji": "\U0001f44d\U0001f3fd\u200d\U0001f600",
    "Hindi": "\u0939\u0948\u0964",
    "Spanish marks": "\u00a1\u203d",
    "open quotations": "\u201ca. ",
    "quotations closed otherwise": "\u201ca.\u2019 ",
    "quotation marks of all kinds": "A. \"B. ' \u201c \u2018 \u00ab \u00bb \u2039 ",
    "quotations in brackets": '("a. b") ',
    "Chinese": "\u8336\u3002",
    "Arabic": "\u0634\u0627\u064a ",
    "halves of surrogate pairs": "\ud800",
    "zero bytes": "\0",
}


def repeated(unit: str, size: int) -> str:
    """``unit`` over and over, up to ``size`` bytes of UTF-8."""
    width = len(unit.encode("utf-8", "surrogatepass"))
    return unit * (size // width)


def examples(ids: list[str] | None = None) -> list[verifiers.Verifier]:
    """A verifier for each constraint and reading, with the parameters of its first case.

    Args:
        ids: only these constraints, or those of a group such as ``keywords``.
    """
    found: dict[tuple[str, str], verifiers.Verifier] = {}
    for case in CASES:
        if (case.id, case.reading) not in found and _wanted(case.id, ids):
            verifier = verifiers.build(case.id, case.kwargs, case.reading)
            found[case.id, case.reading] = verifier
    return [found[key] for key in sorted(found)]


def without_case(ids: list[str] | None = None) -> list[str]:
    """The verifiers that no case has parameters for, and that are therefore not run."""
    covered = {(each.family.id, each.reading) for each in examples(ids)}
    every = [(each.id, "text") for each in verifiers.families()]
    every += [(each.id, "reference") for each in verifiers.families() if each.reference]
    return [
        f"{id} ({reading})"
        for id, reading in every
        if _wanted(id, ids) and (id, reading) not in covered
    ]


def name(verifier: verifiers.Verifier) -> str:
    return f"{verifier.family.id} ({verifier.reading})"


def _wanted(id: str, ids: list[str] | None) -> bool:
    return not ids or any(id == each or id.startswith(f"{each}:") for each in ids)
