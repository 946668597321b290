r"""Counts placeholders: text in square brackets that is to be filled in, such as ``[name]``.

Square brackets mean much else: links, footnotes and ticked boxes in Markdown, indexes and lists in
code, formulas and options in LaTeX. What is clearly one of these is no placeholder; what may be one
is. Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re

from hppt_lib.verifiers.ifeval.markdown import has_fence, labelled_lines, without_maths
from hppt_lib.verifiers.word_lists import word_set

_SQUARE = re.compile(r"\[([^\[\]\n]*)\]")
# What most are, and nothing else is: four letters or more, spaces between them, after a space.
_PLAIN = re.compile(r"\[(?<![^\s(:]\[)[A-Za-z][A-Za-z ]{2,60}[A-Za-z]\]")
# In a fenced block with one of these labels nothing counts. Other labels, or none, are given to
# templates as well: there the rules for code decide.
_PROGRAMS = word_set(
    """asm assembly awk bash bat batch c c# c++ cc clojure cmake cmd console cpp cs csharp css
    cuda cypher dart diff docker dockerfile elixir erlang f# fortran fsharp go golang gradle
    graphql groovy haskell hcl hs ini ipython java javascript jl js jsx julia kotlin kt less
    lisp lua makefile matlab mermaid mips nasm node nginx nix objc objective-c objectivec ocaml
    octave pascal perl php powershell prolog proto ps1 pwsh py pycon python python3 r racket rb
    regex rs ruby rust sass scala scheme scss sh shell smalltalk solidity sql swift tcl
    terraform toml ts tsx typescript v vb vba verilog vhdl vim vue wasm yaml yml zig zsh"""
)
_LABEL = re.compile(r"\{?\.?([\w+#-]*)")
_INLINE_CODE = re.compile(r"``[^`\n]++``|`[^`\n]++`")
_NO_BRACKETS = str.maketrans("[]$\\", "    ")

# Text in brackets that may hold more brackets, one level of them, and stays on one line.
_TEXT = r"\[[^\[\]\n]*+(?:\[[^\[\]\n]*+\][^\[\]\n]*+)*+\]"
_ADDRESS = r"(?P<address><[^<>\n]++>|[^\s()<>]*+(?:\([^\s()<>]*+\)[^\s()<>]*+)*+)"
_TITLE = r"(?P<title>[ \t]++(?:\"[^\"\n]*+\"|'[^'\n]*+'))?+"
_LINK = re.compile(rf"{_TEXT}\([ \t]*+{_ADDRESS}{_TITLE}[ \t]*+(?P<end>\))?+")
_BY_REFERENCE = re.compile(rf"{_TEXT}\[(?P<label>[^\[\]\n]*+)\]")
_DEFINITION = re.compile(
    rf"^ {{0,3}}\[(?P<label>[^\[\]\n]++)\]:[ \t]*+\n?[ \t]*+{_ADDRESS}{_TITLE}[ \t\r]*+$",
    re.MULTILINE,
)
_STARTS = ("#", "/", "./", "../", "?", "www.", "http:", "https:", "mailto:", "tel:")

# The ticked box of a to-do list, "- [x] done".
_TICKS = frozenset({"x", "X"})
_BULLETS = ("- ", "* ", "+ ", ". ")
# A footnote ("^1"), an alert ("!NOTE"), a citation ("1, p. 5" or "@smith2020").
_NOTE = re.compile(r"\^\S|![A-Z]+$|\d+, ?pp?\.|@[\w:.-]+\d{4}[a-z]?$")
_YEAR = re.compile(r"\d{4}[a-z]?\)?$")
# Before the options of a LaTeX command: its name, "\begin{figure}", or the end of a line ("\\").
_COMMAND = re.compile(r"(?:\\[A-Za-z@]{2,30}\*?(?:\{[\w*-]{1,30}\})?|\\\\)$")
_LONGEST_COMMAND = 66

# In code: a list or a comprehension after what it is assigned or handed to, and a class of a regex.
_BEFORE_LIST = re.compile(r"(?:[=(,+]|\b(?:in|return|yield)) *$")
_ITEMS = re.compile(r"\s*+[\w.]++\s*+(?:,\s*+[\w.]++\s*+)++$")
_CLASS = re.compile(r"\^|\\|(?<![A-Za-z])[a-z]-[a-z](?![A-Za-z]{2})|[A-Z]-[A-Z](?![A-Za-z]{2})|0-9")


def placeholder_count(text: str) -> int:
    """How many placeholders stand in ``text``; the same one counts as often as it stands."""
    if "[" not in text or "]" not in text:
        return 0
    number = 0
    if has_fence(text):
        prose, fenced = _prose_and_templates(text)
        number += _in_code(fenced)
    else:
        prose = text
    if "`" in prose:
        number += _in_code("\n".join(each[0] for each in _INLINE_CODE.finditer(prose)))
        prose = _INLINE_CODE.sub(_without_brackets, prose)
    return number + _in_prose(without_maths(prose))


def _prose_and_templates(text: str) -> tuple[str, str]:
    """The lines outside of fenced blocks, and those in the blocks that may hold a template."""
    prose: list[str] = []
    fenced: list[str] = []
    for line, label in labelled_lines(text):
        if label is None:
            prose.append(line)
        elif not _is_program(label):
            fenced.append(line)
    return "\n".join(prose), "\n".join(fenced)


def _is_program(label: str) -> bool:
    """Whether a fence's label begins with a programming language: "python", "{.python}"."""
    language = _LABEL.match(label)
    return language is not None and language[1] in _PROGRAMS


