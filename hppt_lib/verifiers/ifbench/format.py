"""IFBench's constraints on form: templates, white space, lists, emoji, sections.

`format_nesting` has those on brackets and quotation marks.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from hppt_lib.verifiers.nltk_text import (
    EDGES,
    nltk_sentences,
    sentence_count,
    tokens_of,
    without_punctuation,
)
from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.sentences import is_heading, sentences
from hppt_lib.verifiers.word_lists import word_list, word_set
from hppt_lib.verifiers.words import bare, counted, dictionary_words, has_words, words

# Characters that look like white space and are none.
_BLANKS = "\u2800\u3164"
_AROUND = "*_`\"' \t\r\n,;:!?[]{}\u2018\u2019\u201c\u201d()."
_NO_MARKUP = str.maketrans("", "", "*_#")
_LABELS = ["My Answer:", "My Conclusion:", "Future Outlook:"]
_LABEL = re.compile("|".join(_LABELS))
_PLACEHOLDERS = ("[answer]", "[conclusion]", "[outlook]")

# Lists.
_STAR = re.compile(r"[ \t]*\*[ \t]+")
_DASH = re.compile(r"[ \t]*-[ \t]+")
_BULLET = re.compile(r"[ \t]*[-*+\u2022\u2023\u25e6\u25aa\u25cf\u2013][ \t]+")
_AFTER_PERIOD = "\"')]}*_\u201d\u2019 "

# Emoji. The mark, a private character that no text uses on purpose, stands for one while sentences
# are cut.
_MARK = "\ue000"
_END = ".!\u2026\u3002\uff01\uff1f\u061f\u0964?"
_CLOSERS = "\"')\\]}\u201d\u2019\u00bb_~`*"
# From the first of a row of end marks to an emoji behind them; possessive, so that it never goes
# back over a long row.
_EMOJI_BEHIND = re.compile(rf"(?<![{_END}])([{_END}]++[{_CLOSERS}]*+[^\S\n]*+)({_MARK}++)")

# Sections.
_TAG = re.compile(r"<([/!]?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>")
_BLOCKS = word_set("p div section article main body html header br hr")
_HEADINGS = word_set("h1 h2 h3 h4 h5 h6")
_ITALICS = {"<i>": "</i>", "<em>": "</em>"}
_THESIS_LABEL = re.compile(r"thesis(?: statement)?[\s*_:]*", re.IGNORECASE)

# Title case.
_SIGN = re.compile(r"[/@]|www\.")  # of an address, or between two words
_ADDRESS = re.compile(r"://|@|www\.")
_SMALL_IN_TITLES = frozenset(word_list("small words in titles"))


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

    Upper and lower case, white space, emphasis and punctuation around the answer do not count:
    ``b`` and ``(B).`` are the option ``b)``. ``/``, ``or`` or commas separate the options.
    """
    known = {_choice(each) for each in _options(options)} - {""}
    answer = _choice(response)
    return Verdict(answer in known, f"answer: {answer[:60] or 'no word'}; options: {options}")


def _options(text: str) -> list[str]:
    for separator in ("/", " or ", ","):
        if separator in text:
            return text.split(separator)
    return [text]


def _choice(text: str) -> str:
    return " ".join(text.strip(_AROUND).split()).casefold()


