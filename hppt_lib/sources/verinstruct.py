"""VerInstruct (THU-KEG): a prompt, its checkers, and for each a Python function as text.

Seen: VerIF's programs (github.com/THU-KEG/VerIF), which read ``id``, ``prompt``, ``checkers`` and
``functions`` from JSON lines, pair the two lists, send a checker with ``[llm]`` to a judge, run the
function of one with ``[rule]``, and ignore any other; and in them one whole row, whose checker
is a bare label (``Hierarchical_Instructions``) and whose function hands the text to ``llm_score``.
Other people's programs say that labels come with and without a tag and that some checkers are
sentences. Not seen: the data set, so the shares of these forms are not known.

A judge's constraint takes its text from the checker or, if that is a label, from its function. A
rule is mapped to our verifiers by its text or, failing that, by what its function does; the
function is read, never run. If neither helps, its source stays in the constraint's ``kwargs``, and
decides it if you allowed such code in this process (`hppt_lib.sandbox`): the function is tried on
one short text then, to see whether the sandbox takes it. A rule whose function asks a judge, or
whose text and function name different numbers or words, is not mapped in any case.
"""

from __future__ import annotations

import re

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint
from hppt_lib.sandbox import CODE, check, is_allowed
from hppt_lib.sources.checker_code import asks_a_judge, constraints_from_code, judged_text
from hppt_lib.sources.checker_text import (
    NO_PATTERN,
    IdAndKwargs,
    constraints_from_text,
    numbers_and_words,
)
from hppt_lib.sources.collect import Collector
from hppt_lib.sources.rows import Row, list_of, text_of

UNMAPPED_RULE = "verinstruct:unmapped"
NEEDS_JUDGE = "rule whose function asks a judge model"
DISAGREE = "rule whose text and function differ"
CODE_FAILS = "rule whose function gives no verdict on a plain text"

# Who decides a constraint
BY_JUDGE = "a judge, by its text"
BY_VERIFIER = "a rule: one of our verifiers"
BY_CODE = "a rule: the data set's own code, in the sandbox"
IF_ALLOWED = "a rule: only its own code could (not run; see --allow-untrusted-code)"
BY_NOBODY = "nobody"

# What a function is tried on: it has paragraphs, a list, a number and several marks.
_PLAIN = """Tea is a hot drink, and many people like it: 2 cups a day are common.

- It is warm.
- It is cheap.

"Is it good?" you may ask. Yes!"""

_TAG = re.compile(r"\[(llm|rule)\]", re.IGNORECASE)
_LABEL = re.compile(r"\s*(?:\d{1,2}\.\s*)?([A-Za-z]+(?:_[A-Za-z]+)+)\s*(?::\s*|$)")

# Docstrings and comments: what a function says, not what it does. This is no parser: a string with
# a # in it is cut short, and its rule may then be listed as one whose text and function differ.
_SAID = re.compile(r'''"""[^"]*(?:"{1,2}[^"]+)*"""|#[^\n]*''')


def read_verinstruct(row: Row, where: str, out: Collector) -> None:
    """Read one row; the module's docstring lists its fields.

    Raises:
        HpptError: a field is missing or of the wrong type.
    """
    prompt = text_of(row, "prompt")
    checkers, functions = (list_of(row, name, str) for name in ("checkers", "functions"))
    if len(checkers) != len(functions):
        raise HpptError(f"it has {len(checkers)} checkers and {len(functions)} functions.")
    key = row.get("id")
    id = out.new_id(key if key not in (None, "", "NA") else where.rpartition(" ")[2])
    constraints: list[Constraint] = []
    for checker, function in zip(checkers, functions, strict=True):
        tag = _TAG.search(checker)
        judged = tag[1].casefold() == "llm" if tag else asks_a_judge(function)
        if not tag:
            out.counts["checkers without a tag, read by their function (VerIF ignores them)"] += 1
        stated = (checker[: tag.start()] + checker[tag.end() :] if tag else checker).strip()
        if judged:
            constraints.append(_soft(stated, function, id, where, out))
            out.deciders[BY_JUDGE if constraints[-1].text else BY_NOBODY] += 1
        else:
            constraints += _rule(stated, function, prompt, id, where, out)
    out.add(id, prompt, constraints, where)


