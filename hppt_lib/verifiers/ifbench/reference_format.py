"""What IFBench's own program decides about the constraints ``format:*``."""

from __future__ import annotations

import re
import string
from collections import Counter
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from hppt_lib.verifiers.ifbench import (  # noqa: F401  (they register the families)
    format,
    format_lists,
    format_nesting,
    format_prose,
)
from hppt_lib.verifiers.ifbench.reference_text import (
    nltk_sentences_at_most,
    without_punctuation,
)
from hppt_lib.verifiers.nltk_rules import nltk_sentences
from hppt_lib.verifiers.nltk_words import tokens_of
from hppt_lib.verifiers.registry import Verdict, reference
from hppt_lib.verifiers.text import counted

_STRIPPED = string.punctuation + " "
_PARTNER = {")": "(", "]": "[", "}": "{"}
_LABELS = ("My Answer:", "My Conclusion:", "Future Outlook:")


@reference("format:options")
def options(response: str, *, options: str) -> Verdict:
    """The answer is an option: sign by sign if these are a, b, c, else without outer punctuation.

    Options are parted by "/", else by any "or" (even within a word), else by commas. A line end
    after the answer makes it another.
    """
    separator = next((each for each in ("/", "or") if each in options), ",")
    known = [each.strip() for each in options.split(separator)]
    found = response
    if not re.sub(r"\W", "", options).lower().startswith("abc"):
        known = [each.strip(_STRIPPED).lower() for each in known]
        found = response.strip(_STRIPPED).lower()
    return Verdict(found in known, f"answer: {found[:60]!r}; options: {', '.join(known)}")


@reference("format:output_template")
def output_template(response: str) -> Verdict:
    """The three labels stand anywhere, in any order, with or without text."""
    missing = [label for label in _LABELS if label not in response]
    return Verdict(not missing, f"missing: {', '.join(missing) or 'none'}")


@reference("format:no_whitespace")
def no_whitespace(response: str) -> Verdict:
    """No white space anywhere, not even at the end."""
    found = sum(map(str.isspace, response))
    return Verdict(not found, f"{counted(found, 'space or line break')}, none wanted")


@reference("format:newline")
def newline(response: str) -> Verdict:
    """Without ASCII punctuation, as many lines that are not empty as words; none is enough."""
    text = without_punctuation(response)
    lines = sum(line != "" for line in text.split("\n"))
    words = len(text.split())
    return Verdict(lines == words, f"{counted(lines, 'line')}, {counted(words, 'word')}")


@reference("format:line_indent")
def line_indent(response: str) -> Verdict:
    """Each line has more spaces before it than the one above; one line is enough.

    Of two blank lines one after the other, only every second is left out of account.
    """
    spaces = [line.removesuffix(line.lstrip(" ")) for line in _kept(response.split("\n"))]
    grows = all(before < after for before, after in pairwise(spaces))
    return Verdict(grows, f"indents {', '.join(str(len(each)) for each in spaces[:10])}")


def _kept(lines: list[str]) -> list[str]:
    """The lines that are left when blank ones are removed from a list while it is read.

    The program goes through the list by index and removes the first line equal to a blank one, so
    the line after each removed one is never looked at.
    """
    removed: Counter[str] = Counter()
    place = 0
    while place < len(lines):
        blank = not lines[place].strip()
        if blank:
            removed[lines[place]] += 1
        place += 1 + blank
    kept = []
    for line in lines:
        if removed[line] > 0:
            removed[line] -= 1
        else:
            kept.append(line)
    return kept


@reference("format:title_case")
def title_case(response: str) -> Verdict:
    """No token of NLTK's is small; capitals throughout pass, and "n't" is a small token."""
    for sentence in nltk_sentences(response):
        if small := _small_token(sentence):
            return Verdict(False, f"small: {small[:60]}")
    return Verdict(True, "no small token")


@lru_cache(maxsize=4096)
def _small_token(sentence: str) -> str:
    """The first token of a sentence that begins with a small letter and is not of mixed case."""
    for token in tokens_of(sentence):
        first, rest = token[0], token[1:]
        if first.isalpha() and first.islower() and (not rest or rest.islower() or rest.isupper()):
            return token
    return ""


@reference("format:parentheses")
def parentheses(response: str) -> Verdict:
    """Five brackets are open at once, and one of them is closed by its like.

    A closing bracket that does not fit the last open one closes all.
    """
    open_now: list[str] = []
    deep = False
    for char in response:
        if char in "([{":
            open_now.append(char)
            deep = deep or len(open_now) >= 5
        elif char in _PARTNER:
            if open_now and open_now[-1] == _PARTNER[char]:
                if deep:
                    return Verdict(True, f"{counted(len(open_now), 'open bracket')} before {char}")
                open_now.pop()
            else:
                open_now.clear()
                deep = False
    return Verdict(False, "never 5 open brackets of which one is closed")


