"""The pilot: its log is the same after a kill or an outage, and never another pilot's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hppt_lib import rewards
from hppt_lib.errors import HpptError
from hppt_lib.files import only_writer
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges import Judgement, Question, no_verdict
from hppt_lib.judges.endpoint import EndpointJudge
from hppt_lib.policy import sampling as rollouts
from hppt_lib.policy.load import load_policy
from hppt_lib.refine import pilot as pilots
from hppt_lib.refine.pilot_log import PilotSettings, _fingerprint, read_pilot
from hppt_lib.refine.steps import RULES, early_decision, step_a
from tests.helpers.tiny import TEMPLATE, tiny_folder, tiny_instructions, tiny_policy

pytestmark = pytest.mark.slow

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
def whole_log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
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


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_log_cut_anywhere_is_completed_to_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, whole_log: bytes, data: st.DataObject
) -> None:
    """Mistake: chance that depends on the chunks sampled before, or a torn line that stays."""
    path = tmp_path_factory.mktemp("cut") / "a.jsonl"
    path.write_bytes(whole_log[: data.draw(st.integers(0, len(whole_log)))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilots, "_ROWS", 3)
        patch.setenv("HPPT_CACHE", str(path.parent / "cache"))
        run(path)
    # Machine and versions stand in the first line, which a cut may have removed.
    assert path.read_bytes() == whole_log


@pytest.mark.parametrize("chunks", [0, 1, 3, 4])
def test_a_finished_chunk_is_never_sampled_again(
    tmp_path: Path, whole_log: bytes, sampled: list[list[str]], chunks: int
) -> None:
    """Mistake: a pilot that starts anew, or goes back by a chunk."""
    lines = whole_log.splitlines(keepends=True)
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines[: chunks + 1]) + b'{"chunk": 9, "resp')
    run(tmp_path / "a.jsonl")
    assert sampled == [[each.prompt] for each in tiny_instructions()[chunks:]]
    assert (tmp_path / "a.jsonl").read_bytes() == whole_log


def test_a_pilot_that_fails_midway_keeps_what_it_has(
    tmp_path: Path, whole_log: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a log written at the end, or a lock that outlives a failure."""
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
    assert (tmp_path / "a.jsonl").read_bytes() == whole_log


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"settings": replace(SETTINGS, seed=8)}, "settings.seed: there 7, asked for 8"),
        (
            {"settings": replace(SETTINGS, thoughts="none")},
            "settings.thoughts: there nothing, asked for 'none'",
        ),
        ({"instructions": tiny_instructions()[:3]}, "data: there '4 in order.*asked for '3 in"),
        (
            {
                "instructions": [
                    replace(tiny_instructions()[0], prompt="Tea!"),
                    *tiny_instructions()[1:],
                ]
            },
            "data: there '4 in order, sha256 .*asked for '4 in order, sha256",
        ),
    ],
)
def test_another_pilots_log_is_left_alone(
    tmp_path: Path, whole_log: bytes, changes: dict[str, Any], what: str
) -> None:
    """Mistake: two pilots mixed in one log."""
    torn = whole_log + b'{"chu'
    (tmp_path / "a.jsonl").write_bytes(torn)
    with pytest.raises(HpptError, match=rf"holds another pilot \({what}.*--out"):
        run(tmp_path / "a.jsonl", **changes)
    assert (tmp_path / "a.jsonl").read_bytes() == torn


def with_adapter(folder: Path, seed: int) -> Path:
    """A random LoRA adapter of the tiny policy."""
    from peft import LoraConfig, get_peft_model

    model = tiny_policy().model
    torch.manual_seed(seed)
    config = LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
    get_peft_model(model, config).save_pretrained(str(folder))
    return folder


def test_another_model_under_the_same_name_does_not_pass(tmp_path: Path) -> None:
    """Mistakes: "0 responses" and status 0 for a model, an adapter or a template that was never
    sampled, because a folder of its name was; a renamed folder that is refused."""
    log, one = tmp_path / "same.jsonl", tiny_instructions()[:1]

    def sampled_by(folder: Path, **options: Any) -> pilots.Pilot:
        policy = load_policy(folder, device="cpu", **options)
        return pilots.run_pilot(policy, one, SETTINGS, log, progress=False)

    first = tiny_folder(tmp_path / "v1" / "merged")
    adapter = with_adapter(tmp_path / "adapter", 0)
    sampled_by(first, adapter=adapter)
    whole = log.read_bytes()
    other = tiny_folder(tmp_path / "v2" / "merged", seed=1)
    asked = Path(shutil.copytree(first, tmp_path / "v3" / "merged"))
    (asked / "chat_template.jinja").write_text(TEMPLATE.replace("<user>", "Do"))
    here = "model.{}: there '[0-9a-f]{{12}}…', asked for {}"
    for folder, with_, message in (
        (other, adapter, here.format("weights", "'")),
        (asked, adapter, here.format("template", "'")),
        (first, None, here.format("adapter", "nothing")),
        (first, with_adapter(tmp_path / "again" / "adapter", 1), here.format("adapter", "'")),
    ):
        with pytest.raises(HpptError, match=rf"holds another pilot \({message}"):
            sampled_by(folder, adapter=with_)
    assert sampled_by(first.rename(tmp_path / "renamed"), adapter=adapter).finished
    assert log.read_bytes() == whole


