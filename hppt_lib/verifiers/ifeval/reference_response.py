"""What IFEval's own program decides: case, language, length, layout, start and end.

Read from google-research, `instruction_following_eval/instructions.py`. Where that program draws
random numbers (``langdetect``), the same library runs here with a seed of its own.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from hppt_lib.verifiers.ifeval import (  # noqa: F401  (the families must be there first)
    change_case,
    combination,
    detectable_content,
    length_constraints,
    startend,
)
from hppt_lib.verifiers.ifeval import language as _  # noqa: F401
from hppt_lib.verifiers.nltk_rules import capital_count, sentence_count
from hppt_lib.verifiers.registry import Count, PositiveCount, Relation, Verdict, reference
from hppt_lib.verifiers.text import counted, satisfies

# langdetect reads 10,000 characters; five times as many leave room for the addresses it drops.
_READ_BY_LANGDETECT = 50_000
_NO_FEATURES = "no language: langdetect finds nothing to go by"


@reference("change_case:capital_word_frequency")
def capital_word_frequency(
    response: str, *, capital_frequency: Count, capital_relation: Relation
) -> Verdict:
    """NLTK's tokens in capitals, among them "I", "A", "'S" and both halves of "CANNOT"."""
    found = capital_count(response, capital_frequency)
    return Verdict(
        satisfies(found, capital_relation, capital_frequency),
        f"{_up_to(found, capital_frequency)} in capitals, "
        f"{capital_relation} {capital_frequency} wanted",
    )


@reference("change_case:english_capital")
def english_capital(response: str) -> Verdict:
    """No small letter, and English as langdetect sees it; true if langdetect sees nothing."""
    if not response.isupper():
        return Verdict(False, "not all letters are capitals")
    return _language_is(response, "en")


@reference("change_case:english_lowercase")
def english_lowercase(response: str) -> Verdict:
    """No capital letter, and English as langdetect sees it; true if langdetect sees nothing."""
    if not response.islower():
        return Verdict(False, "not all letters are small ones")
    return _language_is(response, "en")


@reference("combination:repeat_prompt")
def repeat_prompt(response: str, *, prompt_to_repeat: str) -> Verdict:
    """Begins with the prompt, in any case; nothing need follow."""
    begins = response.strip().lower().startswith(prompt_to_repeat.strip().lower())
    return Verdict(begins, f"begins with: {response.strip()[:60]}")


@reference("combination:two_responses")
def two_responses(response: str) -> Verdict:
    """Two different parts between runs of six asterisks; empty ones at the ends are forgiven."""
    parts = [each.strip() for each in response.split("******")]
    if not all(parts[1:-1]):
        return Verdict(False, "an empty part between asterisks")
    full = [each for each in parts if each]
    if len(full) != 2:
        return Verdict(False, f"{counted(len(full), 'part')}, 2 wanted")
    return Verdict(full[0] != full[1], "two parts")


@reference("detectable_content:number_placeholders")
def number_placeholders(response: str, *, num_placeholders: Count) -> Verdict:
    """Pairs of square brackets on one line, whatever is in them."""
    found = 0
    for line in response.split("\n"):
        start = line.find("[")
        while start >= 0 and (end := line.find("]", start)) >= 0:
            found += 1
            start = line.find("[", end)
    return Verdict(
        found >= num_placeholders,
        f"{counted(found, 'pair')} of square brackets, at least {num_placeholders} wanted",
    )


@reference("detectable_content:postscript")
def postscript(response: str, *, postscript_marker: str) -> Verdict:
    """The marker stands anywhere, in any case and even in mid-word."""
    marker = postscript_marker.strip()
    # In other markers than these two a full stop stands for any character.
    pattern = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}.get(
        marker, re.escape(marker.lower()).replace("\\.", ".")
    )
    found = bool(re.search(pattern, response.lower()))
    return Verdict(found, f"the marker {'stands' if found else 'does not stand'} in the text")


@reference("language:response_language")
def response_language(response: str, *, language: str) -> Verdict:
    """The language that langdetect sees first; true if it sees nothing."""
    return _language_is(response, language)


