"""A pilot's record: the same after a kill, never another pilot's, and honest about judges."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hppt_lib import rewards
from hppt_lib.errors import HpptError
from hppt_lib.files import only_writer
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges import Judgement, Question, no_verdict
from hppt_lib.policy import sampling as rollouts
from hppt_lib.refine import pilot as pilots
from hppt_lib.refine.pilot_log import Attempt, PilotSettings, Sampled, attempt, read_pilot
from hppt_lib.refine.steps import RULES, certain, step_a
from hppt_lib.verifiers import Verdict
from tests.helpers.tiny import tiny_instructions, tiny_policy

SETTINGS = PilotSettings(samples=3, max_new_tokens=5, seed=7)
SOFT = Constraint("tone:warm", {}, "Sound warm and friendly.", "soft")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One instruction a chunk, so that there is something to interrupt."""
    monkeypatch.setattr(pilots, "_ROWS", 3)
    monkeypatch.setenv("HPPT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The prompts of each call of the sampler."""
    calls: list[list[str]] = []

    def counting(*arguments: Any, **options: Any) -> Any:
        calls.append(list(arguments[2]))
        return whole(*arguments, **options)

    whole = rollouts.sample
    monkeypatch.setattr(rollouts, "sample", counting)
    return calls


def run(path: Path, **changes: Any) -> pilots.Pilot:
    options: dict[str, Any] = {"instructions": tiny_instructions(), "settings": SETTINGS} | changes
    return pilots.run_pilot(tiny_policy(), path=path, progress=False, **options)


@pytest.fixture(scope="module")
def whole_record(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilots, "_ROWS", 3)
        folder = tmp_path_factory.mktemp("pilot")
        patch.setenv("HPPT_CACHE", str(folder / "cache"))
        run(folder / "a.jsonl")
        return (folder / "a.jsonl").read_bytes()


def test_a_pilot_samples_each_instruction_as_often_as_asked(tmp_path: Path) -> None:
    """Mistake: responses under another instruction's id (the sampler sorts prompts by length)."""
    done = run(tmp_path / "a.jsonl")
    assert done.finished and [each.id for each in done.instructions] == [
        "tea",
        "bees",
        "milk",
        "cup",
    ]
    assert all(len(done.attempts[each.id]) == 3 for each in done.instructions)
    for each in done.instructions:
        for one in done.attempts[each.id]:
            score = rewards.score(each, one.sampled.text)
            assert one.verdicts == score.verdicts and one.substance == score.substance
            assert 1 <= one.sampled.tokens <= 5
    assert len((tmp_path / "a.jsonl").read_bytes().splitlines()) == 1 + 4
    assert done.rewards("strict")["tea"] == tuple(
        one.reward(rewards.STRICT) for one in done.attempts["tea"]
    )
    assert any(1.0 in row for row in done.rewards("strict").values())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_record_cut_anywhere_is_completed_to_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, whole_record: bytes, data: st.DataObject
) -> None:
    """Mistake: chance that depends on the chunks sampled before, or a torn line that stays."""
    path = tmp_path_factory.mktemp("cut") / "a.jsonl"
    path.write_bytes(whole_record[: data.draw(st.integers(0, len(whole_record)))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilots, "_ROWS", 3)
        patch.setenv("HPPT_CACHE", str(path.parent / "cache"))
        run(path)
    # Machine and versions stand in the first line, which a cut may have removed.
    assert path.read_bytes() == whole_record


@pytest.mark.parametrize("chunks", [0, 1, 3, 4])
def test_a_finished_chunk_is_never_sampled_again(
    tmp_path: Path, whole_record: bytes, sampled: list[list[str]], chunks: int
) -> None:
    """Mistake: a pilot that starts anew, or goes back by a chunk."""
    lines = whole_record.splitlines(keepends=True)
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines[: chunks + 1]) + b'{"chunk": 9, "resp')
    run(tmp_path / "a.jsonl")
    assert sampled == [[each.prompt] for each in tiny_instructions()[chunks:]]
    assert (tmp_path / "a.jsonl").read_bytes() == whole_record


