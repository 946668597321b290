"""A policy measured on texts: cuts that cut, controls of the right size, files that come back."""

from __future__ import annotations

import gzip
import random
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hppt_lib.attention import (
    Measured,
    MeasuredText,
    Text,
    compare_measured,
    compare_over_seeds,
    experiment,
    measure_models,
    measure_policy,
    random_span,
    read_all_measured,
    read_measured,
    read_texts,
    segment,
    turned_at_random,
    write_measured,
    write_texts,
)
from hppt_lib.attention.experiment import (
    CONSTRAINT,
    OWN,
    RANDOM,
    RESPONSE_CUT,
    SAME,
    SPAN_CUT,
    SWAPPED,
    TURNED,
    UNCUT,
)
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.intervals import mean_interval
from tests.attention.test_summing import with_adapter
from tests.evaluation.test_forgetting import two_trained
from tests.helpers.tiny import tiny_policy

NO_COMMA = Constraint("punctuation:no_comma", {}, "Do not use any commas .")
SHORT = Constraint(
    "length_constraints:number_words", {"relation": "less than", "num_words": 8}, "Write not cold ."
)
QUERY = "Write about any cup of sweet green tea in the morning ."


def asked(id: str, query: str, constraint: Constraint) -> Instruction:
    return Instruction(id, f"{query} {constraint.text}", (constraint,), query, ("tea",))


def some_texts() -> list[Text]:
    queries = [QUERY, f"Do taste {QUERY}", f"Do pour {QUERY}"]
    return [
        Text(asked(str(at), query, NO_COMMA), "hot sweet tea", asked(str(at), query, SHORT))
        for at, query in enumerate(queries)
    ]


def measured() -> Measured:
    return measure_policy(tiny_policy(spread=0.4), some_texts(), max_new_tokens=5)


def test_everything_is_measured_of_every_text() -> None:
    """Mistake: a control that is left out where it is inconvenient."""
    found = measured()
    assert len(found.rows) == 3
    for row, text in zip(found.rows, some_texts(), strict=True):
        assert row.id == text.instruction.id
        assert {*row.numbers[SAME]} == {*row.numbers[TURNED]} == {CONSTRAINT, RANDOM}
        assert row.lengths[RANDOM] == row.lengths[CONSTRAINT] == 6
        assert row.numbers[OWN][CONSTRAINT]["share"] > 0
        assert {RESPONSE_CUT, SPAN_CUT, SWAPPED, "layers 0 to 0", "layers 1 to 1"} <= {*row.cuts}
        assert all(abs(change) > 1e-6 for change in row.cuts.values())
        assert len(row.layers["lift"]) == 2
    assert [len(each) for each in found.regenerated.values()] == [3] * 4
    assert found.responses[UNCUT] != found.responses[SPAN_CUT]


def test_the_same_policy_measured_twice_is_the_same() -> None:
    """Mistake: a random span or an answer from the global random state."""
    assert measured() == measured()


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    """Mistake: a field that is written and not read."""
    found = measured()
    write_measured(tmp_path / "base.json", found)
    back = read_measured(tmp_path / "base.json")
    assert back.numbers() == found.numbers()
    assert (back.by_layer() == found.by_layer()).all()
    assert back.changes(RESPONSE_CUT) == found.changes(RESPONSE_CUT)
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(HpptError, match=r"other\.json is not what"):
        read_measured(tmp_path / "other.json")


def test_other_texts_are_not_compared() -> None:
    """Mistake: two policies compared on texts that are not the same."""
    found = measured()
    with pytest.raises(HpptError, match="did not read the same"):
        compare_measured(found, replace(found, texts="others"))
    assert compare_measured(found, found).found == ()


def test_texts_come_back_and_a_broken_line_is_named(tmp_path: Path) -> None:
    """Mistake: a constraint that is lost on the way, and a text that says nothing."""
    path = tmp_path / "texts.jsonl"
    write_texts(path, some_texts())
    assert read_texts(path) == some_texts()
    write_texts(path, [replace(each, response=" ") for each in some_texts()])
    with pytest.raises(HpptError, match=r"line 1: 'response' is blank"):
        read_texts(path)


def test_the_turned_prompt_has_the_constraint_first() -> None:
    """Mistake: the control for closeness leaves the constraint where it was."""
    text = some_texts()[0]
    whole = segment(tiny_policy().tokenizer, text.turned)
    assert max(whole.places(CONSTRAINT)) < min(whole.places("query"))


@pytest.mark.parametrize("length", [1, 5, 100])
def test_a_random_span_is_a_run_within_the_query(length: int) -> None:
    """Mistake: a span that reaches into the constraint, or is always the same."""
    whole = segment(tiny_policy().tokenizer, some_texts()[0].instruction)
    query = whole.places("query")
    spans = {random_span(whole, length, random.Random(seed)) for seed in range(40)}
    for span in spans:
        assert span == tuple(range(span[0], span[0] + min(length, len(query))))
        assert set(span) <= set(query)
    assert len(spans) > 1 or length == 100