def test_another_reward_or_judge_under_the_same_name_does_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: half a pilot stopped by one version of an own reward, half by another."""
    monkeypatch.chdir(tmp_path)
    code = tmp_path / "own_pilot.py"
    code.write_text("def f(prompt, response, instruction): return 0.0\n")
    own = replace(SETTINGS, stop="ever", reward="own_pilot:f")
    run(tmp_path / "a.jsonl", settings=own)
    code.write_text("def f(prompt, response, instruction): return 1.0\n")
    with pytest.raises(HpptError, match="reward.code: there '[0-9a-f]{12}…', asked for '"):
        run(tmp_path / "a.jsonl", settings=own)
    places = ["http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"]
    one, two = (EndpointJudge(place, "/srv/v1/merged", progress=False) for place in places)
    run(tmp_path / "b.jsonl", judge=one)  # no soft constraint: nobody is asked
    with pytest.raises(HpptError, match="judge.server: there '.*:1/v1', asked for '.*:2/v1'"):
        run(tmp_path / "b.jsonl", judge=two)


def test_a_log_of_the_first_format_is_read_but_not_continued(
    tmp_path: Path, whole_log: bytes
) -> None:
    """Mistakes: a pilot of last month that nobody can read; or one that another model completes."""
    path = tmp_path / "a.jsonl"
    head, *chunks = whole_log.splitlines(keepends=True)
    row = json.loads(head) | {"format": 1, "fingerprint": _fingerprint(tiny_instructions())}
    del row["identity"]
    path.write_bytes(b"".join([json.dumps(row).encode() + b"\n", *chunks[:2]]))
    assert [each.id for each in read_pilot(path, tiny_instructions()).instructions] == [
        "tea",
        "bees",
    ]
    with pytest.raises(HpptError, match=r"older version of the kit.*not continued.*--out"):
        run(path)
    changed = [replace(each, topic=("pot",)) for each in tiny_instructions()]
    with pytest.raises(HpptError, match="instructions have changed"):
        read_pilot(path, changed)


@pytest.mark.parametrize(
    "text", [b"My notes", b"My notes\n", b"a\nb\n", b'{"id": "a"}\n', b"{}\n{"]
)
def test_a_file_that_is_no_log_is_left_alone(tmp_path: Path, text: bytes) -> None:
    """Mistake: somebody's file taken for a torn log, and emptied."""
    (tmp_path / "a.jsonl").write_bytes(text)
    with pytest.raises(HpptError, match=r"is not a pilot log|not of a pilot log"):
        run(tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == text


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (3, b"garbage\n", "line 3 is not of a pilot log: not valid JSON"),
        (3, b'{"chunk": 5, "responses": {}}\n', "line 3 .* chunk 5 where chunk 1 should be"),
        (3, b'{"chunk": 1, "responses": []}\n', "line 3"),
        (3, b'{"chunk": 1, "responses": {"tea": [["a", 1]]}}\n', "line 3"),
        (1, b'{"format": 3}\n', "line 1 .* format is not 2"),
    ],
)
def test_damage_in_the_middle_is_named(
    tmp_path: Path, whole_log: bytes, line: int, text: bytes, message: str
) -> None:
    """Mistake: a log that is silently shorter than what was sampled."""
    lines = whole_log.splitlines(keepends=True)
    lines[line - 1] = text
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(lines))
    with pytest.raises(HpptError, match=message):
        read_pilot(path, tiny_instructions())
    with pytest.raises(HpptError, match=message):
        run(path)
    assert path.read_bytes() == b"".join(lines)


