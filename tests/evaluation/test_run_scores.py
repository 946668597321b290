"""Scores of runs: each benchmark's metrics by hand, verdicts that are missing, readings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.benchmarks import BENCHMARKS, load_prompts
from hppt_lib.evaluation.generation import from_file
from hppt_lib.evaluation.metrics import ScoredResponse, estimate, mean_of_four
from hppt_lib.evaluation.run_folder import RunFolder, open_run
from hppt_lib.evaluation.run_scores import Report, ScoreSettings, score_run
from hppt_lib.files import repository_folder
from hppt_lib.instructions import write_instructions
from hppt_lib.judges import Judgement, Question, no_verdict
from hppt_lib.sandbox import run as sandbox
from hppt_lib.scoring import PROGRAM_DEFECTS
from hppt_lib.sources import benchmark_folder
from hppt_lib.verifiers import THOUGHT_MARKS, Reading
from tests.helpers import untrusted
from tests.helpers.judge_fakes import Fake

TEXT = ScoreSettings("text", THOUGHT_MARKS)
REFERENCE = ScoreSettings("reference", THOUGHT_MARKS)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run_of(
    folder: Path, name: str, data: list[dict[str, Any]], responses: list[dict[str, Any]]
) -> RunFolder:
    """A run of a benchmark with these rows and responses."""
    place = folder / ("content_constraints.json" if name == "followbench" else f"{name}.json")
    place.write_text(json.dumps(data), encoding="utf-8")
    prompts = load_prompts(f"{name}={place}", show=lambda text: None)
    return from_file(folder / "run", [prompts], write(folder / "responses.jsonl", responses))


def values(report: Report) -> dict[str, dict[str, float | None]]:
    (one,) = report.benchmarks
    return {
        section.title: {each.name: each.value and each.value.mean for each in section.estimates}
        for section in one.sections
    }


def saying(verdicts: Mapping[str, bool | None]) -> Callable[[Question], tuple[Judgement, ...]]:
    """A judge that answers by the last word of a constraint."""

    def answer(question: Question) -> tuple[Judgement, ...]:
        said = [verdicts[each.split()[-1]] for each in question.constraints]
        return tuple(no_verdict("unreadable") if s is None else Judgement(s) for s in said)

    return answer


# --- verifiers ------------------------------------------------------------------------------------

COMMA, SHORT = "punctuation:no_comma", "length_constraints:number_words"
FEW = {"relation": "less than", "num_words": 4}
IFEVAL = [
    {"key": 1, "prompt": "Tea?", "instruction_id_list": [COMMA], "kwargs": [{}]},
    {"key": 2, "prompt": "Bees?", "instruction_id_list": [COMMA, SHORT], "kwargs": [{}, FEW]},
]


def test_prompt_and_instruction_level_strict_loose_and_guarded(tmp_path: Path) -> None:
    """Mistake: the instruction level averaged by prompt (0.5), loose below strict, or an empty
    answer that is not told apart.
    """
    responses = [
        {"key": 1, "response": "<think>well, well</think>Tea is a hot drink of leaves."},
        {"key": 2, "response": "Sure, bees:\nBees make honey"},
    ]
    found = values(score_run(run_of(tmp_path, "ifeval", IFEVAL, responses), TEXT))
    assert found["as the benchmark counts"] == {
        "prompt level, strict": 0.5,
        "prompt level, loose": 1.0,
        "instruction level, strict": pytest.approx(1 / 3),
        "instruction level, loose": 1.0,
    }


def test_thoughts_are_never_the_answer(tmp_path: Path) -> None:
    """Mistake: thoughts scored, or unfinished ones taken for an answer."""
    responses = [
        {"key": 1, "response": "<think>well, well</think>Tea is a hot drink of leaves."},
        {"key": 2, "response": "<think>Bees fly."},
    ]
    run = run_of(tmp_path, "ifeval", IFEVAL, responses)
    strict = [row["strict"] for row in verdicts(run, TEXT)]
    assert strict == [[True], [False, False]]
    assert [row["strict"] for row in verdicts(run, REFERENCE)] == strict, "in both readings"
    kept = [row["strict"] for row in verdicts(run, ScoreSettings("text", ()))]
    assert kept == [[False], [True, True]]


def verdicts(run: RunFolder, settings: ScoreSettings, **how: Any) -> list[dict[str, Any]]:
    score_run(run, settings, **how)
    return [json.loads(line) for line in (run.path / "verdicts.jsonl").read_text().splitlines()]


def test_guarded_isr_stands_beside_and_a_null_response_fails(tmp_path: Path) -> None:
    """Mistake: a policy that says next to nothing looks perfect; no answer leaves the rate."""
    responses = [{"key": 1, "response": "Tea."}, {"key": 2, "response": None}]
    report = score_run(run_of(tmp_path, "ifeval", IFEVAL, responses), TEXT)
    assert values(report)["satisfied, and an answer at all"] == {
        "ISR, strict": 0.5,
        "ISR, guarded": 0.0,
    }
    (headline,) = report.benchmarks[0].headline
    assert (headline.name, headline.known, headline.groups) == ("prompt level, strict", 2, 2)
    assert headline.value and headline.value.low < 0.1 and headline.value.high > 0.9


def test_a_constraint_without_a_verifier_is_no_verdict(tmp_path: Path) -> None:
    """Mistake: an id that we do not know counts as a fail, or stops the run."""
    data = [{**IFEVAL[0], "instruction_id_list": [COMMA, "new:thing"], "kwargs": [{}, {}]}]
    run = run_of(tmp_path, "ifeval", data, [{"key": 1, "response": "Tea is hot and good."}])
    report = score_run(run, TEXT)
    (headline,) = report.benchmarks[0].headline
    assert headline.value is None and (headline.least, headline.most) == (0, 1)
    assert "1 of 2 verdicts are missing" in report.as_table(120)
    assert "0.000 to 1.000" in report.as_table(120)


@pytest.mark.slow
def test_many_processes_and_one_give_the_same(tmp_path: Path) -> None:
    """Mistake: verdicts of one response beside another's name."""
    responses = [
        {"key": number % 2 + 1, "response": f"{'a, ' * (number % 3)}b {'c ' * (number % 7)}"}
        for number in range(900)
    ]
    run = run_of(tmp_path, "ifeval", IFEVAL, responses)
    assert verdicts(run, TEXT) == verdicts(run, TEXT, processes=2)