def _without_brackets(code: re.Match[str]) -> str:
    return code[0].translate(_NO_BRACKETS)


def _in_code(code: str) -> int:
    """The placeholders in code: no index, type, list, class of a regular expression."""
    if "[" not in code:
        return 0
    code = without_maths(code)
    number = 0
    index_end = -1  # where the last index ended: in "a[i][j]" the second one belongs to it
    for match in _SQUARE.finditer(code):
        start = match.start()
        if _is_index(code, start) or start == index_end:
            index_end = match.end()
        elif not _is_list_or_class(code, match):
            number += _is_blank(code, match)
    return number


def _is_index(code: str, start: int) -> bool:
    """Whether the bracket follows a name at once: "prices[", "list[", "Callable[["."""
    before = code[max(0, start - 2) : start].removesuffix("[")[-1:]
    return before.isascii() and (before.isalnum() or before in ("_", ")"))


def _is_list_or_class(code: str, match: re.Match[str]) -> bool:
    if _CLASS.search(match[1]) or code.startswith("+", match.end()):
        return True
    if " in " in match[1].partition(" for ")[2]:
        return True
    before = code[max(0, match.start() - 12) : match.start()]
    return bool(_ITEMS.match(match[1]) and _BEFORE_LIST.search(before))


def _in_prose(prose: str) -> int:
    """The placeholders in what is no code: no links, images, definitions of addresses."""
    labels: set[str] = set()
    if "]:" in prose:
        labels = {
            _label(each["label"])
            for each in _DEFINITION.finditer(prose)
            if _is_address(each["address"], each["title"])
        }
    if "](" in prose:
        prose = _LINK.sub(_without_link, prose)
    if labels or "![" in prose:
        prose = _BY_REFERENCE.sub(lambda match: _without_reference(match, labels), prose)
    number = 0
    if not labels:
        prose, number = _PLAIN.subn("\n", prose)  # a line end parts what is left as they did
        if "[" not in prose:
            return number
    return number + sum(
        _is_blank(prose, match) and not (labels and _label(match[1]) in labels)
        for match in _SQUARE.finditer(prose)
    )


def _label(text: str) -> str:
    """A label as Markdown compares it: case and the number of spaces make no difference."""
    return " ".join(text.casefold().split())


def _without_link(match: re.Match[str]) -> str:
    linked = _is_address(match["address"], match["end"] and match["title"])
    return " " if linked or _is_image(match) else match[0]


def _without_reference(match: re.Match[str], labels: set[str]) -> str:
    """Nothing for a link by reference; its label stays, and counts for nothing by itself."""
    return " " if _label(match["label"]) in labels or _is_image(match) else match[0]


def _is_image(match: re.Match[str]) -> bool:
    """Whether "!" stands before the bracket, and does not end a word: "Hello![name]"."""
    before = match.string[max(0, match.start() - 2) : match.start()]
    return before.endswith("!") and not before[:-1].isalnum()


def _is_address(address: str, title: str | None) -> bool:
    """Whether the brackets after a text hold an address: "(required)" and "(dd/mm)" are none.

    A title after it shows it, or what the address begins with, or the ending of a file's name.
    """
    if title or address.startswith((*_STARTS, "<")) or "://" in address or address.endswith("/"):
        return True
    stem, dot, ending = address.partition("#")[0].partition("?")[0].rpartition(".")
    one_case = ending.islower() or ending.isupper()  # "page.html", but not "Dr.Smith"
    return bool(stem and dot) and one_case and ending.isalnum() and 2 <= len(ending) <= 5


def _is_blank(text: str, match: re.Match[str]) -> bool:
    """Whether a pair of brackets holds something to be filled in, and not a note or an option."""
    inside, start = match[1], match.start()
    if not inside[:1].isalpha():  # as nearly all that are to be filled in do
        if not any(map(str.isalpha, inside)) or _NOTE.match(inside):
            return False
        if inside.lstrip(" {").startswith(('"', "'")):
            return False
    elif inside in _TICKS and text.endswith(_BULLETS, 0, start):
        return False
    if inside.strip() == "sic" or (" et al" in inside and _YEAR.search(inside)):
        return False
    before = text[max(0, start - 1) : start]
    if before.isalpha() or before in ("*", "}", "\\"):
        return not _COMMAND.search(text, max(0, start - _LONGEST_COMMAND), start)
    return True
