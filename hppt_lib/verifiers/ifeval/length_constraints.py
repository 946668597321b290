"""Constraints on length."""

from __future__ import annotations

import re

from hppt_lib.verifiers.nltk_text import sentence_count, up_to
from hppt_lib.verifiers.registry import PositiveCount, Relation, Verdict, reference, register
from hppt_lib.verifiers.sentences import paragraphs, sentences
from hppt_lib.verifiers.words import bare_words, begins_with, counted, satisfies, word_count

# Three asterisks with nothing but white space around them: "***bold***" is no divider.
# Looking last at what stands before it is several times as fast.
_DIVIDER = re.compile(r"\*\*\*(?<!\S\*{3})(?!\S)")


@register(
    "length_constraints:number_words",
    "Answer with {relation} {num_words} words.",
    "Your answer must have {relation} {num_words} words.",
    "Use {relation} {num_words} words.",
    "Write {relation} {num_words} words.",
    "The whole answer should be {relation} {num_words} words long.",
)
def number_words(response: str, *, relation: Relation, num_words: PositiveCount) -> Verdict:
    """At least, or less than, a number of words; each Chinese character and each kana is one.

    Words of Thai, Lao, Khmer and Burmese, which have no space between them, are cut by a
    dictionary, which errs at names and new words.
    """
    number = word_count(response)
    return Verdict(
        satisfies(number, relation, num_words),
        f"{counted(number, 'word')}, {relation} {num_words} wanted",
    )


@reference("length_constraints:number_words")
def number_words_reference(
    response: str, *, relation: Relation, num_words: PositiveCount
) -> Verdict:
    """Stretches of letters, digits and underscores: "don't" is two."""
    number = len(re.findall(r"\w+", response))
    return Verdict(
        satisfies(number, relation, num_words),
        f"{counted(number, 'word')}, {relation} {num_words} wanted",
    )


@register(
    "length_constraints:number_sentences",
    "Answer with {relation} {num_sentences} sentences.",
    "Your answer should contain {relation} {num_sentences} sentences.",
    "Use {relation} {num_sentences} sentences.",
    "Write {relation} {num_sentences} sentences.",
    "The whole answer must have {relation} {num_sentences} sentences.",
    needs=("sentencex",),
)
def number_sentences(response: str, *, relation: Relation, num_sentences: PositiveCount) -> Verdict:
    """At least, or less than, a number of sentences, as a person counts them.

    `sentences` decides what a sentence is in lists, headings, quotations and verse.
    """
    number = len(sentences(response))
    return Verdict(
        satisfies(number, relation, num_sentences),
        f"{counted(number, 'sentence')}, {relation} {num_sentences} wanted",
    )


@reference("length_constraints:number_sentences", needs=("punkt",))
def number_sentences_reference(
    response: str, *, relation: Relation, num_sentences: PositiveCount
) -> Verdict:
    """NLTK's sentences: a line break ends none, and the "1." of a list is one."""
    number = sentence_count(response, num_sentences)
    return Verdict(
        satisfies(number, relation, num_sentences),
        f"{up_to(number, num_sentences)} sentences, {relation} {num_sentences} wanted",
    )


@register(
    "length_constraints:number_paragraphs",
    "Write exactly {num_paragraphs} paragraphs, separated by the Markdown divider ***",
    "There should be exactly {num_paragraphs} paragraphs with *** between them.",
    "Your answer must have {num_paragraphs} paragraphs. Separate them with ***",
    "Divide your answer into exactly {num_paragraphs} parts by means of ***",
    "Answer in {num_paragraphs} paragraphs; put the divider *** between one and the next.",
)
def number_paragraphs(response: str, *, num_paragraphs: PositiveCount) -> Verdict:
    """Exactly a number of parts with the divider ``***`` between them.

    The divider stands by itself, on a line of its own or between spaces. Blank lines separate
    nothing here. A divider before the first part or after the last is forgiven, one after another
    with no word between them is not.
    """
    parts = [any(map(str.isalnum, each)) for each in _DIVIDER.split(response.replace("\\*", "*"))]
    if not all(parts[1:-1]):
        return Verdict(False, "nothing between two dividers")
    number = sum(parts)
    return Verdict(
        number == num_paragraphs,
        f"{counted(number, 'paragraph')} separated by ***, exactly {num_paragraphs} wanted",
    )


@reference("length_constraints:number_paragraphs")
def number_paragraphs_reference(response: str, *, num_paragraphs: PositiveCount) -> Verdict:
    """Parts between any three asterisks, inside a line or of a longer run too."""
    parts = response.split("***")
    if not all(map(str.strip, parts[1:-1])):
        return Verdict(False, "an empty part between asterisks")
    number = sum(1 for each in parts if each.strip())
    return Verdict(
        number == num_paragraphs, f"{counted(number, 'paragraph')}, {num_paragraphs} wanted"
    )


@register(
    "length_constraints:nth_paragraph_first_word",
    "Write exactly {num_paragraphs} paragraphs, separated by blank lines. Paragraph "
    "{nth_paragraph} must start with the word {first_word}.",
    "There should be {num_paragraphs} paragraphs with two line breaks between them, and number "
    "{nth_paragraph} must begin with {first_word}.",
    "Answer in {num_paragraphs} paragraphs separated by blank lines; start paragraph "
    "{nth_paragraph} with the word {first_word}.",
    "Use {num_paragraphs} paragraphs with a blank line between them. The first word of paragraph "
    "{nth_paragraph} must be {first_word}.",
)
def nth_paragraph_first_word(
    response: str,
    *,
    num_paragraphs: PositiveCount,
    nth_paragraph: PositiveCount,
    first_word: str,
) -> Verdict:
    """Exactly a number of paragraphs between blank lines, one of which begins with a word.

    Whatever stands between blank lines is a paragraph, a title or a list too: the prompts say that
    only paragraphs are separated so. Only a rule without a word (``---``) is none. The word may be
    in any case and in Markdown or quotation marks; "It's" is not the word "it".
    """
    parts = paragraphs(response)
    inside = bare_words(parts[nth_paragraph - 1]) if nth_paragraph <= len(parts) else []
    begins = " ".join(inside[: len(bare_words(first_word))])
    return Verdict(
        len(parts) == num_paragraphs and begins_with(inside, first_word),
        f"{counted(len(parts), 'paragraph')}, exactly {num_paragraphs} wanted; number "
        f"{nth_paragraph} begins with {begins[:40]!r}, {first_word!r} wanted",
    )


@reference("length_constraints:nth_paragraph_first_word")
def nth_paragraph_first_word_reference(
    response: str,
    *,
    num_paragraphs: PositiveCount,
    nth_paragraph: PositiveCount,
    first_word: str,
) -> Verdict:
    """Blank paragraphs are not counted, but the n-th is looked up among all."""
    parts = response.split("\n\n")
    number = sum(1 for each in parts if each.strip())
    if nth_paragraph > number or not parts[nth_paragraph - 1].strip():
        return Verdict(False, f"{counted(number, 'paragraph')}, and none at place {nth_paragraph}")
    word = parts[nth_paragraph - 1].split()[0].lstrip("'").lstrip('"')
    begins = "".join(map(str.lower, re.split("[.,?!'\"]", word)[0]))
    return Verdict(
        number == num_paragraphs and begins == first_word.lower(),
        f"{counted(number, 'paragraph')}, {num_paragraphs} wanted; "
        f"paragraph {nth_paragraph} begins with {begins[:40]!r}",
    )
