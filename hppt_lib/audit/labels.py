"""Readers' labels of responses: does a response answer what was asked, its constraints apart?

No rule decides that, so readers do, who see neither arm nor seed:

1. `draw_labels` draws responses from run records and writes *sheets*, in shuffled order: one for a
   first reader, one with a share of the same rows for a second, and a *key* that says whose
   response each row is. Rows whose label is known (*anchors*) may be mixed in.
2. `read_sheet`, `unread` and `give_label` are all that a reader needs, at a terminal (``hppt label
   read``) or in a notebook. A sheet is a JSONL file: an editor, a script or a language model can
   fill it as well.
3. `merge_labels` joins the sheets with the key: the labels of the first reader, how far the second
   agrees (κ), and what each made of the anchors.

A line of a sheet (here on two)::

    {"id": "r007", "prompt": "Write about tea.", "constraint": "Do not use commas.",
     "response": "Tea is a warm drink.", "answers": null}

``answers`` becomes true or false, or ``"skip"`` where a reader leaves the row out. A line may carry
``unsure`` (true where careful readers could differ) and ``kind`` (why it is no answer) too.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.audit.confusion import Agreement, agreement
from hppt_lib.errors import HpptError
from hppt_lib.files import only_writer, read_jsonl, write_jsonl
from hppt_lib.instructions.model import Instruction, chosen_instructions
from hppt_lib.intervals import Rate, rate
from hppt_lib.records import RunRecord, read_records, record_stem
from hppt_lib.verifiers import answer_of, thought_marks

FIRST, SECOND, KEY, LABELS = "first.jsonl", "second.jsonl", "key.jsonl", "labels.jsonl"
"""The files of a folder of labels: the two sheets, the key, and what `merge_labels` writes."""
SKIP = "skip"
_ANCHOR = "anchor"


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet, as a reader sees it.

    Attributes:
        id: says nothing about where the response comes from.
        prompt: the task, without its constraints.
        constraint: what was asked for besides, to be left aside.
        response: what the policy wrote, without its thoughts.
        answers: the label; None if there is none yet, or the row was skipped.
        skipped: whether the reader left the row out.
        unsure: whether careful readers could differ.
        kind: why it is no answer, in a word.
    """

    id: str
    prompt: str = ""
    constraint: str = ""
    response: str = ""
    answers: bool | None = None
    skipped: bool = False
    unsure: bool = False
    kind: str = ""

    @property
    def read(self) -> bool:
        """Whether the reader is done with it."""
        return self.skipped or self.answers is not None


@dataclass(frozen=True)
class Drawn:
    """What was drawn for reading.

    Attributes:
        folder: where the sheets and the key are.
        rows: rows of the first sheet, anchors included.
        again: rows of the second sheet.
        anchors: rows whose label is known.
        responses: responses drawn; more than the rows where a text came up again.
        runs: number of runs.
    """

    folder: Path
    rows: int
    again: int
    anchors: int
    responses: int
    runs: int


def draw_labels(
    places: Sequence[str | Path],
    folder: str | Path,
    *,
    per_run: int = 30,
    before: bool = False,
    second: float = 0.2,
    anchors: str | Path | None = None,
    held_out: str | Sequence[Instruction] | None = None,
    seed: int = 0,
) -> Drawn:
    """Draw held-out responses of runs for reading, and write the sheets and the key.

    Every response has the same chance, empty and repeated ones included. The same text to the same
    instruction is read once, whatever runs it comes from. Runs of one seed give the responses of
    the same places, so that arms are compared on the same instructions.

    Args:
        places: record files, and folders of records.
        folder: a new folder for the files.
        per_run: responses of each run; all of a run that has fewer.
        before: draw as many of the responses before training too.
        second: the share of rows for the second reader, 0 to 1.
        anchors: a JSONL file of rows whose label is known (``prompt``, ``response``, ``answers``;
            ``constraint`` may be left out): each reader gets all of them.
        held_out: the held-out instructions, or their name or file; None for those that each record
            names.
        seed: of the drawing and the order.

    Raises:
        HpptError: there is a key in the folder already, a record or an instruction cannot be read,
            or an argument makes no sense.
    """
    folder = Path(folder)
    if per_run < 1 or not 0 <= second <= 1:
        raise HpptError("per_run is 1 or more, and second a share from 0 to 1.")
    if (folder / KEY).exists():
        raise HpptError(
            f"{folder} holds rows that were drawn already, and perhaps labels. Choose another "
            "folder, or remove this one."
        )
    records, broken = read_records(*places)
    if broken:
        raise HpptError(f"A record cannot be read: {next(iter(broken.values()))}")
    given = chosen_instructions(held_out) if isinstance(held_out, str) else held_out
    sets: dict[str, dict[str, Instruction]] = {}
    known = [] if anchors is None else _anchors(anchors)
    places_of: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for path, record in records.items():
        if record.held_out not in sets:
            asked = given if given is not None else chosen_instructions(record.held_out)
            sets[record.held_out] = {each.id: each for each in asked}
        for when in ("before", "after") if before else ("after",):
            for source in _drawn(record, path, when, per_run, seed):
                instruction = sets[record.held_out].get(source["instruction"])
                if instruction is None:
                    raise HpptError(
                        f"{path}: '{source['instruction']}' is not among the held-out "
                        "instructions. Name the right ones with held_out (--held-out)."
                    )
                prompt, constraint = _asked(instruction)
                answer = answer_of(source["response"], thought_marks(record.thoughts))
                places_of.setdefault((prompt, constraint, answer), []).append(source)
    for each in known:
        text = (each.prompt, each.constraint, each.response)
        source = {"when": _ANCHOR, "label": each.answers, "response": each.response}
        places_of.setdefault(text, []).append(source)
    texts = list(places_of)
    order = random.Random(f"{seed} order")
    order.shuffle(texts)
    width = max(3, len(str(len(texts))))
    rows, key = [], []
    for number, (prompt, constraint, response) in enumerate(texts, start=1):
        id = f"r{number:0{width}}"
        row = {"id": id, "prompt": prompt, "constraint": constraint, "response": response}
        rows.append({**row, "answers": None})
        key += [{"id": id, **each} for each in places_of[prompt, constraint, response]]
    anchored = {each["id"] for each in key if each["when"] == _ANCHOR}
    others = [row for row in rows if row["id"] not in anchored]
    again = order.sample(others, round(second * len(others)))
    if again:
        again += [row for row in rows if row["id"] in anchored]
        order.shuffle(again)
    # The key comes last: a folder with a key is whole.
    write_jsonl(folder / FIRST, rows)
    write_jsonl(folder / SECOND, again)
    write_jsonl(folder / KEY, key)
    return Drawn(folder, len(rows), len(again), len(anchored), len(key) - len(known), len(records))


