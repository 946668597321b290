"""One run of an evaluation less another, paired by prompt."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hppt_lib.cli.main import app
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import (
    RunFolder,
    ScoredResponse,
    ScoreSettings,
    compare_runs,
    from_file,
    load_prompts,
    read_verdicts,
    run_differences,
    score_run,
)
from hppt_lib.verifiers import THOUGHT_MARKS

TEXT = ScoreSettings("text", THOUGHT_MARKS)
REFERENCE = ScoreSettings("reference", THOUGHT_MARKS)
Place = tuple[str, str, int, int]

_PROMPTS = [
    {
        "key": key,
        "prompt": f"What is number {key}?",
        "instruction_id_list": ["punctuation:no_comma"],
        "kwargs": [{}],
    }
    for key in range(4)
]
_GOOD, _BAD = "It is a number that people like.", "It is, well, a number that people like."


def run_of(folder: Path, answers: Sequence[str | None], how: ScoreSettings = TEXT) -> RunFolder:
    """A scored run: one answer for each prompt."""
    folder.mkdir(parents=True)
    data, responses = folder / "ifeval.json", folder / "responses.jsonl"
    data.write_text(json.dumps(_PROMPTS), encoding="utf-8")
    lines = [json.dumps({"key": n, "response": text}) + "\n" for n, text in enumerate(answers)]
    responses.write_text("".join(lines), encoding="utf-8")
    prompts = load_prompts(f"ifeval={data}", show=lambda text: None)
    run = from_file(folder / "run", [prompts], responses)
    score_run(run, how)
    return run


def row(id: str, *passed: bool | None, **other: Any) -> ScoredResponse:
    """A response that is an answer, of ten words."""
    given = {"group": id, "sample": 0, "substance": True, "words": 10} | other
    return ScoredResponse(id=id, turn=1, strict=passed, loose=passed, **given)


def verdicts(
    passed: Sequence[bool | None], words: Sequence[int] | None = None
) -> dict[Place, ScoredResponse]:
    """One response to each prompt, of one constraint."""
    lengths = words or [10] * len(passed)
    return {
        ("ifeval", str(n), 0, 1): row(str(n), each, words=length)
        for n, (each, length) in enumerate(zip(passed, lengths, strict=True))
    }


def grouped(
    rows: dict[Place, ScoredResponse], group: Callable[[int], str]
) -> dict[Place, ScoredResponse]:
    """The same responses in other groups."""
    return {place: replace(each, group=group(int(place[1]))) for place, each in rows.items()}


def strict(found: Sequence[Any]) -> Any:
    return next(each for each in found if each.name == "prompt level, strict")


def test_a_difference_is_paired_by_prompt() -> None:
    """Mistake: two independent shares, whose interval is far wider: the same prompts are easy for
    both.
    """
    ours = [True] * 60 + [True] * 8 + [False] * 132
    theirs = [True] * 60 + [False] * 140
    found = strict(run_differences(verdicts(ours), verdicts(theirs)))
    assert (found.value, found.other, found.groups) == (0.34, 0.3, 200)
    assert found.difference.mean == pytest.approx(0.04)
    assert (found.higher, found.lower, found.told_apart) == (8, 0, "higher")
    back = strict(run_differences(verdicts(theirs), verdicts(ours)))
    assert (back.higher, back.lower, back.told_apart) == (0, 8, "lower")
    assert back.difference.low == pytest.approx(-found.difference.high)
    # As many prompts won, and as many lost again: the same shares, and nothing is told apart.
    mixed = [True] * 40 + [False] * 20 + [True] * 28 + [False] * 112
    wide = strict(run_differences(verdicts(mixed), verdicts(theirs)))
    assert wide.difference.mean == pytest.approx(0.04) and wide.told_apart == "not told apart"


def test_the_order_of_lines_and_samples_do_not_matter() -> None:
    """Mistake: prompts paired by place in the file; a sample counted as a prompt."""
    ours, theirs = verdicts([True, False, True]), verdicts([False, False, True])
    again = dict(reversed(list(theirs.items())))
    assert run_differences(ours, again) == run_differences(ours, theirs)
    twice = theirs | {("ifeval", id, 1, 1): row(id, True, sample=1) for id in "012"}
    found = strict(run_differences(ours, twice))
    assert found.groups == 3 and found.other == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_prompts_of_one_group_are_one_thing() -> None:
    """Mistake: FollowBench's five levels counted as five independent prompts, which makes the
    interval too narrow; or a group with more prompts given no more weight, which moves the mean.
    """
    ours, theirs = verdicts([True] * 5 + [False] * 95), verdicts([False] * 100)
    alone = strict(run_differences(ours, theirs))
    together = strict(run_differences(grouped(ours, lambda n: str(n // 5)), theirs))
    assert alone.groups == 100 and together.groups == 20
    assert together.difference.mean == pytest.approx(alone.difference.mean) == pytest.approx(0.05)
    widths = [each.difference.high - each.difference.low for each in (together, alone)]
    assert widths[0] > 1.5 * widths[1]
    uneven = grouped(ours, lambda n: "big" if n < 98 else str(n))
    assert strict(run_differences(uneven, theirs)).value == pytest.approx(0.05)


def test_a_missing_verdict_is_left_out_in_both() -> None:
    """Mistake: no verdict taken for a fail: the model whose judge was away looks worse."""
    ours, theirs = verdicts([True, None, False]), verdicts([True, True, True])
    found = strict(run_differences(ours, theirs))
    assert (found.value, found.other, found.left_out, found.groups) == (0.5, 1.0, 1, 2)
    # A fail beside it decides: whatever the missing one says, not all are satisfied.
    key: Place = ("ifeval", "1", 0, 1)
    both = ours | {key: row("1", None, False)}
    assert strict(run_differences(both, theirs)).value == pytest.approx(1 / 3)


def test_no_answer_is_not_guarded_and_words_are_counted() -> None:
    """Mistake: an empty text that satisfies "no comma" counted; shares where words are."""
    ours, theirs = verdicts([True] * 3, [0, 5, 10]), verdicts([True] * 3, [10, 16, 22])
    ours["ifeval", "0", 0, 1] = row("0", True, substance=False, words=0)
    found = {each.name: each for each in run_differences(ours, theirs)}
    assert found["prompt level, strict"].value == 1
    assert found["ISR, guarded"].value == found["substance"].value == pytest.approx(2 / 3)
    words = found["words"]
    assert (words.value, words.other, words.difference.mean) == (5, 16, -11)
    assert words.told_apart == "lower" and words.difference.low < -11 < words.difference.high


def test_other_prompts_are_refused() -> None:
    """Mistake: the prompts that both have taken without a word."""
    with pytest.raises(HpptError, match="1 prompts are answered only in the first run.*'2'"):
        run_differences(verdicts([True] * 3), verdicts([True] * 2))
    with pytest.raises(HpptError, match="only in the second run"):
        run_differences(verdicts([True] * 2), verdicts([True] * 3))
    with pytest.raises(HpptError, match="needs two or more"):
        run_differences(verdicts([True]), verdicts([True]))


def test_two_runs_are_compared_as_they_were_scored(tmp_path: Path) -> None:
    """Mistake: a run read by the reference beside one read as text; an old report passed off."""
    base = run_of(tmp_path / "base", [_BAD, _BAD, _GOOD, _BAD])
    trained = run_of(tmp_path / "trained", [_GOOD, _GOOD, _GOOD, _BAD])
    found = compare_runs(trained, base)
    assert strict(found.differences).difference.mean == pytest.approx(0.5)
    assert strict(found.differences).told_apart == "not told apart", "4 prompts say nothing"
    shown = found.as_table(width=120)
    assert "+0.500 [" in shown and "not of what another training run" in " ".join(shown.split())
    score_run(trained, REFERENCE)
    with pytest.raises(HpptError, match="another reading .reference and text."):
        compare_runs(trained, base)
    (base.path / "report.json").unlink()
    with pytest.raises(HpptError, match="was not scored yet: run 'hppt score"):
        compare_runs(trained, base)


def test_groups_are_kept_with_the_verdicts(tmp_path: Path) -> None:
    """Mistake: levels of one FollowBench group read back as prompts that stand alone."""
    run = run_of(tmp_path / "base", [_GOOD] * 4)
    path = run.path / "verdicts.jsonl"
    assert [each.group for each in read_verdicts(path).values()] == [
        item.group for item in run.items
    ]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(json.dumps({**r, "group": "all"}) + "\n" for r in rows))
    with pytest.raises(HpptError, match="1 groups of prompts with a value"):
        compare_runs(run, run)


def test_a_run_whose_prompts_are_others_is_refused(tmp_path: Path) -> None:
    """Mistake: keys that are equal, and prompts that are not."""
    base = run_of(tmp_path / "base", [_GOOD] * 4)
    trained = run_of(tmp_path / "trained", [_GOOD] * 4)
    other = {**trained.identity, "prompts": {"ifeval": "4 prompts, 000000000000"}}
    changed = RunFolder(trained.path, other, trained.items, trained.about)
    with pytest.raises(HpptError, match="differ in ifeval"):
        compare_runs(changed, base)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"strict": [1]}, "true, false or null"),
        ({"substance": None}, "'substance' must be true or false"),
        ({"words": "ten"}, "'words' must be a int"),
        ({"id": "0"}, "a second response of '0'"),
    ],
)
def test_damaged_verdicts_are_named(tmp_path: Path, line: dict[str, Any], says: str) -> None:
    """Mistake: a line that was edited by hand taken for a pass (1 == True)."""
    good = {"benchmark": "ifeval", "sample": 0, "turn": 1, "strict": [True], "loose": [True]}
    rows = [{**good, "id": "0", "substance": True, "words": 3}]
    rows.append({**rows[0], "id": "1", **line})
    path = tmp_path / "verdicts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(HpptError, match=f"line 2.*{says}"):
        read_verdicts(path)


def test_the_command_shows_the_difference(tmp_path: Path) -> None:
    """Mistake: an option that is read and forgotten; --json with two documents."""
    base = run_of(tmp_path / "base", [_BAD, _BAD, _GOOD, _BAD])
    trained = run_of(tmp_path / "trained", [_GOOD, _GOOD, _GOOD, _BAD])
    how = ["score", str(trained.path), "--less", str(base.path)]
    shown = CliRunner().invoke(app, how)
    assert shown.exit_code == 0, shown.output
    assert "prompt level, strict" in shown.output and "2, 0" in shown.output
    found = json.loads(CliRunner().invoke(app, [*how, "--json"]).stdout)
    assert found["less"] == str(base.path) and found["benchmarks"]
    (row,) = (each for each in found["differences"] if each["name"] == "prompt level, strict")
    assert row["difference"]["mean"] == pytest.approx(0.5) and row["higher"] == 2
    (base.path / "report.json").unlink()
    failed = CliRunner().invoke(app, how)
    assert failed.exit_code == 1 and "prompt level, strict" in failed.output, (
        "the report all the same"
    )
    assert "was not scored yet" in str(failed.exception)
