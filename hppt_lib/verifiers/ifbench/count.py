"""Constraints that count words, names, numbers and marks."""

from __future__ import annotations

import re
from itertools import takewhile

from hppt_lib.verifiers.ifbench.english import COORDINATING, PERSON_NAMES, PROGRAM_PRONOUNS
from hppt_lib.verifiers.ifbench.grammar import conjunctions_in, pronouns_in
from hppt_lib.verifiers.nltk_text import EDGES, tokens, without_punctuation
from hppt_lib.verifiers.registry import Count, PositiveCount, Verdict, reference, register
from hppt_lib.verifiers.unspaced import EAST, spaced_by_dictionary
from hppt_lib.verifiers.words import counted, occurrences, prose_words, shown, words

_NUMBER = re.compile(
    r"\d{4}-\d\d?-\d\d?(?!\d)"  # a date
    r"|\d{1,2}(?::\d\d){1,2}(?!\d)"  # a time
    r"|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?"  # thousands
    r"|\d+(?:[./]\d+)*[\u00bc-\u00be\u2150-\u215e]?"  # 3.5, 1/2, 2\u00bd
    r"|[\u00bc-\u00be\u2150-\u215e]"
)
_NAME = re.compile(
    rf"(?<![^\W_{EAST}])(?:{'|'.join((*PERSON_NAMES, *map(str.upper, PERSON_NAMES)))})"
    rf"(?![^\W_{EAST}])"
)
_TIMES = (1, 2, 3, 5, 7)
_INTERROBANGS = ("?!", "!?", "\u203d")
_JAPANESE = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9f]")
_PROGRAM_NAME = re.compile(rf"\b(?:{'|'.join(PERSON_NAMES)})\b")
_PROGRAM_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@register(
    "count:conjunctions",
    "Use at least {small_n} different coordinating conjunctions in the response.",
    "Your response must contain at least {small_n} different coordinating conjunctions.",
    "Include {small_n} or more different coordinating conjunctions.",
    "At least {small_n} different coordinating conjunctions have to appear in your answer.",
    "Make use of {small_n} different coordinating conjunctions, or more.",
)
def conjunctions(response: str, *, small_n: Count) -> Verdict:
    """At least a number of different words out of for, and, nor, but, or, yet, so.

    Case does not make a word another one. "For", "so" and "yet" count where they join, judged by
    what stands around them: not in "tea for two", "so hot", "so that" or "not yet".
    """
    used = conjunctions_in(response)
    names = sorted(used)
    return Verdict(
        len(names) >= small_n,
        f"{len(names)} of the coordinating conjunctions ({shown(names, 7)}), "
        f"at least {small_n} wanted",
    )


@reference("count:conjunctions")
def conjunctions_reference(response: str, *, small_n: Count) -> Verdict:
    """Counts different spellings: "and", "And" and "and," are three conjunctions."""
    spellings = {each for each in response.split() if each.strip(EDGES).lower() in COORDINATING}
    return _at_least(len(spellings), small_n, "spelling of conjunctions")


@register(
    "count:keywords_multiple",
    "Include keyword {keyword1} once in your response, keyword {keyword2} twice in your response, "
    "keyword {keyword3} three times in your response, keyword {keyword4} five times in your "
    "response, and keyword {keyword5} seven times in your response.",
    "Use the word {keyword1} exactly once, {keyword2} exactly twice, {keyword3} exactly three "
    "times, {keyword4} exactly five times and {keyword5} exactly seven times.",
    "Your answer must contain {keyword1} one time, {keyword2} two times, {keyword3} three times, "
    "{keyword4} five times and {keyword5} seven times.",
    "These keywords must appear this often: {keyword1} once, {keyword2} twice, {keyword3} three "
    "times, {keyword4} five times, {keyword5} seven times.",
    "Mention {keyword1} once, {keyword2} twice, {keyword3} thrice, {keyword4} five times and "
    "{keyword5} seven times, no more and no less.",
)
def keywords_multiple(
    response: str, *, keyword1: str, keyword2: str, keyword3: str, keyword4: str, keyword5: str
) -> Verdict:
    """Five keywords, exactly 1, 2, 3, 5 and 7 times, each as a word of its own, in any case."""
    wrong = []
    for keyword, wanted in zip(
        (keyword1, keyword2, keyword3, keyword4, keyword5), _TIMES, strict=True
    ):
        number = occurrences(keyword, response)
        if number != wanted:
            wrong.append(f"{keyword[:60]} {number} times, {wanted} wanted")
    return Verdict(not wrong, "; ".join(wrong) or "each keyword as often as wanted")


