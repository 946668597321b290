"""Exercises of notebook 02: verifiers of words, built by hand; `formats` has those of formats.

Each mistake below is written out as the wrong code that readers tend to write. All functions answer
True or False; the library's own verifiers of the same constraints (`hppt_lib.verifiers.ifeval`) go
further and say so in their docstrings.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hppt_lib.course.checks import Case, Exercise, Mistake

# --- (a) -----------------------------------------------------------------------------------------


def fewer_words(response: str, limit: int) -> bool:
    """Whether a response has less than ``limit`` words.

    A word is a stretch between white space that holds a letter or a digit: "don't" and "well-known"
    are one word each, "-" and "***" are none.
    """
    return sum(any(map(str.isalnum, each)) for each in response.split()) < limit


def _counts(count: Callable[[str], int]) -> Callable[[str, int], bool]:
    return lambda response, limit: count(response) < limit


_FEWER_WORDS = Exercise(
    reference=fewer_words,
    cases=(
        Case("'Tea is hot.' in less than 4 words", {"response": "Tea is hot.", "limit": 4}),
        Case("'Tea is hot.' in less than 3 words", {"response": "Tea is hot.", "limit": 3}),
        Case("'Tea - hot' in less than 3 words", {"response": "Tea - hot", "limit": 3}),
        Case(
            '"It\'s well-known" in less than 3 words',
            {"response": "It's well-known", "limit": 3},
        ),
        Case(
            "'Tea', 'is', 'hot' on three lines in less than 3 words",
            {"response": "Tea\nis\nhot", "limit": 3},
        ),
        Case("'3 cups' in less than 2 words", {"response": "3 cups", "limit": 2}),
        Case("'чай – это' in less than 2 words", {"response": "чай – это", "limit": 2}),
    ),
    mistakes=(
        Mistake(
            "write `<=` for less than: off by one",
            lambda response, limit: fewer_words(response, limit + 1),
        ),
        Mistake(
            "compare the other way round, with at least",
            lambda response, limit: not fewer_words(response, limit),
        ),
        Mistake(
            "count every stretch between spaces (`len(response.split())`): a lone '-' is no word",
            _counts(lambda response: len(response.split())),
        ),
        Mistake(
            'count with the pattern `\\w+`: it makes two words of "don\'t"',
            _counts(lambda response: len(re.findall(r"\w+", response))),
        ),
        Mistake(
            "count with a pattern of Latin letters only, such as `[A-Za-z'-]+`",
            _counts(lambda response: len(re.findall(r"[A-Za-z][A-Za-z'-]*", response))),
        ),
        Mistake(
            'cut at spaces only (`split(" ")`): a line break separates words too',
            _counts(lambda response: sum(any(map(str.isalnum, w)) for w in response.split(" "))),
        ),
        Mistake(
            "count no word that has only digits: '3' is a word when a person counts",
            _counts(lambda response: sum(any(map(str.isalpha, w)) for w in response.split())),
        ),
        Mistake("count characters instead of words", _counts(len)),
    ),
    not_covered="long dashes without spaces (tea—hot), and the blank response, which the library "
    "fails before any verifier sees it.",
)

# --- (b) -----------------------------------------------------------------------------------------


def has_keyword(response: str, keyword: str) -> bool:
    """Whether a keyword stands in a response as a word or phrase of its own, in any case.

    The keyword is plain text: ``c++`` and ``3.5`` are no patterns.
    """
    pattern = rf"(?<!\w){re.escape(keyword)}(?!\w)"
    return re.search(pattern, response, re.IGNORECASE) is not None


def _found(pattern: str, response: str) -> bool:
    return re.search(pattern, response, re.IGNORECASE) is not None


_HAS_KEYWORD = Exercise(
    reference=has_keyword,
    cases=(
        Case("'war' in 'The war is over.'", {"response": "The war is over.", "keyword": "war"}),
        Case("'war' in 'We look forward.'", {"response": "We look forward.", "keyword": "war"}),
        Case("'war' in 'Warm, is it not?'", {"response": "Warm, is it not?", "keyword": "war"}),
        Case("'war' in 'A film (WAR!)'", {"response": "A film (WAR!)", "keyword": "war"}),
        Case("'ham' in 'Birmingham is big.'", {"response": "Birmingham is big.", "keyword": "ham"}),
        Case("'c++' in 'I write c++ daily.'", {"response": "I write c++ daily.", "keyword": "c++"}),
        Case("'3.5' in 'It weighs 345 g.'", {"response": "It weighs 345 g.", "keyword": "3.5"}),
        Case(
            "'ice cream' in 'No ice cream, please.'",
            {"response": "No ice cream, please.", "keyword": "ice cream"},
        ),
    ),
    mistakes=(
        Mistake(
            'search for a substring (`keyword in response`): "war" is in "forward"',
            lambda response, keyword: keyword.lower() in response.lower(),
        ),
        Mistake(
            "search for a substring, and mind upper and lower case",
            lambda response, keyword: keyword in response,
        ),
        Mistake(
            "mind upper and lower case",
            lambda response, keyword: (
                re.search(rf"(?<!\w){re.escape(keyword)}(?!\w)", response) is not None
            ),
        ),
        Mistake(
            "look for the keyword among `response.split()`: the marks beside a word stick to it, "
            "and a phrase of two words is never found",
            lambda response, keyword: keyword.lower() in response.lower().split(),
        ),
        Mistake(
            "look for the keyword among the matches of `\\w+`: neither a phrase of two words nor "
            '"c++" is one of them',
            lambda response, keyword: keyword.lower() in re.findall(r"\w+", response.lower()),
        ),
        Mistake(
            "use the keyword as a pattern: `.` is then any character. Escape it with re.escape",
            lambda response, keyword: _found(rf"(?<!\w)(?:{keyword})(?!\w)", response),
        ),
        Mistake(
            'put `\\b` around it: after "c++" there is no word boundary, for `+` is no letter. '
            "`(?<!\\w)` and `(?!\\w)` say what you mean",
            lambda response, keyword: _found(rf"\b{re.escape(keyword)}\b", response),
        ),
        Mistake(
            'look at the left side of the keyword only: "war" begins "warm"',
            lambda response, keyword: _found(rf"(?<!\w){re.escape(keyword)}", response),
        ),
        Mistake(
            'look at the right side of the keyword only: "ham" ends "Birmingham"',
            lambda response, keyword: _found(rf"{re.escape(keyword)}(?!\w)", response),
        ),
    ),
    not_covered="scripts that put no spaces between words, such as Chinese and Thai.",
)

# --- (d) -----------------------------------------------------------------------------------------

_AFTER_THE_END = " \t\r\n\"'”’"


def ends_with(response: str, phrase: str) -> bool:
    """Whether a response ends with exactly this phrase.

    White space and quotation marks after it do not count, upper and lower case do. The phrase
    stands as words of its own: "Goodbye" does not end with "bye".
    """
    body = response.rstrip(_AFTER_THE_END)
    if not body.endswith(phrase):
        return False
    before = body[: len(body) - len(phrase)]
    return not before[-1:].isalnum()


_ENDS_WITH = Exercise(
    reference=ends_with,
    cases=(
        Case(
            "'I am done. See you soon!' ends with 'See you soon!'",
            {"response": "I am done. See you soon!", "phrase": "See you soon!"},
        ),
        Case(
            "'See you soon! Ok.'",
            {"response": "See you soon! Ok.", "phrase": "See you soon!"},
        ),
        Case(
            "'I am done. see you SOON!'",
            {"response": "I am done. see you SOON!", "phrase": "See you soon!"},
        ),
        Case(
            "a line break after it",
            {"response": "I am done. See you soon!\n", "phrase": "See you soon!"},
        ),
        Case(
            "the whole response in quotation marks",
            {"response": '"I am done. See you soon!"', "phrase": "See you soon!"},
        ),
        Case("'Goodbye' ends with 'bye'", {"response": "Goodbye", "phrase": "bye"}),
        Case("'I say bye' ends with 'bye'", {"response": "I say bye", "phrase": "bye"}),
        Case(
            "'I am done. See you soon' without the last mark",
            {"response": "I am done. See you soon", "phrase": "See you soon!"},
        ),
    ),
    mistakes=(
        Mistake(
            "search for the phrase anywhere (`in`): it must be at the end",
            lambda response, phrase: phrase in response,
        ),
        Mistake(
            "ignore upper and lower case: an exact phrase has its own",
            lambda response, phrase: ends_with(response.lower(), phrase.lower()),
        ),
        Mistake(
            "use `endswith` alone: a line break or a quotation mark after the phrase hides it, and "
            '"Goodbye" ends with "bye"',
            lambda response, phrase: response.endswith(phrase),
        ),
        Mistake(
            "remove white space only and look no further: a quotation mark hides the phrase, and "
            '"Goodbye" ends with "bye"',
            lambda response, phrase: response.strip().endswith(phrase),
        ),
        Mistake(
            'let the phrase begin in mid-word: "Goodbye" ends with "bye"',
            lambda response, phrase: response.rstrip(_AFTER_THE_END).endswith(phrase),
        ),
        Mistake(
            "remove marks such as `.` and `!` too: they belong to the exact phrase",
            lambda response, phrase: ends_with(
                response.rstrip(_AFTER_THE_END + ".!?"), phrase.rstrip(".!?")
            ),
        ),
        Mistake(
            "want the phrase on a line of its own",
            lambda response, phrase: response.strip(_AFTER_THE_END).split("\n")[-1] == phrase,
        ),
    ),
    not_covered="emphasis such as `**See you soon!**`, and phrases that begin or end with a mark.",
)

EXERCISES: dict[str, Exercise] = {
    "fewer_words": _FEWER_WORDS,
    "has_keyword": _HAS_KEYWORD,
    "ends_with": _ENDS_WITH,
}