def test_a_pilot_that_fails_midway_keeps_what_it_has(
    tmp_path: Path, whole_record: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a record written at the end, or a lock that outlives a failure."""
    whole, calls = rollouts.sample, iter(range(9))

    def failing(*arguments: Any, **options: Any) -> Any:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return whole(*arguments, **options)

    monkeypatch.setattr(rollouts, "sample", failing)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "a.jsonl")
    part = read_pilot(tmp_path / "a.jsonl", tiny_instructions())
    assert not part.finished and part.planned == 4
    assert [each.id for each in part.instructions] == ["tea", "bees"]
    run(tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == whole_record


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"settings": replace(SETTINGS, seed=8)}, "settings"),
        ({"instructions": tiny_instructions()[:3]}, "ids"),
        (
            {
                "instructions": [
                    replace(tiny_instructions()[0], prompt="Tea!"),
                    *tiny_instructions()[1:],
                ]
            },
            "fingerprint",
        ),
    ],
)
def test_another_pilots_record_is_left_alone(
    tmp_path: Path, whole_record: bytes, changes: dict[str, Any], what: str
) -> None:
    """Mistake: two pilots mixed in one record."""
    torn = whole_record + b'{"chu'
    (tmp_path / "a.jsonl").write_bytes(torn)
    with pytest.raises(HpptError, match=f"another pilot: its {what} differ"):
        run(tmp_path / "a.jsonl", **changes)
    assert (tmp_path / "a.jsonl").read_bytes() == torn


@pytest.mark.parametrize(
    "text", [b"My notes", b"My notes\n", b"a\nb\n", b'{"id": "a"}\n', b"{}\n{"]
)
def test_a_file_that_is_no_record_is_left_alone(tmp_path: Path, text: bytes) -> None:
    """Mistake: somebody's file taken for a torn record, and emptied."""
    (tmp_path / "a.jsonl").write_bytes(text)
    with pytest.raises(HpptError, match=r"is no pilot's record|not of a pilot's record"):
        run(tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == text


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (3, b"garbage\n", "line 3 is not of a pilot's record: not valid JSON"),
        (3, b'{"chunk": 5, "responses": {}}\n', "line 3 .* chunk 5 where chunk 1 should be"),
        (3, b'{"chunk": 1, "responses": []}\n', "line 3"),
        (3, b'{"chunk": 1, "responses": {"tea": [["a", 1]]}}\n', "line 3"),
        (1, b'{"format": 2}\n', "line 1 .* format is not 1"),
    ],
)
def test_damage_in_the_middle_is_named(
    tmp_path: Path, whole_record: bytes, line: int, text: bytes, message: str
) -> None:
    """Mistake: a record that is silently shorter than what was sampled."""
    lines = whole_record.splitlines(keepends=True)
    lines[line - 1] = text
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(lines))
    with pytest.raises(HpptError, match=message):
        read_pilot(path, tiny_instructions())
    with pytest.raises(HpptError, match=message):
        run(path)
    assert path.read_bytes() == b"".join(lines)


def test_a_record_is_read_with_the_instructions_it_was_made_from(
    tmp_path: Path, whole_record: bytes
) -> None:
    """Mistake: responses scored by constraints that were not asked for."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(whole_record)
    more = [*reversed(tiny_instructions()), replace(tiny_instructions()[0], id="more")]
    assert [each.id for each in read_pilot(path, more).instructions] == [
        "tea",
        "bees",
        "milk",
        "cup",
    ]
    with pytest.raises(HpptError, match="'cup' is not among those given"):
        read_pilot(path, tiny_instructions()[:3])
    changed = [replace(each, topic=("pot",)) for each in tiny_instructions()]
    with pytest.raises(HpptError, match="instructions have changed"):
        read_pilot(path, changed)
    with pytest.raises(HpptError, match="Could not read"):
        read_pilot(tmp_path / "none.jsonl", more)


def test_two_pilots_do_not_write_one_record(tmp_path: Path) -> None:
    """Mistake: two processes whose chunks alternate."""
    with only_writer(tmp_path / "a.jsonl"):
        with pytest.raises(HpptError, match="Another process is writing"):
            run(tmp_path / "a.jsonl")
    assert not (tmp_path / "a.jsonl").exists()
    assert run(tmp_path / "a.jsonl").finished


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_stopped_pilot_samples_until_each_decision_is_certain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    """Mistake: an instruction sampled on after its decision, or stopped before it."""
    monkeypatch.setattr(pilots, "_ROWS", 2)
    wanted = replace(SETTINGS, samples=4, stop=rule, reward="strict")
    done = run(tmp_path / "a.jsonl", settings=wanted)
    histories = done.rewards("strict")
    for row in histories.values():
        assert certain(row, 4, RULES[rule]) and not certain(row[:-1], 4, RULES[rule])
    step = step_a(done.instructions, histories, samples=4, rule=RULES[rule])
    assert step.spent == sum(map(len, histories.values())) < step.full
    first = (tmp_path / "a.jsonl").read_bytes()
    (tmp_path / "a.jsonl").write_bytes(first[: len(first) - 9])
    run(tmp_path / "a.jsonl", settings=wanted)
    assert (tmp_path / "a.jsonl").read_bytes() == first


class Warm:
    """A judge that goes by the response's length, and has no opinion on every third one."""

    name = "warm"
    settings: dict[str, Any] = {}

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, tuple[Judgement, ...]]]:
        for place, each in reversed(list(enumerate(questions))):
            assert each.constraints == (SOFT.text,)
            opinion = (None, True, False)[len(each.response) % 3]
            verdict = no_verdict("?") if opinion is None else Judgement(opinion)
            yield place, (verdict,)


