"""The satisfaction rate, its interval and the truncation control."""

from __future__ import annotations

import dataclasses
import math

import pytest

from hppt_lib import evaluation
from hppt_lib.evaluation import Evaluated, isr, rescored
from hppt_lib.evaluation.satisfaction import missing_note
from hppt_lib.instructions.model import Constraint, Instruction, shipped_instructions
from hppt_lib.records import shipped_records
from hppt_lib.rewards import score
from hppt_lib.tiers import EvaluationSettings
from hppt_lib.verifiers import thought_marks
from tests.helpers import untrusted
from tests.helpers.tiny import thinking_policy, tiny_instructions, tiny_policy

NO_COMMA = Constraint("punctuation:no_comma")
SHORT = Constraint("length_constraints:number_words", {"relation": "less than", "num_words": 6})
BULLETS = Constraint("detectable_format:number_bullet_lists", {"num_bullets": 2})
GOOD, HACK, BAD = "Tea leaves brew overnight.", "No commas.", "Tea, leaves, brewed, overnight."


def instruction(id: str, *constraints: Constraint) -> Instruction:
    return Instruction(id, "Write.", constraints or (NO_COMMA,), topic=("tea",))


def answered(id: str, response: str, *constraints: Constraint) -> Evaluated:
    asked = instruction(id, *constraints)
    return Evaluated(score(asked, response))


def test_isr_by_hand() -> None:
    """Mistake: a share of constraints, or guarded for strict."""
    rows = [answered("a", GOOD), answered("a", HACK), answered("b", BAD), answered("b", HACK)]
    strict, guarded = isr(rows, guarded=False), isr(rows, guarded=True)
    assert (strict.mean, strict.samples, strict.groups) == (0.75, 4, 2)
    assert (guarded.mean, guarded.samples, guarded.groups) == (0.25, 4, 2)
    assert 0 <= guarded.low < 0.25 < guarded.high <= 1
    two = [answered("a", BAD, NO_COMMA, SHORT)]  # short, and with commas
    assert isr(two, guarded=False).mean == 0


def test_by_constraint_counts_a_response_under_each_of_its_constraints() -> None:
    rows = [answered("a", GOOD, SHORT, NO_COMMA), answered("b", BAD)]
    table = evaluation.rows_by_constraint(rows)
    assert list(table) == sorted([NO_COMMA.id, SHORT.id])
    assert table[NO_COMMA.id] == rows and table[SHORT.id] == rows[:1]


def test_a_cut_keeps_line_breaks_and_is_scored_again() -> None:
    """Mistake: joining words with spaces (no bullet survives), or keeping the old verdict."""
    row = answered("a", "* Tea leaves\n* hot water\n* sugar, milk", BULLETS)
    assert not row.score.strict
    [cut] = evaluation.truncated([row], 4)
    assert cut.response == "* Tea leaves\n* hot water" and cut.score.strict
    assert cut.instruction is row.instruction and cut.length == 4
    [whole] = evaluation.truncated([row], 100)
    assert whole == row


def test_the_cut_counts_words_as_the_verifier_does() -> None:
    """Mistake: a cut to 5 words that "less than 6 words" then refuses."""
    row = answered("a", "Tea—hot, sweet - and—well strong today—always", SHORT)
    [cut] = evaluation.truncated([row], 5)
    assert cut.length == 5 and cut.score.strict


def test_the_truncation_control_and_its_best_cut() -> None:
    rows = [
        answered("a", "Tea leaves brew overnight slowly in cold water, and longer."),
        answered("b", "Tea, leaves and everything."),
    ]
    control = evaluation.truncation_control(rows, (1, 4, 8))
    assert [each.mean for each in control.strict] == [0.5, 0.5, 0.0]  # "Tea," has its comma
    assert [each.mean for each in control.guarded] == [0.0, 0.5, 0.0]
    best = control.best(guarded=True)
    # Each instruction is cut as the other one wants it; of equals, the shortest.
    assert best.limits == {"punctuation:no_comma": (4, 1)}
    assert [each.response for each in best.rows] == ["Tea", "Tea, leaves and everything."]
    assert best.rate.mean == 0.0
    [alone] = evaluation.truncation_control(rows[:1], (1, 4)).best(guarded=True).rows
    assert alone.response == rows[0].response, "nothing to choose a cut on: it stays whole"


def test_the_control_cuts_per_type_and_is_scored_on_the_other_half() -> None:
    """Mistake: one cut for all types (strict .54, guarded .30), an opponent weaker than it is; or
    the best of eleven cuts scored where it was chosen.
    """
    heldout = shipped_instructions("hard_heldout")
    records = shipped_records("cpu-guarded-seed*")
    base = [row for each in records for row in evaluation.rescored(each.before, heldout)]
    control = evaluation.truncation_control(base)
    one_cut = [max(each.mean for each in some) for some in (control.strict, control.guarded)]
    assert one_cut == pytest.approx([0.544, 0.301], abs=0.001)
    strict, guarded = (control.best(guarded=each) for each in (False, True))
    assert (strict.rate.mean, guarded.rate.mean) == pytest.approx((0.692, 0.396), abs=0.001)
    assert strict.limits["length_constraints:number_words"] == (1, 1)
    words = evaluation.rows_by_constraint(guarded.rows)["length_constraints:number_words"]
    assert isr(words, guarded=True).mean == pytest.approx(0.63, abs=0.005)
    assert [row.instruction for row in guarded.rows] == [row.instruction for row in base]