def test_a_log_is_read_with_the_instructions_it_was_made_from(
    tmp_path: Path, whole_log: bytes
) -> None:
    """Mistake: responses scored by constraints that were not asked for."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(whole_log)
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


def test_two_pilots_do_not_write_one_log(tmp_path: Path) -> None:
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
        assert early_decision(row, 4, RULES[rule]) and not early_decision(row[:-1], 4, RULES[rule])
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
    """Mistake: verdicts out of order, or a judge asked again for what the log has."""
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


@pytest.fixture
def thinking(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sampler gives these three responses to each instruction."""
    texts = ["<think>Any , commas ,</think>\nTea .", "<think>\nWrite about warm tea", "Tea ."]

    def sample(model: Any, tokenizer: Any, prompts: list[str], **options: Any) -> Any:
        group = [rollouts.Rollout(each, (1, 2), False) for each in texts]
        return [group[: options["samples"]] for _ in prompts]

    monkeypatch.setattr(rollouts, "sample", sample)
    return texts


def test_the_pilot_scores_answers_and_shows_the_judge_no_thoughts(
    tmp_path: Path, thinking: list[str]
) -> None:
    """Mistake: a thought that is cut at the limit, rewarded, so that Step A keeps what no answer
    satisfies; or a judge that is paid for reading it."""
    asked: list[Question] = []

    class Listening(Warm):
        def answers(self, questions: Sequence[Question]) -> Any:
            asked.extend(questions)
            return iter([(place, (Judgement(True),)) for place in range(len(questions))])

    done = run(tmp_path / "a.jsonl", instructions=mixed(), judge=Listening())
    assert {each.response for each in asked} == {"Tea ."}
    assert set(done.rewards("strict").values()) == {(1, 0, 1)}
    for attempts in done.attempts.values():
        assert [one.sampled.text for one in attempts] == thinking
        assert [one.sampled.judged for one in attempts] == [(True,), (False,), (True,)]
    assert b"thoughts" not in (tmp_path / "a.jsonl").read_bytes(), "logs of old stay as they are"


def test_the_marks_of_a_pilot_are_in_its_log(tmp_path: Path, thinking: list[str]) -> None:
    """Mistake: marks that are forgotten when the log is read, or when a decision is made."""
    settings = replace(SETTINGS, thoughts="none", stop="ever", reward="strict")
    done = run(tmp_path / "a.jsonl", settings=settings)
    head = json.loads((tmp_path / "a.jsonl").read_bytes().splitlines()[0])
    assert head["settings"]["thoughts"] == "none"
    assert done == read_pilot(tmp_path / "a.jsonl", tiny_instructions())
    # Commas of the thoughts count now, and each of three rounds draws the first response.
    assert done.rewards("strict") == {
        "tea": (0, 0, 0),
        "bees": (0, 0, 0),
        "milk": (0, 0, 0),
        "cup": (1,),
    }
    usual = run(tmp_path / "b.jsonl", settings=replace(settings, thoughts="known"))
    assert set(usual.rewards("strict").values()) == {(1,)}


class Unsteady(Warm):
    """Answers so many questions, and is then out of reach for ``away`` rounds of questions."""

    def __init__(self, questions: int, away: int) -> None:
        self.left, self.away = questions, away

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, tuple[Judgement, ...]]]:
        for place, judgements in super().answers(questions):
            gone = self.left <= 0 < self.away
            self.left -= 1
            yield place, (NO_CONNECTION,) if gone else judgements
        self.away -= self.left <= 0


NO_CONNECTION = no_verdict("no connection (refused)", transient=True)


@pytest.mark.parametrize("answered", [3, 4], ids=["between chunks", "inside a chunk"])
def test_an_outage_stops_the_pilot_and_the_same_command_goes_on(
    tmp_path: Path, answered: int
) -> None:
    """Mistake: missing verdicts of a judge that was switched off, kept in the log for good."""
    run(tmp_path / "whole.jsonl", instructions=mixed(), judge=Warm())
    whole = (tmp_path / "whole.jsonl").read_bytes()
    log = tmp_path / "log.jsonl"
    with pytest.raises(HpptError, match=r"warm answered none of .* no connection"):
        run(log, instructions=mixed(), judge=Unsteady(answered, away=99))
    assert log.read_bytes() == b"".join(whole.splitlines(keepends=True)[:2])  # head and chunk 0
    run(log, instructions=mixed(), judge=Warm())
    assert log.read_bytes() == whole