def _drawn(
    record: RunRecord, path: Path, when: str, most: int, seed: int
) -> Iterator[dict[str, Any]]:
    responses = getattr(record, when)
    samples: Counter[str] = Counter()
    numbers = []
    for instruction, _ in responses:
        numbers.append(samples[instruction])
        samples[instruction] += 1
    chance = random.Random(f"{seed} {record.seed} {when}")
    for place in sorted(chance.sample(range(len(responses)), min(most, len(responses)))):
        instruction, response = responses[place]
        yield {
            "run": record_stem(path),
            "when": when,
            "arm": record.settings.get("arm", record.reward),
            "seed": record.seed,
            "instruction": instruction,
            "sample": numbers[place],
            "response": response,
        }


def _asked(instruction: Instruction) -> tuple[str, str]:
    """The task and the constraints, apart where the instruction has them apart."""
    constraint = " ".join(each.text for each in instruction.constraints if each.text)
    return (instruction.query or instruction.prompt), constraint


def _anchors(path: str | Path) -> list[SheetRow]:
    rows = [row for _, row in _sheet(path, ids=False)]
    for number, row in enumerate(rows, start=1):
        if row.answers is None or not row.prompt:
            raise HpptError(f"{path}, row {number}: an anchor needs prompt, response and answers.")
    return rows


# --- reading ------------------------------------------------------------------------------------


def read_sheet(path: str | Path) -> list[SheetRow]:
    """The rows of a sheet, in its order.

    Raises:
        HpptError: the file cannot be read, or a line is not a row; the message names the line.
    """
    return [row for _, row in _sheet(path)]


def unread(path: str | Path) -> Iterator[SheetRow]:
    """Yield the rows of a sheet that have no label yet, in its order.

    For a notebook: ``for row in unread(sheet): give_label(sheet, row.id, ask(row))``.

    Raises:
        HpptError: as `read_sheet`.
    """
    yield from [row for row in read_sheet(path) if not row.read]


def give_label(path: str | Path, id: str, answers: bool | str | None) -> None:
    """Write a label into a sheet, at once.

    The file is read again before it is written, whole: what was written into other rows meanwhile
    stays, and so do fields that this module does not know.

    Args:
        path: the sheet.
        id: the row's.
        answers: True, False, ``"skip"``, or None to take a label back.

    Raises:
        HpptError: there is no such row, the label is none, or the file cannot be read or written.
    """
    if not (answers is None or isinstance(answers, bool) or answers == SKIP):
        raise HpptError(f"The label of '{id}' is {answers!r}; give True, False, 'skip' or None.")
    with only_writer(path):
        rows = [row for _, row in read_jsonl(path, {"id": str})]
        chosen = [row for row in rows if row["id"] == id]
        if not chosen:
            raise HpptError(f"{path} has no row '{id}'.")
        chosen[0]["answers"] = answers
        write_jsonl(path, rows)


