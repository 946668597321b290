"""Exercises of notebook 02: five verifiers by hand, and tests for one of them.

Each mistake below is written out as the wrong code that readers tend to write. The verifiers answer
True or False; the library's own verifiers of the same constraints (`hppt_lib.verifiers.ifeval`) go
further and say so in their docstrings.

In the last exercise the reader writes tests, and planted bugs grade them. A test is an example: a
response, and whether a verifier must pass it. The examples run on the right verifier first, so that
none of them wants a wrong verdict, and then on verifiers with a bug.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, NoReturn

from hppt_lib.course.checks import Case, Exercise, Label, Mistake
from hppt_lib.course.planted import PlantedBug, plant, survivors
from hppt_lib.verifiers.registry import Verdict

# --- 1: fewer than N words -----------------------------------------------------------------------


def fewer_words(response: str, limit: int) -> bool:
    """Whether a response has less than ``limit`` words.

    A word is a stretch between white space that holds a letter or a digit: "don't" and "well-known"
    are one word each, "-" and "***" are none.
    """
    return sum(any(map(str.isalnum, each)) for each in response.split()) < limit


def _counts(count: Callable[[str], int]) -> Callable[[str, int], bool]:
    return lambda response, limit: count(response) < limit


_FEWER_WORDS = Exercise(
    label=Label("Fewer than N words", number=1, difficulty=1, minutes=5, points=1),
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
        Case("'καφές και 茶' in less than 3 words", {"response": "καφές και 茶", "limit": 3}),
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
        Mistake(
            "know the letters of some alphabets only: `isalnum()` knows all",
            _counts(lambda response: len(re.findall(r"[A-Za-zА-яё0-9][\w'-]*", response))),
        ),
        Mistake("count characters instead of words", _counts(len)),
    ),
    not_covered="long dashes without spaces (tea—hot), and the blank response, which the library "
    "fails before any verifier sees it.",
)

# --- 2: a keyword --------------------------------------------------------------------------------


def has_keyword(response: str, keyword: str) -> bool:
    """Whether a keyword stands in a response as a word or phrase of its own, in any case.

    The keyword is plain text: ``c++`` and ``3.5`` are no patterns.
    """
    pattern = rf"(?<!\w){re.escape(keyword)}(?!\w)"
    return re.search(pattern, response, re.IGNORECASE) is not None


def _found(pattern: str, response: str) -> bool:
    return re.search(pattern, response, re.IGNORECASE) is not None


_HAS_KEYWORD = Exercise(
    label=Label("A keyword", number=2, difficulty=2, minutes=10, points=2),
    reference=has_keyword,
    cases=(
        Case("'war' in 'The war is over.'", {"response": "The war is over.", "keyword": "war"}),
        Case("'war' in 'We look forward.'", {"response": "We look forward.", "keyword": "war"}),
        Case("'war' in 'Warm, is it not?'", {"response": "Warm, is it not?", "keyword": "war"}),
        Case("'war' in 'A film (WAR!)'", {"response": "A film (WAR!)", "keyword": "war"}),
        Case("'ham' in 'Birmingham is big.'", {"response": "Birmingham is big.", "keyword": "ham"}),
        Case("'c++' in 'I write c++ daily.'", {"response": "I write c++ daily.", "keyword": "c++"}),
        Case("'3.5' in 'It weighs 345 g.'", {"response": "It weighs 345 g.", "keyword": "3.5"}),
        Case("'3.5' in 'It weighs 13.57 g.'", {"response": "It weighs 13.57 g.", "keyword": "3.5"}),
        Case("'lite' in 'An élite team.'", {"response": "An élite team.", "keyword": "lite"}),
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
            "look for the letters a to z beside the keyword only: a digit or an accented letter "
            'goes on with a word too ("3.5" in "13.57", "lite" in "élite")',
            lambda response, keyword: _found(
                rf"(?<![A-Za-z]){re.escape(keyword)}(?![A-Za-z])", response
            ),
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

# --- 3: exactly N bullet points ------------------------------------------------------------------

_MARKS = ("- ", "* ", "+ ", "• ")


def exactly_bullets(response: str, wanted: int) -> bool:
    """Whether a response has exactly ``wanted`` bullet points.

    A bullet point is a line that begins, after its indentation, with ``-``, ``*``, ``+`` or ``•``
    and a space, and that holds a letter or a digit: a rule such as ``* * *`` is none.
    """
    number = 0
    for line in response.splitlines():
        bare = line.strip()
        if bare.startswith(_MARKS) and any(map(str.isalnum, bare)):
            number += 1
    return number == wanted


def bullets(
    response: str, *, marks: tuple[str, ...] = _MARKS, indented: bool = True, bare: bool = False
) -> int:
    """The number of bullet points, counted rightly unless an argument says otherwise.

    Args:
        response: what to count in.
        marks: what a bullet point begins with.
        indented: whether those count that do not stand at the start of their line.
        bare: whether those count that hold neither a letter nor a digit.
    """
    lines = [line.strip() if indented else line.rstrip() for line in response.splitlines()]
    begun = [line for line in lines if line.startswith(marks)]
    return sum(bare or any(map(str.isalnum, line)) for line in begun)


def _numbered(response: str) -> int:
    return sum(bool(re.match(r"\s*\d+[.)] ", line)) for line in response.splitlines())


def _anywhere(response: str) -> int:
    return sum(response.count(mark) for mark in _MARKS)


# Counting marks without a space after them finds ---, -5 and **bold**; with "bare" also rules.
BULLET_MISTAKES = (
    Mistake(
        "let more bullet points than wanted pass: exactly is `==`, not `>=`",
        lambda response, wanted: bullets(response) >= wanted,
    ),
    Mistake(
        "let fewer bullet points than wanted pass: exactly is `==`, not `<=`",
        lambda response, wanted: bullets(response) <= wanted,
    ),
    Mistake(
        "count a rule such as `* * *` or `- - -` as a bullet point: it holds no word",
        lambda response, wanted: bullets(response, bare=True) == wanted,
    ),
    Mistake(
        "ask for no space after the mark: `**Bold**` and `-5` are then bullet points",
        lambda response, wanted: bullets(response, marks=("-", "*", "+", "•")) == wanted,
    ),
    Mistake(
        "count every line that begins with a mark: `---` and `**Bold**` are then bullet points",
        lambda response, wanted: bullets(response, marks=("-", "*", "+", "•"), bare=True) == wanted,
    ),
    Mistake(
        "miss the bullet points that are indented",
        lambda response, wanted: bullets(response, indented=False) == wanted,
    ),
    Mistake(
        "know the mark `*` only",
        lambda response, wanted: bullets(response, marks=("* ",)) == wanted,
    ),
    Mistake(
        "know the mark `-` only",
        lambda response, wanted: bullets(response, marks=("- ",)) == wanted,
    ),
    Mistake(
        "know the marks `-` and `*` only",
        lambda response, wanted: bullets(response, marks=("- ", "* ")) == wanted,
    ),
    Mistake(
        "count the items of numbered lists too",
        lambda response, wanted: bullets(response) + _numbered(response) == wanted,
    ),
    Mistake(
        "count the marks anywhere in the text (`response.count`), not at the start of a line",
        lambda response, wanted: _anywhere(response) == wanted,
    ),
    Mistake(
        "count all lines",
        lambda response, wanted: (
            sum(bool(each.strip()) for each in response.splitlines()) == wanted
        ),
    ),
)

_EXACTLY_BULLETS = Exercise(
    label=Label("Exactly N bullet points", number=3, difficulty=2, minutes=10, points=2),
    reference=exactly_bullets,
    cases=(
        Case("two points, 2 wanted", {"response": "Here:\n- tea\n- milk", "wanted": 2}),
        Case("three points, 2 wanted", {"response": "* tea\n* milk\n- jam", "wanted": 2}),
        Case("one point, 2 wanted", {"response": "* tea", "wanted": 2}),
        Case("two points and the rule ---", {"response": "* tea\n---\n- milk", "wanted": 2}),
        Case("two points and the rule * * *", {"response": "* tea\n* * *\n- milk", "wanted": 2}),
        Case("a bold line and two points", {"response": "**Tea**\n- hot\n* wet", "wanted": 2}),
        Case("one point of two indented", {"response": "- tea\n  * green", "wanted": 2}),
        Case("the marks + and •", {"response": "+ tea\n• milk", "wanted": 2}),
        Case("a numbered list and two points", {"response": "1. tea\n- a\n* b", "wanted": 2}),
        Case("a mark inside a line", {"response": "- tea * hot\n* 3 - 2", "wanted": 2}),
        Case("points in other scripts", {"response": "- чай\n- 茶", "wanted": 2}),
    ),
    mistakes=(
        *BULLET_MISTAKES,
        Mistake(
            "know the letters a to z only: a point may be in any script",
            lambda response, wanted: (
                len(re.findall(r"^\s*[-*+•] (?=.*[A-Za-z0-9])", response, re.MULTILINE)) == wanted
            ),
        ),
    ),
    not_covered="program code that holds such lines, and bullet points below a numbered item.",
)

# --- 4: an exact ending --------------------------------------------------------------------------

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
    label=Label("An exact ending", number=4, difficulty=2, minutes=10, points=2),
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

# --- 5: JSON -------------------------------------------------------------------------------------


def is_json(response: str) -> bool:
    """Whether a whole response is one JSON object or list, bare or in one Markdown fence.

    NaN and Infinity are no JSON, though Python's parser takes them. No response may raise.
    """
    body = _without_fence(response)
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, (dict, list))


def _without_fence(response: str) -> str:
    body = response.strip()
    if body.startswith("```") and body.endswith("```"):
        body = body[3:-3].partition("\n")[2]  # the first line holds at most the language
    return body


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _loads(text: str) -> object:
    """The value, or None if there is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _between_brackets(response: str) -> bool:
    start, end = response.find("{"), response.rfind("}")
    return is_json(response[start : end + 1]) or is_json(response)


