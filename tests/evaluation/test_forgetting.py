"""Forgetting: a policy beside its base, item by item, on what nobody trained."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from hppt_lib import evaluation
from hppt_lib.audit import draw_labels
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import MARGINS, Forgetting, Measured, forgetting
from hppt_lib.files import read_jsonl
from hppt_lib.intervals import Interval
from hppt_lib.policy import load_policy
from tests.helpers.records import made_record, write_made
from tests.helpers.tiny import tiny_folder, tiny_policy
from tests.policy.test_adapters import adapted, lora

SMALL = forgetting.Materials(
    ("tea is hot", "Write about bees and honey ."),
    ("Write about tea .", "milk"),
    (("tea hot milk", "milk hot tea"), ("warm green leaf", "leaf warm green")),
)


def test_the_texts_are_of_people_and_none_twice() -> None:
    """Mistake: a transcriber's note among the texts, or one without its author."""
    rows = [row for _, row in read_jsonl(forgetting.forgetting_folder() / "texts.jsonl")]
    assert len(rows) == 200 == len({row["text"] for row in rows})
    readme = (forgetting.forgetting_folder() / "README.md").read_text("utf-8")
    for row in rows:
        assert row["year"] < 1925 and row["author"] and row["work"] in readme
        assert 35 < len(row["text"].split()) < 75 and "Gutenberg" not in row["text"]
    found = forgetting.materials()
    assert (len(found.texts), len(found.prompts), len(found.pairs)) == (200, 60, 200)
    assert len(set(found.prompts)) == 60


def test_each_measure_is_what_torch_computes() -> None:
    """Mistake: a prompt's tokens counted as the answer's, a sum taken for a mean, or the order of
    the rows lost when they are sorted by length.
    """
    policy = tiny_policy(seed=2, spread=0.5)
    answers = ["hot tea and milk", ""]
    found = forgetting.measure(policy, SMALL, answers, base="b", name="tiny")

    def log_probs(prompt: list[int], text: str) -> torch.Tensor:
        ids = policy.tokenizer(text, add_special_tokens=False)["input_ids"]
        with torch.no_grad():
            logits = policy.model(input_ids=torch.tensor([[*prompt, *ids]])).logits
        every = torch.log_softmax(logits, -1)[0, :-1].gather(
            -1, torch.tensor([*prompt, *ids])[1:, None]
        )
        return every[max(0, len(prompt) - 1) :]

    texts = [float(log_probs([], text).mean()) for text in SMALL.texts]
    assert found.texts == pytest.approx(texts, abs=2e-4)
    chat = policy.tokenizer.apply_chat_template(
        [{"role": "user", "content": SMALL.prompts[0]}], add_generation_prompt=True
    )
    asked = list(chat["input_ids"] if hasattr(chat, "keys") else chat)
    assert found.answers[0] == pytest.approx(float(log_probs(asked, answers[0]).mean()), abs=2e-4)
    for pair, margin in zip(SMALL.pairs, found.grammar, strict=True):
        right, wrong = (float(log_probs([], each).sum()) for each in pair)
        assert margin == pytest.approx(right - wrong, abs=2e-4)


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        ((-0.3, -0.4, -0.2), "forgot"),
        ((-0.12, -0.2, -0.04), "forgot, not sure"),
        ((-0.05, -0.12, 0.02), "kept, not sure"),
        ((-0.05, -0.09, -0.01), "kept"),
        ((0.2, 0.1, 0.3), "kept"),
    ],
)
def test_a_drop_of_the_margin_is_forgetting(
    interval: tuple[float, float, float], word: str
) -> None:
    """Mistake: a drop clear of 0 and far below the margin called forgetting, or a gain."""
    assert forgetting.says(Interval(*interval), "texts") == word


def measured(seed: int | None, drop: float, arm: str = "strict", lost: int = 0) -> Measured:
    texts = tuple(-3.0 - place / 10 - drop for place in range(20))
    grammar = tuple(-1.0 if place < 10 + lost else 2.0 for place in range(200))
    return Measured(f"{arm}-{seed}", arm, seed, "b", "p", texts, texts, grammar)


