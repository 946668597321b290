"""IFBench's constraints on lists."""

from __future__ import annotations

import re

from hppt_lib.verifiers.registry import Verdict, register
from hppt_lib.verifiers.text import counted, has_words, sentences, words

_STAR = re.compile(r"[ \t]*\*[ \t]+")
_DASH = re.compile(r"[ \t]*-[ \t]+")
_BULLET = re.compile(r"[ \t]*[-*+\u2022\u2023\u25e6\u25aa\u25cf\u2013][ \t]+")
_CLOSERS = "\"')]}*_\u201d\u2019 "


def _marked(pattern: re.Pattern[str], line: str) -> bool:
    """Whether a line begins with the mark and holds a word after it."""
    mark = pattern.match(line)
    return mark is not None and has_words(line[mark.end() :])


@register(
    "format:list",
    "Answer with a list of items, instead of bullet points use {sep}.",
    "Write a list in which {sep} stands where the bullet points would be.",
    "Give your answer as a list of items, each beginning with {sep} in place of a bullet.",
    "List your points, with {sep} before each one and no ordinary bullet points.",
    "Your answer must be a list whose items are marked by {sep}, not by bullets.",
)
def list_of_items(response: str, *, sep: str) -> Verdict:
    """Two items or more, each a line that begins with the mark, and no other bullet point.

    Emphasis round the mark does not count. Text before, between and after the items is allowed.
    """
    items = 0
    for line in filter(str.strip, response.splitlines()):
        bare = line.strip()
        if _is_item(bare, sep) or _is_item(bare.lstrip("*_`"), sep):
            items += 1
        elif _marked(_BULLET, line):
            return Verdict(False, f"another bullet point: {bare[:60]}")
    return Verdict(items >= 2, f"{counted(items, 'item')} marked by {sep}, at least 2 wanted")


def _is_item(line: str, sep: str) -> bool:
    mark = sep.strip()
    if not line.startswith(mark):
        return False
    rest = line[len(mark) :]
    # "SEPARATORS" and "---" begin with the mark and are another one.
    longer = rest[:1] == mark[-1] or (mark[-1].isalnum() and rest[:1].isalnum())
    return not longer and bool(words(rest))


@register(
    "format:sub-bullets",
    "Your response must include bullet points denoted by * and at least one sub-bullet point "
    "denoted by - for each bullet point.",
    "Use bullet points that begin with *, each with one or more sub-points that begin with -.",
    "Write a list with * for its points, and under every point at least one sub-point with -.",
    "Every * bullet in your answer needs at least one - bullet below it.",
    "Give bullet points (*), and for each of them at least one sub-bullet (-).",
)
def sub_bullets(response: str) -> Verdict:
    """At least one bullet ``*``, and after each, before the next, at least one sub-bullet ``-``.

    A bullet begins its line and has a space and a word after it; indentation is free.
    """
    below: list[int] = []
    for line in response.splitlines():
        if _marked(_STAR, line):
            below.append(0)
        elif below and _marked(_DASH, line):
            below[-1] += 1
    if not below:
        return Verdict(False, "no bullet point denoted by *")
    bare = below.count(0)
    return Verdict(
        bare == 0, f"{counted(len(below), 'bullet point')}, {bare} without a sub-bullet point"
    )


@register(
    "format:no_bullets_bullets",
    "Your answer must contain at least two sentences ending in a period followed by at least two "
    "bullet points denoted by *.",
    "Begin with two sentences or more that end in a period, then give at least two bullet points "
    "with *.",
    "First write at least two full sentences, each closed by a period, and after them two or more "
    "bullet points marked with *.",
    "Write two or more sentences that end with a period, followed by a list of at least two * "
    "bullets.",
    "At least two sentences with a period at the end must come before at least two bullet points "
    "that begin with *.",
)
def no_bullets_bullets(response: str) -> Verdict:
    """Two sentences or more that end in a period, and after them two bullets ``*`` or more.

    A bullet begins its line and has a space and a word after it. Other text may stand anywhere.
    """
    lines = response.splitlines()
    bullets = [number for number, line in enumerate(lines) if _marked(_STAR, line)]
    if len(bullets) < 2:
        return Verdict(False, f"{counted(len(bullets), 'bullet point')} with *, 2 wanted")
    before = [
        line for line in lines[: bullets[-2]] if not (_marked(_STAR, line) or _marked(_DASH, line))
    ]
    closed = sum(each.rstrip(_CLOSERS).endswith(".") for each in sentences("\n".join(before)))
    return Verdict(
        closed >= 2,
        f"{counted(closed, 'sentence')} ending in a period before the bullet points, 2 wanted",
    )