def _sheet(path: str | Path, ids: bool = True) -> Iterator[tuple[str, SheetRow]]:
    """Each row with ``PATH, line N`` for error messages."""
    lines: dict[str, int] = {}
    for number, row in read_jsonl(path):
        where = f"{path}, line {number}"
        texts = {name: row.get(name, "") for name in ("prompt", "constraint", "response", "kind")}
        texts["id"] = row.get("id", "" if not ids else None)
        for name, value in texts.items():
            if not isinstance(value, str):
                raise HpptError(f"{where}: the field '{name}' must be a text.")
        answers, unsure = row.get("answers"), row.get("unsure") or False
        if not (answers is None or isinstance(answers, bool) or answers == SKIP):
            raise HpptError(
                f"{where}: 'answers' is {answers!r}; it must be true, false, \"skip\", or null for "
                "a row that is not read yet."
            )
        if not isinstance(unsure, bool):
            raise HpptError(f"{where}: the field 'unsure' must be true or false.")
        if ids and texts["id"] in lines:
            raise HpptError(f"{where}: '{texts['id']}' is on line {lines[texts['id']]} already.")
        lines[texts["id"]] = number
        label = answers if isinstance(answers, bool) else None
        yield where, SheetRow(**texts, answers=label, skipped=answers == SKIP, unsure=unsure)


# --- merging ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Labels:
    """The labels of a folder.

    Attributes:
        rows: one for each response drawn that the first reader labelled: ``run``, ``when``,
            ``arm``, ``seed``, ``instruction``, ``sample``, ``response``, ``answers``; ``second``
            where the second reader labelled it too; ``unsure`` and ``kind`` where they were given.
        left: by sheet, how many rows nobody has read.
        skipped: by sheet, how many rows were left out.
        kappa: the two readers' agreement, anchors aside, with the instruction as the item; None
            without labels of both kinds from both.
        both: how many rows both labelled, anchors aside.
        anchors: by sheet, the share of anchors whose label is the known one.
        missed: of the first reader, the ids of the anchors that got another label.
    """

    rows: tuple[Mapping[str, Any], ...]
    left: Mapping[str, int]
    skipped: Mapping[str, int]
    kappa: Agreement | None
    both: int
    anchors: Mapping[str, Rate]
    missed: tuple[str, ...]


def merge_labels(
    folder: str | Path, first: str | Path | None = None, second: str | Path | None = None
) -> Labels:
    """Join the readers' sheets with the key, and write ``labels.jsonl`` into the folder.

    The label that stands is the first reader's: the second only says how far readers agree.

    Args:
        folder: what `draw_labels` wrote.
        first: the first reader's sheet, if it is elsewhere; lines with ``id`` and ``answers`` will
            do.
        second: the second reader's.

    Raises:
        HpptError: a file cannot be read, or a sheet has a row that was not drawn.
    """
    folder = Path(folder)
    if not (folder / KEY).is_file():
        raise HpptError(f"There is no {KEY} in {folder}. 'hppt label draw' writes it.")
    fields = {"id": str, "when": str, "response": str}
    key: dict[str, list[dict[str, Any]]] = {}
    for _, source in read_jsonl(folder / KEY, fields):
        key.setdefault(source["id"], []).append(source)
    known = {
        id: bool(source["label"])
        for id, sources in key.items()
        for source in sources
        if source["when"] == _ANCHOR
    }
    drawn = {row.id for row in read_sheet(folder / FIRST)}
    again = {row.id for row in read_sheet(folder / SECOND)}
    read: dict[str, dict[str, SheetRow]] = {}
    left, skipped, anchors = {}, {}, {}
    for name, path, ids in ((FIRST, first, drawn), (SECOND, second, again)):
        rows: dict[str, SheetRow] = {}
        for where, row in _sheet(path or folder / name):
            if row.id not in ids:
                raise HpptError(f"{where}: '{row.id}' was not drawn for this reader.")
            rows[row.id] = row
        labelled = {id: row for id, row in rows.items() if row.answers is not None}
        left[name] = len(ids) - sum(row.read for row in rows.values())
        skipped[name] = sum(row.skipped for row in rows.values())
        if met := [id for id in labelled if id in known]:
            anchors[name] = rate([labelled[id].answers == known[id] for id in met], met)
        read[name] = labelled
    ones, others = read[FIRST], read[SECOND]
    out: list[dict[str, Any]] = []
    for id, sources in key.items():
        label = ones.get(id)
        for source in sources:
            if label is None or source["when"] == _ANCHOR:
                continue
            joined = {name: value for name, value in source.items() if name != "id"}
            joined["answers"] = label.answers
            if id in others:
                joined["second"] = others[id].answers
            joined |= {"unsure": True} if label.unsure else {}
            joined |= {"kind": label.kind} if label.kind else {}
            out.append(joined)
    both = [id for id in ones if id in others and id not in known]
    write_jsonl(folder / LABELS, out)
    return Labels(
        rows=tuple(out),
        left=left,
        skipped=skipped,
        kappa=_kappa(both, ones, others, key),
        both=len(both),
        anchors=anchors,
        missed=tuple(id for id in ones if id in known and ones[id].answers != known[id]),
    )


def _kappa(
    both: Sequence[str],
    ones: Mapping[str, SheetRow],
    others: Mapping[str, SheetRow],
    key: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Agreement | None:
    items = [str(key[id][0]["instruction"]) for id in both]
    first, second = ([bool(some[id].answers) for id in both] for some in (ones, others))
    if len(set(first)) < 2 or len(set(second)) < 2 or len(set(items)) < 2:
        return None
    return agreement(first, second, items)