def test_the_untrained_control_is_of_the_same_size() -> None:
    """Mistake: a control that changes less, or nothing (a fresh adapter is zero)."""
    from peft.tuners.lora import LoraLayer

    def changes(policy: object) -> list[torch.Tensor]:
        layers = [each for each in policy.model.modules() if isinstance(each, LoraLayer)]  # type: ignore[attr-defined]
        return [each.get_delta_weight("default").detach() for each in layers]

    policy = with_adapter(tiny_policy())
    before = changes(policy)
    turned = turned_at_random(policy, seed=0)
    assert turned.identity != tiny_policy().identity
    for old, new in zip(before, changes(turned), strict=True):
        assert not torch.allclose(old, new)
        one, other = (torch.linalg.svdvals(each) for each in (old, new))
        assert torch.allclose(one, other, atol=1e-5)
    with pytest.raises(HpptError, match="no LoRA adapter"):
        turned_at_random(tiny_policy(), seed=0)


def test_a_swap_of_a_constraint_for_itself_changes_nothing() -> None:
    """Mistake: what is called the swap's effect is that of another way to read."""
    texts = [replace(each, swapped=each.instruction) for each in some_texts()]
    found = measure_policy(tiny_policy(spread=0.4), texts, max_new_tokens=2)
    assert found.changes(SWAPPED) == pytest.approx([0, 0, 0], abs=1e-5)


def arm_of(name: str, *lifts: float, first: int = 0) -> list[Measured]:
    """One policy a seed; the lift of its constraint at all texts is the one given."""

    def row(lift: float) -> MeasuredText:
        numbers = {"share": 0.1, "share without sink": 0.2, "lift": lift, "value-weighted share": 1}
        return MeasuredText("0", {}, {SAME: {CONSTRAINT: numbers, RANDOM: numbers}}, {}, -1.0, {})

    return [
        Measured(name, name, first + at, "m", "t", {}, (row(lift), row(lift + 1)))
        for at, lift in enumerate(lifts)
    ]


def test_ways_of_training_are_compared_over_runs() -> None:
    """Mistake: texts taken for runs (two texts would give a p-value of .5), or seeds mixed up."""
    gaps = [0.1, 0.2, 0.3, 0.2, 0.1, 0.2, 0.3, 0.2]
    lifts = [1.0 + seed for seed in range(8)]
    one = arm_of("strict", *(lift + gap for lift, gap in zip(lifts, gaps, strict=True)))
    twins = arm_of("strict, turned", *lifts)
    found = compare_over_seeds(one, twins[::-1])
    at = found.names.index("lift")
    assert astuple(found.differences[at]) == pytest.approx(astuple(mean_interval(gaps)))
    assert found.p_values[at] == 2 / 256 and found.corrected[at] == 8 / 256
    assert found.found == ("lift",)
    [base] = [replace(each, seed=None) for each in arm_of("base", 0.5)]
    against = compare_over_seeds(one, [base])
    assert against.differences[at].mean == pytest.approx(np.mean(lifts) + 0.2 - 0.5)
    words = compare_over_seeds(one, twins, number=lambda each: each.rows[0].log_prob)
    assert words.names == ("number",) and words.differences[0].mean == 0


@pytest.mark.parametrize(
    "other",
    [
        arm_of("other", 1.0, 1.0, first=1),
        arm_of("other", 1.0),
        [replace(each, seed=0) for each in arm_of("other", 1.0, 1.0)],
        [replace(each, texts="others") for each in arm_of("other", 1.0, 1.0)],
    ],
)
def test_runs_are_paired_by_seed_or_not_at_all(other: list[Measured]) -> None:
    """Mistake: the run of one seed held against that of another, or on other texts."""
    with pytest.raises(HpptError, match=r"same on both sides|same texts"):
        compare_over_seeds(arm_of("strict", 1.0, 1.0), other)


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """The models of two runs with their records, and texts."""
    two_trained(tmp_path)
    write_texts(tmp_path / "texts.jsonl", some_texts())
    return tmp_path


def test_policies_are_measured_once_each_with_its_turned_twin(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: all measured again after a kill, a twin that is the policy itself, or another model
    or other texts under a name that is taken.
    """
    models, out, texts = sorted(trained.glob("*.model")), trained / "out", trained / "texts.jsonl"

    def measure(*which: Path, texts: Path = texts) -> list[Path]:
        return measure_models(which, out, texts=texts, brief=True, turned=True, progress=False)

    paths = measure(*models)
    found = read_all_measured(out)
    assert [(each.arm, each.seed) for each in found] == [
        (arm, seed) for seed in (0, 1) for arm in ("mine, turned", "mine")
    ]
    own, twin = (next(each for each in found if each.arm == arm) for arm in ("mine", found[0].arm))
    assert own.model != twin.model and own.numbers() != twin.numbers()
    paths[1].unlink()
    monkeypatch.setattr(experiment, "measure_policy", lambda *_, **__: own)
    assert measure(*models) == paths and read_measured(paths[1]).arm == "mine"
    packed = paths[0].with_suffix(".json.gz")
    packed.write_bytes(gzip.compress(paths[0].read_bytes()))
    assert read_measured(packed) == read_measured(paths[0])
    write_texts(trained / "two.jsonl", some_texts()[:2])
    with pytest.raises(HpptError, match="holds another model, or one that read other texts"):
        measure(*models, texts=trained / "two.jsonl")
    (models[0] / "adapter_model.safetensors").write_bytes(
        (models[1] / "adapter_model.safetensors").read_bytes()
    )
    with pytest.raises(HpptError, match="holds another model, or one that read other texts"):
        measure(models[0])
    with pytest.raises(HpptError, match="Two models are called"):
        measure(models[0], models[0])
