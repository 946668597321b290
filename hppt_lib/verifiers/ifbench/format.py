"""IFBench's constraints on the form of the whole answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hppt_lib.verifiers.ifbench.prose import bare, word_set
from hppt_lib.verifiers.registry import Verdict, register
from hppt_lib.verifiers.text import counted, has_words, words

# Signs that show as an empty place without being white space.
_BLANKS = "\u2800\u3164"
_AROUND = "*_`\"' \t\r\n,;:!?[]{}\u2018\u2019\u201c\u201d()."
_NO_MARKUP = str.maketrans("", "", "*_#")
_LABELS = ["My Answer:", "My Conclusion:", "Future Outlook:"]
_LABEL = re.compile("|".join(_LABELS))
_PLACEHOLDERS = ("[answer]", "[conclusion]", "[outlook]")


@register(
    "format:options",
    "Answer with one of the following options: {options}. Do not give any explanation.",
    "Choose one of these options and write nothing else: {options}.",
    "Your whole answer must be one of: {options}.",
    "Reply with exactly one of these and no explanation: {options}.",
    "Pick one of {options} as your complete answer.",
)
def options(response: str, *, options: str) -> Verdict:
    """The whole answer is one of the options.

    Upper and lower case, white space, emphasis and punctuation round the answer do not count:
    ``b`` and ``(B).`` are the option ``b)``. Options are parted by ``/``, by ``or``, or by commas.
    """
    known = {_choice(each) for each in _options(options)} - {""}
    found = _choice(response)
    return Verdict(found in known, f"answer: {found[:60] or 'no word'}; options: {options}")


def _options(text: str) -> list[str]:
    for separator in ("/", " or ", ","):
        if separator in text:
            return text.split(separator)
    return [text]


def _choice(text: str) -> str:
    plain = text.replace("\u2019", "'").strip(_AROUND)
    return " ".join(plain.split()).casefold()


@register(
    "format:output_template",
    "Use this exact template for your response: My Answer: [answer] My Conclusion: [conclusion] "
    "Future Outlook: [outlook]",
    "Fill in this template and write nothing else: My Answer: [answer] My Conclusion: "
    "[conclusion] Future Outlook: [outlook]",
    "Your answer must have three parts, in this order and labelled like this: My Answer: [answer] "
    "My Conclusion: [conclusion] Future Outlook: [outlook]",
    "Follow the template exactly: My Answer: [answer] My Conclusion: [conclusion] Future Outlook: "
    "[outlook]",
    "Begin with 'My Answer:', go on with 'My Conclusion:' and close with 'Future Outlook:', each "
    "with its text after it.",
)
def output_template(response: str) -> Verdict:
    """The three labels once each, in order, each with text after it, and nothing before the first.

    Emphasis or a heading's mark round a label does not count. A placeholder that was left as it
    is ("[answer]") is no text.
    """
    text = response.translate(_NO_MARKUP)
    if (found := _LABEL.findall(text)) != _LABELS:
        return Verdict(False, f"labels: {', '.join(found)[:60] or 'none'}")
    before, *parts = map(str.strip, _LABEL.split(text))
    if before:
        return Verdict(False, f"text before the template: {before[:60]}")
    for part, placeholder in zip(parts, _PLACEHOLDERS, strict=True):
        if not words(part) or part == placeholder:
            return Verdict(False, f"nothing filled in for {placeholder}")
    return Verdict(True, "the template, filled in")


@register(
    "format:no_whitespace",
    "The output should not contain any whitespace.",
    "Write without any spaces, tabs or line breaks.",
    "Do not use any white space in your answer.",
    "Your answer must be one unbroken run of characters, with no blanks.",
    "Leave out every space and line break.",
)
def no_whitespace(response: str) -> Verdict:
    """No white space inside the answer; a line end after it cannot be seen and does not count."""
    body = response.strip()
    found = sum(each.isspace() or each in _BLANKS for each in body)
    return Verdict(not found, f"{counted(found, 'space or line break')}, none wanted")


@register(
    "format:newline",
    "Write each word on a new line.",
    "Put every word on a line of its own.",
    "Each line of your answer must hold exactly one word.",
    "Start a new line after every word.",
    "Give your answer with one word per line.",
)
def newline(response: str) -> Verdict:
    """Two words or more, and no line with more than one of them.

    Blank lines, and lines with marks only, do not count. "1. Tea" is two words.
    """
    lines = 0
    for line in filter(str.strip, response.splitlines()):
        found = len(words(line))
        if found > 1:
            return Verdict(False, f"{found} words on one line: {line.strip()[:60]}")
        lines += found
    return Verdict(lines > 1, f"{counted(lines, 'line')} of one word, at least 2 wanted")


@register(
    "format:line_indent",
    "Create stairs by incrementally indenting each new line.",
    "Indent every line further than the line above it, like stairs.",
    "Each new line must begin further to the right than the one before.",
    "Write your answer as a staircase: add to the indentation with every line.",
    "Increase the indentation from line to line.",
)
def line_indent(response: str) -> Verdict:
    """Two lines or more, each indented further than the one above; blank lines do not count.

    Steps may differ in width. A tab is four columns, and HTML's ``&nbsp;`` is a space. A code
    block round the whole answer does not count.
    """
    text = response.replace("&nbsp;", " ").replace("&emsp;", "  ").expandtabs(4)
    lines = [line for line in text.splitlines() if line.strip()]
    if lines[0].startswith("```") and lines[-1].strip() == "```":
        lines = lines[1:-1]
    indents = [line.index(line.lstrip()) for line in lines]
    for line, before, after in zip(lines[1:], indents, indents[1:], strict=False):
        if after <= before:
            return Verdict(False, f"indented by {after} after {before}: {line.strip()[:60]}")
    return Verdict(len(lines) > 1, f"{counted(len(lines), 'step')}, at least 2 wanted")


_SIGN = re.compile(r"[/@]|www\.")  # of an address, or between two words
_ADDRESS = re.compile(r"://|@|www\.")

# Words that title case leaves small: articles, conjunctions and prepositions of any length.
_MINOR = word_set(
    """a an the and but or nor for so yet as if than that about above across after against along
    amid among around at before behind below beneath beside between beyond by de del despite down
    during en et except from in inside into la le like near of off on onto out outside over past
    per plus since through throughout till to toward towards under underneath until unto up upon
    van via von vs with within without etc e.g i.e"""
)


@register(
    "format:title_case",
    "Write the entire response in title case (capitalize the first letter of every major word).",
    "Capitalize Every Major Word of your answer, as in a title.",
    "Use title case throughout: every word but articles, conjunctions and prepositions begins "
    "with a capital letter.",
    "Your whole answer must be written like a headline, with capitals on all major words.",
    "Begin each major word with a capital letter, in the entire answer.",
)
def title_case(response: str) -> Verdict:
    """Every major word begins with a capital, and so does the first word of all.

    Articles, conjunctions and prepositions may be small. Of a word with hyphens the first part
    counts. Numbers, addresses and scripts without capitals do not count. Capitals throughout are
    no title case.
    """
    found = [each for each in _parts(response) if each[:1].islower() or each[:1].isupper()]
    if not found:
        return Verdict(False, "no word with a letter that has capitals")
    small = [
        each
        for number, each in enumerate(found)
        if each[0].islower() and (number == 0 or each not in _MINOR)
    ]
    if small:
        return Verdict(False, f"small: {', '.join(small[:5])[:60]}")
    long = [each for each in found if len(each) > 1]
    if len(long) > 1 and sum(map(str.isupper, long)) * 2 > len(long):
        return Verdict(False, "capitals throughout")
    return Verdict(True, f"{counted(len(found), 'word')} in title case")


def _parts(text: str) -> Iterator[str]:
    """The words outside addresses, parted at slashes, without the marks round them."""
    for word in words(text):
        if not _SIGN.search(word):
            yield word if word.isalpha() else bare(word)
        elif not _ADDRESS.search(word):
            yield from map(bare, filter(has_words, word.split("/")))