@reference("length_constraints:nth_paragraph_first_word")
def nth_paragraph_first_word(
    response: str,
    *,
    num_paragraphs: PositiveCount,
    nth_paragraph: PositiveCount,
    first_word: str,
) -> Verdict:
    """Blank paragraphs are not counted, but the n-th is looked up among all."""
    parts = response.split("\n\n")
    found = sum(1 for each in parts if each.strip())
    if nth_paragraph > found or not parts[nth_paragraph - 1].strip():
        return Verdict(False, f"{counted(found, 'paragraph')}, and none at place {nth_paragraph}")
    word = parts[nth_paragraph - 1].split()[0].lstrip("'").lstrip('"')
    begins = "".join(map(str.lower, re.split("[.,?!'\"]", word)[0]))
    return Verdict(
        found == num_paragraphs and begins == first_word.lower(),
        f"{counted(found, 'paragraph')}, {num_paragraphs} wanted; "
        f"paragraph {nth_paragraph} begins with {begins[:40]!r}",
    )


@reference("length_constraints:number_paragraphs")
def number_paragraphs(response: str, *, num_paragraphs: PositiveCount) -> Verdict:
    """Parts between any three asterisks, inside a line or of a longer run too."""
    parts = response.split("***")
    if not all(map(str.strip, parts[1:-1])):
        return Verdict(False, "an empty part between asterisks")
    found = sum(1 for each in parts if each.strip())
    return Verdict(
        found == num_paragraphs, f"{counted(found, 'paragraph')}, {num_paragraphs} wanted"
    )


@reference("length_constraints:number_sentences")
def number_sentences(response: str, *, relation: Relation, num_sentences: PositiveCount) -> Verdict:
    """NLTK's sentences: a line break ends none, and the "1." of a list is one."""
    found = sentence_count(response, num_sentences)
    return Verdict(
        satisfies(found, relation, num_sentences),
        f"{_up_to(found, num_sentences)} sentences, {relation} {num_sentences} wanted",
    )


@reference("length_constraints:number_words")
def number_words(response: str, *, relation: Relation, num_words: PositiveCount) -> Verdict:
    """Stretches of letters, digits and underscores: "don't" is two."""
    found = len(re.findall(r"\w+", response))
    return Verdict(
        satisfies(found, relation, num_words),
        f"{counted(found, 'word')}, {relation} {num_words} wanted",
    )


@reference("startend:end_checker")
def end_checker(response: str, *, end_phrase: str) -> Verdict:
    """Ends with the phrase, in any case, in mid-word too, with straight quotation marks after."""
    end = response.strip().strip('"').lower()
    return Verdict(end.endswith(end_phrase.strip().lower()), f"ends with: {end[-40:]}")


@reference("startend:quotation")
def quotation(response: str) -> Verdict:
    """The first and the last character are straight double quotation marks."""
    body = response.strip()
    wrapped = len(body) > 1 and body[0] == body[-1] == '"'
    return Verdict(wrapped, f"begins with {body[0]} and ends with {body[-1]}")


def _up_to(found: int, wanted: int) -> str:
    """``found`` as a text, where counting stopped at ``wanted``."""
    return str(found) if found < wanted else f"{wanted} or more"


def _language_is(text: str, wanted: str) -> Verdict:
    from langdetect.lang_detect_exception import LangDetectException

    detector = _langdetect().create()
    try:
        detector.append(text[:_READ_BY_LANGDETECT])
        found = detector.detect()
    except LangDetectException:
        return Verdict(True, _NO_FEATURES)
    return Verdict(found == wanted, f"the language is '{found}', '{wanted}' wanted")


@cache
def _langdetect() -> Any:
    """A factory of our own: the seed of the library's own one belongs to the user's process."""
    from pathlib import Path

    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    factory = DetectorFactory()
    # In the order of their names: the order in which a disk lists them moves the last digits.
    profiles = sorted(Path(PROFILES_DIRECTORY).iterdir())
    factory.load_json_profile([path.read_text(encoding="utf-8") for path in profiles])
    factory.set_seed(0)
    return factory