@reference("format:options")
def options_reference(response: str, *, options: str) -> Verdict:
    """The answer is one of the options; punctuation around it counts if these are a, b, c.

    Options are separated by "/", else by any "or" (even within a word), else by commas. A line end
    after the answer makes it another one.
    """
    separator = next((each for each in ("/", "or") if each in options), ",")
    known = [each.strip() for each in options.split(separator)]
    answer = response
    if not re.sub(r"\W", "", options).lower().startswith("abc"):
        known = [each.strip(EDGES).lower() for each in known]
        answer = response.strip(EDGES).lower()
    return Verdict(answer in known, f"answer: {answer[:60]!r}; options: {', '.join(known)}")


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

    Emphasis or a heading's mark around a label does not count. A placeholder that was left as it
    is ("[answer]") is no text.
    """
    text = response.translate(_NO_MARKUP)
    if (labels := _LABEL.findall(text)) != _LABELS:
        return Verdict(False, f"labels: {', '.join(labels)[:60] or 'none'}")
    before, *parts = map(str.strip, _LABEL.split(text))
    if before:
        return Verdict(False, f"text before the template: {before[:60]}")
    for part, placeholder in zip(parts, _PLACEHOLDERS, strict=True):
        if not words(part) or part == placeholder:
            return Verdict(False, f"nothing filled in for {placeholder}")
    return Verdict(True, "the template, filled in")


@reference("format:output_template")
def output_template_reference(response: str) -> Verdict:
    """The three labels stand anywhere, in any order, with or without text."""
    missing = [label for label in _LABELS if label not in response]
    return Verdict(not missing, f"missing: {', '.join(missing) or 'none'}")


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
    number = sum(each.isspace() or each in _BLANKS for each in body)
    return Verdict(not number, f"{counted(number, 'space or line break')}, none wanted")


@reference("format:no_whitespace")
def no_whitespace_reference(response: str) -> Verdict:
    """No white space anywhere, not even at the end."""
    number = sum(map(str.isspace, response))
    return Verdict(not number, f"{counted(number, 'space or line break')}, none wanted")


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
        number = len(dictionary_words(line))
        if number > 1:
            return Verdict(False, f"{number} words on one line: {line.strip()[:60]}")
        lines += number
    return Verdict(lines > 1, f"{counted(lines, 'line')} of one word, at least 2 wanted")


@reference("format:newline")
def newline_reference(response: str) -> Verdict:
    """Without ASCII punctuation there are as many lines with text as words; both may be 0."""
    text = without_punctuation(response).strip()
    lines = sum(line != "" for line in text.split("\n"))
    words = len(text.split())
    return Verdict(lines == words, f"{counted(lines, 'line')}, {counted(words, 'word')}")


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
    block around the whole answer does not count.
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


@reference("format:line_indent")
def line_indent_reference(response: str) -> Verdict:
    """Each line has more spaces before it than the one above; one line is enough.

    Of two blank lines one after the other, only every second is left out of account.
    """
    spaces = [line.removesuffix(line.lstrip(" ")) for line in _kept(response.split("\n"))]
    grows = all(before < after for before, after in pairwise(spaces))
    return Verdict(grows, f"indents {', '.join(str(len(each)) for each in spaces[:10])}")


def _kept(lines: list[str]) -> list[str]:
    """The lines that remain when blank ones are removed from a list during a loop over it.

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
    cased = [each for each in _parts(response) if each[:1].islower() or each[:1].isupper()]
    if not cased:
        return Verdict(False, "no word with a letter that has capitals")
    small = [
        each
        for number, each in enumerate(cased)
        if each[0].islower() and (number == 0 or each not in _SMALL_IN_TITLES)
    ]
    if small:
        return Verdict(False, f"small: {', '.join(small[:5])[:60]}")
    long = [each for each in cased if len(each) > 1]
    if len(long) > 1 and sum(map(str.isupper, long)) * 2 > len(long):
        return Verdict(False, "capitals throughout")
    return Verdict(True, f"{counted(len(cased), 'word')} in title case")


def _parts(text: str) -> Iterator[str]:
    """The words outside addresses, cut at slashes, without the marks around them."""
    for word in words(text):
        if not _SIGN.search(word):
            yield word if word.isalpha() else bare(word)
        elif not _ADDRESS.search(word):
            yield from map(bare, filter(has_words, word.split("/")))


@reference("format:title_case")
def title_case_reference(response: str) -> Verdict:
    """No token of NLTK's is in small letters; "n't" is such a token. All capitals pass."""
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

    Emphasis around the mark does not count. Text before, between and after the items is allowed.
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


@reference("format:list")
def list_of_items_reference(response: str, *, sep: str) -> Verdict:
    """The mark stands twice or more, anywhere."""
    number = response.count(sep)
    return Verdict(number >= 2, f"{sep} stands {number} times, at least 2 wanted")


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


