"""Rewards in which a judge decides: what it is asked, and what its silence does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges import Judgement, Question, no_verdict
from hppt_lib.rewards import Score, judged, score
from hppt_lib.rewards import reward as by_name
from hppt_lib.training.reward_function import reward_function
from hppt_lib.verifiers import Verdict

NO_COMMA = Constraint("punctuation:no_comma", {}, "Use no commas.")
KIND = Constraint("soft:tone", {}, "Be kind.", "soft")
SHORT = Constraint("soft:length", {}, "Be brief.", "soft")
HARD = Instruction("hard", "Tea? Use no commas.", (NO_COMMA,), "Tea?", ("tea",))
MIXED = Instruction("mixed", "Tea? …", (KIND, NO_COMMA, SHORT), "Tea?", ("tea",))
SOFT = Instruction("soft", "Tea? Be kind.", (KIND,), "", ("tea",))
GOOD, BAD = "Tea leaves brew slowly overnight.", "Tea, leaves, brewed."


class Opinion:
    """A judge that passes what the word table says; "none" is no verdict."""

    name = "opinion"
    settings: Mapping[str, Any] = {}

    def __init__(self, says: Callable[[str], Judgement] | None = None) -> None:
        self.says = says or (lambda constraint: Judgement(True))
        self.asked: list[Question] = []

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, tuple[Judgement, ...]]]:
        for place in reversed(range(len(questions))):
            self.asked.append(questions[place])
            yield place, tuple(map(self.says, questions[place].constraints))


SILENT = no_verdict("unreadable reply")
YES, NO, NONE = True, False, None
RULES = [
    # instruction, response, judge's verdicts, reward by rule (fail, skip, drop)
    (MIXED, GOOD, (YES, YES), (1, 1, 1), "all satisfied"),
    (MIXED, GOOD, (YES, NO), (0, 0, 0), "the judge finds one violated"),
    (MIXED, BAD, (YES, YES), (0, 0, 0), "a verifier finds one violated"),
    (MIXED, GOOD, (YES, NONE), (0, 1, math.nan), "one is missing"),
    (MIXED, GOOD, (NONE, NONE), (0, 1, math.nan), "both are missing, the hard one is left"),
    (MIXED, GOOD, (NO, NONE), (0, 0, 0), "settled by the other verdict"),
    (MIXED, BAD, (NONE, YES), (0, 0, 0), "settled by the verifier"),
    (SOFT, GOOD, (YES,), (1, 1, 1), "soft only"),
    (SOFT, GOOD, (NONE,), (0, 0, math.nan), "nothing is left: no pass from silence"),
    (HARD, GOOD, (), (1, 1, 1), "hard only: the judge has no part"),
]


@pytest.mark.parametrize("rule", ["fail", "skip", "drop"])
@pytest.mark.parametrize(("instruction", "response", "verdicts", "rewards", "why"), RULES)
def test_rules_for_no_verdict(
    rule: str, instruction: Instruction, response: str, verdicts: Any, rewards: Any, why: str
) -> None:
    """Mistake: a judge's silence that becomes a pass, or hides a violation."""
    reward = judged(judge=Opinion(), missing=rule)
    found = reward.value(score(instruction, response, judged=verdicts))
    expected = rewards[["fail", "skip", "drop"].index(rule)]
    assert found == pytest.approx(expected, nan_ok=True), why


def test_the_judge_is_asked_about_its_constraints_alone() -> None:
    """Mistake: the whole prompt as the task, hard constraints to the judge, or an empty call."""
    judge = Opinion()
    function = reward_function(judged(judge=judge), [MIXED, HARD])
    ids, texts = ["mixed", "hard", "mixed", "mixed"], [GOOD, GOOD, BAD, GOOD]
    assert function(prompts=texts, completions=texts, instruction_id=ids) == [1, 1, 0, 1]
    assert judge.asked[::-1] == [
        Question("Tea?", GOOD, ("Be kind.", "Be brief.")),
        Question("Tea?", BAD, ("Be kind.", "Be brief.")),
    ], "the equal rollouts share one question"


def test_pointwise_asks_one_constraint_a_call_and_keeps_the_order() -> None:
    judge = Opinion(lambda text: Judgement(text == "Be kind."))
    seen: list[Any] = []
    function = reward_function(
        judged(judge=judge, mode="pointwise"), [MIXED], hand_over=seen.append
    )
    assert function(prompts=[""], completions=[GOOD], instruction_id=["mixed"]) == [0]
    assert {each.constraints for each in judge.asked} == {("Be kind.",), ("Be brief.",)}
    assert seen[0][0].score.judged == (True, False)


