"""Finds sentences, paragraphs, headings and list items in a text.

Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

from hppt_lib.verifiers.unspaced import EAST, without_ascii
from hppt_lib.verifiers.words import dictionary_words

# Only so many characters of a response are cut into sentences, which is slow: a hundred pages. The
# longest of 2,705 public responses has 15,000.
LONGEST_READ = 200_000

_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_LIST_MARK = re.compile(r"[ \t]*(?:[-*+\u2022]|\d{1,3}[.)])[ \t]+")
_HEADING = re.compile(r"[ \t]*#{1,6}(?:[ \t]|$)")
# These end a sentence wherever they stand: in Chinese and Japanese, Hindi, Urdu, Burmese, Khmer.
_SURE_ENDS = "\u3002\uff01\uff1f\uff61\u0964\u0965\u06d4\u104b\u17d4\u17d5"
_END_MARKS = tuple(f".!?\u2026\uff0e\u061f{_SURE_ENDS}")
_END_MARK = re.compile(f"[{''.join(_END_MARKS)}]")
_ASCII_ENDS = frozenset(".!?")
_CLOSERS = "\"')]}\u201d\u2019\u00bb\u300d _"
# The library ends no sentence at some of these, in quotation marks, or if a digit or a small letter
# follows at once. In round brackets it is right: the sentence around them goes on. The Khmer for
# "etc." stands between two such marks.
_SURE_END = re.compile(
    f"(?:(?!\u17d4\u179b\u17d4)(?<!\u17d4\u179b)[{_SURE_ENDS}])++[\u300d\u300f\u201d\u2019]*+(?!\uff09)"
    f"|(?<=[{EAST}])[.!?]+(?=[{EAST}])"
)
# Thai and Lao have no such mark: a space between two letters may end a sentence, if not before the
# marks of repetition and of what is cut short. It does if so many words stand on either side.
_THAI_OR_LAO = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"
_THAI_SPACE = re.compile(
    f"(?<=[{_THAI_OR_LAO}]) (?=[{_THAI_OR_LAO}])(?![\u0e2f\u0e46\u0eaf\u0ec6])"
)
_FEWEST_WORDS = 3
# The characters without which neither of the two cuts anything.
_PARTED = re.compile(f"[{_SURE_ENDS}{EAST}{_THAI_OR_LAO}]")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")
_PLACEHOLDER = re.compile(r"\[[^\[\]]*\]")
_QUOTED = re.compile(r"[\"\u201c(]([^\"\u201c\u201d()]*)[\"\u201d)]")
# The same for ASCII text with one of the two marks alone, or with both: a pattern that begins with
# a plain character takes a fraction of the time.
_IN_MARKS = re.compile(r"\"([^\")]*)[\")]")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_IN_EITHER = re.compile(r"[\"(]([^\"()]*)[\")]")
# The end of a sentence that another follows.
_END_INSIDE = re.compile(r"[.!?]\s")
# How many characters the library gets at once.
_WINDOW = 2_000
# Five hundred characters without a space between them, up to the next mark.
_STRETCH_TOO_LONG = re.compile(r"\S{500}\w*+\S?")
# "It is hot. (Very hot.) It boils.": the library does not cut after the bracket.
_AFTER_BRACKET = re.compile(r"\)(?<=[.!?]\))\s+(?=[A-Z\"\u201c(])")
# The library knows these titles, but cuts after them where a mark stays open: '"Mrs. Lee is here.'
_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.")
_AFTER_TITLE = re.compile(r"(?<![^\W_])((?:Mrs?|Ms|Dr|Prof)\. )\n")
# These, or a digit, begin a line that may not be plain prose.
_LINE_MARKS = frozenset("`~|#-*+\u2022")


def paragraphs(text: str) -> list[str]:
    """The parts between blank lines that hold a word; a rule such as ``***`` is none."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in map("\n".join, blocks) if any(map(str.isalnum, block))]