@reference("format:sub-bullets")
def sub_bullets_reference(response: str) -> Verdict:
    """A hyphen stands somewhere between each asterisk and the next; no asterisk is enough."""
    without = sum("-" not in part for part in response.split("*")[1:])
    return Verdict(not without, f"{counted(without, 'asterisk')} with no hyphen after it")


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
    needs=("sentencex",),
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
    closed = sum(each.rstrip(_AFTER_PERIOD).endswith(".") for each in sentences("\n".join(before)))
    return Verdict(
        closed >= 2,
        f"{counted(closed, 'sentence')} ending in a period before the bullet points, 2 wanted",
    )


@reference("format:no_bullets_bullets", needs=("punkt",))
def no_bullets_bullets_reference(response: str) -> Verdict:
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
                sentences += sentence_count(line, 2)
    return Verdict(bullets >= 2, f"{counted(bullets, 'line')} with *, at least 2 wanted")


@lru_cache(maxsize=1)
def _emoji() -> Any:
    """The pattern of one or more emoji, from the tables of Unicode that ``regex`` has."""
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
    needs=(
        "regex",
        "sentencex",
    ),
)
def emoji(response: str) -> Verdict:
    """Every sentence has an emoji at its end, just before or just after its closing mark.

    Headings, and list items without a closing mark, are no sentences. A sign such as (c) is an
    emoji only where it asks to be shown as a picture; ":)" is none.
    """
    marked = _emoji().sub(_MARK, response.replace(_MARK, ""))
    marked = _EMOJI_BEHIND.sub(r"\2\1", marked)
    all_sentences = sentences(marked) or (marked,)
    around = _END + string.whitespace + _CLOSERS
    bare = [each for each in all_sentences if not each.rstrip(around).endswith(_MARK)]
    if bare:
        ending = bare[0][-60:].replace(_MARK, "")
        return Verdict(
            False, f"{len(bare)} of {len(all_sentences)} without emoji at the end: {ending}"
        )
    return Verdict(True, f"{counted(len(all_sentences), 'sentence')} with an emoji at the end")


@reference(
    "format:emoji",
    needs=(
        "punkt",
        "regex",
    ),
)
def emoji_reference(response: str) -> Verdict:
    """Each of NLTK's sentences ends with an emoji, or the next one begins with it.

    One character may follow the emoji. ASCII punctuation does not count. (c) and (r) are emoji; a
    flag is none.
    """
    all_sentences = [without_punctuation(each).strip() for each in nltk_sentences(response)]
    for number, sentence in enumerate(all_sentences):
        following = all_sentences[number + 1][:1] if number + 1 < len(all_sentences) else ""
        if not sentence or not any(map(_is_emoji, (*sentence[-2:], following))):
            return Verdict(False, f"no emoji at the end: {sentence[-60:]}")
    return Verdict(True, f"{counted(len(all_sentences), 'sentence')} with an emoji at the end")


def _is_emoji(char: str) -> bool:
    return char not in "#*0123456789" and _program_emoji().fullmatch(char) is not None


@cache
def _program_emoji() -> Any:
    import regex

    # A letter of a flag is an emoji to Unicode, but no emoji of its own to the program.
    return regex.compile(r"[\p{Emoji}--\p{RI}]", regex.V1)


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
    sections = _sections(response)
    if not sections:
        return Verdict(False, "no section with text")
    for section in sections:
        tag = next(filter(section.startswith, _ITALICS), None)
        if tag is None:
            return Verdict(False, f"a section begins without italics: {section[:60]}")
        inside, _, rest = section.removeprefix(tag).partition(_ITALICS[tag])
        if not has_words(inside) or not has_words(rest):
            return Verdict(False, f"no words in the italics, or none after them: {section[:60]}")
    return Verdict(True, f"{counted(len(sections), 'section')} with a thesis in italics")


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
    bodies = (
        body[label.end() :] if (label := _THESIS_LABEL.match(body)) else body for body in bodies
    )
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


@reference("format:thesis")
def thesis_reference(response: str) -> Verdict:
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
