"""Maps a rule stated in words to our verifiers, by patterns that must account for every word.

A pattern maps a rule only if all words that it does not capture are filler ("the response should
contain … words in total"). So "each paragraph has at most 50 words" is not taken for a limit on
the response, because "each" and "paragraph" are left over. English only.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hppt_lib.verifiers.word_lists import word_set

IdAndKwargs = tuple[str, Mapping[str, Any]]  # a constraint's id and its parameters

NO_PATTERN = "rule that no pattern maps to a verifier"
PARAGRAPHS = "number of paragraphs between blank lines: no verifier of ours counts them"
ABOUT = "about a number: no verifier of ours says how near"
NOT_ENGLISH = "rule not in English"
_LONGEST = 600  # characters of a rule that the patterns are tried on

_BLANK_LINE = (
    "paragraph separated separating each blank line empty lines between enhance readability"
)
Bounds = Callable[[int, int], tuple[int, int | None]]
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
}  # fmt: skip
_N = r"(?P<{}>\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}|" + "|".join(_NUMBERS) + r")\b"


_set = functools.cache(word_set)

_FILLER = _set(
    "a all an and answer answers any anywhere as at be being by contain contained containing "
    "contains content comprise consist consists count do does ensure entire exactly following for "
    "full generated has have in include included includes including is it its keep kept length "
    "limit limited limits long made make must need needs of on only or output overall please "
    "produce provide reply requirement constraint rule response responses restrict restricted "
    "shall should sure text that the there these this to total use used using whole will with "
    "within word words write writing written you your"
)

_QUANTITIES: tuple[tuple[str, Bounds], ...] = (
    (rf"(?:between|from) {_N.format('a')} (?:and|to) {_N.format('b')}", lambda a, b: (a, b)),
    (rf"{_N.format('a')} ?(?:-|–|to) ?{_N.format('b')}", lambda a, b: (a, b)),
    (
        r"(?:at least|no fewer than|no less than|not fewer than|not less than|a minimum of|"
        rf"minimum of|minimum) {_N.format('a')}",
        lambda a, b: (a, None),
    ),
    (
        r"(?:at most|no more than|not more than|up to|a maximum of|maximum of|maximum|not exceed|"
        rf"not exceeding|no longer than|within) {_N.format('a')}",
        lambda a, b: (0, a),
    ),
    (rf"{_N.format('a')}(?: {{what}})? or more", lambda a, b: (a, None)),
    (rf"{_N.format('a')}(?: {{what}})? or (?:fewer|less)", lambda a, b: (0, a)),
    (rf"(?:more than|over|exceed|exceeding) {_N.format('a')}", lambda a, b: (a + 1, None)),
    (rf"(?:fewer than|less than|under|below) {_N.format('a')}", lambda a, b: (0, a - 1)),
    (rf"(?:exactly|precisely) {_N.format('a')}", lambda a, b: (a, a)),
    (rf"(?:only )?{_N.format('a')}", lambda a, b: (a, a)),
)
_ABOUT = re.compile(r"\b(?:about|around|approximately|roughly|nearly|close to) ?$")


def constraints_from_text(text: str) -> list[IdAndKwargs] | str:
    """The constraints that a rule states, or why it is not mapped."""
    rule = " ".join(text.split())[:_LONGEST].strip()
    rule = rule.translate(str.maketrans("“”‘’", "\"\"''"))
    if len(rule) == _LONGEST:
        return NO_PATTERN
    if len(rule.encode("ascii", "ignore")) * 4 < len(rule) * 3:
        return NOT_ENGLISH
    for reader in (_fixed, _quoted, _counted):
        if (constraints := reader(rule)) is not None:
            return constraints
    return NO_PATTERN


def number(text: str) -> int:
    """A number in digits or, up to twenty, in words."""
    return _NUMBERS[text] if text in _NUMBERS else int(text.replace(",", ""))


_TOKENS = re.compile(r"[^\W_]+").findall


def _is_filler(text: str, more: str = "") -> bool:
    """Whether a text has filler words only; ``more`` names words that count as such here."""
    known = _set(more)
    return all(each in _FILLER or each in known for each in _TOKENS(text.casefold()))


# --- counts -------------------------------------------------------------------------------------

_COUNTED = {
    "words": r"words?",
    "sentences": r"sentences?",
    "paragraphs": r"paragraphs?",
    "bullets": r"(?:bullet(?:ed)?[ -](?:points?|lists?|items?)|bullets)",
    "placeholders": r"placeholders?",
    "highlights": r"(?:highlighted|highlight) sections?",
    "times": r"times?",
}


def _quantities(names: str) -> list[tuple[re.Pattern[str], Bounds]]:
    """The patterns of `_QUANTITIES` for one thing that is counted, the most specific first."""
    return [
        (
            re.compile(
                r"(?<!\S)"
                + pattern.replace("{what}", names)
                + ("" if "{what}" in pattern else rf"(?: |-){names}\b")
            ),
            bounds,
        )
        for pattern, bounds in _QUANTITIES
    ]


_NUMBER = re.compile(r"\d|\b(?:" + "|".join(_NUMBERS) + r")\b")
_PATTERNS = {what: _quantities(names) for what, names in _COUNTED.items()}
_NAMES = {what: re.compile(names) for what, names in _COUNTED.items()}


def _quantity(what: str, low: str) -> tuple[int, int | None, str, str] | None:
    """(least, most, what stands before, what stands after) of the first count of a thing."""
    for pattern, bounds in _PATTERNS[what] if _NAMES[what].search(low) else ():
        if match := pattern.search(low):
            a = number(match["a"])
            b = number(match["b"]) if "b" in pattern.groupindex else a
            return *bounds(a, b), low[: match.start()], low[match.end() :]
    return None


def _counted(rule: str) -> list[IdAndKwargs] | str | None:
    low = rule.casefold().rstrip(".")
    if not _NUMBER.search(low):
        return None
    for what in _COUNTED:
        if what != "times" and (quantity := _quantity(what, low)):
            least, most, before, after = quantity
            if _ABOUT.search(before):
                return ABOUT
            if re.search(r"\d", before + after):
                return None
            if least == most and not re.search(r"exactly|precisely|only", low):
                # A bare number is a limit if the rule says so; a number of words is never exact.
                if re.search(r"\b(?:limit|limited|restrict|restricted|keep|kept)\b", before):
                    least = 0
                elif what == "words":
                    return ABOUT
            return _of(what, least, most, f"{before} {after}")
    return None


def _of(what: str, low: int, high: int | None, rest: str) -> list[IdAndKwargs] | str | None:
    """The constraint for a count, if what is left of the rule says no more."""
    if what == "words" and _is_filler(rest):
        return words(low, high)
    if what == "sentences" and _is_filler(rest):
        return sentences(low, high)
    if what == "paragraphs":
        if "***" in rest and low == high and _is_filler(rest, "markdown divider separated by"):
            return [("length_constraints:number_paragraphs", {"num_paragraphs": low})]
        return PARAGRAPHS if _is_filler(rest, _BLANK_LINE) else None
    if what == "bullets" and low == high and _is_filler(rest, "markdown format list form"):
        return [("detectable_format:number_bullet_lists", {"num_bullets": low})]
    if what == "placeholders" and high is None:
        if _is_filler(rest, "represented by square brackets such address name"):
            return [("detectable_content:number_placeholders", {"num_placeholders": low})]
    if what == "highlights" and high is None and _is_filler(rest, "markdown e g i highlighted"):
        return [("detectable_format:number_highlighted_sections", {"num_highlights": low})]
    return None


# --- words in quotes ----------------------------------------------------------------------------

_QUOTE = re.compile(
    r"\"([^\"]{1,80})\"|(?<!\w)'((?:[^']|(?<=\w)'(?=\w)){1,80})'(?!\w)|`([^`]{1,80})`"
)
_THINGS = "keyword keywords phrase phrases term terms both following"
_FORBIDDING = re.compile(
    r"\b(?:must not|should not|do not|does not|don't|cannot|not|avoids?|exclude|without|never)\b"
)


def _quoted(rule: str) -> list[IdAndKwargs] | str | None:
    quoted = [next(filter(None, each)) for each in _QUOTE.findall(rule)]
    if not quoted or not all(each.strip() for each in quoted):
        return None
    low = _QUOTE.sub(" §", rule).casefold().rstrip(".")
    only = quoted[0].strip() if len(quoted) == 1 else ""
    if only and (match := re.search(r"\b(?:start|begin)s?(?:ing)? with\b", low)):
        rest = low[: match.start()] + low[match.end() :]
        if _is_filler(rest.replace("§", ""), "phrase first sentence") and " " not in only:
            return [("first_word:first_word_answer", {"first_word": only})]
        return None
    if only and (match := re.search(r"\b(?:ends?|ending|finish|conclude)s? with\b", low)):
        rest = low[: match.start()] + low[match.end() :]
        if _is_filler(rest.replace("§", ""), "phrase exact sentence"):
            return [("startend:end_checker", {"end_phrase": only})]
        return None
    rest = low.replace("§", " ")
    if only and (often := _how_often(only, rest)) is not None:
        return often
    first, last = low.index("§"), low.rindex("§")
    if not set(re.findall(r"\w+", low[first:last])) <= _set("and or nor the word words phrase"):
        return None
    if _FORBIDDING.search(rest):
        left = _FORBIDDING.sub(" ", rest, count=1)
        if _is_filler(left, _THINGS + " mention mentioning mentioned appear nor"):
            return [("keywords:forbidden_words", {"forbidden_words": quoted})]
        return None
    if "or" in low[first:last].split():
        return None
    if _is_filler(rest, _THINGS + " mention mentions appear incorporate incorporated"):
        return [("keywords:existence", {"keywords": quoted})]
    return None


def _how_often(word: str, rest: str) -> list[IdAndKwargs] | None:
    low = re.sub(r"\bonce\b", "1 times", re.sub(r"\btwice\b", "2 times", rest))
    if not (quantity := _quantity("times", low)):
        return None
    least, most, before, after = quantity
    if not _is_filler(before + after, _THINGS + " appear appears mention"):
        return None
    return within("keywords:frequency", "frequency", least, most, {"keyword": word})


# --- what has no number -------------------------------------------------------------------------

_LANGUAGES = {
    "english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it",
    "portuguese": "pt", "russian": "ru", "chinese": "zh", "japanese": "ja", "korean": "ko",
    "hindi": "hi", "arabic": "ar",
}  # fmt: skip
_LANGUAGE = re.compile(r"\bin (" + "|".join(_LANGUAGES) + r")\b")
_NO = r"(?:do not|don't|must not|should not|avoid|without|no|not)(?: use| using| contain| any)*"
_FIXED = tuple(
    (key, re.compile(rf"\b{pattern}"), id, more)
    for key, pattern, id, more in (
        ("comma", rf"{_NO} commas?\b", "punctuation:no_comma", ""),
        (
            "exclamation",
            rf"{_NO} exclamation (?:marks?|points?)",
            "punctuation:punctuation_exclamation",
            "",
        ),
        (
            "lower",
            r"(?:all |only )?(?:lower ?case)(?: letters)?",
            "change_case:english_lowercase",
            "english letters",
        ),
        (
            "upper",
            r"(?:all |only )?(?:upper ?case)(?: letters)?",
            "change_case:english_capital",
            "english letters",
        ),
        (
            "capital",
            r"(?:all |only )?(?:capital letters|capitals)",
            "change_case:english_capital",
            "english letters",
        ),
        (
            "quotation",
            r"(?:wrap(?:ped)?|enclosed?)\b.{0,40}?\b(?:in|with|within) double quotation marks",
            "startend:quotation",
            "",
        ),
        (
            "json",
            r"(?:valid )?json(?: format| object)?",
            "detectable_format:json_format",
            "format formatted wrapped valid",
        ),
    )
)


def _fixed(rule: str) -> list[IdAndKwargs] | None:
    low = rule.casefold().rstrip(".")
    for key, pattern, id, more in _FIXED:
        if key in low and (match := pattern.search(low)):
            if _is_filler(low[: match.start()] + " " + low[match.end() :], more):
                return [(id, {})]
    if match := _LANGUAGE.search(low):
        if _is_filler(low[: match.start()] + " " + low[match.end() :], "language entirely"):
            return [("language:response_language", {"language": _LANGUAGES[match[1]]})]
    return None


def numbers_and_words(constraints: list[IdAndKwargs]) -> Iterator[str | int]:
    """The numbers and words that constraints name, to look for in a function's source."""
    for _, kwargs in constraints:
        for value in kwargs.values():
            if isinstance(value, list):
                yield from value
            elif value not in ("at least", "less than"):
                yield value