@pytest.mark.parametrize("mode", ["batch", "pointwise"])
@pytest.mark.parametrize("decides", ["soft", "all"])
def test_the_judge_sees_answers_and_no_thoughts(mode: str, decides: str) -> None:
    """Mistake: thoughts that are judged, or a call that is paid for a blank answer."""
    judge = Opinion()
    seen: list[Any] = []
    function = reward_function(
        judged(judge=judge, mode=mode, decides=decides), [MIXED, SOFT], hand_over=seen.append
    )
    texts = [
        f"<think>So, kind, brief.</think>\n{GOOD}",
        GOOD,
        "<think>Tea is a kind and",
        "<think></think>",
        " \u200b",
        "<think>Tea",
    ]
    ids = ["mixed"] * 5 + ["soft"]
    assert function(prompts=texts, completions=texts, instruction_id=ids) == [1, 1, 0, 0, 0, 0]
    assert {each.response for each in judge.asked} == {GOOD}
    asked = 3 if decides == "all" else 2
    assert len(judge.asked) == (1 if mode == "batch" else asked), "equal answers share a question"
    verdicts = [each.score.judged for each in seen[0]]
    assert verdicts == [(YES,) * asked] * 2 + [(NO,) * asked] * 3 + [(NO,)]
    assert [each.score.response for each in seen[0]] == texts


def test_a_batch_of_blank_answers_asks_nobody() -> None:
    """Mistake: a judge that counts as gone away because it was asked nothing."""
    judge = Opinion()
    function = reward_function(judged(judge=judge, missing="drop"), [SOFT])
    assert function(prompts=[""], completions=["<think>Hm"], instruction_id=["soft"]) == [0]
    assert not judge.asked


def test_the_judge_can_be_shown_thoughts() -> None:
    judge = Opinion()
    function = reward_function(judged(judge=judge), [SOFT], thoughts=())
    text = "<think>Tea is kind"
    assert function(prompts=[""], completions=[text], instruction_id=["soft"]) == [1]
    assert [each.response for each in judge.asked] == [text]


def test_a_judge_can_decide_all_and_the_truth_stands_beside() -> None:
    """Mistake: verifiers that still have a part, so that the judge's errors do not show."""
    seen: list[Any] = []
    reward = judged(judge=Opinion(), decides="all")
    function = reward_function(reward, [HARD], hand_over=seen.append)
    texts = [GOOD, BAD]
    assert function(prompts=texts, completions=texts, instruction_id=["hard"] * 2) == [1, 1]
    assert [each.truth for each in seen[0]] == [1, 0]
    guarded = judged(judge=Opinion(), decides="all", guard="substance")
    empty = score(HARD, ".", judged=(True,))
    assert (guarded.value(empty), guarded.true_value(empty)) == (0, 0)


def test_a_hard_constraint_without_text_is_described_to_the_judge() -> None:
    judge = Opinion()
    bare = replace(HARD, constraints=(replace(NO_COMMA, text=""),))
    function = reward_function(judged(judge=judge, decides="all"), [bare])
    function(prompts=[""], completions=[GOOD], instruction_id=["hard"])
    assert "comma" in judge.asked[0].constraints[0]


def test_the_truth_of_a_soft_constraint_is_not_known() -> None:
    """Mistake: the judge's own verdict recorded as the truth."""
    reward = judged(judge=Opinion())
    assert reward.true_value(score(MIXED, GOOD, judged=(True, True))) is None
    assert reward.true_value(Score((), Verdict(True, ""), (True,))) is None
    assert reward.true_value(score(HARD, GOOD, judged=())) == 1


def test_a_judge_alone_makes_nothing_strict() -> None:
    assert not score(SOFT, GOOD, judged=(True,)).strict, "no verifier has seen it"


def test_a_judge_that_has_gone_away_ends_the_batch() -> None:
    """Mistake: a run that goes on for hours with every reward 0."""
    gone = Opinion(lambda text: no_verdict("no connection (refused)", transient=True))
    for rule in ("fail", "skip", "drop"):
        function = reward_function(judged(judge=gone, missing=rule), [MIXED])
        with pytest.raises(HpptError, match="opinion answered none of 1 questions: no connection"):
            function(prompts=[""], completions=[GOOD], instruction_id=["mixed"])


def test_a_judge_that_answers_unreadably_does_not() -> None:
    silent = Opinion(lambda text: SILENT)
    function = reward_function(judged(judge=silent), [MIXED])
    assert function(prompts=[""], completions=[GOOD], instruction_id=["mixed"]) == [0]


class Lazy(Opinion):
    def answers(self, questions: Any) -> Iterator[tuple[int, tuple[Judgement, ...]]]:
        yield 0, (Judgement(True),)


