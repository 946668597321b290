"""Scores the responses of a run: verdicts, the metrics of each benchmark, and the report.

Scoring needs no model: it may be repeated with another reading, other marks of thoughts or another
judge. A judge's answers are kept in the run's folder, so that none is paid for twice.
"""

from __future__ import annotations

import json
import multiprocessing
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import judge_replies as replies
from hppt_lib.evaluation.benchmarks import Benchmark, Item, benchmark
from hppt_lib.evaluation.followbench_rules import by_rule
from hppt_lib.evaluation.judge_replies import Verdicts
from hppt_lib.evaluation.metrics import Estimate, ScoredResponse, Section
from hppt_lib.evaluation.run_folder import Prediction, RunFolder
from hppt_lib.files import whole_file, write_text
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges import Judge
from hppt_lib.judges.protocol import Mode
from hppt_lib.rewards import Judging
from hppt_lib.rewards.scores import substance_of
from hppt_lib.sandbox.checker import CODE, Checker
from hppt_lib.sandbox.run import require_permission
from hppt_lib.scoring.benchmark_defects import defects_of, program_defects_of
from hppt_lib.sources.rows import data_files, rows
from hppt_lib.terminal import as_text, table
from hppt_lib.verifiers import Marks, Reading, answer_of, is_blank
from hppt_lib.verifiers.words import words

_CHUNK = 200  # responses that one process verifies at a time
_RULE = "followbench:"


@dataclass(frozen=True)
class ScoreSettings:
    """How responses are scored.

    Attributes:
        reading: ``text`` or ``reference``.
        thoughts: the marks of thoughts, which are never part of the answer.
        mode: whether a judge is asked about all constraints of a response in one call, as the
            benchmarks do (``batch``), or about one (``pointwise``).
    """

    reading: Reading
    thoughts: Marks
    mode: Mode = "batch"


@dataclass(frozen=True)
class BenchmarkReport:
    """The metrics of one benchmark.

    Attributes:
        name: as on the command line.
        benchmark: what it is.
        sections: its metrics.
        responses: how many were scored.
        prompts: how many prompts they answer.
        notes: what to know beside the numbers, in sentences.
    """

    name: str
    benchmark: Benchmark
    sections: tuple[Section, ...]
    responses: int
    prompts: int
    notes: tuple[str, ...]

    @property
    def headline(self) -> list[Estimate]:
        """The numbers that the benchmark's authors report first."""
        title, names = self.benchmark.find
        return [
            each
            for section in self.sections
            if section.title == title
            for each in section.estimates
            if each.name in names
        ]


@dataclass(frozen=True)
class Report:
    """What a run came to.

    Attributes:
        about: model, settings, reading, thoughts and judge, as plain values.
        benchmarks: one report for each.
    """

    about: Mapping[str, Any]
    benchmarks: tuple[BenchmarkReport, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            **self.about,
            "benchmarks": {
                each.name: {
                    "title": each.benchmark.title,
                    "headline": {
                        "what": each.benchmark.headline,
                        "estimates": [one.as_json() for one in each.headline],
                    },
                    "responses": each.responses,
                    "prompts": each.prompts,
                    "sections": {
                        section.title: [one.as_json() for one in section.estimates]
                        for section in each.sections
                    },
                    "notes": list(each.notes),
                }
                for each in self.benchmarks
            },
        }

    def as_table(self, width: int | None = None) -> str:
        """The report for a terminal.

        Args:
            width: in characters; None for the terminal's.
        """
        model = self.about["model"]
        lines: list[Any] = [
            f"{model.get('name', 'a model')}; reading: {self.about['reading']}; judge: "
            f"{self.about['judge'] or 'none'}"
        ]
        for each in self.benchmarks:
            lines += [
                "",
                f"{each.benchmark.title}: {each.responses} responses to {each.prompts} "
                f"prompts. Headline: {each.benchmark.headline}.",
                _as_table(each),
                *each.notes,
            ]
        return as_text(*lines, width=width)