# --- counts as our verifiers take them ------------------------------------------------------------


def within(
    id: str,
    number: str,
    low: int,
    high: int | None,
    kwargs: Mapping[str, Any],
    relation: str = "relation",
) -> list[IdAndKwargs]:
    """One or two constraints that say ``low`` to ``high``, both included; no ``high`` is no limit.

    Args:
        id: a constraint with a relation, such as ``keywords:frequency``.
        number: the name of its number.
        low: the least.
        high: the most; None for no limit.
        kwargs: its other parameters.
        relation: the name of its relation.
    """
    constraints: list[IdAndKwargs] = []
    if low > 0:
        constraints.append((id, {**kwargs, relation: "at least", number: low}))
    if high is not None:
        constraints.append((id, {**kwargs, relation: "less than", number: high + 1}))
    return constraints


def exactly(
    id: str, number: str, count: int, kwargs: Mapping[str, Any], relation: str = "relation"
) -> list[IdAndKwargs]:
    """``within`` for one number."""
    return within(id, number, count, count, kwargs, relation)


def words(low: int, high: int | None) -> list[IdAndKwargs]:
    """A number of words, both ends included."""
    if low > 0 and high is not None:
        return [("count:word_count_range", {"min_words": low, "max_words": high})]
    return within("length_constraints:number_words", "num_words", low, high, {})


def sentences(low: int, high: int | None) -> list[IdAndKwargs]:
    """A number of sentences, both ends included."""
    return within("length_constraints:number_sentences", "num_sentences", low, high, {})