@pytest.mark.parametrize(
    ("file", "reading", "accuracy"),
    [
        # Google's 541 prompts and kwargs of today. With the kwargs that the responses came with,
        # in which key 2785 asks for less, the reference implementation has 0.734.
        ("Qwen__Qwen2.5-7B-Instruct-GPTQ-Int4", "reference", 396 / 541),
        ("gpt-4o-mini-2024-07-18", "reference", None),
    ],
)
def test_public_responses_to_ifeval(
    tmp_path: Path, file: str, reading: Reading, accuracy: float | None
) -> None:
    """Mistake: another number than IFEval's own program gives."""
    path = benchmark_folder() / "ifeval" / "responses" / f"{file}.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"no public responses: {path}")
    run = from_file(
        tmp_path, [load_prompts("ifeval", show=lambda text: None)], path, thoughts="none"
    )
    report = score_run(run, ScoreSettings(reading, ()))
    (strict,) = report.benchmarks[0].headline
    four = values(report)["as the benchmark counts"]
    assert four["instruction level, strict"] and strict.known == 541 and strict.value
    pooled = report.benchmarks[0].sections[0].estimates[2]
    assert pooled.known == 834
    if accuracy is not None:
        assert strict.value.mean == pytest.approx(accuracy)
    else:
        assert strict.value.mean == pytest.approx(0.806, abs=0.01)