def _as_table(report: BenchmarkReport) -> Any:
    estimates = [each for section in report.sections for each in section.estimates]
    bounded = any(each.known < each.of for each in estimates)
    listed: list[list[object] | None] = []
    for section in report.sections:
        listed += [None] if listed else []
        listed.append([section.title, *[""] * (5 if bounded else 3)])
        for each in section.estimates:
            ends = f"{each.least:.3f} to {each.most:.3f}" if each.known < each.of else None
            row: list[object] = [f"  {each.name}", _shown(each), each.known, each.groups]
            listed.append([*row, each.of - each.known, ends] if bounded else row)
    bounds = ["no verdict", "all fail to all pass"] if bounded else []
    return table(["", "[95 %]", "n", "groups", *bounds], listed)


def _shown(each: Estimate) -> str:
    if each.value is None:
        return "not known"
    return f"{each.value.mean:.3f} [{each.value.low:.3f}, {each.value.high:.3f}]"


def score_run(
    run: RunFolder,
    settings: ScoreSettings,
    *,
    judge: Judge | None = None,
    judge_replies: str | Path | None = None,
    processes: int = 1,
    progress: bool = False,
) -> Report:
    """Score the responses of a run, and write its verdicts and its report.

    Args:
        run: the run.
        settings: reading, thoughts and mode.
        judge: decides soft constraints, and what no verifier of ours decides.
        judge_replies: a file with the replies of a benchmark's own judge in place of a judge: lines
            with ``id`` (or ``idx``), ``sample`` (0 if left out) and ``reply`` (or
            ``judge_response``, as CFBench ships them).
        processes: how many verify at the same time; more than 1 needs a main module that can be
            imported (``if __name__ == "__main__"``).
        progress: show a progress bar.

    Raises:
        HpptError: there is no response, a judge is needed and there is none, the judge has gone
            away, or a file cannot be read or written.
    """
    predictions, _ = run.predictions()
    if not predictions:
        raise HpptError(f"{run.path} has no response yet. Generate some with 'hppt evaluate'.")
    items = {(item.benchmark, item.id): item for item in run.items}
    if _code(run):
        require_permission()
        processes = 1  # one sandbox, which counts and gives up for all
    pairs = [(items[each.benchmark, each.id], each) for each in predictions]
    needing = [item.benchmark for item, each in pairs if _soft(item.turns[each.turn - 1])]
    if needing and judge is None and judge_replies is None:
        raise HpptError(
            f"{needing[0]} has constraints that only a judge can decide. Give one with --judge, "
            "such as --judge embedded, or generate without scoring (--no-score)."
        )
    verified = _verified(pairs, settings, processes, progress)
    judged: dict[int, Verdicts] = {}
    official: dict[int, dict[str, float]] = {}
    if judge_replies is not None:
        judged, official = _from_replies(pairs, Path(judge_replies))
    elif judge is not None:
        judged = _from_judge(pairs, judge, settings)
    scored: dict[str, list[ScoredResponse]] = defaultdict(list)
    with whole_file(run.path / "verdicts.jsonl") as temporary:
        with open(temporary, "w", encoding="utf-8", newline="\n") as stream:
            for place, ((item, prediction), found) in enumerate(zip(pairs, verified, strict=True)):
                row, reasons = _together(item, prediction, found, judged.get(place))
                if settings.reading == "reference":
                    row = replace(row, official=official.get(place) or _official(item, row))
                scored[item.benchmark].append(row)
                stream.write(_line(prediction, row, reasons))
    names = list(dict.fromkeys(item.benchmark for item in run.items if item.benchmark in scored))
    report = Report(
        {
            "model": run.identity["model"],
            "generation": run.identity["generation"],
            "reading": settings.reading,
            "thoughts": [list(pair) for pair in settings.thoughts],
            "judge": judge.name if judge else Path(judge_replies).name if judge_replies else None,
            "mode": settings.mode if judge else None,
        },
        tuple(_report(run, name, scored[name], settings) for name in names),
    )
    text = json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"
    write_text(run.path / "report.json", text)
    write_text(run.path / "report.txt", report.as_table(width=120) + "\n")
    return report


