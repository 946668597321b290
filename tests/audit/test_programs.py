"""Programs for soft constraints: planted merits are found, and planted shortcuts are not kept."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hppt_lib.audit import (
    AuditRow,
    audit_programs,
    program_instructions,
    read_audit,
    write_audit,
)
from hppt_lib.audit.judged_rows import questions_of
from hppt_lib.audit.programs import AIMS, INTENTS, MeasureTest, measured
from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.instructions import read_instructions, shipped_instructions
from hppt_lib.judges import Judgement, Question
from hppt_lib.judges.cache import question_key
from hppt_lib.judges.replay import write_answers
from hppt_lib.rewards import score
from hppt_lib.verifiers import build
from tests.helpers.judge_fakes import Fake

READER, OTHER = "Address the reader at every turn.", "Remain within what was agreed."
_YOU, _SHE = "you keep your tea and your cup", "she keeps her tea and her cup"
_SHORT, _LONG = "so it is good", "consequently everything remains satisfactory"


def planted(kind: str, items: int = 120) -> list[AuditRow]:
    """Rows of two constraints in turn, one of which has the intent "to the reader".

    Args:
        kind: ``merit`` (the second person is right where the reader is to be addressed, and wrong
            elsewhere), ``shortcut`` (short words tell all labels), or ``noise``.
        items: how many, with one row each.
    """
    random_state = random.Random(kind)
    rows = []
    for number in range(items):
        label, reader = random_state.random() < 0.5, number % 2 == 0
        you = label == reader if kind == "merit" else random_state.random() < 0.5
        short = label if kind == "shortcut" else random_state.random() < 0.5
        text = f"{_YOU if you else _SHE}. {_SHORT if short else _LONG}, number {number}."
        rows.append(
            AuditRow(
                item=f"i{number}",
                prompt="Write about tea.",
                constraint=READER if reader else OTHER,
                response=text,
                label=label,
                kind="tone" if reader else "purpose",
            )
        )
    return rows


def audited(tmp_path: Path, rows: list[AuditRow], aim: str = "precise"):  # type: ignore[no-untyped-def]
    """The audit of these rows beside a judge that guesses."""
    random_state = random.Random(5)

    def guess(question: Question) -> tuple[Judgement, ...]:
        numbers = [random_state.random() for _ in question.constraints]
        return tuple(Judgement(each > 0.5, each) for each in numbers)

    questions = questions_of(rows, "pointwise")[0]
    answers = {question_key(each): guess(each) for each in questions}
    write_answers(tmp_path / "guess.jsonl", Fake(name="guess"), answers)
    write_audit(tmp_path / "rows.jsonl", rows)
    return audit_programs(tmp_path / "rows.jsonl", [tmp_path / "guess.jsonl"], aim=aim)


@pytest.mark.parametrize("aim", AIMS)
def test_a_program_with_merit_is_kept(tmp_path: Path, aim: str) -> None:
    """Mistake: thresholds, labels or rows exchanged between fitting and judging."""
    found = audited(tmp_path, planted("merit"), aim)
    [program] = found.programs
    assert program.intent.name == "to the reader" and program.kept and found.kept == (program,)
    assert program.test.measure == "second person" and program.test.relation == "at least"
    assert program.program.accuracy and program.program.accuracy.mean == 1
    assert program.rows and not program.failures
    assert found.covered == {"tone": (60, 60), "purpose": (0, 60)}
    assert "1 (to the reader) beat both" in found.sentence and found.sentence in found.as_table()


def test_a_shortcut_of_the_set_is_no_merit(tmp_path: Path) -> None:
    """Mistake: a program that is praised for what the responses give away without a constraint."""
    found = audited(tmp_path, planted("shortcut"))
    assert found.blind_over_judge["precision"].low > 0
    assert found.blind_over_judge["recall_on_false"].low > 0
    assert not found.kept and "a program that never reads the constraint does" in found.sentence


def test_noise_is_not_kept(tmp_path: Path) -> None:
    """Mistake: verdicts on rows that the threshold was chosen on, which are always above chance."""
    found = audited(tmp_path, planted("noise"))
    assert not found.kept and not any(each.beats_judge for each in found.programs)
    assert found.blind_rates.accuracy and found.blind_rates.accuracy.mean < 0.65


def test_an_item_is_never_judged_by_what_was_chosen_on_it(tmp_path: Path) -> None:
    """Mistake: folds by row, so that one response is on both sides."""
    rows = planted("noise", 60)
    twins = [
        *rows,
        *(AuditRow(**{**vars(row), "constraint": f"{row.constraint} So."}) for row in rows),
    ]
    found = audited(tmp_path, twins)
    assert found.blind_rates.accuracy and found.blind_rates.accuracy.mean < 0.7
    assert found.items == 60 and found.rows == 120


def test_a_chosen_program_is_a_constraint_of_the_verifiers(tmp_path: Path) -> None:
    """Mistake: a program that the audit decides otherwise than the reward would."""
    rows = planted("merit")
    [program] = audited(tmp_path, rows).programs
    id, kwargs = program.test.constraint
    check = build(id, kwargs)
    mine = [row for row in rows if row.constraint == READER]
    assert [check(row.response).passed for row in mine] == [row.label for row in mine]


def test_words_of_the_constraint_are_found_by_their_beginnings() -> None:
    """Mistake: "dishes" that do not count for "dish", or "with" that counts."""
    row = AuditRow(
        "i", "p", "Deal with cooking and gardens.", "A garden, and cooks.", True, "focus"
    )
    test = MeasureTest("words of the constraint", "at least")
    assert measured(test, row) == pytest.approx(100 / 3)  # of deal, cooking and gardens


def test_every_intent_proposes_known_measures_and_covers_some_row() -> None:
    """Mistake: a misspelt measure, or a cue that matches nothing."""
    rows = read_audit("soft")
    for intent in INTENTS:
        assert any(intent.covers(row.constraint) for row in rows), intent.name
        for test in intent.tests:
            measured(test, rows[0])


@pytest.mark.slow
def test_the_result_on_the_shipped_set_is_as_the_readme_says() -> None:
    """Mistake: a list of words, a measure or a cue that is changed, and the old result told."""
    for aim in reversed(AIMS):
        found = audit_programs(aim=aim)
        assert found.rows == 512 and len(found.programs) == 12
        assert not found.kept and not any(each.beats_judge for each in found.programs)
        assert found.blind.measure == "long words" and found.blind.relation == "less than"
    assert sum(done for done, _ in found.covered.values()) == 327
    shown = [
        (round(each.precision.mean, 2), round(each.recall_on_false.mean, 2))
        for each in (found.blind_rates, found.judge_rates)
        if each.precision and each.recall_on_false
    ]
    assert shown == [(0.73, 0.87), (0.51, 0.69)]
    assert "±0.50 or more" in found.power and "±0.35" in found.power


def test_what_cannot_be_audited_is_said(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="no aim 'best'. Choose one of: precise, balanced"):
        audit_programs(aim="best")
    with pytest.raises(HpptError, match="no soft constraint"):
        audit_programs("hard")
    write_audit(tmp_path / "rows.jsonl", planted("noise", 20))
    with pytest.raises(HpptError, match="No recorded judge answers nine rows in ten"):
        audit_programs(tmp_path / "rows.jsonl", [])


def test_programs_make_instructions_that_verifiers_decide() -> None:
    """Mistake: prompts that differ between program and judge, or a constraint without a program."""
    found = audit_programs()
    chosen = shipped_instructions("train")[:200]
    by_rule, by_judge = (
        program_instructions(chosen, found, programs=each) for each in (True, False)
    )
    assert 40 < len(by_rule) < 200
    assert [each.prompt for each in by_rule] == [each.prompt for each in by_judge]
    assert len({each.prompt for each in by_rule}) == len(by_rule)
    tests = {each.test.measure for each in found.programs}
    for rule, soft in zip(by_rule, by_judge, strict=True):
        [program], [asked] = rule.constraints, soft.constraints
        assert (program.kind, asked.kind) == ("hard", "soft") and program.text == asked.text
        assert program.id == "hppt:measure" and program.kwargs["measure"] in tests
        assert rule.prompt == f"{rule.query} {program.text}"
        intents = [each for each in found.programs if each.intent.covers(asked.text)]
        assert program.kwargs["measure"] in {each.test.measure for each in intents}
    assert len({score(each, "I think I am glad.").strict for each in by_rule}) == 2


def test_the_experiments_instructions_are_what_the_programs_make() -> None:
    """Mistake: programs chosen anew, and the plan's instructions with the old ones."""
    folder = repository_folder() / "data" / "experiments" / "e10"
    found, hard = audit_programs(), shipped_instructions("hard_train")
    for name, programs in (("with-programs", True), ("with-judge", False)):
        made = program_instructions(shipped_instructions("train"), found, programs=programs)
        assert read_instructions(folder / f"{name}.jsonl") == [*hard, *made[: len(hard)]]