# --- Multi-IF -------------------------------------------------------------------------------------


def conversation(key: str, language: str) -> dict[str, Any]:
    row: dict[str, Any] = {"key": key, "language": language}
    for turn, ids in enumerate(([COMMA], [COMMA, SHORT]), start=1):
        row[f"turn_{turn}_prompt"] = json.dumps({"role": "user", "content": f"{key} {turn}?"})
        row[f"turn_{turn}_instruction_id_list"] = json.dumps(ids)
        row[f"turn_{turn}_kwargs"] = json.dumps(["{}", json.dumps(FEW)][: len(ids)])
    return row | {"turn_3_prompt": "", "turn_3_instruction_id_list": "[]", "turn_3_kwargs": "[]"}


def test_multi_if_by_turn_and_by_language(tmp_path: Path) -> None:
    """Mistake: turns pooled, languages mixed, or one accuracy for the mean of the four."""
    data = [conversation("a", "English"), conversation("b", "Hindi")]
    said = {("a", 1): "x", ("a", 2): "x y", ("b", 1): "x, y", ("b", 2): "x y z w v"}
    responses = [{"key": key, "turn": turn, "response": said[key, turn]} for key, turn in said]
    report = score_run(run_of(tmp_path, "multi_if", data, responses), TEXT)
    found = values(report)
    assert found["mean of the four accuracies"] == {"turn 1": 0.5, "turn 2": (0.5 + 0.75) / 2}
    assert found["in English"] == {"turn 1": 1, "turn 2": 1}
    assert found["in Hindi"] == {"turn 1": 0, "turn 2": 0.25}
    assert [each.name for each in report.benchmarks[0].headline] == ["turn 1", "turn 2"]


@pytest.mark.slow
def test_the_interval_of_the_mean_of_four_is_that_of_its_resamples() -> None:
    """Mistake: four dependent accuracies taken for independent ones."""
    import numpy as np

    chance = np.random.default_rng(0)
    rows = []
    for group in range(80):
        good = chance.random()
        for sample in range(3):
            strict = tuple(bool(chance.random() < good) for _ in range(int(chance.integers(1, 4))))
            loose = tuple(each or bool(chance.random() < 0.2) for each in strict)
            rows.append(ScoredResponse(str(group), str(group), sample, 1, strict, loose))
    found = mean_of_four("all", rows).value
    assert found is not None
    means = []
    for _ in range(300):
        drawn = chance.integers(0, 80, 80)
        again = mean_of_four("b", [row for group in drawn for row in rows[3 * group :][:3]]).value
        assert again is not None
        means.append(again.mean)
    assert (found.high - found.low) / 2 == pytest.approx(2 * np.std(means), rel=0.15)


# --- FollowBench ----------------------------------------------------------------------------------


def followbench_rows(number: int = 1, source: str = "quora") -> list[dict[str, Any]]:
    return [
        {"example_id": number, "category": "content", "source": source, "level": level}
        | {"instruction": f"{number}: do {' '.join(f'c{n}' for n in range(level + 1))}"}
        | {"target": ""}
        for level in range(6)
    ]


def followbench_run(folder: Path, *numbers: int, samples: int = 1) -> RunFolder:
    data = [row for number in numbers for row in followbench_rows(number)]
    responses = [
        {"prompt": row["instruction"], "response": f"Answer {sample}."}
        for row in data
        if row["level"]
        for sample in range(samples)
    ]
    return run_of(folder, "followbench", data, responses)


