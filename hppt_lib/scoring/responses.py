"""Scoring a file of responses in the format that IFEval and IFBench use.

One line is one response::

    {"key": 1000, "prompt": "…", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}],
     "response": "…"}

The files of lm-eval, evalscope and IFBench's own program are read too (`hppt_lib.scoring.forms`).
Lines are read one at a time and identified by their position, since some prompts come twice under
one key and some name one constraint twice. Nothing in a file is executed, unless you allowed a data
set's own code in this process: it then runs in the sandbox (`hppt_lib.sandbox`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import jsonl_lines, parse_line, whole_file
from hppt_lib.instructions.model import Constraint
from hppt_lib.sandbox.checker import Checker
from hppt_lib.scoring.benchmark_defects import DataDefect, defects_of
from hppt_lib.scoring.forms import Prompts, as_line
from hppt_lib.scoring.scorecard import Scorecard
from hppt_lib.verifiers import Marks, Reading, Verdict, Verifier


@dataclass(frozen=True)
class ScoredLine:
    """One response with the verdicts on its constraints.

    Attributes:
        row: the line as it was read.
        ids: the ids of its constraints.
        strict: one verdict for each constraint, in the line's order.
        loose: the same, by IFEval's loose rule.
        defects: known mistakes of the benchmark in this prompt.
        is_null: whether the response is null, which counts as a blank one.
    """

    row: Mapping[str, Any]
    ids: tuple[str, ...]
    strict: tuple[Verdict, ...]
    loose: tuple[Verdict, ...]
    defects: tuple[DataDefect, ...] = ()
    is_null: bool = False

    def as_row(self, *, loose: bool) -> dict[str, Any]:
        """The line with its results, under the names that the benchmarks use."""
        verdicts = self.loose if loose else self.strict
        return {
            **self.row,
            "follow_instruction_list": [each.passed for each in verdicts],
            "follow_all_instructions": all(each.passed for each in verdicts),
            "reasons": [each.reason for each in verdicts],
        }


class Export(Protocol):
    """A file for another program, written while responses are scored: whole, or not at all."""

    def add(self, line: ScoredLine, stack: ExitStack) -> None:
        """Write a line; the stack puts the file in place at the end.

        Raises:
            HpptError: the other program could not read it; the message names the field.
        """

    def finish(self, card: Scorecard) -> None:
        """Write what is known at the end."""


def score_line(
    row: Mapping[str, Any],
    reading: Reading = "text",
    thoughts: Marks | None = None,
    prompts: Prompts | None = None,
) -> ScoredLine:
    """Score the answer in one response: what follows the thoughts in it.

    Args:
        row: the line's object: ``prompt``, ``instruction_id_list``, ``kwargs`` and ``response``,
            or another program's form (`hppt_lib.scoring.forms`). A parameter that is null counts
            as not given; see `verifiers.constraints_in` for the forms that ids and parameters may
            have. A response that is null is what a harness writes when the model gave none (an
            error, a refusal): to leave it out would flatter the model, so it counts as a blank
            one, and fails.
        reading: ``text`` or ``reference``.
        thoughts: the marks of thoughts, which are left out; None leaves out the known ones for
            the reading ``text``, and nothing for ``reference``.
        prompts: where the constraints are looked up of a row that does not name them.

    Raises:
        HpptError: a field is missing or of the wrong type, a constraint cannot be built, or the
            data set's own code gave no verdict; the message names the field.
    """
    row = as_line(row, prompts)
    prompt = _text(row, "prompt")
    is_null = "response" in row and verifiers.python_value(row["response"]) is None
    response = "" if is_null else _text(row, "response")
    constraints = verifiers.constraints_in(row, "instruction_id_list", "kwargs")
    if not constraints:
        raise HpptError("'instruction_id_list' is empty: there is nothing to verify.")
    checks = [
        _verifier(number, id, kwargs, reading, thoughts)
        for number, (id, kwargs) in enumerate(constraints, start=1)
    ]
    strict = tuple(_verdict(number, check, response) for number, check in enumerate(checks, 1))
    loose = tuple(
        check.loose(response) if isinstance(check, Verifier) and not verdict.passed else verdict
        for check, verdict in zip(checks, strict, strict=True)
    )
    ids = tuple(id for id, _ in constraints)
    defects = defects_of(row.get("key"), prompt, ids, [kwargs for _, kwargs in constraints])
    return ScoredLine(row, ids, strict, loose, tuple(defects), is_null)


def score_file(
    path: str | Path,
    *,
    reading: Reading = "text",
    thoughts: Marks | None = None,
    loose: bool = False,
    out: str | Path | None = None,
    keep_going: bool = False,
    progress: bool = False,
    prompts: Prompts | None = None,
    exports: Sequence[Export] = (),
) -> Scorecard:
    """Score a JSONL file (or .jsonl.gz), one line at a time.

    Args:
        path: the file.
        reading: ``text`` or ``reference``.
        thoughts: see `score_line`.
        loose: write the loose verdicts to ``out`` in place of the strict ones.
        out: where each line goes with its verdicts and reasons; written whole or not at all.
        keep_going: leave out lines that cannot be scored, and count them, in place of stopping.
            A null response is scored with or without it: as a blank one, which fails.
        progress: show a progress bar.
        prompts: the benchmark's rows (`read_prompts`), for a file that does not name constraints.
            A prompt without any response counts as one with a blank response, as IFBench's
            program has it; the scorecard says how many there are.
        exports: files for other programs.

    Returns:
        The scorecard: rates with intervals, lines left out, known defects of the data.

    Raises:
        HpptError: the file cannot be read or holds nothing to score, ``out`` cannot be written,
            or (unless ``keep_going``) a line cannot be scored; the message names file, line and
            field.
    """
    card = Scorecard(reading, thoughts=thoughts)
    with ExitStack() as stack:
        stream = None
        if out is not None:
            temporary = stack.enter_context(whole_file(out))
            stream = stack.enter_context(open(temporary, "w", encoding="utf-8", newline="\n"))

        def keep(line: ScoredLine, where: str) -> None:
            card.add(line.row["prompt"], line.ids, line.strict, line.loose, line.defects)
            if stream is not None:
                stream.write(json.dumps(line.as_row(loose=loose), ensure_ascii=False) + "\n")
            try:
                for export in exports:
                    export.add(line, stack)
            except HpptError as error:
                raise HpptError(f"{where}: {error}") from error

        answered = set()
        for where, raw in _lines(Path(path), progress):
            try:
                line = score_line(parse_line(raw), reading, thoughts, prompts)
            except HpptError as error:
                if not keep_going:
                    raise HpptError(f"{where}: {error}") from error
                card.left_out.append(f"{where}: {error}")
                continue
            answered.add(line.row["prompt"].strip())
            card.null_responses += line.is_null
            keep(line, where)
        if not card.scored:
            first = f" The first problem: {card.left_out[0]}" if card.left_out else ""
            raise HpptError(f"{path} holds no response that could be scored.{first}")
        for prompt, row in (prompts or {}).items():
            if prompt not in answered:
                card.unanswered += 1
                keep(score_line({**row, "response": None}, reading, thoughts), "the prompts")
        for export in exports:
            export.finish(card)
    return card


def _lines(path: Path, progress: bool) -> Iterator[tuple[str, bytes]]:
    """Yield ("file, line N", the line) for each line that is not blank."""
    from tqdm import tqdm

    size = path.stat().st_size if path.exists() else 0
    with tqdm(total=size, desc=path.name, unit="B", unit_scale=True, disable=not progress) as bar:
        for number, raw in jsonl_lines(path, lambda read: bar.update(min(read, size) - bar.n)):
            yield f"{path}, line {number}", raw


def _verifier(
    number: int,
    id: str,
    kwargs: Mapping[str, Any],
    reading: Reading,
    thoughts: Marks | None,
) -> Verifier | Checker:
    try:
        return Constraint(id, kwargs).verifier(thoughts, reading)
    except HpptError as error:
        raise HpptError(f"{_entry(number)}: {error}") from error


def _verdict(number: int, check: Verifier | Checker, response: str) -> Verdict:
    found = check(response)
    if isinstance(found, Verdict):
        return found
    if found.passed is None:
        raise HpptError(f"{_entry(number)}: its code gave no verdict: {found.reason}.")
    return Verdict(found.passed, found.reason)


def _entry(number: int) -> str:
    return f"'instruction_id_list' and 'kwargs', entry {number}"


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise HpptError(_wrong(row, name, "a string"))
    return value


def _wrong(row: Mapping[str, Any], name: str, wanted: str) -> str:
    if name not in row:
        return f"the field '{name}' is missing."
    return f"the field '{name}' must be {wanted}, found {type(row[name]).__name__}."