def mixed() -> list[Instruction]:
    return [
        replace(each, constraints=(SOFT, *each.constraints)) for each in tiny_instructions()
    ] + [Instruction("soft", "Write about tea . Sound warm", (SOFT,), "Write", ("tea",))]


def test_a_judges_verdicts_stand_at_their_constraints(tmp_path: Path) -> None:
    """Mistake: verdicts out of order, or a judge asked again for what the record has."""
    done = run(tmp_path / "a.jsonl", instructions=mixed(), judge=Warm())
    assert done.judge == "warm"
    seen = set()
    for each in done.instructions:
        for one in done.attempts[each.id]:
            assert len(one.verdicts) == len(each.constraints)
            found = one.verdicts[0].passed if one.verdicts[0] else None
            assert found is (None, True, False)[len(one.sampled.text) % 3]
            seen.add(found)
    assert seen == {None, True, False}
    again = read_pilot(tmp_path / "a.jsonl", mixed())
    assert again == done


def test_without_a_judge_soft_constraints_are_left_out_and_it_is_said(tmp_path: Path) -> None:
    """Mistake: soft constraints that count as satisfied in silence."""
    chosen = pilots.scorable(mixed())
    assert [each.id for each in chosen] == ["tea", "bees", "milk", "cup"]
    assert pilots.scorable(mixed(), judged=True) == mixed()
    with pytest.raises(HpptError, match="need a judge"):
        run(tmp_path / "a.jsonl", instructions=mixed())
    done = run(tmp_path / "a.jsonl", instructions=chosen)
    assert done.judge is None
    assert all(len(one.verdicts) == 1 for row in done.attempts.values() for one in row)
    assert json.loads((tmp_path / "a.jsonl").read_bytes().splitlines()[0])["judge"] is None


@pytest.mark.parametrize(
    ("verdicts", "substance", "strict", "guarded"),
    [
        ((True, True), True, 1.0, 1.0),
        ((True, True), False, 1.0, 0.0),
        ((True, False), True, 0.0, 0.0),
        ((True, None), True, None, None),
        ((True, None), False, None, 0.0),
        ((False, None), True, 0.0, 0.0),
    ],
)
def test_a_missing_verdict_is_neither_a_pass_nor_a_fail(
    verdicts: tuple[bool | None, ...], substance: bool, strict: float | None, guarded: float | None
) -> None:
    """Mistake: no verdict that becomes a pass (or a fail that another verdict had settled)."""
    one = Attempt(
        Sampled("x", 1, True),
        tuple(None if each is None else Verdict(each, "") for each in verdicts),
        Verdict(substance, ""),
    )
    assert one.reward(rewards.STRICT) == strict and one.reward(rewards.GUARDED) == guarded


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instructions": []}, "needs instructions"),
        ({"instructions": [tiny_instructions()[0]] * 2}, "an id of its own"),
        ({"settings": replace(SETTINGS, samples=0)}, "at least 1 sample"),
        ({"settings": replace(SETTINGS, temperature=-1)}, "temperature of 0 or more"),
        ({"settings": replace(SETTINGS, stop="soon")}, "no rule 'soon'. Choose one of: ever"),
        ({"settings": replace(SETTINGS, reward="rich")}, "no reward 'rich'"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_sampled(
    tmp_path: Path, sampled: list[list[str]], changes: dict[str, Any], message: str
) -> None:
    """Mistake: an error after an hour of sampling."""
    with pytest.raises(HpptError, match=message):
        run(tmp_path / "a.jsonl", **changes)
    assert not sampled and not (tmp_path / "a.jsonl").exists()


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_response_survives_the_record(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Mistake: a line break or a separator in a response that ends a line of the record."""
    from hppt_lib.refine.pilot_log import append_chunk, begin

    path = tmp_path_factory.mktemp("text") / "a.jsonl"
    one = tiny_instructions()[:1]
    begin(path, one, SETTINGS, "tiny", None)
    append_chunk(path, 0, {"tea": [Sampled(text, 3, False)]})
    found = read_pilot(path, one).attempts["tea"]
    assert found == (attempt(one[0], Sampled(text, 3, False)),)


def test_the_speed_counts_this_call_alone(tmp_path: Path, whole_record: bytes) -> None:
    """Mistake: tokens a second that include what an earlier call sampled."""
    lines = whole_record.splitlines(keepends=True)
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines[:3]))
    speed = pilots.Speed()
    done = run(tmp_path / "a.jsonl", speed=speed)
    late = [one for id in ("milk", "cup") for one in done.attempts[id]]
    assert speed.responses == len(late) == 6
    assert speed.tokens == sum(one.sampled.tokens for one in late) and speed.seconds > 0
    assert "tokens/s" in str(speed) and str(pilots.Speed()).endswith("0 tokens/s")