@reference("count:keywords_multiple")
def keywords_multiple_reference(
    response: str, *, keyword1: str, keyword2: str, keyword3: str, keyword4: str, keyword5: str
) -> Verdict:
    """Occurrences anywhere, inside other words too."""
    text = response.lower()
    wanted = zip((keyword1, keyword2, keyword3, keyword4, keyword5), (1, 2, 3, 5, 7), strict=True)
    for keyword, number in wanted:
        times = text.count(keyword.strip().lower())
        if times != number:
            return Verdict(False, f"{keyword[:60]} {times} times, {number} wanted")
    return Verdict(True, "each keyword as often as wanted")


@register(
    "count:numbers",
    "Include exactly {N} numbers in the response.",
    "Your response must contain exactly {N} numbers.",
    "Use exactly {N} numbers in your answer, no more and no less.",
    "There have to be exactly {N} numbers in the response.",
    "Write your answer so that it contains {N} numbers exactly.",
)
def numbers(response: str, *, N: Count) -> Verdict:
    """Exactly a number of numbers written in digits.

    "1,000", "3.5", "1/2", "10:30" and "2024-01-05" are one number each, "5-10" and "2:1" two. The
    numbers of a list ("1.") count: they are there to be read. Digits at the end of a name that
    begins with a letter ("H2O", "B12") do not, nor do numbers in words ("three", "one of them").
    """
    in_digits = [
        match[0]
        for match in _NUMBER.finditer(response)
        if match.start() == 0 or not response[match.start() - 1].isalpha()
    ]
    return Verdict(
        len(in_digits) == N,
        f"{counted(len(in_digits), 'number')} ({shown(in_digits)}), exactly {N} wanted",
    )


@reference("count:numbers")
def numbers_reference(response: str, *, N: Count) -> Verdict:
    """Runs of digits once all ASCII marks are deleted: "5-10" is one number."""
    number = len(re.findall(r"\d+", without_punctuation(response)))
    return Verdict(number == N, f"{counted(number, 'number')}, exactly {N} wanted")


@register(
    "count:person_names",
    "Mention at least {N} different person names in the response, from this list of person names: "
    "Emma, Liam, Sophia, Jackson, Olivia, Noah, Ava, Lucas, Isabella, Mason, Mia, Ethan, "
    "Charlotte, Alexander, Amelia, Benjamin, Harper, Leo, Zoe, Daniel, Chloe, Samuel, Lily, "
    "Matthew, Grace, Owen, Abigail, Gabriel, Ella, Jacob, Scarlett, Nathan, Victoria, Elijah, "
    "Layla, Nicholas, Audrey, David, Hannah, Christopher, Penelope, Thomas, Nora, Andrew, Aria, "
    "Joseph, Claire, Ryan, Stella, Jonathan .",
    *(
        f"{wording} {', '.join(PERSON_NAMES)}."
        for wording in (
            "Use {N} or more different names from this list:",
            "Your response must mention at least {N} of these people:",
            "At least {N} different names from the following list have to appear:",
            "Work at least {N} of these names into your answer:",
        )
    ),
)
def person_names(response: str, *, N: Count) -> Verdict:
    """At least a number of different names from the list, each as a word of its own.

    With a capital or all in capitals (as in a screenplay): "grace" and "mason" are no names.
    """
    names = sorted({name.capitalize() for name in _NAME.findall(response)})
    return Verdict(
        len(names) >= N, f"{counted(len(names), 'name')} ({shown(names)}), at least {N} wanted"
    )