_IS_JSON = Exercise(
    label=Label("JSON, the whole response", number=5, difficulty=3, minutes=15, points=3),
    reference=is_json,
    cases=(
        Case("an object", {"response": '{"tea": "hot"}\n'}),
        Case("a comma too many", {"response": '{"tea": "hot",}'}),
        Case("a list", {"response": '[{"tea": 1}, {"tea": 2}]'}),
        Case("an object in a fence", {"response": '```json\n{"tea": "hot"}\n```'}),
        Case("an object in a fence without 'json'", {"response": '```\n{"tea": 1}\n```'}),
        Case("a text before the object", {"response": 'Here you are: {"tea": "hot"}'}),
        Case("a number only", {"response": "42"}),
        Case("NaN in an object", {"response": '{"tea": NaN}'}),
        Case("a fence that does not close", {"response": '```json\n{"tea": "hot"}'}),
        Case("100,000 opening brackets: must be refused, not crash", {"response": "[" * 100_000}),
    ),
    mistakes=(
        Mistake(
            "take any JSON value: a number or a word alone is no answer in JSON format",
            lambda response: _loads(_without_fence(response)) is not None,
        ),
        Mistake(
            "take any JSON value but NaN: a number or a word alone is no answer in JSON format",
            lambda response: _accepts(_without_fence(response)),
        ),
        Mistake(
            "take NaN: Python's parser does, JSON does not (see `parse_constant`)",
            lambda response: isinstance(_loads(_without_fence(response)), (dict, list)),
        ),
        Mistake(
            "hand the fence to the parser: take the lines with ``` off first",
            lambda response: not response.startswith("```") and is_json(response),
        ),
        Mistake(
            "know the fence ```json only, not the one without a name",
            lambda response: not response.startswith("```\n") and is_json(response),
        ),
        Mistake(
            "take off backticks wherever they are: a fence has two ends",
            lambda response: is_json(response.strip().strip("`").removeprefix("json")),
        ),
        Mistake(
            "take objects only: a list is JSON too",
            lambda response: is_json(response) and not _without_fence(response).startswith("["),
        ),
        Mistake(
            "cut out what stands between the first and the last bracket: the whole response should "
            "be JSON",
            _between_brackets,
        ),
        Mistake(
            "look at the first and the last character only, and do not parse",
            lambda response: (
                (body := _without_fence(response).strip())[:1] + body[-1:] in ("{}", "[]")
            ),
        ),
    ),
    not_covered="keys that occur twice, numbers of thousands of digits, and text in a fence that "
    "is followed by other text.",
)


