"""The answer in a response, as a reader sees it: without thoughts, and as it looks on a page.

>>> answer_of("<think>No commas, so I take care.</think>Tea is hot.")
'Tea is hot.'
>>> as_seen("Don\u2019t\u200b say cafe\u0301.") == "Don't say caf\u00e9."
True

A thinking model writes its thoughts before its answer. They are not for the reader: a comma in them
breaks no ban, and a keyword in them is not used. And two texts that look the same on a page are the
same text, whatever characters they are made of. Both are decided here, once for all verifiers.

Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from os.path import commonprefix

from hppt_lib.errors import HpptError

Marks = tuple[tuple[str, str], ...]
"""Pairs of marks: what begins the thoughts, and what ends them."""

THOUGHT_MARKS: Marks = (
    ("<think>", "</think>"),  # Qwen, DeepSeek, most others
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("[THINK]", "[/THINK]"),  # Magistral
    ("<seed:think>", "</seed:think>"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),  # Kimi
    ("<|START_THINKING|>", "<|END_THINKING|>"),  # Command
    # The channels of gpt-oss, called harmony.
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),
)
"""The marks of thoughts that are known."""

_ENDS_OF_HARMONY = ("<|return|>", "<|end|>")
_MENTIONS = frozenset("`\"'\u201c\u201d")

_CONTROLS = "".join(each for each in map(chr, (*range(32), 127)) if not each.isspace())
# What nearly every text is made of: ASCII but for control characters.
_PLAIN = bytes(each for each in range(128) if chr(each) not in _CONTROLS)
_PLAIN_BUT_BRACKETS = _PLAIN.translate(None, b"[<")
# Up to here each character is looked up; of the rest, Chinese, kana, Hangul, wide ASCII and emoji
# are seen as they are, and others are looked at more closely.
_LOOKED_UP = 0x3100
_NEED_NO_LOOK = "\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e\U0001f300-\U0001faff"
_APOSTROPHES = "\u2018\u2019\u201b\u02bc\uff07"
# Spaces that break no line (as wide as one, narrow, as wide as a digit), and what is as wide as a
# letter and empty: the fillers of Hangul and the blank of Braille.
_BLANKS = "\u00a0\u202f\u2007\u115f\u1160\u2800\u3164\uffa0"
# Unicode's categories Cf, without signs that are seen before a number in Arabic and its like, and
# Cc, without white space; and marks that show nothing. Joiners are none of them.
_UNSEEN = (
    f"{_CONTROLS}\u0080-\u0084\u0086-\u009f\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U00013430-\U00013440\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e0fff"
)
# They join two emoji into one, or ask for the picture; beside anything else they show nothing.
_JOINERS = "\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f"
_RUN_OF_JOINERS = re.compile(f"[{_JOINERS}]+")
_RUN_OF_UNSEEN = re.compile(f"[{_UNSEEN}]+")
_ANY_OF_THESE = re.compile(f"[{_JOINERS}{_UNSEEN}{_BLANKS}]")
_EMOJI_BY_REQUEST = frozenset("\u203c\u2049\u2139\u3030\u303d\u3297\u3299")
# A letter has a few accents. The time to put very many in order grows with their square: it matters
# from some thousands on.
_MOST_ACCENTS, _ORDERED_QUICKLY = 30, 5_000
_MANY_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_ACCENTS + 1},}}")


def thought_marks(given: str) -> Marks:
    """The marks of thoughts that a setting asks for.

    Args:
        given: ``known`` for `THOUGHT_MARKS`, ``none`` for no marks, or two marks with white space
            between them, such as ``"<plan> </plan>"``.

    Raises:
        HpptError: it is none of these.
    """
    if given == "known":
        return THOUGHT_MARKS
    if given == "none":
        return ()
    parts = given.split()
    if len(parts) != 2 or parts[0] == parts[1]:
        raise HpptError(
            f"Thoughts between {given!r}? Say known, none, or the two marks with a space between "
            "them, such as '<plan> </plan>'."
        )
    return ((parts[0], parts[1]),)


def answer_of(response: str, marks: Marks = THOUGHT_MARKS) -> str:
    """What follows the thoughts of a response; the response itself if it has none.

    The answer is what stands after the last mark that ends thoughts, also where the mark that
    begins them is missing (some chat templates put it into the prompt). Thoughts that do not end,
    because the model was cut in them, are no answer: nothing is left, or what stands before them. A
    mark begins thoughts at the beginning of a line, and a mark in quotation marks or backticks is
    only talked about.

    Args:
        response: any text.
        marks: pairs of marks, such as `THOUGHT_MARKS`.
    """
    if not _may_hold_a_mark(response, marks):
        return response
    start = max((_end_of_thoughts(response, last) for _, last in marks), default=0)
    answer = response[start:].lstrip() if start else response
    cuts = [_open_thoughts(answer, first) for first, _ in marks]
    if cut := [each for each in cuts if each >= 0]:
        answer = answer[: min(cut)].rstrip()
    for mark in _ENDS_OF_HARMONY:
        if start and answer.endswith(mark):
            answer = answer[: -len(mark)]
    return answer


def is_blank(answer: str) -> bool:
    """Whether a reader sees nothing in an answer. A blank answer satisfies nothing.

    Args:
        answer: a response without its thoughts (`answer_of`).
    """
    return not as_seen(answer).strip()


def _may_hold_a_mark(text: str, marks: Marks) -> bool:
    for sign, ends in _ends_by_first_sign(marks):
        if sign in text:  # seldom: only then its marks are looked for
            for end in ends:
                if end in text:
                    return True
    return False


@lru_cache(maxsize=8)
def _ends_by_first_sign(marks: Marks) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """How marks end, grouped by the sign that they begin with: "think>" does for four of them."""
    by_sign: dict[str, list[str]] = {}
    for pair in marks:
        end = commonprefix([mark[::-1] for mark in pair])[::-1]
        for mark in pair:
            by_sign.setdefault(mark[0], []).append(end or mark)
    return tuple(
        (sign, tuple(dict.fromkeys(min((o for o in ends if o in each), key=len) for each in ends)))
        for sign, ends in by_sign.items()
    )


def _end_of_thoughts(text: str, mark: str) -> int:
    """Where the text after the last ``mark`` begins; 0 if there is none."""
    place = text.rfind(mark)
    while place >= 0:
        if not _mentioned(text, place, mark):
            return place + len(mark)
        place = text.rfind(mark, 0, place)
    return 0


def _open_thoughts(text: str, mark: str) -> int:
    """Where the first ``mark`` at the beginning of a line stands; -1 if nowhere."""
    place = text.find(mark)
    while place >= 0:
        line = text.rfind("\n", 0, place) + 1
        if is_blank(text[line:place]) and not _mentioned(text, place, mark):
            return place
        next_line = text.find("\n", place)
        place = text.find(mark, next_line) if next_line >= 0 else -1
    return -1


def _mentioned(text: str, place: int, mark: str) -> bool:
    """Whether the mark at ``place`` stands between backticks or quotation marks."""
    around = text[place - 1 : place], text[place + len(mark) : place + len(mark) + 1]
    return _MENTIONS.issuperset(around)


def seen_answer(response: str, marks: Marks = THOUGHT_MARKS) -> str:
    """The answer of a response (`answer_of`) as a reader sees it (`as_seen`)."""
    return _known_answer(response) if marks is THOUGHT_MARKS else _seen_answer(response, marks)


@lru_cache(maxsize=64)  # several constraints look at one response in turn
def _known_answer(response: str) -> str:
    return _seen_answer(response, THOUGHT_MARKS)


def _seen_answer(response: str, marks: Marks) -> str:
    # Nearly every response is plain, and has no sign that a mark begins with but now and then a
    # bracket: then only the marks themselves are looked for.
    if response.isascii():
        rest = response.encode().translate(None, _PLAIN_BUT_BRACKETS)
        if not rest.translate(None, b"[<"):
            return answer_of(response, marks) if rest or marks is not THOUGHT_MARKS else response
    return answer_of(as_seen(response), marks)


def as_seen(text: str) -> str:
    """``text`` as it looks on a page: what no reader sees or can tell apart makes no difference.

    Characters that show nothing are left out (zero-width spaces, soft hyphens, byte-order marks,
    marks of direction); a no-break space and the blanks of Hangul and Braille are spaces. A letter
    with an accent is one character (Unicode's form NFC). A curly apostrophe is a straight one.
    Double quotation marks, dashes and wide spaces stay as they are: a reader sees the difference.

    It changes nothing in its own result.
    """
    encoded = text.encode("utf-8", "surrogatepass")
    others = text
    if len(encoded) < 2 * len(text):  # most of it is ASCII: a look at the rest takes less time
        rest = encoded.translate(None, _PLAIN)
        if not rest:
            return text
        others = rest.decode("utf-8", "surrogatepass")
    for each in _APOSTROPHES:
        if each in others:
            text = text.replace(each, "'")
    if _seen_as_it_is().fullmatch(others):
        return text
    if _ANY_OF_THESE.search(others):
        for blank in _BLANKS:
            if blank in others:
                text = text.replace(blank, " ")
        if _RUN_OF_UNSEEN.search(others):
            text = _RUN_OF_UNSEEN.sub("", text)
        if _RUN_OF_JOINERS.search(others):
            text = _RUN_OF_JOINERS.sub(_joiner_shown, text)
    if len(others) > _ORDERED_QUICKLY and _MANY_MARKS.search(others):
        text = _MANY_MARKS.sub(_few_accents, text)
    return unicodedata.normalize("NFC", text)


@cache
def _seen_as_it_is() -> re.Pattern[str]:
    """A text of characters that need nothing done: neither unseen, nor a blank, nor ever composed.

    Two characters are made into one only where the second stands right after the first, or after
    marks. Marks have an order, which follows their class: so two marks in a row may need a change,
    but not several that join the letters of India's scripts (class 9), or a later one after these.
    """
    characters = [*map(chr, _PLAIN), *map(chr, range(0xA1, _LOOKED_UP))]
    changed = re.compile(f"[{_JOINERS}{_UNSEEN}{_BLANKS}]")
    fine = [
        each
        for each in characters
        if unicodedata.normalize("NFC", each) == each
        and not changed.match(each)
        and not 0x1100 <= ord(each) < 0x1200  # the parts of Hangul's syllables
    ]
    parts = [unicodedata.decomposition(each).split() for each in fine]
    pairs = [each for each in parts if len(each) == 2 and each[0][0] != "<"]
    first, second = ({chr(int(each[part], 16)) for each in pairs} for part in (0, 1))
    order = {each: unicodedata.combining(each) for each in fine}
    alone = [each for each in fine if each not in second]
    letters = re.escape("".join(each for each in alone if not order[each])) + _NEED_NO_LOOK
    joining = "".join(each for each in alone if order[each] == 9)
    marks = "".join(each for each in alone if order[each] > 9)
    # The second of a pair, right after a letter that is the first of none.
    signs = "".join(each for each in fine if each in second and order[each] < 9)
    no_first = re.escape("".join(first)) + joining + marks + signs
    several = f"[{letters}{joining}]*+"
    return re.compile(
        f"{several}(?:(?:[{marks}][{letters}]|(?<![{no_first}])[{signs}]){several})*+"
    )


def _joiner_shown(joiners: re.Match[str]) -> str:
    """A row of joiners after an emoji, where it is seen; elsewhere nothing."""
    text, start, end = joiners.string, joiners.start(), joiners.end()
    before = text[start - 1 : start]
    emoji = before and (unicodedata.category(before)[0] == "S" or before in _EMOJI_BY_REQUEST)
    return joiners[0] if emoji or text[end : end + 1] == "\u20e3" else ""


def _few_accents(marks: re.Match[str]) -> str:
    """A very long row of marks, with no more than `_MOST_ACCENTS` accents after each other."""
    kept, accents = [], 0
    for each in marks[0]:
        accents = accents + 1 if unicodedata.combining(each) else 0
        if accents <= _MOST_ACCENTS:
            kept.append(each)
    return "".join(kept)