def test_an_answer_that_is_short_or_lacking_is_no_verdict() -> None:
    """Mistake: zip() over what came, so that verdicts move to other constraints."""
    seen: list[Any] = []
    function = reward_function(judged(judge=Lazy()), [MIXED, SOFT], hand_over=seen.append)
    texts = [GOOD, GOOD, BAD]
    function(prompts=texts, completions=texts, instruction_id=["soft", "mixed", "soft"])
    assert [each.score.judged for each in seen[0]] == [(True,), (None, None), (None,)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"decides": "hard"}, "decides is 'hard'. Choose one of: soft, all"),
        ({"missing": "pass"}, "missing is 'pass'. Choose one of: fail, skip, drop"),
        ({"mode": "slow"}, "mode is 'slow'"),
        ({"guard": "slow"}, "no guard 'slow'"),
    ],
)
def test_unknown_choices_are_named(settings: dict[str, str], message: str) -> None:
    with pytest.raises(HpptError, match=message):
        judged(judge="embedded", **settings)


def test_a_soft_constraint_without_text_cannot_be_judged() -> None:
    bare = replace(SOFT, constraints=(replace(KIND, text=" "),))
    function = reward_function(judged(judge=Opinion()), [bare])
    with pytest.raises(HpptError, match="'soft:tone' has no text"):
        function(prompts=[""], completions=[GOOD], instruction_id=["soft"])


def test_settings_of_calls_reach_the_judge() -> None:
    """Mistake: a cap in the reward's name that the judge never hears of."""
    body = '{"say": "it\'s"}'
    reward = judged(judge="http://h/v1#m", max_tokens=16384, temperature=0.5, extra_body=body)
    assert reward.judging is not None
    judge = reward.judging.ready().judge
    assert not isinstance(judge, str)
    assert (judge.settings["max_tokens"], judge.settings["temperature"]) == (16384, 0.5)
    assert judge.settings["extra_body"] == {"say": "it's"}
    again = by_name(reward.name)
    assert again.name == reward.name and again.judging == reward.judging
    with pytest.raises(HpptError, match="made already. Give it max_tokens where you make it"):
        judged(judge=Opinion(), max_tokens=5)


def test_naming_a_reward_loads_no_judge() -> None:
    """Mistake: 'hppt plan' that loads a model to read a word; the adapter does, and says why."""
    reward = judged(judge="replayed:no-such-file.jsonl")
    with pytest.raises(HpptError, match="no-such-file"):
        reward_function(reward, [MIXED])


def test_trl_leaves_a_dropped_rollout_out_of_its_group() -> None:
    """What the rule drop stands on: TRL's mean without it, and its advantage 0."""
    import inspect

    from trl import GRPOTrainer

    source = inspect.getsource(GRPOTrainer)
    assert "torch.nanmean(rewards.view(-1, num_generations)" in source
    assert "torch.nan_to_num(advantages, nan=0.0)" in source


def test_between_its_thresholds_a_judge_abstains() -> None:
    """Mistake: the judge's own threshold beside the given ones, or an edge on the wrong side."""
    confidence = {"low": 0.19, "edge": 0.2, "middle": 0.5, "high": 0.8}

    class Sure(Opinion):
        def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, Any]]:
            for place, each in enumerate(questions):
                number = confidence[each.response.split()[0].lower()]
                yield place, (Judgement(number >= 0.1, number),)

    texts = [f"{name} tea is good." for name in confidence]
    reward = judged(
        judge=Sure(), decides="all", missing="drop", pass_from=0.8, fail_below=0.2, mode="pointwise"
    )
    function = reward_function(reward, [HARD])
    found = function(prompts=texts, completions=texts, instruction_id=["hard"] * len(texts))
    assert found == pytest.approx([0, math.nan, math.nan, 1], nan_ok=True) and reward.may_drop
    alone = reward_function(judged(judge=Sure(), decides="all", pass_from=0.5), [HARD])
    ids = ["hard"] * len(texts)
    assert alone(prompts=texts, completions=texts, instruction_id=ids) == [0, 0, 1, 1]
    named = "judged(judge=embedded, pass_from=0.8, fail_below=0.2)"
    assert by_name(named).name == by_name(by_name(named).name).name == named
    assert by_name(named).judging != by_name("judged(judge=embedded)").judging


def test_thresholds_that_cannot_be_are_refused() -> None:
    """Mistake: thresholds the wrong way round, or of a judge that tells no confidence."""
    for given in ({"pass_from": 0.2, "fail_below": 0.8}, {"pass_from": 1.1}, {"fail_below": 0.1}):
        with pytest.raises(HpptError, match="fail_below"):
            judged(judge=Opinion(), **given)
    function = reward_function(judged(judge=Opinion(), decides="all", pass_from=0.5), [HARD])
    with pytest.raises(HpptError, match="tells no confidence"):
        function(prompts=[GOOD], completions=[GOOD], instruction_id=["hard"])