def _accepts(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


# --- 6: write the tests --------------------------------------------------------------------------

# (response, whether the verifier must pass it)
Example = tuple[str, bool]

WANTED = 3
# A few planted bugs are hard to see, so a tenth may be missed.
THRESHOLD = 0.9

# What is said of the `BULLET_MISTAKES`, in their order: enough to think of an example, no example.
_HINTS = (
    "more bullet points than wanted pass",
    "fewer bullet points than wanted pass",
    "a horizontal rule counts as a bullet point",
    "no space is asked for after the mark",
    "whatever begins with a mark counts, words or not, space or not",
    "indented bullet points are missed",
    "of the four marks, only the asterisk is known",
    "of the four marks, only the hyphen is known",
    "of the four marks, only the asterisk and the hyphen are known",
    "the items of a numbered list count as well",
    "a mark counts wherever it stands in a line",
    "lines are counted, whatever they hold",
)


def three_bullets(response: str) -> bool:
    """The verifier under test: exactly three bullet points."""
    return exactly_bullets(response, WANTED)


def bullet_examples() -> list[Example]:
    """Examples that catch every bug that is planted here; the reader's may be others."""
    return [
        ("- tea\n- milk\n- jam", True),
        ("Here you are:\n\n* tea\n+ milk\n\n• jam\nThat is all.", True),
        ("  - tea\n\t* milk\n    + jam", True),
        ("- 1\n- 2\n- 3", True),
        ("- tea\n* * *\n- milk\n---\n- jam", True),
        ("**Breakfast**\n- tea\n- milk\n- jam", True),
        ("-5 degrees\n- tea\n- milk\n- jam", True),
        ("1. Breakfast\n- tea\n- milk\n2) Lunch\n- jam", True),
        ("- tea - hot\n- milk * cold\n- jam + bread", True),
        ("- tea\n- milk", False),
        ("- tea", False),
        ("- tea\n- milk\n- jam\n- bread", False),
        ("Tea, milk and jam.", False),
        ("1. tea\n2. milk\n3. jam", False),
        ("-tea\n-milk\n-jam", False),
        ("**Tea**\n**Milk**\n**Jam**", False),
        ("* * *\n- - -\n+ + +", False),
        ("tea - milk - jam - bread", False),
        ("tea\nmilk\njam", False),
    ]


def grade_examples(examples: Any, given: Mapping[str, Any] | None = None) -> Verdict:
    """Whether examples for `three_bullets` are right, and catch the planted bugs.

    Args:
        examples: what the reader wrote; anything at all.
        given: the arguments that it was written for: none.

    Returns:
        Passed if every expectation is right and at least `THRESHOLD` of the bugs are caught. The
        reason says what share was caught, and describes one bug that was not.
    """
    if isinstance(examples, list):
        examples = [tuple(each) if isinstance(each, list) else each for each in examples]
    problem = _wrong_form(examples) or _wrong_expectations(examples)
    if problem:
        return Verdict(False, problem)
    planted = planted_bugs()
    missed = survivors(planted, examples)
    caught = len(planted) - len(missed)
    share = f"your examples catch {caught} of {len(planted)} planted bugs"
    share += f" ({caught / len(planted):.0%})"
    if missed:
        share += f".\n  One of those that they do not catch: {missed[0].what}"
    if caught < THRESHOLD * len(planted):
        return Verdict(False, f"{share}.\n  At least {THRESHOLD:.0%} is wanted: add examples.")
    return Verdict(True, share)


def share_caught(examples: Sequence[Any]) -> float:
    """The share of the planted bugs that examples catch; 0 if one of them expects what is wrong."""
    pairs = [tuple(each) for each in examples]
    if _wrong_form(pairs) or _wrong_expectations(pairs):
        return 0.0
    planted = planted_bugs()
    return 1 - len(survivors(planted, pairs)) / len(planted)


@cache
def planted_bugs() -> list[PlantedBug]:
    """Verifiers of three bullet points with a bug each: those that people write come first."""
    likely = [
        PlantedBug("likely mistake", hint, 0, "", _with_three(mistake.answer))
        for hint, mistake in zip(_HINTS, BULLET_MISTAKES, strict=True)
    ]
    mechanical = [
        PlantedBug(
            bug.name,
            f"in line {bug.line} of exactly_bullets, {bug.what}",
            bug.line,
            bug.code,
            _with_three(bug.function),
        )
        for bug in plant(exactly_bullets)
    ]
    return likely + mechanical


def _with_three(function: Callable[..., bool]) -> Callable[[str], bool]:
    return partial(function, wanted=WANTED)


def _wrong_form(examples: Any) -> str | None:
    if not isinstance(examples, list):
        return f"a list of examples is expected, and yours is a {type(examples).__name__}."
    if not examples:
        return "the list is empty: it catches none of the planted bugs."
    for number, example in enumerate(examples, start=1):
        pair = isinstance(example, tuple) and len(example) == 2
        if not (pair and isinstance(example[0], str) and isinstance(example[1], bool)):
            return (
                f"example {number} is not a pair of a response and True or False: {example!r:.80}"
            )
    return None


def _wrong_expectations(examples: Sequence[Example]) -> str | None:
    wrong = [
        f"example {number}, {response!r:.60}: you want {wanted}, the right verdict is {not wanted}"
        for number, (response, wanted) in enumerate(examples, start=1)
        if three_bullets(response) is not wanted
    ]
    if not wrong:
        return None
    more = f"\n  and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return "the right verifier fails your tests:\n  " + "\n  ".join(wrong[:3]) + more


_BULLET_EXAMPLES = Exercise(
    label=Label("Write the tests", number=6, difficulty=3, minutes=20, points=3),
    reference=bullet_examples,
    cases=(Case("your examples for a verifier of exactly 3 bullet points", {}),),
    mistakes=(),  # `grade_examples` names them
    not_covered="bugs that nobody planted: 100 % is no proof.",
    grade=grade_examples,
)

EXERCISES: dict[str, Exercise] = {
    "fewer_words": _FEWER_WORDS,
    "has_keyword": _HAS_KEYWORD,
    "exactly_bullets": _EXACTLY_BULLETS,
    "ends_with": _ENDS_WITH,
    "is_json": _IS_JSON,
    "bullet_examples": _BULLET_EXAMPLES,
}
