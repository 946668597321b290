"""The statistics that the claim ledger may name: each computes one value from records, as text.

An entry of ``data/claims.yaml`` names a statistic and its arguments, and keeps the text that came
out; a test computes all of them again. Paths are relative to the repository. A value says what it
is of (seeds, rows, runs that collapsed), so that no number stands alone.

Runs are named by a folder of records and an *arm*: the arm's name in the plan of a sweep, or a
pattern of file names, such as ``cpu-strict-seed?``.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hppt_lib import audit, evaluation, judges, refine
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import Run
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.intervals import Interval, mean_interval, rate
from hppt_lib.records import read_record, record_files, record_stem


def statistic(name: str, arguments: Mapping[str, str]) -> str:
    """The value of a statistic.

    Args:
        name: one of `STATISTICS`.
        arguments: by name, as text.

    Raises:
        HpptError: there is no such statistic or argument, or a record is missing or says nothing.
    """
    if name not in STATISTICS:
        known = ", ".join(STATISTICS)
        raise HpptError(f"there is no statistic '{name}'; there are: {known}")
    try:
        return STATISTICS[name](**arguments)
    except TypeError as error:
        if "argument" not in str(error):
            raise
        raise HpptError(f"the statistic '{name}': {error}") from error


# --- runs -----------------------------------------------------------------------------------------


def difference(
    *,
    records: str,
    arm: str,
    less: str,
    outcome: str,
    weights: str = "",
    number: str = "",
    when: str = "after",
    plan: str = "",
) -> str:
    """An arm less another in an outcome, over seeds (`hppt_lib.evaluation.compare_arms`).

    ``plan`` names the plan's file where an arm is another plan's (`hppt_lib.training.read_arms`);
    ``records`` is then the folder that holds a folder of records for each plan.
    """
    contrast = evaluation.Contrast(arm, less, outcome, weights=weights, number=number)
    if plan:
        arms = _arms(plan, records)
        one, other = arms[arm], arms[less]
    else:
        one, other = _runs(records, arm), _runs(records, less)
    return str(evaluation.compare_arms(one, other, contrast, when=when))


def change(*, records: str, arm: str, outcome: str) -> str:
    """An outcome of an arm after training less before, paired run by run."""
    runs = _runs(records, arm)
    pairs = [[_outcome(run, outcome, when) for when in ("after", "before")] for run in runs]
    moved = [after - before for after, before in pairs]
    higher = sum(value > 0 for value in moved)
    return f"{_signed(moved)}, higher in {higher} of {len(runs)} runs{_collapsed(runs)}"


def mean(*, records: str, arm: str, outcome: str, when: str = "after") -> str:
    """An outcome of an arm over its seeds (`hppt_lib.evaluation.over_seeds`)."""
    runs = _runs(records, arm)
    values = [_outcome(run, outcome, when) for run in runs]
    return f"{evaluation.over_seeds(values)}, {len(runs)} runs{_collapsed(runs)}"


def moved(*, records: str, arm: str, what: str) -> str:
    """How far a number of the training steps moved: last five steps less first five, run by run.

    ``what`` is a field of a step, such as ``reward``, or one less another: ``reward - true_reward``
    is what was paid for wrong responses.
    """
    names = what.split(" - ")

    def number(step: Any) -> float:
        values = [getattr(step, name, None) for name in names]
        known = [float(value) for value in values if isinstance(value, int | float)]
        if len(known) < len(names) or len(names) > 2:
            raise HpptError(f"a step's '{what}' is not known or no number")
        return known[0] - sum(known[1:])

    found = evaluation.early_to_late([run.record for run in _runs(records, arm)], number)
    higher = sum(value > 0 for value in found.values)
    return f"{_signed(found.values)}, higher in {higher} of {len(found.values)} runs"


def soft_truth(*, labels: str, arm: str, less: str) -> str:
    """An arm less another in soft truth (`hppt_lib.evaluation.soft_truth`), paired by seed."""
    shares = evaluation.soft_truth(evaluation.read_soft_labels(repository_folder() / labels))
    if unread := [each for each in (arm, less) if each not in shares]:
        raise HpptError(f"nobody read a response of '{unread[0]}' in {labels}")
    found = evaluation.difference_by_seed(shares[arm], shares[less])
    return f"{_with_sign(found)}, {len(shares[arm].keys() & shares[less].keys())} seeds"


def bill(*, records: str, arm: str, pilot: str = "0") -> str:
    """Rollouts of one run of an arm; with a pilot's whole part, and shared by the arm's runs.

    ``pilot`` is the number of rollouts of the pilot that chose the arm's data.
    """
    [found] = evaluation.arm_costs({arm: _runs(records, arm)}, pilots={arm: int(pilot)})
    text = f"{found.mean('rollouts'):,.0f} rollouts a run"
    if found.pilot:
        count = len(found.each)
        text += f", {found.rollouts():,.0f} with the pilot"
        text += f", {found.rollouts(shared_by=count):,.0f} if {count} runs share it"
    return text


def primary(*, plans: str, records: str, plan: str) -> str:
    """The primary contrast of a plan, with Holm's correction over all plans of a folder.

    Args:
        plans: the folder of the plans.
        records: the folder that holds a folder of records for each plan.
        plan: the plan's name, without ``.yaml``.
    """
    from hppt_lib.training import analyse

    root = repository_folder()
    found = analyse(sorted((root / plans).glob("*.yaml")), [root / records])
    if plan not in found.found:
        raise HpptError(f"the plan '{plan}': {found.waiting.get(plan, 'it has no primary')}")
    compared = found.found[plan]
    p = f"{compared.corrected:.3f}".removeprefix("0")
    return f"{compared}; Holm over {found.planned}: {p}; {compared.verdict}"


def _runs(records: str, arm: str) -> list[Run]:
    """The runs of an arm, in order of seeds."""
    folder = repository_folder() / records
    chosen = [
        path
        for path in record_files(folder)
        if fnmatch.fnmatchcase(record_stem(path), arm) or _arm_of(path) == arm
    ]
    if not chosen:
        raise HpptError(f"no record in {records} is of the arm '{arm}'")
    return sorted(map(_run, chosen), key=lambda run: run.record.seed)


@cache
def _arms(plan: str, records: str) -> Mapping[str, Sequence[Run]]:
    from hppt_lib.training import read_arms

    root = repository_folder()
    return read_arms(root / plan, [root / records])


@cache
def _arm_of(path: Path) -> str:
    return str(read_record(path).settings.get("arm", ""))


@cache
def _run(path: Path) -> Run:
    found = evaluation.read_runs(path)
    return found.each[0]


def _outcome(run: Run, outcome: str, when: str) -> float:
    value = evaluation.outcome_of(run, outcome, when=when)
    if value is None:
        raise HpptError(f"the outcome '{outcome}' of {run.name} is not known")
    return value


def _collapsed(runs: Sequence[Run]) -> str:
    count = sum(run.collapsed for run in runs)
    return f"; collapsed {count} of {len(runs)}" if count else ""


def _signed(values: Sequence[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:+.2f}"
    return _with_sign(mean_interval(values))


def _with_sign(found: Interval) -> str:
    return f"{found.mean:+.2f} [{found.low:+.2f}, {found.high:+.2f}]"


# --- instruments ----------------------------------------------------------------------------------


def gold(*, measure: str, reading: str = "text") -> str:
    """A rate of the verifiers on the gold set: precision, recall or recall_on_false."""
    rows = audit.read_gold()
    verdicts = audit.gold_verdicts(rows, "reference" if reading == "reference" else "text")
    found = audit.confusion([each.passed for each in verdicts], [row.label for row in rows])
    share = getattr(found, measure)
    return f"{share.mean:.3f} [{share.low:.3f}, {share.high:.3f}], {len(rows)} rows"


def judge(*, answers: str, part: str, mode: str, measure: str) -> str:
    """A rate of a judge on the audit set, from its recorded answers.

    Args:
        answers: a file of answers.
        part: ``soft`` or ``hard``.
        mode: ``pointwise`` or ``batch``.
        measure: one of `hppt_lib.audit.MEASURES`.
    """
    rows = _judged(answers, part, mode)
    share = getattr(audit.rates_of(rows), measure)
    if share is None:
        raise HpptError(f"'{measure}' is not known of {answers}")
    return f"{share.mean:.2f} [{share.low:.2f}, {share.high:.2f}], {len(rows)} rows"


def judge_difference(
    *, answers: str, part: str, measure: str, mode: str = "batch", less: str = "pointwise"
) -> str:
    """A rate of a judge asked in one way less in another, on the same rows."""
    one, other = (_judged(answers, part, each) for each in (mode, less))
    found = audit.paired_differences(one, other)[measure]
    return f"{found}, {found.rows} rows of {found.items} items"


def judge_fooled(*, answers: str, part: str, attack: str) -> str:
    """The share of wrong responses that a judge passes, without and under an attack, point-wise."""
    replayed = judges.judge(f"replayed:{repository_folder() / answers}")
    tried = audit.attacked_rows(audit.read_audit(part), limit=audit.PER_ATTACK)
    said = audit.judge_rows(replayed, [each.row for each in tried], mode="pointwise")
    shares = []
    for name in (audit.NO_ATTACK, attack):
        passed = [
            bool(answer.judgement.passed)
            for each, answer in zip(tried, said, strict=True)
            if each.attack == name and not each.row.label and answer.judgement.passed is not None
        ]
        if not passed:
            raise HpptError(f"no answer of {answers} to the attack '{name}'")
        shares.append(rate(passed, [str(place) for place in range(len(passed))]))
    return f"{shares[1]} under it, {shares[0]} without, {shares[0].samples} responses"


def judge_rise(*, records: str, answers: str, arm: str, less: str = "") -> str:
    """How far a judge's false-pass rate rose from the base policy to an arm's, paired by seed.

    Args:
        records: the folder of the records.
        answers: the judge's recorded answers about their held-out responses (``hppt
            audit-policies --answers``).
        arm: whose policies.
        less: an arm whose policies' rate is subtracted instead of the base policy's.
    """
    chosen = {name: _runs(records, name) for name in dict.fromkeys((arm, less)) if name}
    replayed = judges.judge(f"replayed:{repository_folder() / answers}")
    found = refine.audit_policies(replayed, chosen)
    base, after = found.false_passes(less or refine.BEFORE), found.false_passes(arm)
    seeds = [seed for seed in after if seed in base]
    shares = [sum(some[seed] for seed in seeds) / len(seeds) for some in (base, after)]
    moved = _signed([after[seed] - base[seed] for seed in seeds])
    return f"{moved}, from {shares[0]:.2f} to {shares[1]:.2f}, {len(seeds)} seeds"


@cache
def _judged(answers: str, part: str, mode: str) -> Sequence[Any]:
    if mode not in ("pointwise", "batch"):
        raise HpptError(f"there is no mode '{mode}': pointwise or batch")
    replayed = judges.judge(f"replayed:{repository_folder() / answers}")
    found = audit.judge_rows(
        replayed, audit.read_audit(part), mode="batch" if mode == "batch" else "pointwise"
    )
    return [each for each in found if each.judgement.problem != judges.NOT_IN_FILE]


def pilot_filter(*, pilot: str, measure: str, reward: str = "guarded") -> str:
    """A share of Step A's filter on a shipped pilot (`hppt_lib.refine.FilterQuality`)."""
    share = getattr(_quality(pilot, reward), measure)
    if share is None:
        raise HpptError(f"'{measure}' is not known of the pilot '{pilot}'")
    return f"{share}, {share.samples} instructions"


