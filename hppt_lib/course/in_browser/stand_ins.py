"""Stands in, in a browser, for libraries of compiled code that do not run there.

``sentencex`` (Rust) cuts text into sentences: here a few rules of plain Python do, for English and
its like. They cut a little differently, and the page says which constraints that concerns.
``icu4py`` (C++) finds words of Thai, Chinese and their like: here the browser's own ICU does, by
``Intl.Segmenter``. What has no stand-in is a sentence on the page (`absent`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

# After a mark, its closing quotation marks or brackets and a space, or the end of the text.
_END = re.compile(
    r"[.!?\u2026]+[\"')\]\u201d\u2019]*\s+|[\u3002\uff01\uff1f]+[\u300d\u300f\u201d]*\s*"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER_LAST = _words(
    """
    mr mrs ms dr prof sr jr st vs e.g i.e cf approx ed eds al dept est gen col sgt capt rev
    hon gov sen rep jan feb mar apr jun jul aug sep sept oct nov dec
    """
)
# A sentence may well end with these; it does before a capital letter that begins a common word.
_MAY_BE_LAST = _words(
    """
    a.m p.m inc ltd co corp u.s u.k u.n etc
    """
)
_BEFORE_A_NUMBER = _words(
    """
    no nos fig figs p pp vol sec ch
    """
)
_OPENERS = _words(
    """
    the a an it he she they we i you this that these those there in on at but and so if when
    then after before however his her their our my its as for from by while what how why
    """
)
_INITIALS = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")
_PAIRS = {"(": ")", "[": "]", "\u201c": "\u201d"}


def segment(language: str, text: str) -> list[str]:
    """Sentences with the space after each: put together, they are the text.

    Args:
        language: ignored; the rules are those of English.
        text: one paragraph.
    """
    return list(_segments(text)) if text else []


def _segments(text: str) -> Iterator[str]:
    start = 0
    for mark in _END.finditer(text):
        end = mark.end()
        if end >= len(text):
            break
        if _ends(text[start : mark.start()], mark[0], text[end:]):
            yield text[start:end]
            start = end
    yield text[start:]


def _ends(before: str, mark: str, after: str) -> bool:
    """Whether a sentence ends between the two."""
    if mark.rstrip()[-1] not in "\"')]\u201d\u2019" and _open_pair(before):
        return False
    small = after[0].islower()
    if mark[0] in "!?\u2026" or mark.startswith("..."):
        return not small
    if not mark.startswith("."):
        return True
    words = before.rsplit(None, 1)
    last = (words[-1] if words else "").lstrip("\"'([\u201c")
    opens = not small and re.split(r"\W", after, maxsplit=1)[0].casefold() in _OPENERS
    if last.casefold() in _MAY_BE_LAST:
        return opens
    if last.casefold() in _BEFORE_A_NUMBER:
        return not after[0].isdigit()
    if last.casefold() in _NEVER_LAST:
        return False
    if len(last) == 1:  # J. Smith
        return not last.isupper() or last == "I"
    return not ("." in last and _INITIALS.fullmatch(last)) or opens


def _open_pair(text: str) -> bool:
    """Whether a bracket or a quotation is still open at the end."""
    if any(text.count(opener) > text.count(closer) for opener, closer in _PAIRS.items()):
        return True
    return text.count('"') % 2 == 1


class WordBreaker:
    """The words and the marks between them, in their order, as the browser's ICU finds them.

    Args:
        text: what to cut.
        language: a language's code; the dictionaries are the same for all.
    """

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._language = language

    def __iter__(self) -> Iterator[str]:
        """Each piece; put together, they are the text."""
        yield from _browser_words(self._text, self._language)


def _browser_words(text: str, language: str) -> list[str]:
    """Words by ``Intl.Segmenter``, which every browser of the last years has."""
    js, ffi = import_module("js"), import_module("pyodide.ffi")  # Pyodide's own
    options = ffi.to_js({"granularity": "word"}, dict_converter=js.Object.fromEntries)
    found = js.Intl.Segmenter.new(language, options).segment(text)
    return [str(each.segment) for each in found]


def install() -> list[str]:
    """Put a stand-in where a library is absent; returns the names of those that stand in."""
    made = []
    for name, members in _MODULES.items():
        if find_spec(name.partition(".")[0]) is None:
            for part in (name.partition(".")[0], name):
                sys.modules[part] = ModuleType(part)
            vars(sys.modules[name]).update(members)
            made.append(name.partition(".")[0])
    return made


_MODULES: dict[str, dict[str, Callable[..., Any]]] = {
    "sentencex": {"segment": segment},
    "icu4py.breakers": {"WordBreaker": WordBreaker},
}


def absent(module: str) -> bool:
    """Whether a library is neither here nor stood in for."""
    if module in sys.modules:
        return False
    return find_spec(module) is None
