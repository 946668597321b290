"""What Markdown shows: lines outside program code, maths, bullet points, emphasised passages.

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
# LaTeX between its marks. A formula in single dollars has no space at its inner edges, stays on one
# line, and no letter, digit or bracket follows it: "$5 and $6" and "$[price]" are money. Each
# alternative stops at the next mark of its kind, so that the whole is linear.
_MATHS = re.compile(
    r"\\(?<!\\\\)\[(?P<display>(?:[^\\]|\\[^()\[\]])*+)\\\]"
    r"|\\(?<!\\\\)\((?P<inline>(?:[^\\]|\\[^()\[\]])*+)\\\)"
    r"|\$\$(?P<dollars>[^$]++)\$\$"
    r"|\$(?![\s$])(?P<dollar>[^$\n]++)(?<!\s)\$(?![\w\[{$])"
)
# What only maths has: a command, a power, an equation, an index of one character or in braces.
_MATHS_SIGN = re.compile(r"[\\^=]|_(?:\{|[^\W_](?!\w))")
_TWO_LETTERS = re.compile(r"[^\W\d_]{2}")
# As many asterisks after the passage as before it, or more, and none inside.
_PASSAGE = re.compile(r"\*(?<![0-9A-Za-z*]\*)(\*?)(?!\s)([^*]++)(?<!\s)\*\1")


def lines_outside_code(text: str) -> list[str]:
    """The lines of ``text`` but for those of fenced blocks that name a programming language."""
    if not has_fence(text):
        return text.splitlines()
    return [line for line, label in labelled_lines(text) if label is None or label in _TEXT_LABELS]


def has_fence(text: str) -> bool:
    """Whether the mark of a fenced block stands anywhere in ``text``."""
    # One character is looked for many times as fast as three.
    return ("`" in text and "```" in text) or ("~" in text and "~~~" in text)


def labelled_lines(text: str) -> Iterator[tuple[str, str | None]]:
    """Each line of ``text`` but for the fences themselves, with the label of the block around it.

    The label is in lower case: ``python``, or empty if the fence has none; None outside of blocks.
    """
    fence = ""
    around: str | None = None
    for line in text.splitlines():
        mark = line.lstrip()[:3]
        label = line.strip().lstrip("`~").strip().lower() if mark in _FENCES else "`"
        if "`" in label:  # no fence, or code inside a line
            yield line, around
        elif not fence:
            fence, around = mark, label
        elif mark == fence and not label:
            fence, around = "", None


def without_maths(text: str) -> str:
    r"""``text`` with a zero for each formula of LaTeX: ``\[…\]``, ``\(…\)``, ``$$…$$``, ``$…$``.

    Of Markdown that escapes its brackets (``\[name\]``) and of prose between dollar signs nothing
    is taken away: a formula holds a command, a power, an index, an equals sign, or no two letters
    in a row; or else it is set off from its marks by spaces or line ends.
    """
    if "$" not in text and "\\" not in text:
        return text
    return _MATHS.sub(_zero_for_maths, text)


def _zero_for_maths(formula: re.Match[str]) -> str:
    inside = formula[formula.lastgroup or 0]
    set_off = not formula[0].startswith("$") and inside[:1].isspace() and inside[-1:].isspace()
    is_maths = set_off or _MATHS_SIGN.search(inside) or not _TWO_LETTERS.search(inside)
    return "0" if is_maths else formula[0]


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
    asterisks and those in code and in formulas of LaTeX count for nothing.
    """
    if "*" not in text:
        return 0
    prose = "\n".join(lines_outside_code(text)) if has_fence(text) else text
    bare = without_maths(_INLINE_CODE.sub("x", prose) if "`" in prose else prose)
    if "\\" in bare:
        bare = bare.replace("\\*", "")
    passages = _PASSAGE.findall(bare.replace("***", "**"))
    return sum(
        (passage[0].isalnum() or any(map(str.isalnum, passage)))
        and not ("\n" in passage and _BLOCK_END.search(passage))
        for _, passage in passages
    )