@cache
def _quality(pilot: str, reward: str) -> refine.FilterQuality:
    whole = refine.shipped_pilot(pilot, shipped_instructions("train"))
    [found] = refine.filter_quality(
        whole.instructions, whole.rewards(reward), [whole.settings.samples]
    )
    return found


def forgetting(*, folder: str, arm: str, measure: str) -> str:
    """What an arm lost beside its base (``hppt forgetting``), over its seeds."""
    found = evaluation.read_forgetting(repository_folder() / folder)
    if arm not in found.arms:
        raise HpptError(f"{folder} has no arm '{arm}'; it has: {', '.join(found.arms)}")
    span = found.over_seeds(arm, measure)
    seeds = len(found.arms[arm])
    if isinstance(span, Interval):
        return f"{span.mean:+.3f} [{span.low:+.3f}, {span.high:+.3f}], {seeds} seeds"
    middle, least, most = span
    return f"{middle:+.3f} ({least:+.3f} to {most:+.3f} by seed), {seeds} seeds"


def kept(*, answers: str, base: str, arm: str, form: str) -> str:
    """Of an arm's gain in the form of training, the share that it kept in another form, over runs.

    The index is that of the form ``unseen`` (`hppt_lib.evaluation.internalised`); answers of all
    arms in one file.
    """
    arms = {each.arm: each for each in _internalised(answers, base)}
    if arm not in arms:
        raise HpptError(f"{answers} has no arm '{arm}'; it has: {', '.join(arms)}")
    found = arms[arm]
    if form not in found.kept:
        raise HpptError(f"{answers}: no share of the gain of '{arm}' is known in the form '{form}'")
    return f"{found.kept[form]}, {found.runs} seeds"