def test_followbench_by_level_and_consistent_levels(tmp_path: Path) -> None:
    """Mistake: a level's share for its whole, levels after a gap counted, rules left out."""
    judge = Fake(saying({"c1": True, "c2": True, "c3": False, "c4": True, "c5": True}))
    run = followbench_run(tmp_path, 1)
    found = values(score_run(run, TEXT, judge=judge))
    (hard, soft, csl) = [
        next(found[t] for t in found if f"({n})" in t) for n in ("HSR", "SSR", "CSL")
    ]
    assert list(hard.values()) == [1, 1, 0, 0, 0]
    assert list(soft.values()) == [1, 1, pytest.approx(2 / 3), 3 / 4, 4 / 5]
    assert csl == {"CSL": 2}
    # All levels but the third: what comes after it does not count.
    gap = Fake(
        lambda asked: tuple(Judgement(len(asked.constraints) != 3) for _ in asked.constraints)
    )
    title = next(each for each in found if "(CSL)" in each)
    assert values(score_run(run, TEXT, judge=gap))[title] == {"CSL": 2}
    with pytest.raises(HpptError, match="constraints that only a judge can decide"):
        score_run(run, TEXT)


def test_a_missing_verdict_is_bounded_and_minus_one_is_the_reference(tmp_path: Path) -> None:
    """Mistake: no verdict as a fail or as -1 in our reading; a definite fail called unknown."""
    verdict = {"c1": True, "c2": None, "c3": True, "c4": False, "c5": True}
    run = followbench_run(tmp_path, 1, 2)
    report = score_run(run, TEXT, judge=Fake(saying(verdict)))
    hard = report.benchmarks[0].headline
    assert [(each.known, each.of) for each in hard] == [(2, 2), (0, 2), (0, 2), (2, 2), (2, 2)]
    assert [(each.least, each.most) for each in hard] == [(1, 1), (0, 1), (0, 1), (0, 0), (0, 0)]
    csl = next(s for s in report.benchmarks[0].sections if "CSL" in s.title).estimates[0]
    assert csl.value is None and (csl.least, csl.most) == (1, 3)
    reference = values(score_run(run, REFERENCE, judge=Fake(saying(verdict))))
    title = report.benchmarks[0].benchmark.find[0]
    assert list(reference[title].values()) == [1, -1, -1, -1, -1]


def test_replies_of_its_own_judge_in_both_readings(tmp_path: Path) -> None:
    """Mistake: a reply beside another response, or -1 for what ours can read."""
    run = followbench_run(tmp_path, 1)
    listed = ["It is met: YES", "['YES', 'YES']", "['YES', 'YES', 'NO']\nDone.", "what", "[]"]
    rows = [
        {"id": f"followbench-content-1-level{level}", "reply": reply}
        for level, reply in enumerate(listed, start=1)
    ]
    file = write(tmp_path / "replies.jsonl", rows)
    report = score_run(run, TEXT, judge_replies=file)
    title = report.benchmarks[0].benchmark.find[0]
    assert list(values(report)[title].values()) == [1, 1, 0, None, None]
    official = values(score_run(run, REFERENCE, judge_replies=file))
    assert list(official[title].values()) == [1, 1, -1, -1, -1]
    with pytest.raises(HpptError, match="holds no reply about"):
        score_run(run, TEXT, judge_replies=write(tmp_path / "o.jsonl", [{"id": "x", "reply": ""}]))


def test_what_its_program_decides_needs_no_judge(tmp_path: Path) -> None:
    """Mistake: FollowBench without the groups that it decides by rule."""
    data = [row | {"target": "tea"} for row in followbench_rows(1, "E2E")]
    responses = [
        {"prompt": row["instruction"], "response": "tea" if row["level"] < 4 else "Tea"}
        for row in data
        if row["level"]
    ]
    report = score_run(run_of(tmp_path, "followbench", data, responses), TEXT)
    assert [each.value and each.value.mean for each in report.benchmarks[0].headline] == [
        *[1.0] * 3,
        *[0.0] * 2,
    ]


def test_a_limit_cuts_no_group_of_levels(tmp_path: Path) -> None:
    """Mistake: a CSL of groups that have three levels."""
    data = [row for number in (1, 2, 3) for row in followbench_rows(number)]
    place = tmp_path / "content_constraints.json"
    place.write_text(json.dumps(data))
    assert len(load_prompts(f"followbench={place}", limit=6, show=lambda text: None).items) == 10


