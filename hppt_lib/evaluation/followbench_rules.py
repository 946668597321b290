"""What FollowBench decides by rule and not by a judge: 17 groups of its data, and its examples.

Written after the authors' ``rule_based_evaluation.py`` (github.com/YJiangcm/FollowBench), with the
same decisions, oddities included: a sentence is what stands between ``.``, ``!`` and ``?``, a word
what stands between single spaces, and the ban on words that end in "-ly" looks for the hyphen. Each
rule decides a whole level at once, so its share of satisfied constraints is 0 or 1.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable, Sequence

Rules = Sequence[Callable[[str], bool]]
"""What each level asks beyond the levels below it, from level 1 on."""

BY_TARGET: dict[str, Callable[[str, str], bool]] = {
    "E2E": lambda text, target: text == target,
    "text_editing": lambda text, target: text == target,
    "WIKIEVENTS": lambda text, target: set(text.split("\n")) <= set(target.split("\n")),
    "CONLL2003": lambda text, target: text in ast.literal_eval(target),
    "BBH_logical": lambda text, target: _last(r"\([A-Z]\)", text) == target,
    "BBH_time": lambda text, target: _last(r"\d{2}/\d{2}/\d{4}", text) == target,
    "gsm_8k": lambda text, target: _last(r"\$\d+", text) == target,
    "self_made_space": lambda text, target: target in text,
}
"""By source: the response is compared with a target."""

_SHORT: dict[str, Rules] = {
    "cnn_dailymail": (
        lambda text: len(_sentences(text)) == 3,
        lambda text: all(len(each.split()) < 15 for each in _sentences(text)),
        lambda text: all(
            _in_sentence(text, number, word)
            for number, word in enumerate(("Potter", "actor", "films"))
        ),
        lambda text: not _in_sentence(text, 1, "lavish"),
        lambda text: (
            len(_sentences(text)) > 2
            and bool(re.search(r"\b(has|have)\s+\w+", _sentences(text)[2]))
        ),
    ),
    "xsum": (
        lambda text: len(_sentences(text)) == 1,
        lambda text: len(text.split(" ")) < 20,
        lambda text: not _has_word(text, "Newton Stewart"),
        lambda text: bool(re.search(r"\b(am|is|are)\s+\w+ing\b", text)),
        lambda text: _has_word(text, "operation"),
    ),
    "samsum": (
        lambda text: len(_sentences(text)) == 1,
        lambda text: len(text.split(" ")) < 15,
        lambda text: _has_word(text, "stuff"),
        lambda text: "procrast" not in text.lower(),
        lambda text: sum(each in string.punctuation for each in text) == 1,
    ),
    "gigaword": (
        lambda text: len(text.split(" ")) == 8,
        lambda text: not any(each in string.punctuation for each in text),
        lambda text: text.islower(),
        lambda text: not _has_word(text, "bus"),
        lambda text: _has_word(text, "in"),
    ),
    "arxiv": (
        lambda text: len(_sentences(text)) == 1,
        lambda text: len(text.split(" ")) <= 20,
        lambda text: text.startswith("We"),
        lambda text: _has_word(text, "activations"),
        lambda text: not _has_word(text, "transformer"),
    ),
}

# Two groups of the type "format": three paragraphs of suggestions, and five points with keywords.
_PARAGRAPHS, _POINTS = "22", "30"


def by_rule(
    response: str, *, kind: str, number: object, source: str, level: int, target: str
) -> bool:
    """Whether a response satisfies a level that FollowBench decides by rule.

    Args:
        response: the answer, without thoughts.
        kind: the type of the data, such as ``content`` or ``example``.
        number: the group's ``example_id``.
        source: its ``source``.
        level: 1 to 5.
        target: its ``target``.

    Raises:
        KeyError: there is no rule for such a group.
    """
    if kind == "example":
        return _fits_template(response, target)
    if source in BY_TARGET:
        return BY_TARGET[source](response, target)
    if source in _SHORT:
        return all(rule(response) for rule in _SHORT[source][:level])
    if str(number) == _PARAGRAPHS:
        return _three_paragraphs(response, level)
    if str(number) == _POINTS:
        return all(rule(response) for rule in _FIVE_POINTS[:level])
    raise KeyError(f"{kind} {number}, {source}")


def _fits_template(response: str, target: str) -> bool:
    """Whether a response is the template with something in place of ``{answer}``, on one line."""
    template = target.replace("{instruction}\n", "").replace("{{", "{").replace("}}", "}")
    parts = template.replace("{answer}", ".*").split(".*")
    return bool(re.fullmatch(".*".join(map(re.escape, parts)), response))


def _three_paragraphs(text: str, level: int) -> bool:
    paragraphs = text.split("\n\n")
    if len(paragraphs) != (4 if level == 5 else 3):
        return False
    rules = (
        lambda: all(len(_sentences(each)) < 3 for each in paragraphs[:3]),
        lambda: all(len(each.split()) > 20 for each in _sentences(text)),
        lambda: all(re.match(r"\d+\.", each.lstrip()) for each in paragraphs if each.lstrip()),
        lambda: text.endswith("Those are suggestions"),
    )
    return all(rule() for rule in rules[: level - 1])


def _points(text: str) -> list[str]:
    """The sentences of a list of points, as the authors split them."""
    return re.split(r"(?<!\w\.\w.)(?<![A-Z][a-z]\.)(?<=\.|\?)\s", text)


_FIVE_POINTS: Rules = (
    lambda text: "**" in text,
    lambda text: len(re.findall(r"\*\*[\d].+?:", text)) == 5,
    lambda text: all(
        len(each.split(".")) < 3
        for each in _points(text)
        if any(f"{number}." in each for number in range(1, 6))
    ),
    lambda text: all(10 <= len(each.split()) <= 15 for each in _points(text)),
    lambda text: not any(word.endswith("-ly") for each in _points(text) for word in each.split()),
)


def _sentences(text: str) -> list[str]:
    return [each for each in re.split(r"[.!?]", text) if each]


def _has_word(text: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}\b", text))


def _in_sentence(text: str, number: int, word: str) -> bool:
    sentences = _sentences(text)
    return len(sentences) > number and _has_word(sentences[number], word)


def _last(pattern: str, text: str) -> str | None:
    found = re.findall(pattern, text)
    return found[-1] if found else None