@cache
def _internalised(answers: str, base: str) -> tuple[evaluation.Internalised, ...]:
    home = repository_folder()
    arms = evaluation.responses_by_arm(home / answers, shipped_instructions("internalisation"))
    rows = evaluation.responses_of(evaluation.open_run(home / base))
    return evaluation.internalised(rows, {arm: [*of.values()] for arm, of in arms.items()}).policies


def benchmark(*, run: str, benchmark: str, section: str, metric: str) -> str:
    """A metric of a benchmark, from the report of ``hppt evaluate`` in a run's folder."""
    path = repository_folder() / run / "report.json"
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        rows = report["benchmarks"][benchmark]["sections"][section]
        [row] = [each for each in rows if each["name"] == metric]
        return f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}], {row['n']} responses"
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HpptError(
            f"{run} has no value of {benchmark}, {section}, {metric}: {error!r}"
        ) from error


def accuracy(*, verdicts: str, metric: str) -> str:
    """One of IFEval's four accuracies, from the verdicts of a run."""
    found = {each.name: each for each in _accuracies(verdicts)}
    if metric not in found:
        raise HpptError(f"there is no accuracy '{metric}'; there are: {', '.join(found)}")
    value = found[metric].value
    assert value, "verifiers leave nothing open"
    return f"{value} of {found[metric].known} responses"


