"""The plans, judges and error rates of data/experiments: what a sweep of them would find."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from hppt_lib.attention import (
    Measured,
    compare_measured,
    compare_over_seeds,
    read_all_measured,
    read_measured,
)
from hppt_lib.audit import agreement, read_audit
from hppt_lib.corpus.topics import SPLITS, all_topics, read_topics
from hppt_lib.evaluation import (
    MARGINS,
    NUMBERS,
    Contrast,
    Evaluated,
    Run,
    RunDifference,
    arm_costs,
    by_seed,
    compare_arms,
    difference_by_seed,
    gain,
    horizon,
    internalised,
    judge_passes,
    open_run,
    read_forgetting,
    read_runs,
    read_soft_labels,
    read_verdicts,
    responses_by_arm,
    responses_of,
    run_differences,
    runs_for_a_pilot,
    satisfied_by_seed,
    signed,
    soft_truth,
    teaching_share,
)
from hppt_lib.evaluation.forgetting import says
from hppt_lib.files import read_jsonl, repository_folder
from hppt_lib.instructions.model import read_instructions, shipped_instructions
from hppt_lib.intervals import Interval, mean_interval
from hppt_lib.judges.head import read_card
from hppt_lib.refine import (
    few_and_many,
    labelled_rows,
    read_pilot,
    shipped_pilot,
    step_a,
    step_b,
)
from hppt_lib.training import analyse, checked_runs, read_arms, read_plan
from tests.measure import e5_data
from tests.measure.e3_data import SEEDS, arm_instructions, judge_instructions
from tests.measure.experiment_settings import spread_of

pytestmark = pytest.mark.slow  # every run of a plan is checked

FOLDER = repository_folder() / "data" / "experiments"
PLANS = sorted(FOLDER.glob("*.yaml"))
BENCHMARKED = ("hard-only", "mixed", "hppt")  # of E3, one policy each


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_plan_can_be_started(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a plan whose judge, error rates or arms are not there when its hours begin."""
    monkeypatch.chdir(repository_folder())
    plan = read_plan(path)
    assert len(checked_runs(plan, here=False)) == len(plan.runs) > 0
    assert plan.primary or path.stem in ("trials", "e5")  # those are exploratory


@pytest.mark.parametrize("name", ["middling", "weak"])
def test_a_judge_has_its_audit_and_its_noise_is_fair(name: str) -> None:
    """Mistake: a judge of other labels than its card says, or noise that is no control."""
    card = read_card(FOLDER / "e9" / name)
    noise = json.loads((FOLDER / "e9" / f"{name}-noise.json").read_text(encoding="utf-8"))
    assert noise["measured"]["fair"] is True
    assert noise["measured"]["judge"] == f"data/experiments/e9/{name}"
    rows = labelled_rows(shipped_pilot("hard_judge", shipped_instructions("hard_judge")))
    most = len(rows) - card["trained"]["audit"]["rows"]
    assert card["trained"]["labels"] == {"middling": most, "weak": 300}[name]


