"""Parts of a response that depend on each other: constraints for which a policy must plan ahead.

A *part* is what follows a label such as ``Part 2:`` at the beginning of a line, up to the next
label. Whether a later part is right depends on what an earlier one turned out to be: as many
sentences, its last word, the number of its words. A text that was written without looking back
satisfies hardly any of them.

Every check here is linear in the length of the response.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from hppt_lib.verifiers.registry import Bounds, PositiveCount, Verdict, register
from hppt_lib.verifiers.sentences import sentences
from hppt_lib.verifiers.words import bare_words, begins_with, counted, has_words, shown, word_count

Later = Annotated[int, Bounds(2, 100)]
_NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {name: number for number, name in enumerate(_NAMES, start=1)}
# Marks of Markdown around it and a mark after it are part of the label: "**Part 2:**", "## Part 2".
# A line that begins "Part 2 of the story" has no label.
_LABEL = re.compile(
    rf"^[ \t#>*_(\[-]{{0,12}}part[ \t]{{1,3}}(\d{{1,3}}|{'|'.join(_NAMES)})(?![^\W_])"
    r"[*_\])]{0,3}[ \t\r]{0,3}(?:[:.)\u2013\u2014-]{1,3}[*_]{0,3}|(?=\(|$))",
    re.MULTILINE | re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_LETTERS = 5  # from here on a word counts as a long one


def labelled_parts(text: str) -> tuple[str, list[tuple[int, str]]]:
    """What stands before the first label, and the parts with their numbers, in their order."""
    labels = list(_LABEL.finditer(text))
    if not labels:
        return text, []
    ends = [label.start() for label in labels[1:]] + [len(text)]
    found = [
        (_number(label[1]), text[label.end() : end].strip())
        for label, end in zip(labels, ends, strict=True)
    ]
    return text[: labels[0].start()], found


def _number(name: str) -> int:
    return int(name) if name.isdigit() else _NUMBERS.get(name.casefold(), 0)


def _wanted(response: str, *numbers: int) -> list[str] | Verdict:
    """The parts with these numbers; a failed verdict if one is not there once, with a word."""
    by_number: dict[int, list[str]] = {}
    for label, text in labelled_parts(response)[1]:
        by_number.setdefault(label, []).append(text)
    wanted: list[str] = []
    for number in numbers:
        texts = by_number.get(number, [])
        if len(texts) != 1:
            there = f"stands {len(texts)} times" if texts else "is missing"
            return Verdict(False, f"part {number} {there}")
        if not has_words(texts[0]):
            return Verdict(False, f"part {number} is empty")
        wanted += texts
    return wanted


def _long_words(text: str) -> set[str]:
    """The words of five letters or more, in lower case."""
    return {each for each in bare_words(text) if sum(map(str.isalpha, each)) >= _LETTERS}


@register(
    "hppt:parts_in_order",
    "Your whole answer consists of {num_parts} parts: Part 1, Part 2 and so on. Begin each on a"
    " new line with its label, such as Part 1:",
    "Write exactly {num_parts} parts and nothing else. Label them Part 1:, Part 2: and so on, each"
    " at the start of a line, in this order.",
    "Divide the answer into {num_parts} parts, in order. A line that begins with Part 1: opens the"
    " first, Part 2: the second, and so on; nothing stands before Part 1:",
    "Answer in {num_parts} numbered parts, one after the other, and put a label like Part 1: at"
    " the beginning of each. There is no text outside the parts.",
    "Give {num_parts} parts in the right order. Start the answer with Part 1: and start a new line"
    " with Part 2: and so on for the others.",
)
def parts_in_order(response: str, *, num_parts: PositiveCount) -> Verdict:
    """So many labelled parts, from 1 on in order, each with a word, and no word before the first.

    A label is ``Part 2`` (or ``Part two``) at the beginning of a line, with a colon, a full stop, a
    bracket or a dash after it, or with nothing. A title in the same line belongs to the part.
    """
    before, found = labelled_parts(response)
    order = ", ".join(str(number) for number, _ in found[:12]) or "none"
    if [number for number, _ in found] != list(range(1, num_parts + 1)):
        return Verdict(False, f"parts in this order: {order}; 1 to {num_parts} wanted")
    if has_words(before):
        return Verdict(False, f"text before part 1: {shown([before.strip()])}")
    empty = [number for number, text in found if not has_words(text)]
    if empty:
        return Verdict(False, f"part {empty[0]} is empty")
    return Verdict(True, f"parts 1 to {num_parts} in order")


@register(
    "hppt:part_words",
    "Part {part} must have {comparison} words than part {other}.",
    "Use {comparison} words in part {part} than in part {other}.",
    "Count the words of part {other}, and write {comparison} in part {part}.",
    "Let part {part} have {comparison} words than you used in part {other}.",
    "Compared with part {other}, part {part} has {comparison} words.",
)
def part_words(
    response: str,
    *,
    part: PositiveCount,
    other: PositiveCount,
    comparison: Literal["more", "fewer"],
) -> Verdict:
    """One part has more words, or fewer, than another; labels are no part of either."""
    texts = _wanted(response, part, other)
    if isinstance(texts, Verdict):
        return texts
    number, others = map(word_count, texts)
    return Verdict(
        number > others if comparison == "more" else number < others,
        f"part {part} {counted(number, 'word')}, part {other} {others}, {comparison} wanted",
    )


@register(
    "hppt:part_sentences",
    "Part {part} must have as many sentences as part {other}.",
    "Write the same number of sentences in part {part} as in part {other}.",
    "Count the sentences of part {other}; part {part} has exactly as many.",
    "Let the number of sentences in part {part} equal that in part {other}.",
    "Give part {part} neither more nor fewer sentences than part {other}.",
    needs=("sentencex",),
)
def part_sentences(response: str, *, part: PositiveCount, other: PositiveCount) -> Verdict:
    """Two parts have the same number of sentences, one at least."""
    texts = _wanted(response, part, other)
    if isinstance(texts, Verdict):
        return texts
    number, others = (len(sentences(each)) for each in texts)
    return Verdict(
        number == others > 0,
        f"part {part} {counted(number, 'sentence')}, part {other} {others}, equal numbers wanted",
    )


@register(
    "hppt:part_chain",
    "Begin part {part} with the last word of part {other}.",
    "The first word of part {part} must be the last word of part {other}.",
    "Take the word that ends part {other} and open part {part} with it.",
    "Let part {part} start with the same word that part {other} ends with.",
    "Carry the last word of part {other} over: part {part} begins with it.",
)
def part_chain(response: str, *, part: PositiveCount, other: PositiveCount) -> Verdict:
    """One part begins with the word that another ends with, whatever its case and marks."""
    texts = _wanted(response, part, other)
    if isinstance(texts, Verdict):
        return texts
    first, last = bare_words(texts[0])[0], bare_words(texts[1])[-1]
    return Verdict(
        begins_with([first], last),
        f"part {part} begins with {shown([first])}, part {other} ends with {shown([last])}",
    )


@register(
    "hppt:part_reports_count",
    "Say in part {part} how many words part {other} has; write that number in digits, and no other"
    " number there.",
    "In part {part}, state the number of words of part {other} in digits. Part {part} contains no"
    " other digits.",
    "Count the words of part {other} and give the result in part {part}, in digits and as its only"
    " number.",
    "Part {part} must tell how many words there are in part {other}. This number, in digits, is"
    " the only one in part {part}.",
    "Put the word count of part {other} (without its label) into part {part} in digits, with no"
    " second number beside it.",
)
def part_reports_count(response: str, *, part: PositiveCount, other: PositiveCount) -> Verdict:
    """The one number in digits in a part is the number of words of another, its label left out."""
    texts = _wanted(response, part, other)
    if isinstance(texts, Verdict):
        return texts
    numbers, right = _DIGITS.findall(texts[0]), word_count(texts[1])
    return Verdict(
        # Compared as text: a number may have more digits than Python makes an integer of.
        len(numbers) == 1 and len(numbers[0]) < 10 and int(numbers[0]) == right,
        f"numbers in part {part}: {shown(numbers) or 'none'}; part {other} has"
        f" {counted(right, 'word')}",
    )


@register(
    "hppt:part_reuses_words",
    "Use in part {part} at least {num_words} different words of five letters or more that occur in"
    " part {other}.",
    "Take {num_words} or more different words from part {other}, each of at least five letters, and"
    " use them again in part {part}.",
    "Part {part} must share at least {num_words} different words of five or more letters with part"
    " {other}.",
    "At least {num_words} different long words of part {other} (five letters or more) come back in"
    " part {part}.",
    "Repeat in part {part} at least {num_words} different words of part {other} that have five"
    " letters or more.",
)
def part_reuses_words(
    response: str, *, part: PositiveCount, other: PositiveCount, num_words: PositiveCount
) -> Verdict:
    """Two parts share so many different words of five letters or more, in the same form."""
    texts = _wanted(response, part, other)
    if isinstance(texts, Verdict):
        return texts
    shared = sorted(_long_words(texts[0]) & _long_words(texts[1]))
    return Verdict(
        len(shared) >= num_words,
        f"shared: {shown(shared) or 'nothing'}; {counted(num_words, 'word')} wanted",
    )


@register(
    "hppt:part_new_words",
    "Use in part {part} no word of five letters or more that occurs in part {other}.",
    "Part {part} must not repeat any word of part {other} that has five letters or more.",
    "No word of five or more letters may stand both in part {other} and in part {part}.",
    "Write part {part} without the long words of part {other} (those of five letters or more).",
    "Every word of five letters or more in part {part} must be missing from part {other}.",
)
def part_new_words(response: str, *, part: PositiveCount, other: PositiveCount) -> Verdict:
    """Two parts share no word of five letters or more, in the same form."""
    texts = _wanted(response, part, other)
    if isinstance(texts, Verdict):
        return texts
    shared = sorted(_long_words(texts[0]) & _long_words(texts[1]))
    return Verdict(not shared, f"shared: {shown(shared) or 'nothing'}; none wanted")


@register(
    "hppt:part_recalls",
    "Begin part {part} with the first words of all parts before it, one from each, in order.",
    "Open part {part} with a row of words: the first word of each earlier part, in their order.",
    "Part {part} must start by repeating, in order, the word with which each part before it began.",
    "Collect the first word of every part before part {part}, and begin part {part} with them in"
    " the same order.",
    "The opening words of the earlier parts, one each and in order, are the first words of part"
    " {part}.",
)
def part_recalls(response: str, *, part: Later) -> Verdict:
    """A part begins with the first word of each part before it, in order, marks left out."""
    texts = _wanted(response, *range(1, part + 1))
    if isinstance(texts, Verdict):
        return texts
    wanted = [bare_words(each)[0] for each in texts[:-1]]
    found = bare_words(texts[-1])[: len(wanted)]
    return Verdict(
        found == wanted, f"part {part} begins with {shown(found)}; wanted: {shown(wanted)}"
    )