def _soft(stated: str, function: str, id: str, where: str, out: Collector) -> Constraint:
    label = _LABEL.match(stated)
    text = stated[label.end() :] if label else stated
    if not text:
        text = _part(judged_text(function), label[1] if label else "")
    kind = label[1].casefold() if label else "general"
    return out.soft(kind, text, where=where, instruction=id)


def _part(text: str, label: str) -> str:
    """What a function's text says under a label; the whole text if it has not several labels.

    The one row that was seen hands over all constraints, as ``1. Label: text 2. Label: text``.
    """
    if f"{label}:" not in text:
        return text.strip()
    parts = re.split(r"(?:^|\s)\d{1,2}\.\s*([A-Za-z]+(?:_[A-Za-z]+)*)\s*:\s*", text)
    under = dict(zip(parts[1::2], parts[2::2], strict=True))
    return under.get(label, text).strip()


def _rule(
    stated: str, function: str, prompt: str, id: str, where: str, out: Collector
) -> list[Constraint]:
    label = _LABEL.match(stated)
    text = stated[label.end() :] if label else stated
    mapped = _made(text, function)
    if isinstance(mapped, str):
        return [_by_code(mapped, text or stated, function, prompt, id, where, out)]
    out.deciders[BY_VERIFIER] += 1
    return [
        out.hard(each, kwargs, text or stated, where=where, instruction=id)
        for each, kwargs in mapped
    ]


def _by_code(
    reason: str, text: str, function: str, prompt: str, id: str, where: str, out: Collector
) -> Constraint:
    """The constraint of a rule that no verifier of ours decides."""
    if reason not in (NEEDS_JUDGE, DISAGREE) and function.strip():
        kwargs = {"function": function}
        if _looks_at_its_instruction(function):
            kwargs["instruction"] = prompt
        constraint = Constraint(CODE, kwargs, text)
        if not is_allowed():
            out.deciders[IF_ALLOWED] += 1
            out.miss(reason, where, id, text or function)
            return constraint
        tried = check(function, _PLAIN, instruction=prompt)
        if tried.passed is not None:
            out.deciders[BY_CODE] += 1
            return constraint
        reason, text = CODE_FAILS, f"{tried.reason}: {text or function}"
    out.deciders[BY_NOBODY] += 1
    out.miss(reason, where, id, text or function)
    return Constraint(UNMAPPED_RULE, {"function": function}, text)


def _looks_at_its_instruction(function: str) -> bool:
    """Whether a function's first argument comes up outside of its own place in the head."""
    code = _SAID.sub(" ", function)
    first = re.search(r"\bdef\s+check_following\s*\(\s*(\w+)", code)
    return first is not None and len(re.findall(rf"\b{first[1]}\b", code)) > 1


def _made(text: str, function: str) -> list[IdAndKwargs] | str:
    by_text = constraints_from_text(text) if text else NO_PATTERN
    if asks_a_judge(function):
        return by_text if not isinstance(by_text, str) else NEEDS_JUDGE
    if isinstance(by_text, str):
        return list(constraints_from_code(function)) or by_text
    return by_text if _names_the_same(by_text, function) else DISAGREE


def _names_the_same(constraints: list[IdAndKwargs], function: str) -> bool:
    """Whether the numbers and words of a rule's text stand in its function's code too.

    A number may differ by one, as in ``> 99`` for at least 100. A function without any code, which
    some rows may have, says nothing against the text.
    """
    if not function.strip():
        return True
    low = _SAID.sub(" ", function).casefold()
    numbers = {int(value) for value in re.findall(r"(?<![\w.])\d{1,9}(?![\w.])", low)}
    for value in numbers_and_words(constraints):
        if isinstance(value, int):
            if not numbers & {value - 1, value, value + 1}:
                return False
        elif value.casefold() not in low:
            return False
    return True
