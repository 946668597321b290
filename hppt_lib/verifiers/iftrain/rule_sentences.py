"""Splits a text into sentences as IFTrain's own program does: at marks, not at line ends.

Source: ``split_into_sentences`` in open-instruct's ``IFEvalG``.
"""

from __future__ import annotations

import re

# The program marks dots that end nothing, and ends, with these; a response may hold them too.
_DOT, _END = "<prd>", "<stop>"
_OPENERS = r"(Mr|Mrs|Ms|Dr|Prof|Capt|Cpt|Lt|He\s|She\s|It\s|They\s|Their\s|Our\s|We\s|But\s|However\s|That\s|This\s|Wherever)"  # noqa: E501
_COMPANY = "(Inc|Ltd|Jr|Sr|Co)"
_LETTER = "([A-Za-z])"
# The order matters: what an earlier rule marks, a later one no longer sees.
_BEFORE_DOTS = (
    (r"(Mr|St|Mrs|Ms|Dr)[.]", rf"\1{_DOT}"),
    (r"[.](com|net|org|io|gov|edu|me)", rf"{_DOT}\1"),
    (r"([0-9])[.]([0-9])", rf"\1{_DOT}\2"),
)
_AFTER_DOTS = (
    (rf"\s{_LETTER}[.] ", rf" \1{_DOT} "),
    (rf"([A-Z][.][A-Z][.](?:[A-Z][.])?) {_OPENERS}", rf"\1{_END} \2"),
    (rf"{_LETTER}[.]{_LETTER}[.]{_LETTER}[.]", rf"\1{_DOT}\2{_DOT}\3{_DOT}"),
    (rf"{_LETTER}[.]{_LETTER}[.]", rf"\1{_DOT}\2{_DOT}"),
    (rf" {_COMPANY}[.] {_OPENERS}", rf" \1{_END} \2"),
    (rf" {_COMPANY}[.]", rf" \1{_DOT}"),
    (rf" {_LETTER}[.]", rf" \1{_DOT}"),
)
_DOTS = re.compile(r"\.{2,}")


def rule_sentences(text: str) -> list[str]:
    """The sentences of ``text`` by open-instruct's rules; blank ones stand for a doubled mark."""
    text = f" {text}  ".replace("\n", " ")
    for pattern, marked in _BEFORE_DOTS:
        text = re.sub(pattern, marked, text)
    text = _DOTS.sub(lambda dots: _DOT * len(dots[0]) + _END, text)
    text = text.replace("Ph.D.", f"Ph{_DOT}D{_DOT}")
    for pattern, marked in _AFTER_DOTS:
        text = re.sub(pattern, marked, text)
    # A mark and the quotation mark after it change places, so that the end comes last.
    for mark, quote in ((".", "\u201d"), (".", '"'), ("!", '"'), ("?", '"')):
        text = text.replace(mark + quote, quote + mark)
    for mark in ".?!":
        text = text.replace(mark, mark + _END)
    all_sentences = [each.strip() for each in text.replace(_DOT, ".").split(_END)]
    return all_sentences if all_sentences[-1] else all_sentences[:-1]
