"""Defects in the benchmarks' own data: prompts that contradict what is scored, or themselves.

A response that does what such a prompt says can fail, or one that does not can pass, whatever the
verifier. The list comes from public threads and from comparing the numbers and quoted words of all
prompts with their parameters. A prompt is recognised by its fingerprint, so that a copy in which
it has been repaired is not accused.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

IFEVAL, IFBENCH = "IFEval", "IFBench"
_MISMATCH = "google-research/google-research/pull/3361"
_REPEATED = "thinking-machines-lab/tinker-cookbook/pull/894"


@dataclass(frozen=True)
class DataDefect:
    """One defect of one prompt.

    Attributes:
        benchmark: ``IFEval`` or ``IFBench``; empty if the defect is seen from the prompt itself.
        key: the prompt's key, as text.
        id: the constraint that is concerned.
        what: what is wrong, in words for a reader.
        thread: public discussion of it; empty if none is known.
        fingerprint: see `fingerprint`; empty if the defect is seen from the prompt itself.
        kwargs: parameters that the constraint must have for the defect to be there.
        missing: a constraint that the prompt states and that is not scored; empty if none.
    """

    benchmark: str
    key: str
    id: str
    what: str
    thread: str = ""
    fingerprint: str = ""
    kwargs: Mapping[str, Any] = field(default_factory=dict, hash=False)
    missing: str = ""

    def is_in(
        self, prompt: str, instruction_ids: Sequence[str], kwargs: Sequence[Mapping[str, Any]]
    ) -> bool:
        """Whether a prompt with these constraints has this defect: it may have been repaired."""
        if fingerprint(prompt) != self.fingerprint or self.missing in instruction_ids:
            return False
        return any(
            id == self.id and all(given.get(name) == value for name, value in self.kwargs.items())
            for id, given in zip(instruction_ids, kwargs, strict=False)
        )


def fingerprint(prompt: str) -> str:
    """The first 16 digits of the SHA-256 hash of a prompt, without white space around it."""
    return hashlib.sha256(prompt.strip().encode("utf-8", "replace")).hexdigest()[:16]


_LOWERCASE_MARKER = (
    "the answer must be in lowercase letters only, and must hold a marker in capitals"
)
_FORBIDDEN_IN_REQUEST = (
    "the request has to be repeated word for word, and holds words that the answer must not have"
)
_COMMA_IN_REQUEST = (
    "the request has to be repeated word for word, and holds commas, which the answer must not have"
)

KNOWN_DEFECTS: tuple[DataDefect, ...] = (
    DataDefect(
        IFEVAL,
        "2078",
        "detectable_format:number_bullet_lists",
        "the prompt asks for exactly one bullet point and for a few",
        _MISMATCH,
        "24cdcadb05f0fcec",
    ),
    DataDefect(
        IFEVAL,
        "337",
        "length_constraints:number_words",
        "the prompt asks for at least 400 words, the parameters for 336",
        _MISMATCH,
        "b68abaf3a3d0b4a1",
        {"num_words": 336},
    ),
    DataDefect(
        IFEVAL,
        "30",
        "startend:quotation",
        "the prompt asks for lower case letters, which is not scored; the quotation marks are "
        "scored twice",
        _MISMATCH,
        "88c1e61a2f1c5e32",
        missing="change_case:english_lowercase",
    ),
    DataDefect(
        IFEVAL,
        "1174",
        "keywords:letter_frequency",
        "the prompt wants the letter at least 6 times, the parameters less than 6 times",
        "",
        "8116c07e15ec3b3e",
        {"let_relation": "less than"},
    ),
    DataDefect(
        IFEVAL,
        "1379",
        "keywords:frequency",
        'the prompt says "only once"; this constraint accepts no mention at all, and only another '
        "one (keywords:existence) makes up for it",
        "",
        "e15588165e187692",
        {"relation": "less than"},
    ),
    DataDefect(
        IFEVAL,
        "1964",
        "length_constraints:number_words",
        "the prompt asks for a 100-word text, the parameters for 100 words or any number above",
        "",
        "ec8f98e204aa1a4c",
        {"relation": "at least"},
    ),
    DataDefect(
        IFEVAL,
        "2180",
        "length_constraints:number_paragraphs",
        "the prompt asks for at least 5 sections; exactly 5 are scored",
        "",
        "24514b95b7234989",
        {"num_paragraphs": 5},
    ),
    DataDefect(
        IFEVAL,
        "3311",
        "keywords:existence",
        "the prompt names three keywords, the parameters two; besides, they are English words in "
        "an answer that must be in Korean only",
        "",
        "2946bdd7398a640a",
        {"keywords": ["indicator", "management"]},
    ),
    DataDefect(
        IFEVAL,
        "3305",
        "language:response_language",
        "an English request has to be repeated in an answer that must be in Hindi only",
        "",
        "4f81494760afc2e0",
    ),
    DataDefect(
        IFEVAL, "374", "keywords:forbidden_words", _FORBIDDEN_IN_REQUEST, "", "06e1fb41da1066be"
    ),
    DataDefect(
        IFEVAL, "3371", "keywords:forbidden_words", _FORBIDDEN_IN_REQUEST, "", "adb330c9acf0bd94"
    ),
    DataDefect(
        IFEVAL,
        "3369",
        "keywords:frequency",
        "the request has to be repeated word for word, and holds twice a word that may stand once",
        "",
        "5fb4026179e47c90",
        {"relation": "less than", "frequency": 2},
    ),
    DataDefect(IFEVAL, "1627", "punctuation:no_comma", _COMMA_IN_REQUEST, "", "1d0297e542c8ddf8"),
    DataDefect(IFEVAL, "3718", "punctuation:no_comma", _COMMA_IN_REQUEST, "", "fdca83b6cde66df6"),
    DataDefect(
        IFEVAL, "2216", "change_case:english_lowercase", _LOWERCASE_MARKER, "", "78b1e1f438c8a54f"
    ),
    DataDefect(
        IFEVAL, "3069", "change_case:english_lowercase", _LOWERCASE_MARKER, "", "fb2f84bfb7b7fea0"
    ),
    DataDefect(
        IFBENCH,
        "286",
        "repeat:repeat_span",
        'the text in the prompt has backslashes (\\n, \\") where the parameters have line breaks '
        "and quotation marks",
        "",
        "8f4b85fd55a2a510",
    ),
    DataDefect(
        IFBENCH,
        "290",
        "format:title_case",
        'the prompt shows backslashes (\\n, \\") where line breaks and quotation marks are meant',
        "",
        "523a7b2e7dd118e2",
    ),
    DataDefect(
        IFBENCH,
        "295",
        "format:output_template",
        "the prompt shows backslashes (\\n) where line breaks are meant",
        "",
        "a038003a14d0e560",
    ),
)

_BY_KEY: dict[str, list[DataDefect]] = {}
for _defect in KNOWN_DEFECTS:
    _BY_KEY.setdefault(_defect.key, []).append(_defect)


def defects_of(
    key: object,
    prompt: str,
    instruction_ids: Sequence[str],
    kwargs: Sequence[Mapping[str, Any]],
) -> list[DataDefect]:
    """The known defects of one prompt of a benchmark's file, and those that can be seen from it.

    Args:
        key: the prompt's key, a number (IFEval) or text (IFBench).
        prompt: its text.
        instruction_ids: the ids of its constraints.
        kwargs: their parameters; parameters that are None count as left out.
    """
    found = [
        each for each in _BY_KEY.get(str(key), []) if each.is_in(prompt, instruction_ids, kwargs)
    ]
    for id, times in Counter(instruction_ids).items():
        if times > 1:
            what = f"names this constraint {times} times: tell its results apart by their position"
            found.append(DataDefect("", str(key), id, what, _REPEATED))
    if "ratio:overlap" in instruction_ids and "reference text:" not in prompt.lower():
        what = 'speaks of "the provided reference text" and marks none: the request itself is meant'
        found.append(DataDefect("", str(key), "ratio:overlap", what))
    return found
