"""Data sets that name IFEval's constraint ids: IFEval, IFBench, Multi-IF, IF_multi_constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint
from hppt_lib.sources.checker_text import IdAndKwargs
from hppt_lib.sources.collect import Collector
from hppt_lib.sources.rows import Row, list_of, text_of
from hppt_lib.verifiers.parameters import constraints_in, from_text

# Languages whose words or sentences Multi-IF's own program counts by rules of their own.
_COUNTED_BY_SCRIPT = frozenset({"chinese", "japanese", "thai", "hindi", "zh", "ja", "th", "hi"})
_SCRIPT_NOTE = (
    "of them in Chinese, Japanese, Thai, Hindi: `text` counts words by script, `reference` as "
    "IFEval's program does"
)


def read_ifeval(row: Row, where: str, out: Collector) -> None:
    """IFEval and IFBench: ``key``, ``prompt``, ``instruction_id_list``, ``kwargs``.

    Seen: both files as their authors publish them. The hub's copies add columns, and fill each
    ``kwargs`` with null for all parameters of other constraints (seen in IFBench's own file).

    Raises:
        HpptError: a field is missing or of the wrong type.
    """
    prompt = text_of(row, "prompt")
    named = constraints_in(row, "instruction_id_list", "kwargs")
    id = out.new_id(row.get("key"))
    out.label(id, key=row.get("key"))
    out.add(id, prompt, _constraints(named, id, where, out), where)


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
        name = f"turn_{turn}_prompt"
        message = from_text(row.get(name), f"the field '{name}'")
        if not message:
            break
        prompt = text_of(message, "content") if isinstance(message, Mapping) else str(message)
        named = constraints_in(row, f"turn_{turn}_instruction_id_list", f"turn_{turn}_kwargs")
        id = key if turn == 1 else f"{key}-turn{turn}"
        turns.append(out.make(id, prompt, _constraints(named, id, where, out), where))
    if not turns or not turns[0].constraints:
        raise HpptError("its first turn has no prompt or no constraint.")
    out.instructions.append(turns[0])
    out.conversations.append(tuple(turns))
    language = row.get("language") or "no language"
    out.label(key, key=row.get("key"), language=language)
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
    truth = unwrapped(row.get("ground_truth"))
    if not isinstance(truth, Mapping):
        raise HpptError("the field 'ground_truth' names no constraints.")
    named = constraints_in(truth, "instruction_id", "kwargs")
    id = out.new_id(row.get("key"))
    stated = row.get("constraint")
    text = stated if isinstance(stated, str) and len(named) == 1 else ""
    out.add(id, prompt, _constraints(named, id, where, out, text), where)


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
    named: Sequence[IdAndKwargs], instruction: str, where: str, out: Collector, text: str = ""
) -> list[Constraint]:
    return [
        out.hard(id, kwargs, text, where=where, instruction=instruction) for id, kwargs in named
    ]


def unwrapped(value: Any) -> Any:
    """A value that may be text, without the lists of one around it."""
    for _ in range(6):
        value = from_text(value, "the field 'ground_truth'")
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
    return value