def test_e10s_judge_abstains_where_its_calibration_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: thresholds typed into the plan, of another judge or of an older calibration."""
    monkeypatch.chdir(repository_folder())
    path = FOLDER / "e10" / "middling-lengths.json"
    measured = json.loads(path.read_text(encoding="utf-8"))["measured"]
    plan = read_plan(FOLDER / "e10.yaml")
    runs = {each.arm: each.settings.reward for each in (*plan.runs, *plan.taken)}
    assert measured["judge"] == "data/experiments/e9/middling"
    assert measured["judge"] in runs["abstaining"] and measured["judge"] in runs["corrected"]
    assert measured["abstaining"] and measured["abstaining"] in runs["abstaining"]
    assert runs["judge"] == runs["abstaining"].replace(f", {measured['abstaining']}", "")
    text = (FOLDER / "e10.md").read_text(encoding="utf-8")
    for tried in measured["on other groups"].values():
        for name in ("direction", "pull"):
            assert "{:.2f} [{:.2f}, {:.2f}]".format(*tried[name]) in text


def test_the_settings_page_says_what_the_trials_say() -> None:
    """Mistake: a digit of the table that decided the settings, typed by hand."""
    page = (FOLDER / "settings.md").read_text(encoding="utf-8")
    arms = read_runs(FOLDER.parent / "records" / "trials").arms
    for arm, runs in arms.items():
        mean, spread, low, high, within = spread_of(runs, "guarded")
        cells = (f"{len(runs)}", f"{mean:.3f}", f"{spread:.3f} [{low:.3f}, {high:.3f}]")
        cells = (*cells, f"{within:.3f}", f"{sum(run.record.seconds for run in runs) / 240:.1f}")
        found = re.search(rf"^\| {arm}\b[^|]*\| (.*) \| [0-9.]+ \|$", page, re.MULTILINE)
        assert found and found[1].split(" | ") == [each.replace("0.", ".") for each in cells]
    assert not any(run.collapsed for runs in arms.values() for run in runs), "the page says so"


def test_few_and_many_of_e8_are_what_its_pilot_gives() -> None:
    """Mistake: sets of another pilot, or an agreement that the page claims and nobody computed."""
    folder = FOLDER / "e8"
    pilot = read_pilot(folder / "pilot_train.jsonl", shipped_instructions("single_train"))
    found = few_and_many(pilot, range(100, 108))
    for pair in found.pairs:
        for name, chosen in (("few", pair.few), ("many", pair.many)):
            assert tuple(read_instructions(folder / f"{name}-{pair.seed}.jsonl")) == chosen
    few, many = found.checked_on
    said = f"paid {few.paid:.3f} and {many.paid:.3f}, teaching {few.teaching:.3f} and "
    said = f"{said}{many.teaching:.3f}".replace("0.", ".")
    assert few.near(many) and said in (FOLDER / "e8.md").read_text(encoding="utf-8")
    assert sum(not pair.fair for pair in found.pairs) == 7, "the page says seven of eight"


def test_the_sets_of_e2_are_what_the_pilot_gives() -> None:
    """Mistake: a random control that was drawn once for all seeds, or of another size."""
    folder = FOLDER / "e2"
    pilot = shipped_pilot("train", shipped_instructions("train"))
    rewards, samples = pilot.rewards("guarded"), pilot.settings.samples
    for seed in range(100, 108):
        step = step_a(pilot.instructions, rewards, samples=samples, seed=seed)
        drawn = step_b(step.control).instructions
        assert read_instructions(folder / f"random-{seed}.jsonl") == list(drawn)
    assert read_instructions(folder / "refined.jsonl") == list(step_b(step.kept).instructions)
    assert read_instructions(folder / "raw.jsonl") == list(pilot.instructions)
    page = (FOLDER / "e2.md").read_text(encoding="utf-8")
    counts = f"{len(step.kept)} of {len(pilot.instructions)}"
    assert counts in page and f"{samples} responses each" in page


def assert_readers_agree_as_said(name: str, page: str) -> None:
    """The page of an experiment has its labels' number and the agreement of its readers."""
    rows = [row for _, row in read_jsonl(FOLDER.parent / "records" / name / "labels.jsonl")]
    twice = [row for row in rows if "second" in row]
    labels = [[row[label] for row in twice] for label in ("answers", "second")]
    kappa = agreement(*labels, [row["instruction"] for row in twice])
    equal = sum(row["answers"] == row["second"] for row in twice)
    said = f"{len(rows):,} texts, {len(twice)} of them read twice: {equal} equal labels"
    assert said in page and kappa is not None
    assert f"κ {kappa.kappa:.2f} [{kappa.low:.2f}, {kappa.high:.2f}]".replace("0.", ".") in page