def scores(*, folder: str, model: str) -> str:
    """The least and most of IFEval's four accuracies in both readings, of the same answers."""
    readings = ("text", "reference")
    paths = [f"{folder}/{model}-{reading}.jsonl.gz" for reading in readings]
    values = [each.value.mean for path in paths for each in _accuracies(path) if each.value]
    return f"{min(values):.3f} to {max(values):.3f} in {len(values)} scores of the same answers"


def _accuracies(verdicts: str) -> tuple[evaluation.Estimate, ...]:
    rows = evaluation.read_verdicts(repository_folder() / verdicts)
    return evaluation.accuracies(list(rows.values()))


def run_difference(*, verdicts: str, less: str, benchmark: str, metric: str) -> str:
    """A metric of some runs on a benchmark less another model's, paired by prompt.

    ``verdicts`` is a file or a pattern of files, a run each. Of one run the interval is over
    prompts; of several it is their mean, the least and the most.
    """
    home = repository_folder()
    theirs = {
        place: row
        for place, row in evaluation.read_verdicts(home / less).items()
        if place[0] == benchmark
    }
    found = []
    for path in sorted(home.glob(verdicts)):
        rows = evaluation.read_verdicts(path)
        ours = {place: row for place, row in rows.items() if place[0] == benchmark}
        if ours:
            found += [
                each for each in evaluation.run_differences(ours, theirs) if each.name == metric
            ]
    if not found:
        raise HpptError(f"{verdicts} has no '{metric}' on '{benchmark}'")
    prompts = f"{found[0].groups} prompts"
    if len(found) == 1:
        return f"{_with_sign(found[0].difference)}, {prompts}, one run"
    means = [each.difference.mean for each in found]
    ends = f"{min(means):+.3f} to {max(means):+.3f}"
    return f"{sum(means) / len(means):+.3f} ({ends} by run), {prompts}, {len(found)} runs"


def attention(*, measured: str, less: str, number: str) -> str:
    """A number of the attention to the constraint, one policy less another, on the same texts.

    Paired by text, with the p-value corrected for the numbers (`hppt_lib.attention`). It is of
    these two policies, whatever other seeds would give.
    """
    from hppt_lib.attention import compare_measured, read_measured

    one, other = (read_measured(repository_folder() / path) for path in (measured, less))
    found = compare_measured(one, other)
    try:
        place = found.names.index(number)
    except ValueError as error:
        raise HpptError(f"there is no number '{number}' of attention: {found.names}") from error
    p = f"{found.corrected[place]:.3f}".removeprefix("0")
    return f"{_with_sign(found.differences[place])}, {len(one.rows)} texts, one run; p {p}"


def attention_over_seeds(
    *, folder: str, arm: str, number: str, less: str = "", segment: str = "constraint 1"
) -> str:
    """A number of the attention to a segment: an arm less its base, or less another arm.

    Over its runs, with the p-value corrected for the numbers (`hppt_lib.attention`).
    """
    from hppt_lib.attention import compare_over_seeds, read_all_measured, read_measured

    by_arm: dict[str, list[Any]] = {}
    for each in read_all_measured(repository_folder() / folder):
        by_arm.setdefault(each.arm, []).append(each)
    base = read_measured(repository_folder() / "data" / "attention" / "base.json")
    try:
        others = by_arm[less] if less else [base]
        found = compare_over_seeds(by_arm[arm], others, segment=segment)
        place = found.names.index(number)
    except (KeyError, ValueError) as error:
        raise HpptError(f"{folder} has no such arm, segment or number: {error}") from error
    p = f"{found.corrected[place]:.3f}".removeprefix("0")
    return f"{_with_sign(found.differences[place])} ({len(by_arm[arm])} runs, p {p})"


STATISTICS: Mapping[str, Callable[..., str]] = {
    "difference": difference,
    "change": change,
    "mean": mean,
    "moved": moved,
    "bill": bill,
    "soft truth": soft_truth,
    "primary": primary,
    "gold": gold,
    "judge": judge,
    "judge difference": judge_difference,
    "judge fooled": judge_fooled,
    "judge rise": judge_rise,
    "pilot filter": pilot_filter,
    "forgetting": forgetting,
    "kept": kept,
    "benchmark": benchmark,
    "accuracy": accuracy,
    "scores": scores,
    "run difference": run_difference,
    "attention": attention,
    "attention over seeds": attention_over_seeds,
}
"""By the name that an entry of the ledger uses; each docstring says what the value is."""
