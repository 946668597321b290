"""A file in VerInstruct's form, made up: same fields, sizes and mixture as far as they are known.

Known are the fields, the forms of checkers and functions (see `hppt_lib.sources.verinstruct`),
about 22,000 rows and 6.2 constraints a row. The rest is a guess on the large side: prompts of some
1,500 characters, functions of some 500, a third of the constraints rules.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOFT = (
    "Desired_Writing_Style", "Semantic_Elements", "Hierarchical_Instructions", "Tone_Constraints",
    "Specific_Literary_Devices", "Special_Output_Format", "Morphological_Constraints",
)  # fmt: skip
WORDS = [
    "river", "market", "lantern", "winter", "orchard", "signal", "paper", "harbour", "engine",
    "garden", "letter", "window", "music", "copper", "meadow", "bridge", "thunder", "saddle",
]  # fmt: skip

_COUNTED = '''import re

def check_following(instruction, response):
    """
    Check whether the response {what}.

    Args:
        instruction (str): the original instruction
        response (str): the response to check

    Returns:
        bool: True if the constraint is followed, False otherwise
    """
    text = response.strip()
    words = re.findall(r'\\b\\w+\\b', text)
    word_count = len(words)
    return {condition}
'''
_LONG = '''def check_following(instruction, response):
    """{what}"""
    paragraphs = [p.strip() for p in response.split('\\n\\n') if p.strip()]
    count = 0
    for paragraph in paragraphs:
        if len(paragraph.split()) > {n}:
            count += 1
    if count > {m}:
        return False
    for index, paragraph in enumerate(paragraphs):
        if not paragraph[0].isupper():
            return False
    return True
'''
_JUDGED = (
    "from llm_call import llm_judge, llm_extract, llm_score\n"
    "def check_following(instruction, response):\n"
    "    return llm_score(instruction, response, {text})"
)


def row(number: int, seed: int = 0) -> dict[str, Any]:
    """One record, the same for the same number and seed."""
    dice = random.Random(f"{seed}/{number}")
    checkers, functions = [], []
    for _ in range(dice.choices((4, 5, 6, 7, 8), (10, 20, 28, 24, 18))[0]):
        checker, function = _rule(dice) if dice.random() < 1 / 3 else _judged(dice)
        checkers.append(checker)
        functions.append(function)
    stated = "\n".join(each.partition("] ")[2] for each in checkers)
    return {
        "id": f"verinstruct-like-{number}",
        "prompt": f"{_prose(dice, 120)}\n\n{stated}",
        "checkers": checkers,
        "functions": functions,
    }


def rows(count: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    return (row(number, seed) for number in range(count))


def write(path: Path, count: int, seed: int = 0) -> None:
    with open(path, "w", encoding="utf-8") as stream:
        for each in rows(count, seed):
            stream.write(json.dumps(each, ensure_ascii=False) + "\n")


def _prose(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words)).capitalize() + "."


def _judged(dice: random.Random) -> tuple[str, str]:
    kind, text = dice.choice(SOFT), _prose(dice, 25)
    function = _JUDGED.format(text=json.dumps(text))
    if dice.random() < 0.5:  # a bare label: the text is in the function only
        return f"[llm] {kind}", function
    return f"[llm] {kind}: {text}", function


def _rule(dice: random.Random) -> tuple[str, str]:
    n, word = dice.randint(50, 400), dice.choice(WORDS)
    kind = dice.randrange(7)
    if kind == 0:
        what = f"The response should be at least {n} words."
        return f"[rule] {what}", _COUNTED.format(what=what, condition=f"word_count >= {n}")
    if kind == 1:
        what = f"Your response must not exceed {n} words."
        return f"[rule] {what}", _COUNTED.format(what=what, condition=f"word_count <= {n}")
    if kind == 2:  # a bare label: the rule is in the function only
        condition = f"{n} <= word_count <= {n + 50}"
        return "[rule] Number_Words", _COUNTED.format(what="has a length", condition=condition)
    if kind == 3:
        what = f"Include the word '{word}' in your response."
        return f"[rule] {what}", _COUNTED.format(what=what, condition=f"'{word}' in text.lower()")
    if kind == 4:
        what = f"The response should consist of {n % 7 + 2} paragraphs."
        condition = f"len(text.split('\\n\\n')) == {n % 7 + 2}"
        return f"[rule] Number_Paragraphs: {what}", _COUNTED.format(what=what, condition=condition)
    if kind == 5:  # text and function differ
        what = f"The response should be at least {n} words."
        return f"[rule] {what}", _COUNTED.format(what=what, condition=f"word_count >= {n + 100}")
    what = f"No more than {n % 4} paragraphs are longer than {n} words, all with a capital."
    return f"[rule] {what}", _LONG.format(what=what, n=n, m=n % 4)