def _line(prediction: Prediction, row: ScoredResponse, reasons: Sequence[str]) -> str:
    line = {
        "benchmark": prediction.benchmark,
        "id": row.id,
        "group": row.group,
        "sample": row.sample,
        "turn": row.turn,
        "key": prediction.key,
        "strict": list(row.strict),
        "loose": list(row.loose),
        "reasons": list(reasons),
        "substance": row.substance,
        "words": row.words,
        **({"official": dict(row.official)} if row.official else {}),
    }
    return json.dumps(line, ensure_ascii=False) + "\n"


# --- verifiers ------------------------------------------------------------------------------------

_NO_JUDGE = "no verdict"


@dataclass(frozen=True)
class _Verified:
    """What rules say of one response: None for what a judge decides."""

    strict: Verdicts
    loose: Verdicts
    reasons: tuple[str, ...]
    substance: bool
    words: int


_Job = tuple[Instruction, Mapping[str, str], "str | None"]


def _verified(
    pairs: Sequence[tuple[Item, Prediction]],
    settings: ScoreSettings,
    processes: int,
    progress: bool,
) -> list[_Verified]:
    from tqdm.auto import tqdm

    # Responses to one prompt together: its verifiers are built once.
    order = sorted(range(len(pairs)), key=lambda n: (pairs[n][0].id, pairs[n][1].turn))
    jobs = (
        (pairs[n][0].turns[pairs[n][1].turn - 1], pairs[n][0].labels, pairs[n][1].response)
        for n in order
    )
    chunks = iter(lambda: list(islice(jobs, _CHUNK)), [])
    how = settings.reading, settings.thoughts
    results: list[_Verified] = []
    with tqdm(total=len(pairs), desc="verdicts", unit="", disable=not progress) as bar:

        def take(found: list[_Verified]) -> None:
            results.extend(found)
            bar.update(len(found))

        if processes == 1 or len(pairs) <= 4 * _CHUNK:
            for chunk in chunks:
                take(_verify((chunk, *how)))
        else:
            spawn = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
                for found in pool.map(_verify, ((chunk, *how) for chunk in chunks)):
                    take(found)
    by_place = dict(zip(order, results, strict=True))
    return [by_place[n] for n in range(len(pairs))]


def _verify(work: tuple[list[_Job], Reading, Marks]) -> list[_Verified]:
    """The verdicts of rules on some responses."""
    jobs, reading, thoughts = work
    found = []
    before: Instruction | None = None
    checks: list[_Check] = []
    for instruction, labels, response in jobs:
        if instruction is not before:
            checks = [_check(each, reading, thoughts) for each in instruction.constraints]
            before = instruction
        found.append(_verify_one(instruction, checks, labels, response, thoughts))
    return found


_Check = verifiers.Verifier | Checker | str | None
"""The verifier of a constraint; why there is none; None for what a judge decides."""


def _code(run: RunFolder) -> bool:
    """Whether a data set's own code decides any of the constraints."""
    turns = (turn for item in run.items for turn in item.turns)
    return any(constraint.id == CODE for turn in turns for constraint in turn.constraints)


def _check(constraint: Constraint, reading: Reading, thoughts: Marks) -> _Check:
    if constraint.kind == "soft":
        return None
    if constraint.id.startswith(_RULE):
        return _RULE
    try:
        return constraint.verifier(thoughts, reading)
    except HpptError as error:
        return f"no verifier: {error}"