def is_list_item(line: str) -> bool:
    """Whether a line is an item of a Markdown list, bulleted or numbered, with a word in it."""
    return bool(_after_list_mark(line))


def _after_list_mark(line: str) -> str:
    """The text of a list item; empty if the line is none."""
    mark = _LIST_MARK.match(line)
    rest = line[mark.end() :] if mark else ""
    return rest if any(map(str.isalnum, rest)) else ""


def is_heading(line: str) -> bool:
    """Whether a line is a Markdown heading, or bold from end to end without an end mark."""
    bare = line.strip()
    if not bare.startswith("**"):
        return bare.startswith("#") and bool(_HEADING.match(line))
    inside = bare[2:].removesuffix("**")
    if not inside or len(bare) != len(inside) + 4 or "**" in inside:
        return False
    return not inside.endswith(_END_MARKS)


@lru_cache(maxsize=8)  # one response is looked at by several verifiers in turn
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of ``text``, as a person counts them, without Markdown emphasis.

    A sentence ends with its mark (``.``, ``!``, ``?`` and their like, quotation marks and brackets
    after them) or with the end of its paragraph or list item; a line break inside a paragraph ends
    none. Each sentence of a quotation counts, and of what stands in brackets; the marks around
    several are left out. Headings and tables hold none. What has no mark at its end counts if it is
    prose of three words or more: not a list item, not a lead-in that ends with a colon, not in a
    code block, not made of placeholders in square brackets. Tags such as ``<p>`` are passed over.
    Thai and Lao have no mark for the end of a sentence, but put a space there. They put it between
    the parts of a sentence too, and no rule knows these apart: what has three words or more, and
    such a space on either side, counts as one.
    Cut by the library ``sentencex``, which knows abbreviations and other scripts. Of a text longer
    than `LONGEST_READ` the beginning is read.
    """
    text = text[:LONGEST_READ]
    text = _without_long_quotations(text)
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")  # Rust takes no half of a pair
    blocks = [each for each in _blocks(text) if each[1] or _END_MARK.search(each[0])]
    if not blocks:
        return ()
    plain = _plain(block for block, _ in blocks)
    titled = any(map(plain.__contains__, _TITLES))
    all_sentences: list[str] = []
    for (_, prose), line in zip(blocks, plain.split("\n"), strict=True):
        all_sentences += [
            each
            for each in _pieces(line.strip(), titled)
            # Nearly all begin with a letter and end with such a mark: these are looked at no more.
            if (each[-1:] in _ASCII_ENDS and each[0].isalpha()) or _is_sentence(each, prose)
        ]
    return tuple(all_sentences)


def _plain(blocks: Iterable[str]) -> str:
    """The blocks, a line each, without emphasis and tags, and with no space but single plain ones.

    At the beginning and the end of a line may stand one more.
    """
    bare = "\n".join(blocks).replace("*", "").replace("`", "")  # all at once: they are many
    if "<" in bare:
        bare = _TAG.sub(" ", bare)
    # Of ASCII's white space, that which ends no line.
    if bare.isascii() and not ("  " in bare or "\t" in bare or "\x1f" in bare):
        return bare
    # On a no-break space before a full stop the library breaks.
    return "\n".join(" ".join(each.split()) for each in bare.split("\n"))


def _without_long_quotations(text: str) -> str:
    if not text.isascii():
        return _QUOTED.sub(_without_long_quotation, text)
    bracket = "(" in text
    if '"' in text:
        return (_IN_EITHER if bracket else _IN_MARKS).sub(_without_long_quotation, text)
    return _IN_BRACKETS.sub(_without_long_quotation, text) if bracket else text


def _without_long_quotation(quoted: re.Match[str]) -> str:
    """A quotation without its marks if it has several sentences: the library leaves it whole."""
    return quoted[1] if _END_INSIDE.search(quoted[1]) else quoted[0]


def _pieces(block: str, titled: bool) -> list[str]:
    """A block as the library cuts it, but cut after brackets too, and not after "Mrs.".

    ``titled`` is false if the text has no such title.
    """
    if _has_no_inner_end(block):
        return [block]
    cut = _segmented(block) if len(block) <= _WINDOW else _in_windows(block)
    if len(cut) == 1 and block.isascii() and ")" not in block:
        return [block]
    text = "\n".join(cut)
    if titled:
        text = _AFTER_TITLE.sub(r"\1", text)
    if ")" in text:
        text = _AFTER_BRACKET.sub(")\n", text)
    if text.isascii() or not _PARTED.search(without_ascii(text)):
        return list(map(str.strip, text.split("\n")))
    pieces = _SURE_END.sub("\\g<0>\n", text).split("\n")
    return [part for piece in pieces for part in _parts_at_spaces(piece.strip())]


def _parts_at_spaces(piece: str) -> Iterator[str]:
    """The sentences of Thai and Lao in a piece: what has spaces around it and three words."""
    sentence, *others = _THAI_SPACE.split(piece)
    long = bool(others) and _is_long(sentence)
    for part in others:
        part_is_long = _is_long(part)
        if long and part_is_long:
            yield sentence
            sentence = part
        else:
            sentence = f"{sentence} {part}"
        long = long or part_is_long
    yield sentence


def _is_long(text: str) -> bool:
    return len(dictionary_words(text)) >= _FEWEST_WORDS


def _has_no_inner_end(block: str) -> bool:
    """Whether the library has nothing to cut: no end mark but the last character, all ASCII."""
    inner = block[:-1]
    return block.isascii() and not ("." in inner or "!" in inner or "?" in inner)


def _segmented(block: str) -> list[str]:
    return list(_library()("en", block))


@cache
def _library() -> Callable[[str, str], list[str]]:
    from sentencex import segment

    return segment


def _in_windows(block: str) -> list[str]:
    """A long block as the library cuts it, one window after the other.

    The library's time grows with the square of the marks between which there is no space, and of
    the quotation marks that stay open. The last piece of a window goes on in the next; a piece
    longer than a window is put together again.
    """
    block = _STRETCH_TOO_LONG.sub(r"\g<0> ", block)
    pieces: list[str] = []
    rest = ""
    for start in range(0, len(block), _WINDOW):
        *done, rest = _segmented(rest + block[start : start + _WINDOW])
        if done:
            pieces += (f"{each}\n" for each in done)
        else:
            pieces.append(rest)
            rest = ""
    return ("".join(pieces) + rest).split("\n")


def _is_sentence(text: str, prose: bool) -> bool:
    begins = text[:1].isalpha()  # as nearly all do
    if not begins and not any(map(str.isalnum, text)):
        return False
    if text.endswith(_END_MARKS) or text.rstrip(_CLOSERS).endswith(_END_MARKS):
        return begins or not text.rstrip(".)").isdigit()  # the "1." of a numbered list
    if not prose or text.endswith((":", "\uff1a")):
        return False
    return _is_long(_PLACEHOLDER.sub(" ", text))


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Yields paragraphs (True), list items and lines of code (False), each as one line."""
    block: list[str] = []
    prose = True
    fenced = False
    for line in (*text.splitlines(), ""):
        bare = line.strip()
        if bare[:1].isalpha() and not fenced:  # most lines
            block.append(bare)
            continue
        if bare:
            special = fenced or bare[0] in _LINE_MARKS or bare[0].isdecimal()
            fence = bare[0] in "`~" and bool(_FENCE.match(line))
            item = _after_list_mark(line) if special else ""
            titled = special and (bare[0] == "|" or is_heading(line))
            if not (fence or item or titled or fenced):
                block.append(bare)
                continue
        if block:
            yield " ".join(block), prose
        block, prose = [], True
        if bare:
            fenced ^= fence
            if not (fence or titled):
                block, prose = [item or bare], False