@pytest.mark.parametrize("name", ["e2", "e3", "e8", "e9", "e10"])
def test_what_came_out_is_what_records_and_labels_say(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a digit typed by hand into the page of the experiment, or an older analysis."""
    monkeypatch.chdir(repository_folder())
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8").partition("## What came out")[2]
    found = analyse(PLANS, [FOLDER.parent / "records"])
    primary = found.found[name]
    corrected = f"{primary.corrected:.3f}".removeprefix("0")
    assert f"{primary}; Holm over {found.planned}: {corrected}; {primary.verdict}" in page
    assert_readers_agree_as_said(name, page)


def test_e8_moved_as_its_page_says() -> None:
    """Mistake: moves, effects or trained types on the page that the records do not show."""
    arms = read_runs(FOLDER.parent / "records" / "e8").arms

    def by_types(arm: str, outcome: str, when: str = "after") -> np.ndarray:
        return np.array(list(by_seed(arms[arm], outcome, weights="types", when=when).values()))

    after = {arm: by_types(arm, "success") for arm in arms}
    for arm, values in after.items():
        rise = float((values - by_types(arm, "success", "before")).mean())
        assert values.mean() < 0.1 and 0.04 < rise < 0.06  # "about .05, to less than .10"
        assert by_types(arm, "strict").mean() < by_types(arm, "strict", "before").mean()
        assert (by_types(arm, "answers") - by_types(arm, "answers", "before")).mean() > 0.2
    few, many = (after[f"precise-{types}"] - after[f"judged-{types}"] for types in ("few", "many"))
    diverse = [after[f"{who}-many"] - after[f"{who}-few"] for who in ("precise", "judged")]
    for effect in ((few + many) / 2, sum(diverse) / 2, few - many):
        whole = mean_interval(list(effect))
        assert whole.low < 0 < whole.high
    for arm, runs in arms.items():
        truth = [
            [
                step.reward if step.true_reward is None else step.true_reward
                for step in run.record.steps
            ]
            for run in runs
        ]
        rise = mean_interval([float(np.mean(each[-5:]) - np.mean(each[:5])) for each in truth])
        assert (rise.low > 0) == arm.endswith("few") and rise.high > 0


@pytest.mark.parametrize(
    ("name", "more", "fewer"),
    [("e2", "random", "refined"), ("e3", "mixed", "hppt"), ("e5", "several", "one")],
)
def test_gains_by_number_are_as_their_page_says(name: str, more: str, fewer: str) -> None:
    """Mistake: a cell of the table, or a contrast below it, of other runs or typed by hand."""
    whole = (FOLDER / "e6.md").read_text(encoding="utf-8")
    page = whole.partition(f"## What came out of {name.upper()}")[2].partition("\n## ")[0]
    arms = read_runs(FOLDER.parent / "records" / name).arms
    for number in NUMBERS:
        for arm, runs in arms.items():
            outcomes = ("share", "strict", "guarded", "success")
            cells = [signed(gain(runs, outcome, number=number)) for outcome in outcomes]
            assert f"| {number} | `{arm}` | {' | '.join(cells)} |" in page
        contrast = Contrast(more, fewer, "guarded", number=number)
        assert str(compare_arms(arms[more], arms[fewer], contrast)) in page


def test_the_bill_is_as_its_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a bill or a gain on the page that the records do not show."""
    monkeypatch.chdir(repository_folder())
    page = (FOLDER / "e7.md").read_text(encoding="utf-8").partition("## What came out of")[2]
    weights = {"e2": "number", "e3": "number", "e5": "number", "e8": "types", "e9": ""}
    sampled = {
        "e2": {"refined": shipped_pilot_size()},
        "e3": {"hppt": shipped_pilot_size(both=True)},
    }
    for name, weighed in weights.items():
        arms = read_runs(FOLDER.parent / "records" / name).arms
        pilots = sampled.get(name, {})
        for bill in arm_costs(arms, weights=weighed, pilots=pilots):
            rollouts = f"{bill.mean('rollouts'):,.0f}"
            rollouts += f", and {bill.pilot:,} of the pilot" if bill.pilot else ""
            counts = f"{bill.mean('tokens'):,.0f} | {bill.mean('verdicts'):,.0f}"
            assert bill.gain is not None
            row = f"| {name.upper()} | `{bill.arm}` | {rollouts} | {counts} | "
            assert f"{row}{bill.mean('teaching'):.2f} | {signed(bill.gain)} |" in page
            if bill.pilot:
                assert f"{bill.rollouts():,.0f} rollouts where one run pays" in page
                assert f"{bill.rollouts(shared_by=len(bill.each)):,.0f} where eight share" in page
            if bill.arm == "refined":
                tenth = runs_for_a_pilot(bill.pilot, bill.mean("rollouts"), 0.1)
                assert f"of {tenth} runs of this length" in page
                readme = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
                assert f"{bill.rollouts():,.0f} with the pilot" in readme, "the ledger's pilot"


def shipped_pilot_size(*, both: bool = False) -> int:
    """How many responses the pilot has: to all, or to what has hard and soft constraints."""
    pilot = shipped_pilot("train", shipped_instructions("train"))
    kinds = [{each.kind for each in row.constraints} for row in pilot.instructions]
    return sum(not both or len(each) == 2 for each in kinds) * pilot.settings.samples


def test_no_run_of_e9_collapsed_and_both_intervals_lie_as_its_page_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Mistake: a page that says what its records do not: no collapse, both intervals above."""
    monkeypatch.chdir(repository_folder())
    arms = read_runs(FOLDER.parent / "records" / "e9").arms
    assert not any(run.collapsed for runs in arms.values() for run in runs), "the page says so"
    for judge in ("middling", "weak"):
        contrast = Contrast(f"judge-{judge}", f"noise-{judge}")
        narrow = compare_arms(arms[contrast.arm], arms[contrast.less], contrast).narrow
        assert narrow is not None and narrow.low > -0.15


def test_e8s_judge_is_as_its_page_says_and_within_its_plan() -> None:
    """Mistake: error rates of another judge on the page, or a judge outside of what was planned."""
    audit = read_card(FOLDER / "e8" / "middling")["trained"]["audit"]
    page = (FOLDER / "e8.md").read_text(encoding="utf-8")
    passes, recall = (
        "{:.2f} [{:.2f}, {:.2f}]".format(*audit[name]).replace("0.", ".")
        for name in ("false_pass_rate", "recall")
    )
    assert f"{passes} at a recall of {recall}" in page
    assert 0.15 <= audit["false_pass_rate"][0] <= 0.3


def test_the_sets_of_e3_are_what_the_pilot_gives() -> None:
    """Mistake: arms of unequal size, of other instructions, or with demands left in a prompt."""
    files = arm_instructions()
    for name, instructions in files.items():
        assert tuple(read_instructions(FOLDER / "e3" / f"{name}.jsonl")) == tuple(instructions)
    assert len({len(each) for each in files.values()}) == 1
    page = (FOLDER / "e3.md").read_text(encoding="utf-8")
    assert f"{len(files['hppt'])} instructions" in page
    for seed in SEEDS:
        queries = [
            [each.query for each in files[f"{arm}-{seed}"]] for arm in ("hard", "soft", "mixed")
        ]
        assert queries[0] == queries[1] == queries[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_e5s_arms_differ_in_the_number_of_constraints_alone(seed: int) -> None:
    """Mistake: files of an older script, or other tasks, or an order that the arms do not share."""
    files = e5_data.arm_instructions(seed)
    for name, instructions in files.items():
        assert read_instructions(FOLDER / "e5" / f"{name}.jsonl") == instructions
    several, one = files[f"several-{seed}"], files[f"one-{seed}"]
    assert len(several) == e5_data.OF_A_RUN
    for whole, cut in zip(several, one, strict=True):
        assert (cut.query, cut.topic) == (whole.query, whole.topic)
        kept = [each for each in cut.constraints if each.kind == "hard"]
        hard = [each for each in whole.constraints if each.kind == "hard"]
        assert len(kept) == 1 < len(hard) and kept[0] in hard
        assert all((each.text in cut.prompt) == (each in cut.constraints) for each in hard)


def test_e3s_judge_learns_from_topics_that_nothing_else_has() -> None:
    """Mistake: rows on a topic of training or test, or other texts than the reader saw."""
    made = judge_instructions()
    assert read_instructions(FOLDER / "e3" / "judge_instructions.jsonl") == made
    known = {each.name for split in SPLITS for each in all_topics(split)}
    own = {each.name for each in read_topics(FOLDER / "e3" / "topics.csv")}
    assert len(own) == 56 and not own & known
    by_id = {each.id: each for each in made}
    rows = read_audit(FOLDER / "e3" / "judge_rows.jsonl")
    for row in rows:
        instruction = by_id[row.item.rpartition("/")[0]]
        constraint = instruction.constraints[0]
        assert (row.prompt, row.constraint) == (instruction.query, constraint.text)
        assert row.kind == constraint.id.partition(":")[0]


def test_e3s_pages_say_what_the_labels_and_the_judges_card_say() -> None:
    """Mistake: a count of an earlier state of the labels, or the error rates of another judge."""
    trained = read_card(FOLDER / "e3" / "judge")["trained"]
    passes, recall = (
        "{:.2f} [{:.2f}, {:.2f}]".format(*trained["audit"][name]).replace("0.", ".")
        for name in ("false_pass_rate", "recall")
    )
    plan = (FOLDER / "e3.md").read_text(encoding="utf-8")
    assert f"passes {passes} of the violated at a recall of {recall}" in plan
    assert f"{trained['labels']} of them" in plan
    rows = read_audit(FOLDER / "e3" / "judge_rows.jsonl")
    page = (FOLDER / "e3" / "README.md").read_text(encoding="utf-8")
    twice = [row for row in rows if row.second is not None]
    first, second = ([bool(getattr(row, name)) for row in twice] for name in ("first", "second"))
    kappa = agreement(first, second, [row.prompt for row in twice])
    equal = sum(one == other for one, other in zip(first, second, strict=True))
    satisfied = sum(row.label for row in rows)
    assert f"{len(rows)} responses, of which {satisfied} satisfy their constraint" in page
    assert f"{len(twice)} were read a second time: {equal} equal labels" in page
    assert kappa is not None
    assert f"κ {kappa.kappa:.2f} [{kappa.low:.2f}, {kappa.high:.2f}]".replace("0.", ".") in page


def test_e2_moved_as_its_page_says() -> None:
    """Mistake: a move of an arm, or a share of groups that teach, that the records do not show."""
    page = (FOLDER / "e2.md").read_text(encoding="utf-8").partition("## What came out")[2]
    arms = read_runs(FOLDER.parent / "records" / "e2").arms

    for arm, runs in arms.items():
        taught = [teaching_share(run.record) for run in runs]
        minutes = [run.record.seconds / 60 for run in runs]
        row = f"| `{arm}` | {signed(gain(runs, weights='number'))} | {mean_interval(taught)} | "
        assert f"{row}{mean_interval(minutes)} |" in page, row
    for outcome in ("answers", "guarded"):
        contrast = Contrast("refined", "random", outcome, weights="number")
        found = compare_arms(arms["refined"], arms["random"], contrast)
        assert str(found).partition(" (")[0] in page, outcome
    contrast = Contrast("refined", "random", "success", weights="number")
    found = compare_arms(arms["refined"], arms["random"], contrast)
    assert str(found) in (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")


def training_row(arm: str, runs: Sequence[Run]) -> str:
    """What a page says of an arm's training: paid at both ends, and the groups that teach."""
    steps = [[step.reward for step in run.record.steps] for run in runs]
    ends = (slice(5), slice(-5, None))
    paid = [f"{np.mean([each[part] for each in steps]):.2f}" for part in ends]
    taught = [teaching_share(run.record) for run in runs]
    return f"| `{arm}` | {' | '.join((*paid, str(mean_interval(taught))))} |"


def share_of_type(rows: Sequence[Evaluated], id: str) -> float:
    """The share of the constraints of one type that are met."""
    return fmean(
        bool(verdict.passed)
        for row in rows
        for asked, verdict in zip(row.instruction.constraints, row.score.verdicts, strict=True)
        if asked.id == id
    )


def test_e5_moved_as_its_page_says() -> None:
    """Mistake: a move, a named difference or a share of groups that the records do not show."""
    page = (FOLDER / "e5.md").read_text(encoding="utf-8").partition("## What came out")[2]
    arms = read_runs(FOLDER.parent / "records" / "e5").arms
    assert {arm: len(runs) for arm, runs in arms.items()} == dict.fromkeys(
        ("several", "several-shares", "one"), len(SEEDS)
    )
    outcomes = ("success", "share", "guarded", "answers")
    for arm, runs in arms.items():
        cells = [signed(gain(runs, outcome, weights="number")) for outcome in outcomes]
        assert f"| `{arm}` | {' | '.join(cells)} |" in page, cells
        assert training_row(arm, runs) in page
    for less in ("several-shares", "one"):
        for outcome in outcomes:
            contrast = Contrast("several", less, outcome, weights="number")
            found = str(compare_arms(arms["several"], arms[less], contrast))
            assert (found if outcome == "success" else found.partition(" (")[0]) in page, found
    assert not any(run.collapsed for runs in arms.values() for run in runs), "the page says so"
    words = {arm: fmean(run.outcomes()["words"] or 0 for run in runs) for arm, runs in arms.items()}
    before = fmean(run.outcomes("before")["words"] or 0 for run in arms["several"])
    said = "{:.1f} words before; {:.1f} in `several`, {:.1f} in `several-shares`, {:.1f} in `one`"
    ends = (words[arm] for arm in ("several", "several-shares", "one"))
    assert said.format(before, *ends) in page
    for id, said in (
        ("punctuation:no_comma", "no comma {} had none before training, and {} to {} fewer"),
        ("length_constraints:number_words", "on words {} kept it, and {} to {} fewer"),
    ):
        start = share_of_type([row for run in arms["one"] for row in run.before], id)
        lost = sorted(
            start - share_of_type([row for run in arms[arm] for row in run.after], id)
            for arm in ("one", "several-shares")
        )
        shown = (f"{value:.2f}".removeprefix("0") for value in (start, *lost))
        assert said.format(*shown) in page
    start = by_seed(arms["one"], weights="number", when="before")
    shown = [fmean(start.values())] + [
        fmean(by_seed(arms["one"], outcome, weights="number", when="before").values())
        for outcome in ("share", "answers")
    ]
    said = "true success {:.2f}, share met {:.2f}, answers {:.2f}".format(*shown)
    assert said.replace("0.", ".") in page
    readme = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
    contrast = Contrast("several", "one", "success", weights="number")
    opening = readme.partition("## Two commands")[0]
    assert str(compare_arms(arms["several"], arms["one"], contrast)) in opening
    assert_readers_agree_as_said("e5", page)
    rows = [row for _, row in read_jsonl(FOLDER.parent / "records" / "e5" / "labels.jsonl")]
    assert f"{sum(bool(row.get('unsure')) for row in rows)} marked unsure" in page


def test_e10_moved_as_its_page_says() -> None:
    """Mistakes: a move or a difference that the records do not show; an arm called as good as the
    rules by an interval that says otherwise; a promise kept on paper."""
    page = (FOLDER / "e10.md").read_text(encoding="utf-8").partition("## What came out")[2]
    arms = read_arms(FOLDER / "e10.yaml", [FOLDER.parent / "records"])
    assert {arm: len(runs) for arm, runs in arms.items()} == dict.fromkeys(
        ("abstaining", "corrected", "programs", "mixed-judge", "hppt", "judge"), len(SEEDS)
    )
    as_good = []
    for arm, runs in arms.items():
        cells = [signed(gain(runs, outcome)) for outcome in ("success", "guarded", "answers")]
        narrow = compare_arms(runs, arms["hppt"], Contrast(arm, "the rules")).narrow
        assert narrow is not None
        shown = "–" if arm == "hppt" else signed(narrow)
        assert f"| `{arm}` | {' | '.join(cells)} | {shown} |" in page, (arm, cells, shown)
        assert training_row(arm, runs) in page, training_row(arm, runs)
        as_good += [f"`{arm}`"] * (arm != "hppt" and narrow.low > -0.15)
    assert f"not worse than the rules by .15: {', '.join(as_good) or 'none'}" in page
    for one, less in (("corrected", "judge"), ("programs", "mixed-judge")):
        found = compare_arms(arms[one], arms[less], Contrast(one, less))
        assert f"`{one}` − `{less}`: true success {found}" in page, found
    for one, less, outcome in (("corrected", "judge", "answers"), ("hppt", "judge", "success")):
        found = compare_arms(arms[one], arms[less], Contrast(one, less, outcome))
        assert str(found).partition(" (")[0] in page, found
    nine = read_runs(FOLDER.parent / "records" / "e9").arms
    for arm, there in (("hppt", "precise"), ("judge", "judge-middling")):
        assert abs(gain(arms[arm]).mean - gain(nine[there]).mean) < 0.02, "the page says so"
    readme = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
    primary = compare_arms(arms["abstaining"], arms["judge"], Contrast("abstaining", "judge"))
    assert str(primary) in readme.partition("## Two commands")[0]
    assert not any(run.collapsed for runs in arms.values() for run in runs), "the page says so"


def test_e10s_promise_is_as_its_page_says() -> None:
    """Mistake: a share of false passes typed by hand, or of runs that are not all there."""
    page = (FOLDER / "e10.md").read_text(encoding="utf-8").partition("## What came out")[2]
    counts = json.loads((FOLDER / "e10" / "promise.json").read_text(encoding="utf-8"))
    for arm, stem in (("judge", "judge-middling"), ("abstaining", "abstaining")):
        runs = [counts[f"{stem}-seed{seed}"] for seed in SEEDS]
        for part in ("first", "last"):
            cells = [
                str(mean_interval([run[part][above] / run[part][below] for run in runs]))
                for above, below in (
                    ("given", "rollouts"),
                    ("false_passes", "given"),
                    ("false_passes", "violated"),
                )
            ]
            assert f"| `{arm}`, {part} five | {' | '.join(cells)} |" in page, (arm, part, cells)
            assert all(run[part]["rollouts"] == 160 for run in runs)
        dropped = mean_interval([run["last"]["dropped"] / run["last"]["rollouts"] for run in runs])
        assert arm == "judge" or f"({dropped} in the last five".replace("0.", ".") in page


def test_e3_moved_as_its_page_says() -> None:
    """Mistake: a move of an arm, in hard truth or in soft, that records and labels do not show."""
    page = (FOLDER / "e3.md").read_text(encoding="utf-8").partition("## What came out")[2]
    arms = read_runs(FOLDER.parent / "records" / "e3").arms
    labels = read_soft_labels(FOLDER.parent / "records" / "e3" / "soft.jsonl")
    soft, passed = soft_truth(labels), judge_passes(labels, met=False)
    assert {arm: len(runs) for arm, runs in arms.items()} == dict.fromkeys(arms, len(SEEDS))
    for arm, runs in arms.items():
        outcomes = ("success", "guarded", "answers")
        cells = [signed(gain(runs, outcome, weights="number")) for outcome in outcomes]
        cells.append(signed(difference_by_seed(soft[arm], soft["base"])))
        assert f"| `{arm}` | {' | '.join(cells)} |" in page, cells
        assert training_row(arm, runs) in page
    words = {
        arm: [
            f"{np.mean([run.outcomes(when)['words'] for run in runs]):.1f}"
            for when in ("before", "after")
        ]
        for arm, runs in arms.items()
    }
    said = "from {} words to {} in `soft-only` and {} in `hppt`, beside {} in `hard-only` and {} in"
    order = [words[arm][1] for arm in ("soft-only", "hppt", "hard-only", "mixed")]
    assert said.format(words["soft-only"][0], *order) in page
    start = by_seed(arms["mixed"], weights="number", when="before")
    starts = [np.mean(list(some.values())) for some in (start, soft["base"])]
    begun = f"{starts[0]:.2f}, and soft truth {starts[1]:.2f}"
    assert f"true success is {begun}".replace("0.", ".") in page
    assert not any(run.collapsed for runs in arms.values() for run in runs), "the page says so"
    rows = [row for _, row in read_jsonl(FOLDER.parent / "records" / "e3" / "labels.jsonl")]
    assert f"{sum(bool(row.get('unsure')) for row in rows)} marked unsure" in page
    for arm, less in (("hard-only", "soft-only"), ("mixed", "hard-only"), ("hppt", "hard-only")):
        contrast = Contrast(arm, less, "success", weights="number")
        assert str(compare_arms(arms[arm], arms[less], contrast)) in page
        assert signed(difference_by_seed(soft[arm], soft[less])) in page
    for arm in ("base", "hard-only", "soft-only"):
        assert f"{mean_interval(list(passed[arm].values()))}" in page
    assert signed(difference_by_seed(passed["soft-only"], passed["base"])) in page
    readme = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
    contrast = Contrast("hard-only", "soft-only", "success", weights="number")
    assert str(compare_arms(arms["hard-only"], arms["soft-only"], contrast)) in readme
    assert str(difference_by_seed(soft["soft-only"], soft["hard-only"])) in readme
    assert f"{mean_interval(list(passed['soft-only'].values()))} of the violations" in readme
    twice = [each for each in labels if each.second is not None]
    kappa = agreement(
        [each.met for each in twice],
        [bool(each.second) for each in twice],
        [each.instruction for each in twice],
    )
    equal = sum(each.met == each.second for each in twice)
    assert f"{len(labels)} labels of soft truth, {len(twice)} of them twice: {equal} equal" in page
    assert kappa is not None
    assert f"κ {kappa.kappa:.2f} [{kappa.low:.2f}, {kappa.high:.2f}]".replace("0.", ".") in page


def test_trained_policies_changed_as_their_page_says() -> None:
    """Mistake: a price of training, or a change of attention, typed by hand."""
    page = (FOLDER / "policies.md").read_text(encoding="utf-8").partition("## What came out\n")[2]
    price = read_forgetting(FOLDER.parent / "forgetting" / "e2")
    for measure in MARGINS:
        found = price.over_seeds("random", measure)
        assert isinstance(found, Interval)
        said = f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}], *{says(found, measure)}*"
        assert said in page, (measure, said)
    by_arm: dict[str, list[Measured]] = {}
    for each in read_all_measured(FOLDER.parent / "attention" / "e2"):
        by_arm.setdefault(each.arm, []).append(each)
    for segment in ("constraint 1", "random span"):
        paired = compare_over_seeds(by_arm["random"], by_arm["random, turned"], segment=segment)
        at = paired.names.index("lift")
        gap, p = paired.differences[at], f"{paired.corrected[at]:.3f}".removeprefix("0")
        said = f"{gap.mean:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}], p {p}"
        assert said in page, (segment, said)
    base = read_measured(FOLDER.parent / "attention" / "base.json")
    for cut in ("response to constraint", "response to random span"):

        def change(each: Measured, cut: str = cut) -> float:
            return float(np.mean(each.changes(cut)))

        [gap] = compare_over_seeds(by_arm["random"], [base], number=change).differences
        assert signed(gap) in page, cut