@reference("count:person_names")
def person_names_reference(response: str, *, N: Count) -> Verdict:
    """Names as the list writes them, between word boundaries of a regular expression."""
    return _at_least(len(set(_PROGRAM_NAME.findall(response))), N, "name")


@register(
    "count:pronouns",
    "The response should include at least {N} pronouns.",
    "Use at least {N} pronouns in your response.",
    "Your answer must contain {N} or more pronouns.",
    "There should be at least {N} pronouns in the response.",
    "Include no fewer than {N} pronouns.",
)
def pronouns(response: str, *, N: Count) -> Verdict:
    """At least a number of pronouns: personal, possessive, reflexive, relative, indefinite, ...

    Each occurrence counts, "it's" and "I'm" as one. "My" and "which" count before a noun as well.
    "This", "that", "all", "some" and their like count where they stand for a noun ("this is"), not
    before one ("this tea") or where they join ("said that").
    """
    used = pronouns_in(response)
    return Verdict(
        len(used) >= N, f"{counted(len(used), 'pronoun')} ({shown(used)}), at least {N} wanted"
    )


@reference("count:pronouns", needs=("punkt",))
def pronouns_reference(response: str, *, N: Count) -> Verdict:
    """Every token on the list: "that" as a conjunction and "all" before a noun too."""
    all_words = tokens(response.replace("/", " ").lower())
    return _at_least(sum(each in PROGRAM_PRONOUNS for each in all_words), N, "pronoun")


@register(
    "count:punctuation",
    "Use every standard punctuation mark at least once, including semicolons, colons, and the "
    "interrobang (?!).",
    "Your response must contain each standard punctuation mark, semicolon, colon and interrobang "
    "(?!) included.",
    "Make sure that all standard punctuation marks appear at least once, among them the "
    "semicolon, the colon and the interrobang (?!).",
    "Every standard mark of punctuation has to be used at least once: do not forget semicolons, "
    "colons and the interrobang (?!).",
    "Work each standard punctuation mark into your answer, down to the semicolon, the colon and "
    "the interrobang (?!).",
)
def punctuation(response: str) -> Verdict:
    """Full stop, comma, semicolon, colon, ?, !, interrobang, apostrophe, quotation marks, () and -.

    The prompt gives no list. These are the marks that every English style guide treats; brackets,
    braces, slashes and the ellipsis are not asked for. The question and the exclamation mark have
    to stand outside an interrobang too; a hyphen or a dash will do, but not a list's bullet.
    """
    rest = response
    for mark in _INTERROBANGS:
        rest = rest.replace(mark, " ")
    missing = [name for name, there in _marks(rest).items() if not there]
    if rest == response:
        missing.append("interrobang")
    return Verdict(not missing, f"missing: {', '.join(missing)}" if missing else "every mark found")


def _marks(text: str) -> dict[str, bool]:
    return {
        "full stop": "." in text,
        "comma": "," in text,
        "semicolon": ";" in text,
        "colon": ":" in text,
        "question mark": "?" in text,
        "exclamation mark": "!" in text,
        "apostrophe": bool(re.search(r"[^\W\d_]['\u2019]", text)),
        "quotation marks": text.count('"') >= 2 or ("\u201c" in text and "\u201d" in text),
        "parentheses": ")" in text.partition("(")[2],
        "hyphen or dash": bool(re.search(r"\w-\w|[\u2013\u2014]|\S -", text)),
    }


@reference("count:punctuation")
def punctuation_reference(response: str) -> Verdict:
    """An interrobang and, once the first "?!" is gone, each of ``. , ! ? ; :``."""
    if not any(each in response for each in ("!?", "?!", "\u203d")):
        return Verdict(False, "no interrobang")
    first = "?!" if "?!" in response else "!?"
    rest = response.replace(first, "", 1)
    missing = [each for each in ".,!?;:" if each not in rest]
    return Verdict(not missing, f"missing: {' '.join(missing)}" if missing else "all six found")


