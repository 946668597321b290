"""What answers the question, apart from every reward: read, judged by an instrument, corrected."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import (
    FEATURES,
    AnswerInstrument,
    Answers,
    Evaluated,
    answer_features,
    answer_instrument,
    extend_answers,
    fit_instrument,
    read_answers,
    write_instrument,
)
from hppt_lib.intervals import rate
from hppt_lib.records import records_folder
from hppt_lib.rewards import score
from tests.helpers.commands import hppt
from tests.helpers.tiny import WORDS, tiny_instructions, tiny_policy

TEA, BEES, *_ = tiny_instructions()
TASKS = [f"Write about {word} ." for word in WORDS[4:14]]


def scored(response: str, instruction: Any = TEA) -> Evaluated:
    return Evaluated(score(instruction, response))


def many(count: int, good: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Features that tell labels apart, more or less, two rows an instruction."""
    draw = np.random.default_rng(seed)
    labels = draw.random(count) < 0.4
    features = draw.normal(size=(count, len(FEATURES))) + good * labels[:, None] * [1, 0.5, 0, 0]
    return features, labels, [f"i{number // 2}" for number in range(count)]


def fitted(count: int = 400, good: float = 2.0, name: str = "mine") -> AnswerInstrument:
    features, labels, groups = many(count, good)
    report = [number >= count // 2 for number in range(count)]
    return fit_instrument(name, "tiny", features, labels.tolist(), groups, report, tasks=TASKS)


# --- the features ---------------------------------------------------------------------------------


def test_features_are_what_torch_computes() -> None:
    """Mistake: log p(task | response) taken for the contrast, or a sign turned round."""
    import torch

    policy = tiny_policy(seed=3, spread=0.5)
    [found] = answer_features(policy, [scored("tea is hot")], TASKS[:7])

    def ids(text: str) -> list[int]:
        return list(policy.tokenizer(text, add_special_tokens=False)["input_ids"])

    def log_prob(before: list[int], after: list[int]) -> float:
        with torch.no_grad():
            logits = policy.model(torch.tensor([[*before, *after]])).logits[0, len(before) - 1 : -1]
        return -float(
            torch.nn.functional.cross_entropy(logits, torch.tensor(after), reduction="sum")
        )

    def gain(task: str) -> float:
        after, without = ids("Answer: tea is hot\n\nTask:"), ids("Answer: \n\nTask:")
        return log_prob(after, ids(task)) - log_prob(without, ids(task))

    from hppt_lib.policy import chat_tokens

    others = math.log(sum(math.exp(gain(task)) for task in TASKS[:7]) / 7)
    answer = ids("tea is hot")
    asked, unasked = (
        log_prob(chat_tokens(policy.tokenizer, task), answer)
        for task in (TEA.query, "Write something.")
    )
    surprise = -asked / len(answer)
    expected = [gain(TEA.query) - others, asked - unasked, surprise, surprise**2]
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_a_response_has_the_same_features_in_any_company() -> None:
    """Mistake: padding that is read, or other tasks that depend on the other rows."""
    policy = tiny_policy(seed=3, spread=0.5)
    rows = [
        scored("hot tea"),
        scored(""),
        scored("tea " * 30, BEES),
        scored("hot tea"),
        scored("*"),
    ]
    together = answer_features(policy, rows, TASKS, batch=4)
    alone = np.vstack([answer_features(policy, [row], TASKS[::-1], batch=1) for row in rows])
    assert together == pytest.approx(alone, rel=1e-3, abs=1e-4, nan_ok=True)
    assert np.isnan(together[1]).all() and np.isfinite(together[[0, 2, 3]]).all()
    assert (together[0] == together[3]).all()


def test_tasks_about_the_same_topic_are_no_others() -> None:
    """Mistake: "Describe tea." among the tasks that an answer about tea must not fit."""
    same = ["Describe tea to a child.", "Share a fact about tea."]
    with pytest.raises(HpptError, match="needs 7 other tasks .* there are 6"):
        answer_features(tiny_policy(), [scored("hot")], [*TASKS[:6], *same, TEA.query])


# --- the instrument -------------------------------------------------------------------------------


def test_weights_are_those_of_scikit_learn() -> None:
    features, labels, groups = many(400, 1.0)
    report = [number >= 200 for number in range(400)]
    made = fit_instrument("m", "tiny", features, labels.tolist(), groups, report, tasks=TASKS)
    first = features[:200]
    standard = (first - first.mean(axis=0)) / first.std(axis=0)
    theirs = LogisticRegression(C=1.0, tol=1e-10).fit(standard, labels[:200])
    assert made.weights == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert made.intercept == pytest.approx(theirs.intercept_[0], abs=1e-5)
    expected = theirs.predict_proba((features - made.centre) / made.scale)[:, 1]
    assert made.scores(features) == pytest.approx(expected, abs=1e-5)
    assert made.fitted_on == 200 and made.auc.groups == 100


def test_errors_are_measured_on_the_other_half() -> None:
    """Mistake: error rates of the half that was fitted, or one instruction in both."""
    features, labels, groups = many(400, 2.0)
    report = [number >= 200 for number in range(400)]
    shuffled = labels.copy()
    shuffled[200:] = np.random.default_rng(1).permutation(labels[200:])
    made = fit_instrument("m", "tiny", features, shuffled.tolist(), groups, report, tasks=TASKS)
    assert made.auc.low < 0.5 < made.auc.high
    assert made.weights == fitted().weights
    with pytest.raises(HpptError, match="'i0' is in both halves"):
        fit_instrument("m", "tiny", features, labels.tolist(), ["i0"] * 400, report, tasks=TASKS)
    with pytest.raises(HpptError, match="Each half needs"):
        fit_instrument("m", "tiny", features, [True] * 400, groups, report, tasks=TASKS)


def test_a_blank_response_never_passes() -> None:
    made = fitted()
    blank = np.full((1, len(FEATURES)), np.nan)
    assert made.scores(blank)[0] == 0 < made.threshold


def test_an_instrument_comes_back_as_it_was(tmp_path: Path) -> None:
    made = fitted()
    write_instrument(tmp_path / "mine.json", made)
    assert answer_instrument(tmp_path / "mine.json") == made
    row = json.loads((tmp_path / "mine.json").read_text())
    for broken in ({**row, "weights": [1.0]}, {**row, "recall": 0.9}, [row], {"name": "x"}):
        (tmp_path / "broken.json").write_text(json.dumps(broken))
        with pytest.raises(HpptError, match="broken.json is not an instrument"):
            answer_instrument(tmp_path / "broken.json")


def test_the_instrument_of_another_model_is_refused() -> None:
    """Mistake: the embedded model's weights and error rates on the numbers of a larger one."""
    policy = dataclasses.replace(tiny_policy(), name="larger")
    with pytest.raises(HpptError, match="fitted with tiny, and this is larger"):
        fitted().judge(policy, [scored("hot tea")])


# --- what is known of responses -------------------------------------------------------------------


def test_readers_labels_are_a_share_of_what_they_read() -> None:
    """Mistake: a response that nobody read counted as no answer."""
    rows = [scored("Tea leaves brew in water."), scored("Tea, hot."), scored("No."), scored("x")]
    known = {
        ("tea", rows[0].response): True,
        ("tea", rows[1].response): True,
        ("tea", "No."): False,
    }
    answers = Answers("readers", known)
    found, success = answers.rate(rows), answers.success(rows)
    assert found and found.mean == pytest.approx(2 / 3)
    assert success and success.mean == pytest.approx(1 / 3), "the second has a comma"
    assert answers.rate(rows[3:]) is None and answers.success(rows[3:]) is None


def test_an_instruments_rates_are_corrected() -> None:
    """Mistake: a false pass in five read as an answer in five."""
    draw = np.random.default_rng(0)
    rows, known = [], {}
    for number in range(2000):
        instruction = dataclasses.replace(TEA, id=f"tea{number}")
        strict, good = number % 2 == 0, number % 4 == 0
        row = scored(f"tea {'' if strict else ','} {number}", instruction)
        passed = draw.random() < (0.9 if good else 0.2)
        rows.append(row)
        known[row.instruction.id, row.response] = bool(passed)
    names = [str(number) for number in range(1000)]
    recall = rate([number < 900 for number in range(1000)], names)
    recall_on_false = rate([number < 800 for number in range(1000)], names)
    answers = Answers("mine", known, recall, recall_on_false)
    plain = answers.rate(rows)
    found, success = answers.rate(rows, corrected=True), answers.success(rows, corrected=True)
    assert plain and plain.mean == pytest.approx(0.25 * 0.9 + 0.75 * 0.2, abs=0.03)
    assert found and found.low < 0.25 < found.high and found.mean == pytest.approx(0.25, abs=0.03)
    assert success and success.low < 0.25 < success.high
    assert success.mean == pytest.approx(0.25, abs=0.03) and success.high - success.low < 0.12


def test_verdicts_are_kept_and_gone_on_with(tmp_path: Path) -> None:
    """Mistake: hours of scoring done again, or a file of readers' labels overwritten."""
    path, policy, made = tmp_path / "answers.jsonl", tiny_policy(), fitted()
    one, other = scored("hot tea"), scored("cold milk", BEES)
    first = extend_answers(path, made, policy, [one, scored("")])
    assert read_answers(path) == first and first.known["tea", ""] is False
    before = path.read_text()
    both = extend_answers(path, made, policy, [one, other])
    assert path.read_text().startswith(before) and read_answers(path) == both
    assert len(both.known) == 3
    extend_answers(path, made, dataclasses.replace(policy, model=None), [one, other])
    with pytest.raises(HpptError, match="was written by mine.*Choose another file"):
        extend_answers(path, fitted(300, name="mine"), policy, [one])
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"instruction": "tea", "response": "x", "answers": true}\n')
    with pytest.raises(HpptError, match="was written by readers"):
        extend_answers(labels, made, policy, [one])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"instruction": "tea", "response": "x", "answers": false}', "another label further up"),
        ('{"instruction": "tea", "response": "y", "answers": null}', "must be true or false"),
        ('{"instruction": 3, "response": "y", "answers": true}', "must be texts"),
        ("{", "not valid JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"instruction": "tea", "response": "x", "answers": true}\n' + line + "\n")
    with pytest.raises(HpptError, match=f"line 2: .*{message}"):
        read_answers(path)


# --- the command ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_scores_runs_and_compare_shows_it(tmp_path: Path, embedded_model: Path) -> None:
    """Mistake: an instrument that cannot be used on shipped records, or that no table shows."""
    for name in ("cpu-strict-seed0", "cpu-guarded-seed0"):
        shutil.copy(records_folder() / f"{name}.json", tmp_path)
    done = hppt("label", "score", str(tmp_path), "--per-run", "2")
    assert done.returncode == 0 and "4 responses: wrote" in done.stdout, done.stderr
    answers = read_answers(tmp_path / "answers.jsonl")
    assert answers.by == answer_instrument().name and len(answers.known) == 4
    done = hppt("compare", str(tmp_path), COLUMNS="140")
    assert done.returncode == 0 and "success" in done.stdout, done.stderr
    assert f"is said by {answers.by}" in done.stdout and "collapsed" in done.stdout