# --- CFBench --------------------------------------------------------------------------------------

CRITERIA = [["is c1", "主需", "内容约束"], ["is c2", "次需", "格式约束"], ["is c3", "次需", "x"]]
CFBENCH = [
    {"idx": number, "split": split, "prompt": f"Prompt {number}", "criteria": CRITERIA}
    for number, split in enumerate(("easy", "hard"))
]
ANSWERS = [{"idx": number, "response": "An answer of some words."} for number in (0, 1)]


def test_cfbench_and_its_splits(tmp_path: Path) -> None:
    """Mistake: priorities not kept, the splits pooled, or a share rounded."""
    run = run_of(tmp_path, "cfbench", CFBENCH, ANSWERS)
    found = values(score_run(run, TEXT, judge=Fake(saying({"c1": True, "c2": True, "c3": False}))))
    assert found["all"] == {"CSR": pytest.approx(2 / 3), "ISR": 0, "PSR": 0}
    assert set(found) >= {"split easy", "split hard"}
    found = values(
        score_run(run, REFERENCE, judge=Fake(saying(dict.fromkeys(("c1", "c2", "c3"), True))))
    )
    assert found["all"] == {"CSR": 1, "ISR": 1, "PSR": 1}


def test_a_dropped_zero_is_the_references_alone(tmp_path: Path) -> None:
    """Mistake: the fallback's perfect score in our reading."""
    run = run_of(tmp_path, "cfbench", CFBENCH, ANSWERS)
    file = write(
        tmp_path / "replies.jsonl",
        [
            {"idx": 0, "judge_response": "is c1\t1\n\nis c2\t0"},
            {"idx": 1, "judge_response": "is c1\t1\n\nis c2\t1\n\nis c3\t1"},
        ],
    )
    report = score_run(run, TEXT, judge_replies=file)
    isr = report.benchmarks[0].headline[1]
    assert isr.value and (isr.value.mean, isr.known, isr.least, isr.most) == (0.5, 2, 0.5, 0.5)
    csr = report.benchmarks[0].headline[0]
    assert csr.known == 1 and csr.least == pytest.approx(2 / 3) and csr.most == pytest.approx(5 / 6)
    found = values(score_run(run, REFERENCE, judge_replies=file))
    assert found["all"] == {"CSR": 1, "ISR": 1, "PSR": 1}
    shown = score_run(run, TEXT, judge_replies=file).as_table(120)
    assert "drops every score of 0" in shown and "1 of 6 verdicts are missing" in shown


def test_a_judge_is_asked_for_the_answer_and_for_no_blank_one(tmp_path: Path) -> None:
    """Mistake: thoughts shown to the judge, or a blank answer that it passes."""
    responses = [
        {"idx": 0, "response": "<think>hm</think>Words."},
        {"idx": 1, "response": "<think>hm"},
    ]
    run = run_of(tmp_path, "cfbench", CFBENCH, responses)
    judge = Fake(saying(dict.fromkeys(("c1", "c2", "c3"), True)))
    found = values(score_run(run, TEXT, judge=judge))
    assert [each.response for each in judge.asked] == ["Words."] and found["all"]["ISR"] == 0.5
    whole = "is c1\t1\n\nis c2\t1\n\nis c3\t1"
    rows = [{"idx": number, "judge_response": whole} for number in (0, 1)]
    file = write(tmp_path / "replies.jsonl", rows)
    assert values(score_run(run, TEXT, judge_replies=file))["all"]["ISR"] == 0.5


# --- all of them ----------------------------------------------------------------------------------


def test_each_headline_is_among_the_metrics_and_each_defect_has_its_benchmark() -> None:
    """Mistake: a headline that was renamed, and so is never shown."""
    assert {each.benchmark for each in PROGRAM_DEFECTS} <= set(BENCHMARKS)
    assert all(each.what and each.text != each.reference for each in PROGRAM_DEFECTS)


