"""Scoring a file of responses in the format that IFEval and IFBench use.

One line is one response::

    {"key": 1000, "prompt": "…", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}],
     "response": "…"}

Lines are read one at a time and identified by their position, since some prompts come twice under
one key and some name one constraint twice. Nothing in a file is executed.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import parse_line, whole_file
from hppt_lib.scoring.benchmark_defects import DataDefect, defects_of
from hppt_lib.scoring.scorecard import Scorecard
from hppt_lib.verifiers import Marks, Reading, Verdict, Verifier


@dataclass(frozen=True)
class ScoredLine:
    """One response with the verdicts on its constraints.

    Attributes:
        row: the line as it was read.
        strict: one verdict for each constraint, in the line's order.
        loose: the same, by IFEval's loose rule.
        defects: known mistakes of the benchmark in this prompt.
    """

    row: Mapping[str, Any]
    strict: tuple[Verdict, ...]
    loose: tuple[Verdict, ...]
    defects: tuple[DataDefect, ...] = ()

    def as_row(self, *, loose: bool) -> dict[str, Any]:
        """The line with its results, under the names that the benchmarks use."""
        verdicts = self.loose if loose else self.strict
        return {
            **self.row,
            "follow_instruction_list": [each.passed for each in verdicts],
            "follow_all_instructions": all(each.passed for each in verdicts),
            "reasons": [each.reason for each in verdicts],
        }


def score_line(
    row: Mapping[str, Any], reading: Reading = "text", thoughts: Marks | None = None
) -> ScoredLine:
    """Score the answer in one response: what follows the thoughts in it.

    Args:
        row: the line's object: ``prompt``, ``instruction_id_list``, ``kwargs`` and ``response``.
            A parameter that is null counts as not given.
        reading: ``text`` or ``reference``.
        thoughts: the marks of thoughts, which are left out; None leaves out the known ones for
            the reading ``text``, and nothing for ``reference``.

    Raises:
        HpptError: a field is missing or of the wrong type, or a constraint cannot be built; the
            message names the field.
    """
    prompt, response = (_text(row, name) for name in ("prompt", "response"))
    ids, kwargs = (_list(row, name) for name in ("instruction_id_list", "kwargs"))
    if len(ids) != len(kwargs):
        raise HpptError(
            f"'instruction_id_list' has {len(ids)} entries and 'kwargs' {len(kwargs)}: "
            "they go together one by one."
        )
    if not ids:
        raise HpptError("'instruction_id_list' is empty: there is nothing to verify.")
    checks = [
        _verifier(*each, reading, thoughts)
        for each in zip(range(len(ids)), ids, kwargs, strict=True)
    ]
    strict = tuple(check(response) for check in checks)
    loose = tuple(
        verdict if verdict.passed else check.loose(response)
        for check, verdict in zip(checks, strict, strict=True)
    )
    return ScoredLine(row, strict, loose, tuple(defects_of(row.get("key"), prompt, ids, kwargs)))


def score_file(
    path: str | Path,
    *,
    reading: Reading = "text",
    thoughts: Marks | None = None,
    loose: bool = False,
    out: str | Path | None = None,
    keep_going: bool = False,
    progress: bool = False,
) -> Scorecard:
    """Score a JSONL file (or .jsonl.gz), one line at a time.

    Args:
        path: the file.
        reading: ``text`` or ``reference``.
        thoughts: see `score_line`.
        loose: write the loose verdicts to ``out`` in place of the strict ones.
        out: where each line goes with its verdicts and reasons; written whole or not at all.
        keep_going: leave out lines that cannot be scored, and count them, in place of stopping.
        progress: show a progress bar.

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
        for where, raw in _lines(Path(path), progress):
            try:
                line = score_line(parse_line(raw), reading, thoughts)
            except HpptError as error:
                if not keep_going:
                    raise HpptError(f"{where}: {error}") from error
                card.left_out.append(f"{where}: {error}")
                continue
            prompt, ids = line.row["prompt"], line.row["instruction_id_list"]
            card.add(prompt, ids, line.strict, line.loose, line.defects)
            if stream is not None:
                stream.write(json.dumps(line.as_row(loose=loose), ensure_ascii=False) + "\n")
        if not card.scored:
            first = f" The first problem: {card.left_out[0]}" if card.left_out else ""
            raise HpptError(f"{path} holds no response that could be scored.{first}")
    return card


def _lines(path: Path, progress: bool) -> Iterator[tuple[str, bytes]]:
    """Yield ("file, line N", the line) for each line that is not blank."""
    from tqdm import tqdm

    try:
        with open(path, "rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            content: Iterable[bytes] = gzip.GzipFile(fileobj=stream) if packed else stream
            size = path.stat().st_size
            bar = tqdm(total=size, desc=path.name, unit="B", unit_scale=True, disable=not progress)
            with bar:
                for number, raw in enumerate(content, start=1):
                    if raw.strip():
                        yield f"{path}, line {number}", raw
                    bar.update(min(stream.tell(), size) - bar.n)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise HpptError(f"Could not read {path}: {reason}.") from error


def _verifier(
    number: int, id: Any, kwargs: Any, reading: Reading, thoughts: Marks | None
) -> Verifier:
    where = f"'instruction_id_list' and 'kwargs', entry {number + 1}"
    if not isinstance(id, str):
        raise HpptError(f"{where}: the id must be a string, found {type(id).__name__}.")
    if not isinstance(kwargs, dict):
        raise HpptError(f"{where}: kwargs must be an object, found {type(kwargs).__name__}.")
    try:
        given = {name: value for name, value in kwargs.items() if value is not None}
        return verifiers.build(id, given, reading, thoughts)
    except HpptError as error:
        raise HpptError(f"{where}: {error}") from error


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise HpptError(_wrong(row, name, "a string"))
    return value


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    value = row.get(name)
    if not isinstance(value, list):
        raise HpptError(_wrong(row, name, "a list"))
    return value


def _wrong(row: Mapping[str, Any], name: str, wanted: str) -> str:
    if name not in row:
        return f"the field '{name}' is missing."
    return f"the field '{name}' must be {wanted}, found {type(row[name]).__name__}."
