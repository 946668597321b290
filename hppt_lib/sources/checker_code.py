"""Reads a rule's Python function without running it: finds a judge's text, or what it counts.

Only functions of one plain form are mapped: assignments of names, each once, and one ``return`` of
a comparison, or of several joined by ``and``. Anything else is left as it is.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Callable
from functools import lru_cache

from hppt_lib.sources.checker_text import IdAndKwargs, within, words

_LONGEST = 2_000  # characters of a function that is read
_MOST_NODES = 400
_JUDGES = ("llm_score", "llm_judge")
# The form in which VerIF generates them; everything else goes through the parser.
_GENERATED = re.compile(
    r"return llm_(?:score|judge)\(instruction, response, "
    r"""(?P<text>"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')\)\s*$"""
)


# Statements that the plain form does not have. Most functions are left out by this alone, without
# parsing. (Such a word at the beginning of a docstring's line leaves its function unmapped, too.)
_NOT_PLAIN = re.compile(r"^[ \t]+(?:if|for|while|try|with|raise|def|class)\b.*:", re.MULTILINE)


def asks_a_judge(source: str) -> bool:
    """Whether a function calls VerIF's judge model."""
    return "llm_score(" in source or "llm_judge(" in source or "llm_extract(" in source


def judged_text(source: str) -> str:
    """The constraint that a function hands to ``llm_score`` or ``llm_judge``; empty if none."""
    if call := _GENERATED.search(source):
        with contextlib.suppress(ValueError):  # JSON is read faster, and most texts are that too
            return str(json.loads(call["text"]))
        with contextlib.suppress(ValueError, SyntaxError):
            return str(ast.literal_eval(call["text"]))
        return ""
    for node in ast.walk(tree) if (tree := _parsed(source)) else ():
        if isinstance(node, ast.Call) and len(node.args) >= 3:
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            text = node.args[2]
            if name in _JUDGES and isinstance(text, ast.Constant) and isinstance(text.value, str):
                return text.value
    return ""


@lru_cache(maxsize=4096)
def constraints_from_code(source: str) -> tuple[IdAndKwargs, ...]:
    """The constraints that a function checks; empty if it has another form."""
    if len(source) > _LONGEST or _NOT_PLAIN.search(source):
        return ()
    if not (tree := _parsed(source)) or not (returned := _returned(tree)):
        return ()
    parts = returned.values if isinstance(returned, ast.BoolOp) else [returned]
    if isinstance(returned, ast.BoolOp) and not isinstance(returned.op, ast.And):
        return ()
    mapped: list[IdAndKwargs] = []
    for part in parts:
        if not (constraints := _condition(ast.unparse(part))):
            return ()
        mapped += constraints
    return tuple(mapped)


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _returned(tree: ast.Module) -> ast.expr | None:
    """What the function returns, with its assigned names filled in and its second argument
    called ``response``; None if the function has another form.
    """
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
    if len(functions) != 1 or len(functions[0].args.args) != 2:
        return None
    filled: dict[str, ast.expr] = {functions[0].args.args[1].arg: ast.Name("response", ast.Load())}
    sizes = dict.fromkeys(filled, 1)
    for statement in functions[0].body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        if not isinstance(statement, (ast.Return, ast.Assign)) or not statement.value:
            return None
        size = sum(
            sizes.get(each.id, 1) if isinstance(each, ast.Name) else 1
            for each in ast.walk(statement.value)
        )
        if size > _MOST_NODES:  # names filled in with names filled in grow fast
            return None
        if isinstance(statement, ast.Return):
            return _Fill(filled).visit(statement.value)
        target = statement.targets[0]
        if len(statement.targets) != 1 or not isinstance(target, ast.Name) or target.id in filled:
            return None
        filled[target.id], sizes[target.id] = _Fill(filled).visit(statement.value), size
    return None


class _Fill(ast.NodeTransformer):
    def __init__(self, filled: dict[str, ast.expr]) -> None:
        self._filled = filled

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._filled.get(node.id, node)


# --- conditions, as `ast.unparse` writes them ---------------------------------------------------

_RESPONSE = r"response(?:\.strip\(\))?"
_ANY_CASE = r"response(?:\.strip\(\)|\.lower\(\)|\.casefold\(\))*"
_WORDS = (
    rf"len\((?:{_RESPONSE}\.split\(\)|"
    rf"re\.findall\('(?:\\\\b)?\\\\w\+(?:\\\\b)?', {_RESPONSE}\))\)"
)
_WORD = r"'(?P<word>[^'\\]{1,60})'(?:\.lower\(\))?"
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