def test_a_short_outage_leaves_no_trace(tmp_path: Path) -> None:
    """Mistake: one dropped connection that makes a verdict missing for good."""
    run(tmp_path / "whole.jsonl", instructions=mixed(), judge=Warm())
    run(tmp_path / "log.jsonl", instructions=mixed(), judge=Unsteady(4, away=1))
    assert (tmp_path / "log.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_question_that_the_judge_cannot_take_does_not_stop_the_pilot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: one response that is too long for the judge, and a pilot that never goes on."""

    class Stubborn(Warm):
        first: Question | None = None

        def answers(self, questions: Sequence[Question]) -> Any:
            self.first = self.first or questions[0]
            for place, judgements in super().answers(questions):
                fails = questions[place] == self.first
                yield place, (no_verdict("HTTP 400", transient=True),) if fails else judgements

    monkeypatch.setattr(pilots, "_ROWS", 99)
    judge = Stubborn()
    done = run(tmp_path / "a.jsonl", instructions=mixed(), judge=judge)
    assert done.finished and judge.first is not None
    whole = run(tmp_path / "whole.jsonl", instructions=mixed(), judge=Warm())
    for id, attempts in done.attempts.items():
        for attempt, other in zip(attempts, whole.attempts[id], strict=True):
            asked = attempt.instruction is not None and judge.first == Question(
                attempt.instruction.query or attempt.instruction.prompt,
                attempt.sampled.text,
                (SOFT.text,),
            )
            assert attempt.sampled.judged == ((None,) if asked else other.sampled.judged)


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


def test_instructions_without_any_hard_constraint_are_said_to_be_so(tmp_path: Path) -> None:
    """Mistake: "A pilot needs instructions, each with an id of its own" for a file of soft ones."""
    soft = [replace(each, constraints=(SOFT,)) for each in tiny_instructions()]
    with pytest.raises(HpptError, match="None of the 4 instructions has a hard constraint"):
        pilots.scorable(soft)
    with pytest.raises(HpptError, match="None of the 4 instructions has a hard constraint"):
        run(tmp_path / "a.jsonl", instructions=soft)
    assert pilots.scorable([]) == [] and pilots.scorable(soft, judged=True) == soft


def test_a_prompt_that_is_too_long_is_said_before_anything_is_sampled(tmp_path: Path) -> None:
    """Mistake: a pilot that samples from what the model was not made to read."""
    tea, bees, *_ = tiny_instructions()
    with pytest.raises(HpptError, match="'bees' has 2046 tokens. tiny takes 2048 .* 5 of them"):
        run(tmp_path / "a.jsonl", instructions=[tea, replace(bees, prompt="honey " * 2044)])
    assert not (tmp_path / "a.jsonl").exists()


def test_a_model_without_a_chat_template_is_said_to_have_none(tmp_path: Path) -> None:
    """Mistake: a ValueError of transformers, with a link to its documentation."""
    policy = tiny_policy()
    policy.tokenizer.chat_template = None
    with pytest.raises(HpptError, match="no chat template.*Instruct version"):
        pilots.run_pilot(policy, tiny_instructions(), SETTINGS, tmp_path / "a.jsonl")
    assert not (tmp_path / "a.jsonl").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instructions": []}, "needs instructions"),
        ({"instructions": [tiny_instructions()[0]] * 2}, "an id of its own"),
        ({"settings": replace(SETTINGS, samples=0)}, "at least 1 sample"),
        ({"settings": replace(SETTINGS, temperature=-1)}, "temperature of 0 or more"),
        ({"settings": replace(SETTINGS, stop="soon")}, "no rule 'soon'. Choose one of: ever"),
        ({"settings": replace(SETTINGS, reward="rich")}, "no reward 'rich'"),
        ({"settings": replace(SETTINGS, thoughts="<plan>")}, "Say known, none, or the two marks"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_sampled(
    tmp_path: Path, sampled: list[list[str]], changes: dict[str, Any], message: str
) -> None:
    """Mistake: an error after an hour of sampling."""
    with pytest.raises(HpptError, match=message):
        run(tmp_path / "a.jsonl", **changes)
    assert not sampled and not (tmp_path / "a.jsonl").exists()


def test_the_speed_counts_this_call_alone(tmp_path: Path, whole_log: bytes) -> None:
    """Mistake: tokens a second that include what an earlier call sampled."""
    lines = whole_log.splitlines(keepends=True)
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines[:3]))
    speed = pilots.Speed()
    done = run(tmp_path / "a.jsonl", speed=speed)
    late = [one for id in ("milk", "cup") for one in done.attempts[id]]
    assert speed.responses == len(late) == 6
    assert speed.tokens == sum(one.sampled.tokens for one in late) and speed.seconds > 0
    assert "tokens/s" in str(speed) and str(pilots.Speed()).endswith("0 tokens/s")