@register(
    "count:unique_word_count",
    "Use at least {N} unique words in the response.",
    "Your response must contain at least {N} unique words.",
    "Include {N} or more unique words in your answer.",
    "The response should be made of no fewer than {N} unique words.",
    "Write with a vocabulary of at least {N} unique words.",
)
def unique_word_count(response: str, *, N: Count) -> Verdict:
    """At least a number of different words; case and the marks around a word make no difference.

    A word that is used twice counts once. Numbers in digits are no words here.
    """
    all_words = prose_words(response, spaced_by_dictionary)
    different = {each.casefold() for each in all_words if any(map(str.isalpha, each))}
    return Verdict(
        len(different) >= N, f"{counted(len(different), 'different word')}, at least {N} wanted"
    )


@reference("count:unique_word_count")
def unique_word_count_reference(response: str, *, N: Count) -> Verdict:
    """Different stretches between spaces without ASCII marks at their ends; a bare mark is one."""
    return _at_least(len({each.strip(EDGES) for each in response.lower().split()}), N, "word")


@register(
    "count:word_count_range",
    "The response must contain between {min_words} and {max_words} words.",
    "Write between {min_words} and {max_words} words.",
    "Your answer should be {min_words} to {max_words} words long.",
    "Use no fewer than {min_words} and no more than {max_words} words.",
    "Keep the response between {min_words} and {max_words} words in length.",
)
def word_count_range(response: str, *, min_words: Count, max_words: PositiveCount) -> Verdict:
    """At least ``min_words`` and at most ``max_words`` words."""
    number = len(words(response))
    return Verdict(
        min_words <= number <= max_words,
        f"{counted(number, 'word')}, {min_words} to {max_words} wanted",
    )


@reference("count:word_count_range")
def word_count_range_reference(
    response: str, *, min_words: Count, max_words: PositiveCount
) -> Verdict:
    """Runs of letters, digits and underscores: "don't" is two words."""
    number = sum(1 for _ in re.finditer(r"\w+", response))
    passed = min_words <= number <= max_words
    return Verdict(passed, f"{counted(number, 'word')}, {min_words} to {max_words} wanted")


@register(
    "count:words_japanese",
    "Every {N}th word of your response must be in Japanese.",
    "Write every {N}th word of your answer in Japanese.",
    "One word in {N}, namely every {N}th word, has to be Japanese.",
    "Make each {N}th word of the response a Japanese word.",
    "In your response, every {N}th word should be in Japanese script.",
)
def words_japanese(response: str, *, N: PositiveCount) -> Verdict:
    """The N-th, 2N-th, 3N-th, ... words are in Japanese script, and there is at least one such.

    A word is what stands between spaces, also in Japanese; marks alone are none, and neither is a
    list's number. In a text of fewer than N such words each character is one. Kana or kanji,
    without other letters; what follows in brackets at once ("茶(tea)") is its gloss.
    """
    # Where no spaces part words, all characters count: then each word has to be Japanese.
    all_words = prose_words(response, str)[N - 1 :: N] or prose_words(response)[N - 1 :: N]
    if not all_words:
        return Verdict(False, f"fewer than {N} words: none of them has to be in Japanese")
    wrong = [each for each in all_words if not _is_japanese(each)]
    if wrong:
        return Verdict(False, f"{len(wrong)} of {len(all_words)} not in Japanese: {shown(wrong)}")
    return Verdict(True, f"all {len(all_words)} in Japanese: {shown(all_words)}")


def _is_japanese(word: str) -> bool:
    letters = [
        each for each in takewhile(lambda each: each not in "(\uff08", word) if each.isalpha()
    ]
    return bool(letters) and all(map(_JAPANESE.match, letters))


@reference("count:words_japanese")
def words_japanese_reference(response: str, *, N: PositiveCount) -> Verdict:
    """Each N-th stretch between spaces holds kana or kanji, or is a number or marks alone."""
    for word in response.split()[N - 1 :: N]:
        bare = word.strip(EDGES)
        if bare and not bare.isdigit() and not _PROGRAM_JAPANESE.search(bare):
            return Verdict(False, f"not in Japanese: {bare[:60]}")
    return Verdict(True, f"nothing else than Japanese in every place {N}")


def _at_least(number: int, wanted: int, noun: str) -> Verdict:
    return Verdict(number >= wanted, f"{counted(number, noun)}, at least {wanted} wanted")