def _condition(text: str) -> list[IdAndKwargs]:
    for pattern, make in _CONDITIONS:
        if match := re.fullmatch(pattern, text):
            return make(match)
    return []


def _compared(match: re.Match[str]) -> list[IdAndKwargs]:
    return words(*_bounds(match["op"], int(match["n"])))


def _compared_backwards(match: re.Match[str]) -> list[IdAndKwargs]:
    return words(*_bounds(_FLIPPED[match["op"]], int(match["n"])))


def _bounds(operator: str, number: int) -> tuple[int, int | None]:
    return {
        "<": (0, number - 1),
        "<=": (0, number),
        ">": (number + 1, None),
        ">=": (number, None),
        "==": (number, number),
    }[operator]


def _between(match: re.Match[str]) -> list[IdAndKwargs]:
    low = int(match["a"]) + (match["left"] == "<")
    high = int(match["b"]) - (match["right"] == "<")
    return words(low, high)


def _of_word(id: str, name: str, several: bool) -> Callable[[re.Match[str]], list[IdAndKwargs]]:
    return lambda match: [(id, {name: [match["word"]] if several else match["word"]})]


def _frequency(match: re.Match[str]) -> list[IdAndKwargs]:
    bounds = _bounds(match["op"], int(match["n"]))
    return within("keywords:frequency", "frequency", *bounds, {"keyword": match["word"]})


def _first_word(match: re.Match[str]) -> list[IdAndKwargs]:
    word = match["word"]
    return [] if " " in word else [("first_word:first_word_answer", {"first_word": word})]


def _listed(id: str, name: str) -> Callable[[re.Match[str]], list[IdAndKwargs]]:
    def make(match: re.Match[str]) -> list[IdAndKwargs]:
        items = ast.literal_eval(match["items"])
        plain = isinstance(items, list) and all(isinstance(each, str) for each in items)
        return [(id, {name: items})] if plain and items else []

    return make


_OP = r"(?P<op><=?|>=?|==)"
_LIST = r"(?P<items>\[[^\[\]()]{1,400}\])"
_EACH = rf"\(?(?:\w+)(?:\.lower\(\))? in {_ANY_CASE} for \w+ in {_LIST}\)?"
_CONDITIONS: tuple[tuple[str, Callable[[re.Match[str]], list[IdAndKwargs]]], ...] = (
    (rf"{_WORDS} {_OP} (?P<n>\d{{1,6}})", _compared),
    (rf"(?P<n>\d{{1,6}}) {_OP} {_WORDS}", _compared_backwards),
    (
        rf"(?P<a>\d{{1,6}}) (?P<left><=?) {_WORDS} (?P<right><=?) (?P<b>\d{{1,6}})",
        _between,
    ),
    (
        r"(?:not )?',' (?:not )?in response",
        lambda match: [("punctuation:no_comma", {})] if match[0].count("not") == 1 else [],
    ),
    (r"'!' not in response", lambda match: [("punctuation:punctuation_exclamation", {})]),
    (rf"{_WORD} in {_ANY_CASE}", _of_word("keywords:existence", "keywords", True)),
    (
        rf"{_WORD} not in {_ANY_CASE}",
        _of_word("keywords:forbidden_words", "forbidden_words", True),
    ),
    (rf"all\({_EACH}\)", _listed("keywords:existence", "keywords")),
    (rf"not any\({_EACH}\)", _listed("keywords:forbidden_words", "forbidden_words")),
    (rf"{_ANY_CASE}\.count\({_WORD}\) {_OP} (?P<n>\d{{1,4}})", _frequency),
    (
        rf"{_RESPONSE}(?:\.rstrip\(\))?\.endswith\({_WORD}\)",
        _of_word("startend:end_checker", "end_phrase", False),
    ),
    (rf"{_ANY_CASE}(?:\.lstrip\(\))?\.startswith\({_WORD}\)", _first_word),
    (
        r"response\.islower\(\)|response == response\.lower\(\)",
        lambda match: [("change_case:english_lowercase", {})],
    ),
    (
        r"response\.isupper\(\)|response == response\.upper\(\)",
        lambda match: [("change_case:english_capital", {})],
    ),
)
