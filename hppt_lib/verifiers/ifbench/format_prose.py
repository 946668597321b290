"""IFBench's constraints on how sentences end and sections begin."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import Any

from hppt_lib.verifiers.ifbench.prose import word_set
from hppt_lib.verifiers.registry import Verdict, register
from hppt_lib.verifiers.text import counted, has_words, is_heading, sentences

# Stands for an emoji while sentences are cut; private, so that no text holds it on purpose.
_MARK = "\ue000"
_END = ".!\u2026\u3002\uff01\uff1f\u061f\u0964?"
_CLOSERS = "\"')\\]}\u201d\u2019\u00bb_~`*"
# From the first of a row of end marks to an emoji behind them; possessive, so that it never goes
# back over a long row.
_EMOJI_BEHIND = re.compile(rf"(?<![{_END}])([{_END}]++[{_CLOSERS}]*+[^\S\n]*+)({_MARK}++)")

_TAG = re.compile(r"<([/!]?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>")
_BLOCKS = word_set("p div section article main body html header br hr")
_HEADINGS = word_set("h1 h2 h3 h4 h5 h6")
_ITALICS = {"<i>": "</i>", "<em>": "</em>"}
_LABEL = re.compile(r"thesis(?: statement)?[\s*_:]*", re.IGNORECASE)


@lru_cache(maxsize=1)
def _emoji() -> Any:
    """The pattern of one emoji or several: from Unicode's own tables, by the library ``regex``."""
    import regex

    # These are emoji to Unicode and plain signs to a reader, unless U+FE0F asks for the picture.
    plain = (
        r"[\u00a9\u00ae\u2122\u2139\u203c\u2049\u2194-\u2199\u21a9\u21aa\u24c2\u25aa\u25ab\u25b6"
        r"\u25c0\u3030]"
    )
    picture = rf"[\p{{Extended_Pictographic}}--{plain}]"
    one = rf"(?:[0-9#*]\ufe0f?\u20e3|\p{{RI}}\p{{RI}}|{plain}\ufe0f|{picture})"
    tail = r"[\ufe0f\u200d\u20e3\p{EMod}\U000e0020-\U000e007f]*+"
    return regex.compile(rf"(?:{one}{tail})++", regex.V1)


@register(
    "format:emoji",
    "Please use an emoji at the end of every sentence.",
    "End every sentence with an emoji.",
    "Close each of your sentences with an emoji.",
    "There must be an emoji at the end of each sentence.",
    "Let no sentence end without an emoji.",
)
def emoji(response: str) -> Verdict:
    """Every sentence has an emoji at its end, just before or just after its closing mark.

    Headings, and list items without a closing mark, are no sentences. A sign such as (c) is an
    emoji only where it asks to be shown as a picture; ":)" is none.
    """
    marked = _emoji().sub(_MARK, response.replace(_MARK, ""))
    marked = _EMOJI_BEHIND.sub(r"\2\1", marked)
    found = sentences(marked) or (marked,)
    around = _END + string.whitespace + _CLOSERS
    bare = [each for each in found if not each.rstrip(around).endswith(_MARK)]
    if bare:
        ending = bare[0][-60:].replace(_MARK, "")
        return Verdict(False, f"{len(bare)} of {len(found)} without emoji at the end: {ending}")
    return Verdict(True, f"{counted(len(found), 'sentence')} with an emoji at the end")


@register(
    "format:thesis",
    "Each section must begin with a thesis statement in italics, use HTML to indicate the italics.",
    "Start every section with a thesis statement in HTML italics, such as <i>this</i>.",
    "Open each section with its thesis, set in italics by HTML tags.",
    "In every section, the first sentence must be the thesis, written between <i> and </i>.",
    "Begin all sections with an italic thesis statement (use the HTML tags <i> or <em>).",
)
def thesis(response: str) -> Verdict:
    """Every section begins with words in ``<i>`` or ``<em>`` and goes on with others.

    A section is what stands under a heading (Markdown, HTML, or a line in bold); without headings
    the answer is one section. A line before the first heading that ends with a colon is none, and
    a label such as "Thesis:" may stand before the italics.
    """
    found = _sections(response)
    if not found:
        return Verdict(False, "no section with text")
    for section in found:
        tag = next(filter(section.startswith, _ITALICS), None)
        if tag is None:
            return Verdict(False, f"a section begins without italics: {section[:60]}")
        inside, _, rest = section.removeprefix(tag).partition(_ITALICS[tag])
        if not has_words(inside) or not has_words(rest):
            return Verdict(False, f"no words in the italics, or none after them: {section[:60]}")
    return Verdict(True, f"{counted(len(found), 'section')} with a thesis in italics")


def _sections(text: str) -> list[str]:
    """The text under each heading, from its first italics or words on; empty ones left out."""
    blocks: list[list[str]] = [[]]
    for line in filter(str.strip, _TAG.sub(_markdown, text).splitlines()):
        # A thesis that is bold besides is no heading.
        if is_heading(line) and (
            line.lstrip().startswith("#") or not any(tag in line for tag in _ITALICS)
        ):
            blocks.append([])
        else:
            blocks[-1].append(line)
    texts = ["\n".join(block) for block in blocks]
    if len(texts) > 1 and texts[0].rstrip().endswith(":"):
        del texts[0]
    bodies = (each.lstrip("*_ \t\n>") for each in texts)
    bodies = (body[label.end() :] if (label := _LABEL.match(body)) else body for body in bodies)
    return [body for body in bodies if has_words(body)]


def _markdown(tag: re.Match[str]) -> str:
    """What a tag is in plain text with Markdown; italics stay tags, without their attributes."""
    closing, name = tag[1], tag[2].casefold()
    if name in ("i", "em"):
        return f"<{closing}{name}>"
    if name in ("b", "strong"):
        return "**"
    if name in _HEADINGS:
        return "\n" if closing else "\n# "
    return "\n" if name in _BLOCKS else ""
