"""Reads the replies of the judges that FollowBench and CFBench ask, and scores them.

Each benchmark asks its judge in its own words and reads the reply with its own program. Both
programs have defects (`hppt_lib.scoring.PROGRAM_DEFECTS`), so there are two readings here as well:
``text`` gives a verdict where the reply states one, and *no verdict* where it does not;
``reference`` gives the number that the benchmark's own program would. No reply is ever run.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Sequence

Verdicts = tuple[bool | None, ...]
"""One for each constraint; None is no verdict."""

_WORD = r"""["'\u2018\u201c]?(yes|no|partial|maybe|unknown|n/a)["'\u2019\u201d]?"""
_LIST = re.compile(rf"\[ ?{_WORD}(?: ?, ?{_WORD})* ?,? ?\]", re.IGNORECASE)
_WORDS = re.compile(r"yes|no|partial|maybe|unknown|n/a", re.IGNORECASE)
_YES_OR_NO = re.compile(r"\b(YES|NO)\b")
_MEANS: dict[str, bool | None] = {"YES": True, "NO": False, "PARTIAL": False}


def followbench_verdicts(reply: str, level: int) -> Verdicts:
    """The verdicts in a reply of FollowBench's judge: a list of YES and NO, one for each level.

    A list of another length is not the verdict. Two lists that differ contradict each other, and
    are none. PARTIAL is not satisfied; MAYBE, UNKNOWN and N/A are no verdict.

    Args:
        reply: the judge's reply, whole.
        level: number of constraints.
    """
    line = " ".join(reply.split())
    lists = [
        tuple(word.upper() for word in _WORDS.findall(found.group()))
        for found in _LIST.finditer(line)
    ]
    stated = {each for each in lists if len(each) == level}
    if not lists and level == 1:
        # Asked for a list of one, judges often write the word alone.
        last = reply.strip().strip("`").strip().rpartition("\n")[2]
        stated = {(word,) for word in _YES_OR_NO.findall(last)}
    if len(stated) != 1:
        return (None,) * level
    return tuple(_MEANS.get(word) for word in stated.pop())


def followbench_score(reply: str, level: int) -> tuple[float, float]:
    """(hard, soft) satisfaction as FollowBench's own program computes it from a reply.

    A reply that it cannot read counts -1 for both. Its program runs the list as Python code; ours
    takes a literal list only, so code that would evaluate to a list counts -1 here.
    """
    last = reply.strip("`").strip().split("\n")[-1]
    if level == 1:
        satisfied = 1 if "YES" in last else 0 if "NO" in last else -1
        return satisfied, satisfied
    start, end = last.find("["), last.rfind("]")
    try:
        listed = ast.literal_eval(last[start : end + 1]) if 0 <= start < end else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        listed = None
    known = ("YES", "NO", "PARTIAL", "MAYBE", "UNKNOWN", "N/A")
    if (
        not isinstance(listed, list)
        or len(listed) != level
        or not all(isinstance(each, str) and each in known for each in listed)
    ):
        return -1, -1
    satisfied = listed.count("YES")
    return float(satisfied == level), satisfied / level


_NUMBERED = re.compile(r"^(?:\d{1,2}[.)\u3001:]|[-*\u2022])\s*")


def cfbench_verdicts(reply: str, criteria: Sequence[str]) -> Verdicts:
    """The verdicts in a reply of CFBench's judge: lines of a criterion and its score, 0 or 1.

    A line belongs to the criterion that it repeats. Lines that repeat none count by their order,
    if there is a line for every criterion. Two scores for one criterion contradict each other, and
    are no verdict; neither is a line without a score.

    Args:
        reply: the judge's reply, whole.
        criteria: their texts, in order.
    """
    lines = [found for line in reply.splitlines() if (found := _scored_line(line))]
    places: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(criteria):
        places[_plain(text)].append(place)
    scores: dict[str, list[bool]] = defaultdict(list)
    for text, passed in lines:
        scores[text].append(passed)
    verdicts: list[bool | None] = [None] * len(criteria)
    for text, where in places.items():
        said = scores.get(text, [])
        if len(said) == len(where):
            for place, passed in zip(where, said, strict=True):
                verdicts[place] = passed
        elif len(set(said)) == 1:
            for place in where:
                verdicts[place] = said[0]
    if len(lines) == len(criteria):
        for place, (text, passed) in enumerate(lines):
            if text not in places and _plain(criteria[place]) not in scores:
                verdicts[place] = passed
    return tuple(verdicts)


def cfbench_satisfaction(
    passed: Sequence[bool], main: Sequence[bool]
) -> tuple[float, float, float]:
    """(CSR, ISR, PSR) of one response: shares of its criteria, all of them, and by priority.

    PSR is 0 if a criterion of the first priority fails. Else it is 1 if 0.5 + 0.5 x the share of
    the others is above 0.8; where there is none of the first priority, if that share is above 0.8.

    Args:
        passed: whether each criterion is satisfied; at least one.
        main: whether each is of the first priority.
    """
    share = sum(passed) / len(passed)
    others = [each for each, first in zip(passed, main, strict=True) if not first]
    if not all(each for each, first in zip(passed, main, strict=True) if first):
        priority = 0.0
    elif not others:
        priority = 1.0
    else:
        of_others = sum(others) / len(others)
        reached = of_others if len(others) == len(passed) else 0.5 + 0.5 * of_others
        priority = float(reached > 0.8)
    return share, float(all(passed)), priority


def cfbench_score(
    reply: str, criteria: Sequence[str], main: Sequence[bool]
) -> tuple[float, float, float]:
    """(CSR, ISR, PSR) as CFBench's own program computes them from the last of its replies.

    A reply that does not repeat the criteria to the letter goes to its fallback. That drops every
    score of 0, so what is left is all 1; nothing left is all 0. (Its fallback ends the program at
    a score that is no number; such a line is passed over here.)
    """
    scores = _scores_of_whole(reply, criteria)
    if scores:
        share, _, priority = cfbench_satisfaction([each == 1 for each in scores], main)
        share = round(share, 2)
        return share, float(share >= 1), priority
    lines = [line.split("\t") for line in reply.split("\n")]
    return _fallback(sum(len(each) == 2 and _number(each[1]) == 1 for each in lines))


def cfbench_score_of_verdicts(
    verdicts: Verdicts, main: Sequence[bool]
) -> tuple[float, float, float]:
    """What CFBench's own program would make of verdicts of which some are missing."""
    known = [each for each in verdicts if each is not None]
    if len(known) == len(verdicts):
        share, _, priority = cfbench_satisfaction(known, main)
        return round(share, 2), float(round(share, 2) >= 1), priority
    return _fallback(sum(known))


def _fallback(ones: int) -> tuple[float, float, float]:
    return (1.0, 1.0, 1.0) if ones else (0.0, 0.0, 0.0)


def _scores_of_whole(reply: str, criteria: Sequence[str]) -> list[float] | None:
    parts = [each.split("\t") for each in reply.split("\n\n")]
    if len(parts) != len(criteria) or any(len(each) != 2 for each in parts):
        return None
    scores = [_number(score) for _, score in parts]
    repeated = all(text == wanted for (text, _), wanted in zip(parts, criteria, strict=True))
    return (
        [each for each in scores if each is not None] if repeated and None not in scores else None
    )


def _number(text: str) -> float | None:
    """The score that Python reads in a text, if it is 0 or 1."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value in (0, 1) else None


def _scored_line(line: str) -> tuple[str, bool] | None:
    """(criterion, score) of a line that ends with a 0 or 1 that stands apart; None of others."""
    text = line.strip().rstrip("\u3002.;").removesuffix(".0")
    if text[-1:] not in ("0", "1") or text[-2:-1] not in ("\t", " ", ":", "\uff1a"):
        return None
    return _plain(text[:-1].rstrip(" \t:\uff1a")), text[-1] == "1"


def _plain(text: str) -> str:
    return " ".join(_NUMBERED.sub("", text.strip()).split()).strip("\"'*`")
