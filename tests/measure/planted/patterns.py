"""Bugs in regular expressions: an anchor forgotten, a class one character short, a lost branch."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

_ANCHORS = {r"\b": "word boundary", r"\B": "anchor", r"\A": "anchor", r"\Z": "anchor"}
_ANCHORS |= {"^": "anchor", "$": "anchor"}
_LONG = 8  # of a longer class, or of more branches, only the first and the last are left out
_TOKEN = re.compile(
    r"(?P<escape>\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.))"
    r"|(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<look>\(\?(?:[=!]|<[=!]))"
    r"|(?P<count>\{\d*(?:,\d*)?\}[?+]?|[*+?][?+]?)"
    r"|(?P<open>\((?:\?[aiLmsux]*:|\?P<\w+>)?)|(?P<close>\))|(?P<bar>\|)|(?P<anchor>[\^$])|.",
    re.DOTALL,
)
_MEMBER = re.compile(
    r"(?:\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)|.)(?:-(?:\\.|[^\]\\]))?", re.DOTALL
)


def changed_patterns(pattern: str, *, whole: bool = True) -> Iterator[tuple[str, str]]:
    """What can go wrong in a pattern, one bug at a time.

    Args:
        pattern: a regular expression, or a piece of one.
        whole: False for a piece of an f-string, which need not be a pattern by itself.

    Yields:
        (what was changed, the changed pattern); if ``whole``, only such as compile.
    """
    seen = {pattern}
    for what, changed in _changes(pattern):
        if changed in seen or (whole and not _compiles(changed)):
            continue
        seen.add(changed)
        yield what, changed


def _changes(pattern: str) -> Iterator[tuple[str, str]]:
    tokens = list(_TOKEN.finditer(pattern))
    for number, token in enumerate(tokens):
        before, after, text = pattern[: token.start()], pattern[token.end() :], token[0]
        if token["anchor"] or text in _ANCHORS:
            yield f"{_ANCHORS[text]} `{text}` was forgotten", before + after
        elif token["class"]:
            for what, members in _smaller_classes(text):
                yield what, before + members + after
        elif token["look"]:
            end = _closing(tokens, number)
            if end is not None:
                group = pattern[token.start() : tokens[end].end()]
                yield f"`{group}` was forgotten", before + pattern[tokens[end].end() :]
        elif token["count"]:
            for what, count in _other_counts(text):
                yield what, before + count + after
    yield from _fewer_branches(pattern, tokens)


def _smaller_classes(text: str) -> Iterator[tuple[str, str]]:
    start = 2 if text.startswith("[^") else 1
    members = _MEMBER.findall(text[start:-1])
    if len(members) > _LONG:
        members = [members[0], members[-1]]
    if len(_MEMBER.findall(text[start:-1])) > 1:
        for member in members:
            yield (
                f"`{member}` was left out of `{text}`",
                text[:start] + text[start:].replace(member, "", 1),
            )


def _other_counts(text: str) -> Iterator[tuple[str, str]]:
    other = {"*": "+", "+": "*", "?": "", "*?": "+?", "+?": "*?", "*+": "++", "++": "*+"}
    if text in other:
        yield f"`{text}` became {f'`{other[text]}`' if other[text] else 'nothing'}", other[text]
    for number in re.finditer(r"\d+", text):
        for changed in (int(number[0]) + 1, int(number[0]) - 1):
            new = text[: number.start()] + str(changed) + text[number.end() :]
            yield f"`{text}` became `{new}`", new


def _fewer_branches(pattern: str, tokens: list[re.Match[str]]) -> Iterator[tuple[str, str]]:
    """Each ``a|b|c`` without one of its branches; a long one without its first or its last."""
    groups: list[list[int]] = [[0]]  # of each open group, where its branches begin
    for token in (*tokens, None):
        if token is None or token["close"]:
            starts = groups.pop()
            end = len(pattern) if token is None else token.start()
            branches = list(zip(starts, [*(start - 1 for start in starts[1:]), end], strict=True))
            if len(branches) > _LONG:
                branches = [branches[0], branches[-1]]
            for start, stop in branches if len(starts) > 1 else ():
                # The bar before the branch goes with it; the first one's stands after it.
                fewer = (start, stop + 1) if start == starts[0] else (start - 1, stop)
                what = f"`{pattern[start:stop]}` was left out"
                yield what, pattern[: fewer[0]] + pattern[fewer[1] :]
            if not groups:  # a piece of a pattern may close what it did not open
                groups = [[token.end()]] if token else [[0]]
        elif token["open"] or token["look"]:
            groups.append([token.end()])
        elif token["bar"]:
            groups[-1].append(token.end())


def _closing(tokens: list[re.Match[str]], number: int) -> int | None:
    depth = 0
    for here in range(number, len(tokens)):
        depth += bool(tokens[here]["open"] or tokens[here]["look"]) - bool(tokens[here]["close"])
        if depth == 0:
            return here
    return None


def _compiles(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError):
        return False
    return True
