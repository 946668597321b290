"""Scores in the files of other programs: lm-eval's samples and results, Inspect's scores."""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import whole_file, write_text
from hppt_lib.intervals import Rate
from hppt_lib.sandbox.checker import CODE
from hppt_lib.scoring.responses import ScoredLine
from hppt_lib.scoring.scorecard import Scorecard

_VERSION = 1.0  # of the tasks in hppt_lib/interop/lm_eval_tasks


class LmEvalExport:
    """lm-eval's two files: ``FOLDER/MODEL/samples_TASK_DATE.jsonl`` and ``results_DATE.json``.

    The task is named as the kit's own tasks for lm-eval are (`hppt_lib.interop.lm_eval_tasks`):
    ``hppt_ifeval``, ``hppt_ifeval_reference``. The standard error of the prompt level is lm-eval's;
    for the instruction level lm-eval has none. Intervals stand under ``hppt``. Read in lm-eval
    0.4.13.

    Args:
        folder: the folder.
        model: the name of the model.
        reading: the reading that the verdicts are of.
    """

    def __init__(self, folder: str | Path, model: str, reading: verifiers.Reading = "text") -> None:
        self.model, self.reading = model, reading
        self.safe_model = re.sub(r'["<>:/|\\?*\[\]]+', "__", model)
        self.folder = Path(folder) / self.safe_model
        self.date = datetime.now().isoformat().replace(":", "-")
        self.started = time.time()
        self.task = ""
        self.hashes: list[str] = []
        self.stream: IO[str] | None = None

    def add(self, line: ScoredLine, stack: ExitStack) -> None:
        """Write a line of the samples."""
        if self.stream is None:
            first = line.ids[0]
            benchmark = "own" if first == CODE else verifiers.family(first).benchmark or "own"
            suffix = "" if self.reading == "text" else f"_{self.reading}"
            self.task = f"hppt_{benchmark}{suffix}"
            path = self.folder / f"samples_{self.task}_{self.date}.jsonl"
            self.stream = _opened(path, stack)
        doc = {name: value for name, value in line.row.items() if name != "response"}
        response = "" if line.is_null else line.row["response"]
        metrics = _metrics(line)
        hashes = {
            "doc_hash": _hash(json.dumps(doc, indent=2, ensure_ascii=False)),
            "prompt_hash": _hash(line.row["prompt"]),
            "target_hash": _hash("0"),
        }
        sample = {
            "doc_id": len(self.hashes),
            "doc": doc,
            "target": "0",
            "arguments": {"gen_args_0": {"arg_0": line.row["prompt"], "arg_1": {}}},
            "resps": [[response]],
            "filtered_resps": [response],
            "filter": "none",
            "metrics": list(metrics),
            **hashes,
            **metrics,
            "reasons": [each.reason for each in line.strict],
        }
        self.hashes.append("".join(hashes.values()))
        self.stream.write(json.dumps(sample, ensure_ascii=False) + "\n")

    def finish(self, card: Scorecard) -> None:
        """Write the results."""
        strict, loose = card.rates()[card.PROMPTS]
        single_strict, single_loose = card.rates()[card.SLOTS]
        rates = {
            "prompt_level_strict_acc": strict,
            "inst_level_strict_acc": single_strict,
            "prompt_level_loose_acc": loose,
            "inst_level_loose_acc": single_loose,
        }
        found: dict[str, Any] = {"alias": self.task}
        for name, rate in rates.items():
            found[f"{name},none"] = rate.mean
            by_prompt = name.startswith("prompt")
            found[f"{name}_stderr,none"] = _standard_error(rate) if by_prompt else "N/A"
        task, many = self.task, card.scored
        results = {
            "results": {task: found},
            "group_subtasks": {task: []},
            "configs": {task: {"task": task, "metadata": {"version": _VERSION}}},
            "versions": {task: _VERSION},
            "n-shot": {task: 0},
            "higher_is_better": {task: dict.fromkeys(rates, True)},
            "n-samples": {task: {"original": many + len(card.left_out), "effective": many}},
            "config": {"model": self.model, "model_args": {}, "limit": None},
            "date": self.started,
            "task_hashes": {task: _hash("".join(self.hashes))},
            "model_source": "hppt-lab",
            "model_name": self.model,
            "model_name_sanitized": self.safe_model,
            "hppt": card.as_json(),
        }
        text = json.dumps(results, indent=2, ensure_ascii=False)
        write_text(self.folder / f"results_{self.date}.json", text)


class InspectExport:
    """The scores that Inspect's ``precomputed_scores(FILE)`` reads: one for each response.

    A sample's id is the row's ``key`` (its place from 1 where it has none, as Inspect counts).
    Responses to one prompt are its epochs, in the file's order. Read in Inspect 0.3.

    Args:
        path: the file; its name must end in .jsonl.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.suffix.lower() != ".jsonl":
            raise HpptError(f"{path}: Inspect reads scores from a file whose name ends in .jsonl.")
        self.stream: IO[str] | None = None
        self.seen: dict[str, tuple[str, int]] = {}
        self.lines = 0

    def add(self, line: ScoredLine, stack: ExitStack) -> None:
        """Write a line.

        Raises:
            HpptError: two prompts have one key.
        """
        if self.stream is None:
            self.stream = _opened(self.path, stack)
        self.lines += 1
        key = line.row.get("key")
        id = str(self.lines if key is None else key)
        prompt, epoch = self.seen.get(id, (line.row["prompt"], 0))
        if prompt != line.row["prompt"]:
            raise HpptError(
                f"the field 'key': {id} is the key of two prompts, and Inspect tells samples apart "
                "by it. Give each prompt a key of its own."
            )
        self.seen[id] = (prompt, epoch + 1)
        metrics = _metrics(line)
        lines = [
            f"{'passed' if verdict.passed else 'failed'} {name}: {verdict.reason}"
            for name, verdict in zip(line.ids, line.strict, strict=True)
        ]
        record = {
            "id": key if isinstance(key, int | str) else id,
            "epoch": epoch + 1,
            "value": float(metrics["prompt_level_strict_acc"]),
            "answer": "" if line.is_null else line.row["response"],
            "explanation": "\n".join(lines),
            "metadata": metrics,
        }
        self.stream.write(json.dumps(record, ensure_ascii=False) + "\n")

    def finish(self, card: Scorecard) -> None:
        """All is written."""


def _opened(path: Path, stack: ExitStack) -> IO[str]:
    temporary = stack.enter_context(whole_file(path))
    return stack.enter_context(open(temporary, "w", encoding="utf-8", newline="\n"))


def _metrics(line: ScoredLine) -> Mapping[str, Any]:
    """The verdicts on a line under IFEval's names."""
    strict, loose = ([each.passed for each in row] for row in (line.strict, line.loose))
    return {
        "prompt_level_strict_acc": all(strict),
        "inst_level_strict_acc": strict,
        "prompt_level_loose_acc": all(loose),
        "inst_level_loose_acc": loose,
    }


def _standard_error(rate: Rate) -> float | str:
    """The standard error of a mean of zeros and ones, as lm-eval computes it."""
    if rate.samples < 2:
        return "N/A"
    return math.sqrt(rate.mean * (1 - rate.mean) / (rate.samples - 1))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