def test_policies_are_paired_with_the_base_and_arms_are_over_seeds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Mistake: the spread of the texts in the interval of a difference of the same texts; or an
    interval over the items for what is said of an arm.
    """
    monkeypatch.setenv("COLUMNS", "160")
    base = measured(None, 0.0, arm="")
    found = Forgetting(base, (measured(1, 0.3, lost=10), measured(0, 0.1), measured(0, 0, "kl")))
    assert [each.seed for each in found.arms["strict"]] == [0, 1]
    change = found.change(measured(1, 0.3), "texts")
    assert (change.mean, change.low, change.high) == pytest.approx((-0.3, -0.3, -0.3))
    lost = found.change(measured(1, 0.3, lost=10), "grammar")
    assert lost.mean == pytest.approx(-0.05) and lost.low < -0.05 < lost.high < 0
    assert found.over_seeds("strict", "texts") == pytest.approx((-0.2, -0.3, -0.1))
    eight = Forgetting(base, tuple(measured(seed, seed / 10) for seed in range(8)))
    over = eight.over_seeds("strict", "texts")
    assert isinstance(over, Interval) and over.low < -0.35 < over.high
    # An arm less another: seeds differ by tenths, the arms by .05 in every seed.
    kl = [measured(seed, seed / 10 + 0.05, "kl") for seed in (7, 6, 5, 4, 3, 2, 1, 0, 9)]
    both = Forgetting(base, (*eight.policies, *kl))
    gap = both.apart("kl", "strict", "texts")
    assert gap is not None and (gap.mean, gap.low) == pytest.approx((-0.05, -0.05))
    assert found.apart("kl", "strict", "texts") is None, "one seed is no interval"
    assert "kl less strict" in both.as_table() and "kl less strict" not in found.as_table()
    text = found.as_table()
    assert "-0.300 [-0.300, -0.300]" in text and "forgot" in text and "2 seeds" in text
    rows = found.as_json()["policies"]
    assert rows[0]["grammar"]["says"] == "forgot, not sure" and rows[2]["texts"]["says"] == "kept"


def two_trained(folder: Path) -> None:
    """A base and the models of two runs, with their records."""
    base = tiny_folder(folder / "base")
    for seed in (0, 1):
        record = made_record(seed, 1, arm="mine")
        write_made(folder, record)
        model = adapted(base, folder / f"{record.name}.model", seed, lora(3))
        note = {"base": str(base), "record": record.name}
        (model / "hppt.json").write_text(json.dumps(note))


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base and the models of two runs, with their records."""
    monkeypatch.setattr(forgetting, "materials", lambda texts=None: SMALL)
    two_trained(tmp_path)
    return tmp_path


def test_models_are_measured_once(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: everything measured again after a kill; or another model under a name taken."""
    models, out = sorted(trained.glob("*.model")), trained / "out"
    found = evaluation.measure_models(models, out, progress=False)
    assert [(each.arm, each.seed) for each in found.policies] == [("mine", 0), ("mine", 1)]
    policy = load_policy(models[1])
    answers = forgetting.greedy_answers(load_policy(trained / "base"), SMALL.prompts)
    again = forgetting.measure(policy, SMALL, answers, base="b")
    assert again.texts == found.policies[1].texts != found.base.texts
    (out / "mine-seed1.json").unlink()
    loaded: list[str] = []
    monkeypatch.setattr(
        "hppt_lib.policy.load_policy", lambda name: loaded.append(str(name)) or load_policy(name)
    )
    assert evaluation.measure_models(models, out, progress=False) == found
    assert loaded == [str(trained / "base"), str(models[1])]
    assert evaluation.read_forgetting(out) == found
    adapted(trained / "base", models[0], 5, lora(3))
    with pytest.raises(HpptError, match=r"mine-seed0\.json holds another model"):
        evaluation.measure_models(models, out, progress=False)
    other = dataclasses.replace(SMALL, prompts=("tea", "milk"))
    monkeypatch.setattr(forgetting, "materials", lambda texts=None: other)
    with pytest.raises(HpptError, match=r"base\.json holds another base or other texts"):
        evaluation.measure_models(models, out, progress=False)


def test_answers_to_plain_prompts_go_to_readers(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a sheet from which readers see the arm, or answers that nobody can place later."""
    [*models] = sorted(trained.glob("*.model"))
    real = forgetting.Materials(SMALL.texts, tuple("tea" for _ in range(60)), SMALL.pairs)
    monkeypatch.setattr(forgetting, "materials", lambda texts=None: real)
    monkeypatch.setattr(forgetting, "_ANSWER_TOKENS", 4)
    evaluation.measure_models(models, trained / "out", readers=True, progress=False)
    drawn = draw_labels([trained / "out" / "readers"], trained / "labels", per_run=60, before=True)
    assert (drawn.runs, drawn.responses) == (2, 240)
    key = [row for _, row in read_jsonl(trained / "labels" / "key.jsonl")]
    assert {(row["seed"], row["when"]) for row in key} == {
        (seed, when) for seed in (0, 1) for when in ("before", "after")
    }
    (trained / "mine-seed0.json").unlink()
    with pytest.raises(HpptError, match="the record of .*mine-seed0.model is not beside it"):
        evaluation.measure_models(models[:1], trained / "new", readers=True, progress=False)


def test_what_has_no_base_or_no_name_is_said(trained: Path) -> None:
    """Mistake: a whole model measured beside the embedded one, or one file for two models."""
    whole = trained / "base"
    with pytest.raises(HpptError, match="is no adapter: name its base with --base"):
        evaluation.measure_models([whole], trained / "out", progress=False)
    one = trained / "mine-seed0.model"
    with pytest.raises(HpptError, match="Two models are called 'mine-seed0'"):
        evaluation.measure_models([one, one], trained / "out", progress=False)
    record = dataclasses.replace(made_record(0, 1), name="base")
    write_made(trained / "old", record)
    with pytest.raises(HpptError, match="no file of 'hppt forgetting'"):
        evaluation.read_forgetting(trained / "old")
    assert set(MARGINS) == {"texts", "answers", "grammar"}
