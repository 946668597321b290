"""Data sets that name IFEval's constraint ids: IFEval, IFBench, Multi-IF, IF_multi_constraints."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint
from hppt_lib.sources.collect import Collector
from hppt_lib.sources.rows import Row, list_of, text_of

# Languages whose words or sentences Multi-IF's own program counts by rules of their own.
_COUNTED_BY_SCRIPT = frozenset({"chinese", "japanese", "thai", "hindi", "zh", "ja", "th", "hi"})
_SCRIPT_NOTE = (
    "of them in Chinese, Japanese, Thai, Hindi: `text` counts words by script, `reference` as "
    "IFEval's program does"
)
_LONGEST_LITERAL = 200_000  # characters that ast.literal_eval is given


def read_ifeval(row: Row, where: str, out: Collector) -> None:
    """IFEval and IFBench: ``key``, ``prompt``, ``instruction_id_list``, ``kwargs``.

    Seen: both files as their authors publish them. The hub's copies add columns, and fill each
    ``kwargs`` with null for all parameters of other constraints (seen in IFBench's own file).

    Raises:
        HpptError: a field is missing or of the wrong type.
    """
    prompt = text_of(row, "prompt")
    ids = list_of(row, "instruction_id_list", str)
    id = out.new_id(row.get("key"))
    constraints = _constraints(ids, row.get("kwargs"), id, where, out)
    out.add(id, prompt, constraints, where)


def read_multi_if(row: Row, where: str, out: Collector) -> None:
    """Multi-IF: ``key``, ``language``, and for turns 1 to 3 prompt, ids and kwargs as JSON text.

    The card names the fields; that ``turn_1_prompt`` holds ``{"role", "content"}``, that the
    kwargs are a list of JSON texts, and that a third turn may be empty was seen in two public
    programs that read the file. A later turn's ids hold those of the turns before. The first turn
    becomes an instruction; `Loaded.conversations` has all turns.

    Multi-IF's own program is IFEval's, but for words and sentences in Chinese, Japanese, Thai and
    Hindi, which it counts by script. So does the reading ``text``; the reading ``reference`` is
    IFEval's there too. The counts say how many conversations that concerns.

    Raises:
        HpptError: a field is missing or of the wrong type.
    """
    turns = []
    key = out.new_id(row.get("key"))
    for turn in (1, 2, 3):
        message = _json(row, f"turn_{turn}_prompt")
        if not message or message == "None":
            break
        prompt = text_of(message, "content") if isinstance(message, Mapping) else str(message)
        ids = list_of({"ids": _json(row, f"turn_{turn}_instruction_id_list")}, "ids", str)
        id = key if turn == 1 else f"{key}-turn{turn}"
        constraints = _constraints(ids, _json(row, f"turn_{turn}_kwargs"), id, where, out)
        turns.append(out.make(id, prompt, constraints, where))
    if not turns or not turns[0].constraints:
        raise HpptError("its first turn has no prompt or no constraint.")
    out.instructions.append(turns[0])
    out.conversations.append(tuple(turns))
    language = row.get("language") or "no language"
    out.counts[f"conversations in {language}"] += 1
    if str(language).casefold() in _COUNTED_BY_SCRIPT:
        out.counts[_SCRIPT_NOTE] += 1
    out.counts["later turns, in `conversations` only"] += len(turns) - 1


def read_if_multi(row: Row, where: str, out: Collector) -> None:
    """IF_multi_constraints_upto5: ``key``, ``messages``, ``ground_truth``, ``constraint``.

    Seen in public programs that read it, not in the file: ``messages`` holds one message of the
    user, and ``ground_truth`` is a Python literal, ``[{'instruction_id': […], 'kwargs': [None |
    {…}, …]}]`` (in some copies JSON, or wrapped in a list once more). ``constraint`` states all
    constraints in one text, so only a single one has its text.

    Raises:
        HpptError: a field is missing or of the wrong type.
    """
    prompt = only_message(row)
    truth = _literal(row.get("ground_truth"))
    if not isinstance(truth, Mapping):
        raise HpptError("the field 'ground_truth' names no constraints.")
    ids = list_of(truth, "instruction_id", str)
    id = out.new_id(row.get("key"))
    stated = row.get("constraint")
    text = stated if isinstance(stated, str) and len(ids) == 1 else ""
    out.add(id, prompt, _constraints(ids, truth.get("kwargs"), id, where, out, text), where)


def only_message(row: Row) -> str:
    """The text of a row's one message.

    Raises:
        HpptError: there is none, or more than one.
    """
    messages = list_of(row, "messages", Mapping)
    if len(messages) != 1 or messages[0].get("role") != "user":
        raise HpptError(f"'messages' holds {len(messages)} messages; one of the user was expected.")
    return text_of(messages[0], "content")


def _constraints(
    ids: Sequence[str], kwargs: Any, instruction: str, where: str, out: Collector, text: str = ""
) -> list[Constraint]:
    if not isinstance(kwargs, list) or len(kwargs) != len(ids):
        number = len(kwargs) if isinstance(kwargs, list) else "none (no list)"
        raise HpptError(f"it names {len(ids)} constraints, and has kwargs for {number}.")
    constraints = []
    for id, given in zip(ids, kwargs, strict=True):
        if isinstance(given, str):
            given = _parsed(given, "kwargs")
        if not isinstance(given, Mapping | None):
            raise HpptError(f"the kwargs of '{id}' are {type(given).__name__}, not an object.")
        constraints.append(out.hard(id, given or {}, text, where=where, instruction=instruction))
    return constraints


def _json(row: Row, name: str) -> Any:
    """A field that is JSON, as text (in CSV) or read already (in Parquet)."""
    value = row.get(name)
    return _parsed(value, name) if isinstance(value, str) and value.strip() else value


def _parsed(text: str, name: str) -> Any:
    if text == "None":
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HpptError(f"the field '{name}' is not valid JSON ({error}).") from error


def _literal(value: Any) -> Any:
    """A value that may be JSON or a Python literal as text, without the lists around it."""
    for _ in range(6):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        elif isinstance(value, str):
            if len(value) > _LONGEST_LITERAL:
                raise HpptError(f"'ground_truth' has more than {_LONGEST_LITERAL} characters.")
            value = _parsed_literal(value)
        else:
            break
    return value


def _parsed_literal(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError) as error:
        raise HpptError(
            f"'ground_truth' is neither JSON nor a Python literal ({error})."
        ) from error