def _verify_one(
    instruction: Instruction,
    checks: Sequence[_Check],
    labels: Mapping[str, str],
    response: str | None,
    thoughts: Marks,
) -> _Verified:
    text = response or ""
    answer = answer_of(text, thoughts)
    strict: list[bool | None] = []
    loose: list[bool | None] = []
    reasons: list[str] = []
    for constraint, check in zip(instruction.constraints, checks, strict=True):
        if isinstance(check, verifiers.Verifier | Checker):
            verdict = check(text)
            strict.append(verdict.passed)
            again = not verdict.passed and isinstance(check, verifiers.Verifier)
            loose.append(check.loose(text).passed if again else verdict.passed)
            reasons.append(verdict.reason)
            continue
        passed: bool | None = None
        reason = check or _NO_JUDGE
        if is_blank(answer):
            passed, reason = False, "the response is blank"
        elif check == _RULE:
            passed = _by_rule(constraint, labels, answer)
            reason = "by FollowBench's rule" if passed is not None else "no rule for this group"
        strict.append(passed)
        loose.append(passed)
        reasons.append(reason)
    return _Verified(
        tuple(strict),
        tuple(loose),
        tuple(reasons),
        substance_of(instruction, answer).passed,
        len(words(answer)),
    )


def _by_rule(constraint: Constraint, labels: Mapping[str, str], answer: str) -> bool | None:
    given = constraint.kwargs
    try:
        return by_rule(
            answer,
            kind=labels.get("type", ""),
            number=given["number"],
            source=constraint.id.removeprefix(_RULE),
            level=int(given["level"]),
            target=str(given["target"] or ""),
        )
    except (KeyError, ValueError, SyntaxError):
        return None


# --- a judge --------------------------------------------------------------------------------------


def _soft(instruction: Instruction) -> tuple[Constraint, ...]:
    return tuple(each for each in instruction.constraints if each.kind == "soft")


def _from_judge(
    pairs: Sequence[tuple[Item, Prediction]], judge: Judge, settings: ScoreSettings
) -> dict[int, Verdicts]:
    places = [n for n, (item, each) in enumerate(pairs) if _soft(item.turns[each.turn - 1])]
    asked = [(pairs[n][0].turns[pairs[n][1].turn - 1], pairs[n][1].response or "") for n in places]
    judging = Judging(judge, "soft", settings.mode)
    return dict(zip(places, judging.verdicts(asked, settings.thoughts), strict=True))


def _from_replies(
    pairs: Sequence[tuple[Item, Prediction]], file: Path
) -> tuple[dict[int, Verdicts], dict[int, dict[str, float]]]:
    """Verdicts, and the numbers of the benchmarks' own programs, from a file of replies."""
    said: dict[tuple[str, int], str] = {}
    for path in data_files(file):
        for where, row in rows(path):
            if isinstance(row, HpptError):
                raise HpptError(f"{file.parent} {where}: {row}") from row
            reply = row.get("reply", row.get("judge_response"))
            name = row.get("id", row.get("idx"))
            if name is None or not isinstance(reply, str):
                raise HpptError(f"{where}: a reply needs 'id' and 'reply', a text.")
            said[str(name), int(row.get("sample") or 0)] = reply
    judged: dict[int, Verdicts] = {}
    official: dict[int, dict[str, float]] = {}
    for place, (item, prediction) in enumerate(pairs):
        soft = _soft(item.turns[prediction.turn - 1])
        names = (item.id, item.labels.get("key", item.id))
        found = [
            said[each, prediction.sample] for each in names if (each, prediction.sample) in said
        ]
        if not soft or not found:
            continue
        reply = found[0]
        if item.benchmark == "followbench":
            judged[place] = replies.followbench_verdicts(reply, len(soft))
            hard, share = replies.followbench_score(reply, len(soft))
            official[place] = {"HSR": hard, "SSR": share}
        elif item.benchmark == "cfbench":
            criteria, main = [each.text for each in soft], _main(soft)
            judged[place] = replies.cfbench_verdicts(reply, criteria)
            numbers = replies.cfbench_score(reply, criteria, main)
            official[place] = dict(zip(("CSR", "ISR", "PSR"), numbers, strict=True))
        else:
            raise HpptError(
                f"{item.benchmark} has no judge of its own whose replies could be read. Give a "
                "judge with --judge."
            )
    if not judged:
        raise HpptError(f"{file} holds no reply about the responses of this run.")
    return judged, official


def _main(constraints: Sequence[Constraint]) -> tuple[bool, ...]:
    return tuple(each.kwargs.get("priority") == "main" for each in constraints)