@reference("format:quotes")
def quotes(response: str) -> Verdict:
    """Three straight marks, double and single in turn, are open at once, and all three closed.

    Apostrophes are marks like others; the deepest level of the whole text so far counts.
    """
    open_now: list[str] = []
    deepest = 0
    for char in response:
        if open_now and char == open_now[-1]:
            open_now.pop()
            if deepest - len(open_now) >= 3:
                return Verdict(True, f"{counted(deepest, 'level')}, closed again")
        elif char in "\"'":
            open_now.append(char)
            deepest = max(deepest, len(open_now))
    return Verdict(False, f"{counted(deepest, 'level')}, 3 closed ones wanted")


@reference("format:quote_unquote")
def quote_unquote(response: str) -> Verdict:
    """No straight double mark next to another, and none at the end; no mark at all is enough.

    White space, and digits and punctuation at the end, do not count. Curly marks are no marks.
    """
    text = "".join(response.replace("'\"'", "").split())
    if '""' in text:
        return Verdict(False, "two quotation marks without a word between them")
    end = text.strip(string.digits + string.punctuation.replace('"', ""))
    return Verdict(not end.endswith('"'), f"ends with {end[-40:]}")


@reference("format:list")
def list_of_items(response: str, *, sep: str) -> Verdict:
    """The mark stands twice or more, anywhere."""
    found = response.count(sep)
    return Verdict(found >= 2, f"{sep} stands {found} times, at least 2 wanted")


@reference("format:sub-bullets")
def sub_bullets(response: str) -> Verdict:
    """A hyphen stands somewhere between each asterisk and the next; no asterisk is enough."""
    without = sum("-" not in part for part in response.split("*")[1:])
    return Verdict(not without, f"{counted(without, 'asterisk')} with no hyphen after it")


@reference("format:no_bullets_bullets")
def no_bullets_bullets(response: str) -> Verdict:
    """Two of NLTK's sentences, then two lines or more with an asterisk at their start, no other.

    What the sentences end in does not matter. A blank line may be the last before the asterisks
    only.
    """
    sentences = bullets = 0
    blank = False
    for line in map(str.strip, response.split("\n")):
        if line.startswith("*"):
            bullets += 1
            if sentences < 2:
                return Verdict(False, f"{counted(sentences, 'sentence')} before *, 2 wanted")
        elif bullets or blank:
            return Verdict(False, f"a line at the wrong place: {line[:60]}")
        else:
            blank = not line
            if sentences < 2:
                sentences += len(nltk_sentences_at_most(line, 2))
    return Verdict(bullets >= 2, f"{counted(bullets, 'line')} with *, at least 2 wanted")


@reference("format:emoji")
def emoji(response: str) -> Verdict:
    """Each of NLTK's sentences has an emoji as last or last but one sign, or the next begins so.

    ASCII punctuation does not count. (c) and (r) are emoji; a flag is none.
    """
    found = [without_punctuation(each) for each in nltk_sentences(response)]
    for number, sentence in enumerate(found):
        following = found[number + 1][:1] if number + 1 < len(found) else ""
        if not sentence or not any(map(_is_emoji, (*sentence[-2:], following))):
            return Verdict(False, f"no emoji at the end: {sentence[-60:]}")
    return Verdict(True, f"{counted(len(found), 'sentence')} with an emoji at the end")


def _is_emoji(char: str) -> bool:
    return char not in "#*0123456789" and _emoji().fullmatch(char) is not None


@cache
def _emoji() -> Any:
    import regex

    # A letter of a flag is an emoji to Unicode, but no emoji of its own to the program.
    return regex.compile(r"[\p{Emoji}--\p{RI}]", regex.V1)


@reference("format:thesis")
def thesis(response: str) -> Verdict:
    """Somewhere stand words in <i> or <em>, and something after them.

    The first opening tag may be closed by the other kind's closing tag. With <em> the words may
    be missing.
    """
    opening = next((tag for tag in ("<i>", "<em>") if tag in response), None)
    if opening is None:
        return Verdict(False, "no italics by HTML")
    text = opening + response.partition(opening)[2]
    closing = next((tag for tag in ("</i>", "</em>") if tag in text), None)
    if closing is None:
        return Verdict(False, "the italics are not closed")
    inside, _, after = text.partition(closing)
    # The program takes all tags for as long as those of <i>.
    inside, after = inside[3:].strip(), (closing[4:] + after).strip()
    passed = bool(inside and after)
    return Verdict(passed, f"italics: {inside[:60]}; after them: {after[:40]}")