def test_the_policies_of_e10_are_as_their_page_says() -> None:
    """Mistake: what a policy gained or lost, typed by hand."""
    page = (FOLDER / "policies.md").read_text(encoding="utf-8")
    page = page.partition("## What came out of E10's policies")[2]
    data = FOLDER.parent
    arms = ("programs", "mixed-judge")

    def three(change: Interval) -> str:
        return f"{change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"

    # Constraints in a row.
    base = horizon(responses_of(open_run(data / "evaluations" / "sequential-base")))
    answers = responses_by_arm(
        data / "evaluations" / "sequential-e10.jsonl.gz", shipped_instructions("sequential")
    )
    assert all(list(answers[arm]) == list(range(100, 108)) for arm in arms)
    shares = [{seed: horizon(a).share for seed, a in answers[arm].items()} for arm in arms]
    less = [mean_interval([each - base.share for each in some.values()]) for some in shares]
    said = [three(each) for each in (*less, difference_by_seed(*shares))]
    assert f"| share of the constraints, {base.share:.3f} | {' | '.join(said)} |" in page
    ends_at = [f(each for some in shares for each in some.values()) for f in (min, max)]
    assert "from {:.2f} to {:.2f}".format(*ends_at).replace("0.", ".") in page
    for arm in arms:
        whole = [row.score.strict for each in answers[arm].values() for row in each]
        assert f"`{arm}` {sum(whole)} of {len(whole)}" in page
    # Forms never met.
    forms = responses_by_arm(
        data / "evaluations" / "forms-e10.jsonl.gz", shipped_instructions("internalisation")
    )
    kept = internalised(
        responses_of(open_run(data / "evaluations" / "internalisation-base")),
        {arm: list(forms[arm].values()) for arm in arms},
    )
    for title, form in (("the form of training", "seen"), ("forms never met", "unseen")):
        gains = [
            signed(each.gain[form]) for arm in arms for each in kept.policies if each.arm == arm
        ]
        levels = (satisfied_by_seed(forms[arm], form) for arm in arms)
        gains.append(signed(difference_by_seed(*levels)))
        assert f"| {title} | {' | '.join(gains)} |" in page
    assert all(each.sentence in page for each in kept.policies)
    # The same plan, on another processor.
    for folder in ("e10-policies", "e10"):
        runs = read_runs(data / "records" / folder).arms
        said = [f"{signed(gain(runs[arm], 'guarded'))}" for arm in arms]
        assert f"| {' | '.join(said)} |" in page, folder