def test_a_run_is_scored_again_from_its_folder(tmp_path: Path) -> None:
    """Mistake: a run that can only be scored where its data lies."""
    run = run_of(tmp_path, "cfbench", CFBENCH, ANSWERS)
    judge = Fake(saying({"c1": True, "c2": None, "c3": True}))
    first = score_run(run, TEXT, judge=judge).as_json()
    (tmp_path / "cfbench.json").unlink()
    assert score_run(open_run(run.path), TEXT, judge=judge).as_json() == first
    assert json.loads((run.path / "report.json").read_text()) == first
    with pytest.raises(HpptError, match="there is no run.json in it"):
        open_run(tmp_path)


def test_an_estimate_from_one_group_claims_nothing() -> None:
    """Mistake: an interval of no width, for there is nothing to tell how wide it is."""
    one = estimate("x", [(0.5, 0.5), (0.5, 0.5)], ["a", "a"])
    assert one.value and (one.value.low, one.value.high) == (0, 1)


def test_untrusted_code_decides_only_if_allowed_and_may_give_no_verdict(
    tmp_path: Path, code_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: the code in somebody's run folder runs because the folder is scored; or no verdict
    counts as a fail.
    """
    asked = [untrusted.instruction(untrusted.EVEN, id=f"i{n}") for n in range(2)]
    asked = [replace(each, prompt=f"Write {each.id}.") for each in asked]
    write_instructions(tmp_path / "own.jsonl", asked)
    responses = [{"id": "i0", "response": "a b"}, {"id": "i1", "response": "odd"}]
    prompts = load_prompts(str(tmp_path / "own.jsonl"))
    run = from_file(tmp_path / "run", [prompts], write(tmp_path / "said.jsonl", responses))
    for settings in (TEXT, REFERENCE):
        found = verdicts(run, settings, processes=2)
        assert [each["strict"] for each in found] == [[True], [None]]
        assert [each["loose"] for each in found] == [[True], [None]]
        assert found[1]["reasons"] == ["it raised ValueError: odd"]
    report = score_run(run, TEXT)
    (headline,) = report.benchmarks[0].headline
    assert (headline.known, headline.least, headline.most) == (1, 0.5, 1.0)
    assert "1 of 2 verdicts are missing" in report.as_table(120)
    monkeypatch.setattr(sandbox, "_allowed", False)
    with pytest.raises(HpptError, match="--allow-untrusted-code"):
        score_run(run, TEXT)


def test_the_readmes_benchmarks_are_those_of_the_reports() -> None:
    """Mistake: a number typed into the README, or one of the other reading."""
    readme = (repository_folder() / "README.md").read_text(encoding="utf-8")
    titles = {
        "ifeval": ("IFEval, 541 prompts", "strict"),
        "ifbench": ("IFBench, 300 prompts", "loose"),
    }
    for name, (title, headline) in titles.items():
        for reading in ("text", "reference"):
            folder = repository_folder() / "data" / "evaluations" / f"benchmarks-base-{reading}"
            report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
            assert report["reading"] == reading and report["generation"]["max_new_tokens"] == 512
            if name == "ifeval":
                cut = next(each for each in report["benchmarks"][name]["notes"] if "Cut at" in each)
                assert "Cut at the limit of tokens: 290 of 541" in cut
                assert "Half of the responses to IFEval (290)" in readme
            sections = report["benchmarks"][name]["sections"]
            rows = {each["name"]: each for section in sections.values() for each in section}
            cells = []
            for row in ("prompt level, strict", "prompt level, loose", "ISR, guarded"):
                found = rows[row]
                cell = "{value:.3f} [{low:.3f}, {high:.3f}]".format(**found)
                cells.append(f"**{cell}**" if row.endswith(headline) else cell)
            shown = title if reading == "text" else ""
            assert (
                f"| {shown} | `{reading}` | {' | '.join(cells)} |".replace("|  |", "| |") in readme
            )
