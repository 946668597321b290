"""What Markdown shows: lines that are not program code, bullet points, emphasised passages.

Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_FENCES = frozenset({"```", "~~~"})
# A fence with one of these labels, or none, shows text and no program.
_TEXT_LABELS = frozenset({"", "markdown", "md", "text", "txt", "plaintext"})

# Round bullets mean nothing else, so they need no space after them; "-5" and "*this*" are no lists.
# Before them stand spaces or the mark of a quotation.
_BULLET = re.compile(r"[> \t]*+(?:[-*+]\s|[\u2022\u2023\u25aa\u25cf\u25e6])")
# What ends a block: an empty line, or one that begins a bullet point, a heading, a numbered point.
_BLOCK_END = re.compile(r"\n[> \t]*(?:\n|(?:[-+#\u2022]+|\d+[.)])\s)")

_INLINE_CODE = re.compile(r"`[^`]+`")
# As many asterisks after the passage as before it, or more, and none inside.
_PASSAGE = re.compile(r"\*(?<![0-9A-Za-z*]\*)(\*?)(?!\s)([^*]++)(?<!\s)\*\1")


def lines_outside_code(text: str) -> list[str]:
    """The lines of ``text`` but for those of fenced blocks that name a programming language."""
    lines = text.splitlines()
    return list(_outside_code(lines)) if any(map(text.__contains__, _FENCES)) else lines


def _outside_code(lines: list[str]) -> Iterator[str]:
    fence = ""
    shown = True
    for line in lines:
        mark = line.lstrip()[:3]
        label = line.strip().lstrip("`~").strip().lower() if mark in _FENCES else "`"
        if "`" in label:  # no fence, or code inside a line
            if shown:
                yield line
        elif not fence:
            fence, shown = mark, label in _TEXT_LABELS
        elif mark == fence and not label:
            fence, shown = "", True


def bullet_points(lines: Iterable[str]) -> int:
    """How many lines are bullet points, with a letter or a digit in them.

    Such a line begins (after indentation) with ``-``, ``*`` or ``+`` and a space, or with a round
    bullet. A rule such as ``* * *`` is no bullet point.
    """
    return sum(any(map(str.isalnum, line)) for line in filter(_BULLET.match, lines))


def emphasised_passages(text: str) -> int:
    """How many passages stand between asterisks (one, two or three), as Markdown shows them.

    The opening asterisks have no space after them and no letter or digit of ASCII before them
    (``2*3*4`` and the mark of a bullet point open nothing), the closing ones no space before them.
    A passage holds a letter or a digit and may go over a line break, but not over the end of its
    paragraph or list item. Of passages one inside another the inner ones are counted. Escaped
    asterisks and those in code count for nothing.
    """
    bare = _INLINE_CODE.sub("x", "\n".join(lines_outside_code(text)))
    passages = _PASSAGE.findall(bare.replace("\\*", "").replace("***", "**"))
    return sum(
        any(map(str.isalnum, passage)) and not ("\n" in passage and _BLOCK_END.search(passage))
        for _, passage in passages
    )