def test_the_price_of_e3s_arms_is_as_its_page_says() -> None:
    """Mistake: a change of a policy, or a count of seeds, that was typed by hand."""
    whole = (FOLDER / "policies.md").read_text(encoding="utf-8")
    page = whole.partition("## What came out of E3")[2]
    price = read_forgetting(FOLDER.parent / "forgetting" / "e3")
    hard, soft = price.arms["hard-only"], price.arms["soft-only"]
    assert [each.seed for each in hard] == [each.seed for each in soft] == list(range(102, 108))

    def span(values: list[float]) -> str:
        return f"{np.mean(values):+.3f} ({min(values):+.3f} to {max(values):+.3f})"

    for measure in MARGINS:
        start = price.base.mean(measure)
        changes = [[each.mean(measure) - start for each in some] for some in (hard, soft)]
        gaps = [one - other for one, other in zip(*changes, strict=True)]
        above = f"above 0 in {sum(gap > 0 for gap in gaps)} of {len(gaps)}"
        assert f"| {span(changes[0])} | {span(changes[1])} | {span(gaps)}, {above} |" in page
        assert all(-min(each) < MARGINS[measure] for each in changes), "none forgets"


def test_the_benchmarks_of_e3s_policies_are_as_their_page_says() -> None:
    """Mistake: a score typed by hand, one of the other reading, or a verdict that its interval
    does not bear.
    """
    page = (FOLDER / "policies.md").read_text(encoding="utf-8")
    page = page.partition("## What came out on benchmarks")[2]
    folder = FOLDER.parent / "evaluations" / "benchmarks-e3"
    found: dict[tuple[str, str, str, str], RunDifference] = {}
    for reading in ("text", "reference"):
        base = read_verdicts(folder / f"base-{reading}.jsonl.gz")
        assert Counter(place[0] for place in base) == {"ifeval": 541, "ifbench": 300}
        for arm in BENCHMARKED:
            verdicts = read_verdicts(folder / f"{arm}-{reading}.jsonl.gz")
            for each in run_differences(verdicts, base):
                found[reading, arm, each.benchmark, each.name] = each
    for title, reading, benchmark, name, places in (
        ("IFEval, strict, `text`", "text", "ifeval", "prompt level, strict", 3),
        ("IFEval, strict, `reference`", "reference", "ifeval", "prompt level, strict", 3),
        ("IFBench, strict, `text`", "text", "ifbench", "prompt level, strict", 3),
        ("IFBench, strict, `reference`", "reference", "ifbench", "prompt level, strict", 3),
        ("IFEval, guarded ISR, `text`", "text", "ifeval", "ISR, guarded", 3),
        ("IFBench, guarded ISR, `text`", "text", "ifbench", "ISR, guarded", 3),
        ("IFEval, substance", "text", "ifeval", "substance", 3),
        ("IFBench, substance", "text", "ifbench", "substance", 3),
        ("IFEval, words", "text", "ifeval", "words", 1),
        ("IFBench, words", "text", "ifbench", "words", 1),
    ):
        of_arms = [found[reading, arm, benchmark, name] for arm in BENCHMARKED]
        start, gaps = of_arms[0].other, [each.difference for each in of_arms]
        said = [
            f"{gap.mean:+.{places}f} [{gap.low:+.{places}f}, {gap.high:+.{places}f}]"
            for gap in gaps
        ]
        row = f"| {title} | {start:.{places}f} | {' | '.join(said)} |"
        assert row in page, row
    told = [
        (arm, benchmark)
        for arm in BENCHMARKED
        for benchmark in ("ifeval", "ifbench")
        if found["text", arm, benchmark, "prompt level, strict"].told_apart != "not told apart"
    ]
    assert told == [("hppt", "ifeval")], "one of six, and the page says so"
    for name in ("base", "hppt"):
        rows = read_verdicts(folder / f"{name}-text.jsonl.gz")
        of_ifeval = [row for place, row in rows.items() if place[0] == "ifeval"]
        passed = [row for row in of_ifeval if all(row.strict)]
        empty = sum(not row.substance for row in passed)
        assert f"`{name}` {len(passed)}, of which {empty} are no answer of substance" in page
    base = read_verdicts(folder / "base-text.jsonl.gz")
    of_ifeval_alone = {place: row for place, row in base.items() if place[0] == "ifeval"}
    for seed in (101, 102):
        again = read_verdicts(folder / f"hppt-seed{seed}-text.jsonl.gz")
        by_name = {each.name: each.difference for each in run_differences(again, of_ifeval_alone)}
        said = [
            f"{title} {gap.mean:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]"
            for title, name in (
                ("strict", "prompt level, strict"),
                ("guarded ISR", "ISR, guarded"),
                ("substance", "substance"),
            )
            for gap in [by_name[name]]
        ]
        assert f"seed {seed}: {', '.join(said)}" in page, said
    # Attention of the three.
    base_read = read_measured(FOLDER.parent / "attention" / "base.json")
    for each in read_all_measured(FOLDER.parent / "attention" / "e3"):
        said = []
        for segment in ("constraint 1", "random span"):
            paired = compare_measured(each, base_read, segment=segment)
            gap = paired.differences[paired.names.index("lift")]
            said.append(f"{gap.mean:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]")
        assert f"`{each.arm}` {said[0]} and {said[1]}" in page, each.arm