def test_substance_is_of_all_responses_and_without_the_condition() -> None:
    """Mistake: "fewer say something about the topic" said of guarded ISR (four of six seeds), where
    substance itself falls in six of six.
    """
    heldout = shipped_instructions("hard_heldout")
    found: dict[str, list[tuple[float, float]]] = {"guarded ISR": [], "substance": []}
    for each in shipped_records("cpu-strict-seed*"):
        looks = [evaluation.rescored(some, heldout) for some in (each.before, each.after)]
        for measure, pairs in found.items():
            before, after = (evaluation.share_of(rows, measure).mean for rows in looks)
            pairs.append((before, after))
    fallen = {measure: sum(b < a for a, b in pairs) for measure, pairs in found.items()}
    assert fallen == {"guarded ISR": 4, "substance": 6}
    assert [round(after, 2) for _, after in found["substance"]] == [0.28, 0.38, 0.21, 0, 0.44, 0.1]


def test_mean_length_is_in_words() -> None:
    assert evaluation.mean_length([answered("a", GOOD), answered("b", "* tea\n")]) == 2.5


def test_a_policy_is_evaluated_in_order_and_again_alike() -> None:
    """Mistake: responses that stand with another instruction; chance that is not seeded."""
    policy, asked = tiny_policy(), tiny_instructions()
    settings = EvaluationSettings(instructions=3, samples=2, batch=4)

    def run(seed: int) -> list[Evaluated]:
        return evaluation.evaluate(policy, asked, settings, max_new_tokens=6, seed=seed)

    rows = run(1)
    assert [each.instruction for each in rows] == [asked[place] for place in (0, 0, 1, 1, 2, 2)]
    assert all(each.score == score(each.instruction, each.response) for each in rows)
    assert rows == run(1) != run(2)


def test_the_share_that_was_cut_at_the_token_limit() -> None:
    """Mistake: finished responses counted for those cut, or rows of a record, of which it is not
    known, for finished ones.
    """
    policy, asked = tiny_policy(), tiny_instructions()
    settings = EvaluationSettings(instructions=2, samples=8)
    rows = evaluation.evaluate(policy, asked, settings, max_new_tokens=1, seed=1)
    ended = [each.response == "" for each in rows]  # the end token alone
    assert [each.cut for each in rows] == [not each for each in ended]
    again = evaluation.rescored(evaluation.response_pairs(rows), asked)
    assert math.isnan(evaluation.share_cut(again))
    made = [dataclasses.replace(rows[0], cut=each) for each in (True, False, None, False, False)]
    assert evaluation.share_cut(made) == 0.25


# --- thoughts -------------------------------------------------------------------------------------


def test_lengths_and_cuts_are_of_the_answer() -> None:
    """Mistake: a cut to 5 words that leaves five words of thoughts, or thoughts that count."""
    thoughts = "<think>Well, tea, and so on and on and on.</think>\n"
    rows = [answered("a", thoughts + GOOD, SHORT), answered("b", "<think>\nTea, hmm", SHORT)]
    assert [each.length for each in rows] == [4, 0] and evaluation.mean_length(rows) == 2
    assert [each.response[:7] for each in rows] == ["<think>"] * 2
    assert [each.score.strict for each in rows] == [True, False]
    cuts = evaluation.truncated(rows, 2)
    assert [each.response for each in cuts] == ["Tea leaves", ""]
    assert [each.score.strict for each in cuts] == [True, False]
    bare = [answered("a", GOOD, SHORT), answered("b", "", SHORT)]
    limits = (1, 3, 8)
    found = [evaluation.truncation_control(each, limits) for each in (rows, bare)]
    assert found[0].cuts == found[1].cuts


def test_responses_are_scored_again_with_the_marks_of_their_run() -> None:
    """Mistake: marks that the run had, forgotten when its record is read."""
    asked = instruction("a")
    pairs = [("a", f"<plan>First, tea</plan>{GOOD}"), ("a", f"<think>First{GOOD}")]
    own = evaluation.rescored(pairs, [asked], thought_marks("<plan> </plan>"))
    assert [each.score.strict for each in own] == [True, True]
    assert own[0].answer == GOOD and own[1].answer == pairs[1][1]
    known = evaluation.rescored(pairs, [asked])
    assert [each.score.strict for each in known] == [False, False]
    assert [each.score.guarded for each in evaluation.truncated(own, 4)] == [True, False]


def test_thoughts_that_are_cut_at_the_limit_satisfy_nothing() -> None:
    """Mistake: an evaluation whose prompts, or whose answers, are not those of the training."""
    asked, settings = tiny_instructions(), EvaluationSettings(instructions=4, samples=4, batch=8)

    def run(thinking: bool | None, thoughts: str = "known") -> list[Evaluated]:
        return evaluation.evaluate(
            thinking_policy(thinking=thinking),
            asked,
            settings,
            max_new_tokens=6,
            seed=1,
            thoughts=thought_marks(thoughts),
        )

    for rows in (run(None), run(True)):
        assert all(each.response.startswith("<think>\n") for each in rows)
        cut = [each for each in rows if "</think>" not in each.response]
        assert len(cut) > 10 and isr(cut, guarded=False).mean == 0
        assert evaluation.mean_length(cut) == 0
    for rows in (run(False), run(True, "none")):
        assert isr(rows, guarded=False).mean > 0.5 and evaluation.mean_length(rows) > 3


def test_rates_say_how_many_responses_have_no_verdict(code_allowed: None) -> None:
    """Mistake: code that gave no verdict counts as not satisfied, and nobody is told."""
    asked = untrusted.instruction(untrusted.EVEN)
    rows = rescored([("i", "a b"), ("i", "odd"), ("i", "c d"), ("i", "e f")], [asked])
    assert isr(rows, guarded=False).mean == 0.75
    assert missing_note(rows) == (
        "1 of 4 responses hang on a constraint whose code gave no verdict, and count as not "
        "satisfied: ISR may be up to 0.250 higher"
    )
    assert missing_note(rows[:1]) == ""