def _together(
    item: Item, prediction: Prediction, found: _Verified, judged: Verdicts | None
) -> tuple[ScoredResponse, list[str]]:
    """One response with the verdicts of rules and of the judge."""
    constraints = item.turns[prediction.turn - 1].constraints
    strict, loose, reasons = list(found.strict), list(found.loose), list(found.reasons)
    if judged is not None:
        soft = [place for place, each in enumerate(constraints) if each.kind == "soft"]
        for place, verdict in zip(soft, judged, strict=True):
            if strict[place] is None:
                strict[place] = loose[place] = verdict
                reasons[place] = _NO_JUDGE if verdict is None else "by the judge"
    scored = ScoredResponse(
        prediction.id,
        item.group,
        prediction.sample,
        prediction.turn,
        tuple(strict),
        tuple(loose),
        found.substance,
        found.words,
        prediction.finished,
        item.labels,
        tuple(each.id for each in constraints),
        _main(constraints),
    )
    return scored, reasons


def _official(item: Item, row: ScoredResponse) -> dict[str, float]:
    """What the benchmark's own program would make of the verdicts, where it differs from us."""
    if item.benchmark == "cfbench":
        numbers = replies.cfbench_score_of_verdicts(row.strict, row.main)
        return dict(zip(("CSR", "ISR", "PSR"), numbers, strict=True))
    if item.benchmark == "followbench":
        known = [each for each in row.strict if each is not None]
        if len(known) < len(row.strict):
            return {"HSR": -1.0, "SSR": -1.0}
        return {"HSR": float(all(known)), "SSR": sum(known) / len(known)}
    return {}


# --- the report -----------------------------------------------------------------------------------


def _report(
    run: RunFolder, name: str, scored: Sequence[ScoredResponse], settings: ScoreSettings
) -> BenchmarkReport:
    what = benchmark(name)
    shown = replace(what, title=f"{name} ({what.title})") if what.name == "own" else what
    notes = [_length_note(scored)]
    prompts = len({row.id for row in scored})
    all_of_it = sum(item.benchmark == name for item in run.items)
    if prompts < all_of_it:
        notes.append(f"{all_of_it - prompts} of {all_of_it} prompts have no response.")
    missing = sum(each is None for row in scored for each in row.strict)
    if missing:
        total = sum(len(row.strict) for row in scored)
        notes.append(
            f"{missing} of {total} verdicts are missing. A value is over the responses that it is "
            "known of; the bounds count every missing verdict as a fail, and as a pass."
        )
    notes += [shown.limits] if shown.limits else []
    notes += _defects(run, name)
    for defect in program_defects_of(name):
        does = defect.reference if settings.reading == "reference" else defect.text
        notes.append(f"{defect.what} Here: {does}.")
    about = run.about.get(name, {})
    notes.append(f"Prompts from {about.get('origin')}. Licence: {about.get('licence')}.")
    return BenchmarkReport(
        name, shown, tuple(what.metrics(scored)), len(scored), prompts, tuple(notes)
    )


def _length_note(scored: Sequence[ScoredResponse]) -> str:
    note = f"Answers have {fmean(row.words for row in scored):.0f} words on average."
    known = [row.finished for row in scored if row.finished is not None]
    if known:
        note += f" Cut at the limit of tokens: {known.count(False)} of {len(known)} responses."
    return note


def _defects(run: RunFolder, name: str) -> list[str]:
    """The known mistakes in the benchmark's own data."""
    lines = []
    for item in run.items:
        if item.benchmark == name:
            constraints = item.turns[0].constraints
            ids, kwargs = [each.id for each in constraints], [each.kwargs for each in constraints]
            found = defects_of(item.labels.get("key"), item.turns[0].prompt, ids, kwargs)
            lines += [
                f"  key {each.key}, {each.id}: {each.what}" for each in found if each.fingerprint
            ]
    if not lines:
        return []
    return ["Known mistakes in the benchmark's own data (scored all the same):", *lines]
