"""A trained judge: what it looks at, what it learns, and that its folder is that judge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from hppt_lib.errors import HpptError
from hppt_lib.judges import Question, head, judge
from hppt_lib.judges.by_name import judge_identity
from hppt_lib.judges.head import (
    HeadSettings,
    _outputs,
    confidences,
    features,
    train_head,
    write_judge,
)
from tests.helpers.tiny_judge import tiny_judge

LAYERS = (1, 2)
ASKED = [
    Question("Write about tea.", response, ("Use no commas.",))
    for response in ("Tea, hot.", "Tea is hot and good, they say, in the morning.", "Hot", "a b c")
]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A tiny model's folder."""
    made = tiny_judge()
    made.model.save_pretrained(tmp_path / "base")
    made.tokenizer.save_pretrained(tmp_path / "base")
    return tmp_path / "base"


def test_the_features_are_those_of_a_question_alone() -> None:
    """Mistake: padding, or the other rows of a batch, in what is pooled."""
    policy = tiny_judge()
    together = features(policy, ASKED, LAYERS)
    alone = torch.cat([features(policy, [each], LAYERS) for each in ASKED])
    assert together.shape == (4, 6 * 32 * 2)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_the_layers_are_those_that_transformers_counts() -> None:
    """Mistake: one layer off; or the model keeps computing, or keeps the hooks."""
    policy = tiny_judge()
    ids = torch.tensor([[5, 6, 7]])
    hidden = policy.model(input_ids=ids, output_hidden_states=True).hidden_states
    with _outputs(policy.model, [1]) as outputs:
        policy.model(input_ids=ids)
        raise AssertionError("the later layers were computed")  # pragma: no cover
    torch.testing.assert_close(outputs[1], hidden[1])
    assert policy.model(input_ids=ids).logits.shape[:2] == (1, 3)
    with pytest.raises(HpptError, match="2 layers"), _outputs(policy.model, [3]):
        pass


def test_a_head_learns_and_a_seed_gives_it_again() -> None:
    """Mistake: labels and rows out of step; a global seed that is moved."""
    torch.manual_seed(3)
    held = torch.randn(200, 12)
    labels = (held[:, 4] > 0).tolist()
    before = torch.random.get_rng_state()
    heads = [train_head(held, labels, HeadSettings(seed=seed)) for seed in (1, 1, 2)]
    assert torch.equal(before, torch.random.get_rng_state())
    given = [confidences(each, held) for each in heads]
    assert given[0] == given[1] != given[2]
    right = [(each > 0.5) == label for each, label in zip(given[0], labels, strict=True)]
    assert sum(right) > 190
    with pytest.raises(HpptError, match="both kinds"):
        train_head(held, [True] * 200, HeadSettings())


def made(folder: Path, base: Path, threshold: float = 0.5) -> Path:
    policy = tiny_judge()
    settings = HeadSettings(layers=LAYERS, steps=20)
    held = features(policy, ASKED, LAYERS)
    trained = train_head(held, [True, False, True, False], settings)
    return write_judge(folder, trained, settings, base=str(base), threshold=threshold, trained={})


def test_a_folder_is_a_judge(tmp_path: Path, base: Path) -> None:
    """Mistake: a folder that is loaded as a model; batch questions whose answers are mixed up."""
    folder = made(tmp_path / "mine", base)
    loaded = judge(str(folder), progress=False)
    assert loaded.name == "mine"
    two = Question("Write about tea.", "Tea, hot.", ("Use no commas.", "Be brief."))
    answers = dict(loaded.answers([*ASKED, two]))
    assert [each[0].passed for each in list(answers.values())[:4]] == [True, False, True, False]
    assert len(answers[4]) == 2
    assert answers[4][0].confidence == pytest.approx(answers[0][0].confidence, abs=1e-4)
    assert judge_identity(str(folder)) == loaded.identity  # type: ignore[attr-defined]
    other = made(tmp_path / "other", base, threshold=0.9)
    assert judge_identity(str(other)) != judge_identity(str(folder))


def test_a_killed_judge_has_handed_out_what_it_was_done_with(
    tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: no answer before all are there, so that a cache keeps nothing of a killed audit."""
    loaded = judge(str(made(tmp_path / "mine", base)), progress=False)
    whole = dict(loaded.answers(ASKED))
    monkeypatch.setattr(head, "_QUESTIONS_AT_ONCE", 2)
    read: list[int] = []
    monkeypatch.setattr(
        head, "features", lambda *given: (read.append(len(given[1])), features(*given))[1]
    )
    answers = loaded.answers(ASKED)
    first = [next(answers), next(answers)]
    assert read == [2], "the others are not read yet"
    found = dict([*first, *answers])
    assert [*found] == [*whole] and read == [2, 2]
    for place, [answer] in found.items():
        assert answer.confidence == pytest.approx(whole[place][0].confidence, abs=1e-4)


def test_a_long_response_gets_no_verdict(tmp_path: Path, base: Path) -> None:
    """Mistake: a response that is cut, or an exception in the middle of a run."""
    loaded = judge(str(made(tmp_path / "mine", base)), progress=False)
    long = Question("Write.", "word " * 5000, ("Use no commas.",))
    answers = dict(loaded.answers([long, ASKED[0]]))
    assert answers[0][0].passed is None and "too long" in answers[0][0].problem
    assert answers[1][0].passed is not None


@pytest.mark.parametrize("damage", ["card", "weights", "newer"])
def test_damage_is_said(tmp_path: Path, base: Path, damage: str) -> None:
    """Mistake: a traceback, or a judge with half of its weights."""
    folder = made(tmp_path / "mine", base)
    if damage == "card":
        (folder / "judge.json").write_text("{")
    elif damage == "weights":
        (folder / "head.safetensors").write_bytes(b"rubbish")
    else:
        card = json.loads((folder / "judge.json").read_text())
        (folder / "judge.json").write_text(json.dumps({**card, "format": 9}))
    with pytest.raises(HpptError, match="train it again|train the judge again|newer version"):
        judge(str(folder), progress=False)
    with pytest.raises(HpptError, match="leave samples at 1|damaged|newer"):
        judge(str(folder), samples=3, progress=False)
