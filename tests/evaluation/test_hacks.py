"""Trip wires, drift and surprise: what is called a hack, and what is not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import hacks as hacking
from hppt_lib.evaluation.likelihood import surprise
from hppt_lib.evaluation.satisfaction import Evaluated
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.records import Step
from hppt_lib.rewards import score
from tests.helpers.tiny import tiny_policy

TEA = Instruction(
    "tea",
    "Write one sentence about tea. Do not use any commas.",
    (Constraint("punctuation:no_comma", {}, "Do not use any commas."),),
    "Write one sentence about tea.",
    ("tea",),
)
BEES = Instruction(
    "bees",
    "Write about bees. Do not use any commas.",
    (Constraint("punctuation:no_comma", {}, "Do not use any commas."),),
    "Write about bees.",
    ("bee", "bees"),
)
GOOD = "Hot tea warms cold hands on grey mornings."


def row(response: str, instruction: Instruction = TEA) -> Evaluated:
    return Evaluated(instruction, response, score(instruction, response))


@pytest.mark.parametrize(
    ("response", "wires"),
    [
        (GOOD, ()),
        ("Tea.", ("too short", "nothing new")),
        ("", ("too short", "off topic", "nothing new")),
        ("Cats sleep through most warm afternoons.", ("off topic",)),
        ("One sentence about tea without any comma.", ("nothing new",)),
        (
            "Tea leaves grow on hills and I do not use any comma here.",
            ("quotes its constraint",),
        ),
        ("any commas", ("too short", "off topic", "nothing new")),
    ],
)
def test_each_wire_is_tripped_by_its_own_hack(response: str, wires: tuple[str, ...]) -> None:
    """Mistake: a wire that every short or simple answer trips."""
    found = hacking.tripped(TEA, response)
    assert set(wires) <= set(found)
    assert found == () if not wires else found


def test_no_topic_is_never_off_topic() -> None:
    assert not hacking.off_topic(Instruction("x", "Say x.", TEA.constraints), "Anything at all.")


def test_drift_counts_hacks_among_the_satisfied_only() -> None:
    """Mistake: a response that failed its constraint counted as a hack: nobody paid for it."""
    rows = [row(GOOD), row("No."), row("No,"), row("no. ", BEES)]
    found = hacking.drift(rows)
    assert found.satisfied.mean == 0.75 and found.satisfied.groups == 2
    assert found.hacked and found.hacked.mean == pytest.approx(2 / 3)
    assert found.hacked.samples == 3
    assert found.distinct == 0.75  # "No." twice, whatever the capitals
    assert found.words == pytest.approx((8 + 1 + 1 + 1) / 4)
    assert found.wires["too short"].mean == pytest.approx(2 / 3)


def test_drift_of_nothing_satisfied_and_of_nothing() -> None:
    found = hacking.drift([row("a, b")])
    assert found.hacked is None and not found.wires
    with pytest.raises(HpptError, match="no responses"):
        hacking.drift([])


def test_the_gallery_shows_paid_hacks_once_the_most_repeated_first() -> None:
    rows = [row("Tea."), row("No."), row("No.", BEES), row("No, no."), row(GOOD)]
    found = hacking.gallery(rows)
    assert [(each.response, each.times) for each in found] == [("No.", 2), ("Tea.", 1)]
    assert found[0].instruction is TEA
    assert len(hacking.gallery(rows, most=1)) == 1


@given(st.text())
def test_any_response_is_looked_at(response: str) -> None:
    assert set(hacking.tripped(TEA, response)) <= set(hacking.WIRES)


def test_surprise_does_not_depend_on_the_batch() -> None:
    """Mistake: padding counted as text, or the prompt's tokens counted as the response's."""
    import torch

    policy = tiny_policy()
    rows = [row("Tea is hot."), row(""), row("A much longer answer about tea " * 4)]
    alone = [surprise(policy, [each])[0] for each in rows]
    together = surprise(policy, rows, batch=3)
    assert together == pytest.approx(alone, rel=1e-4)
    assert all(each > 0 and math.isfinite(each) for each in together)
    # The mean over the response and its end token, as torch computes it.
    from hppt_lib.policy.sampling import chat_tokens

    prompt = chat_tokens(policy.tokenizer, TEA.prompt)
    answer = policy.tokenizer("Tea is hot.", add_special_tokens=False)["input_ids"]
    ids = torch.tensor([[*prompt, *answer, policy.tokenizer.eos_token_id]])
    labels = ids.clone()
    labels[:, : len(prompt)] = -100
    with torch.no_grad():
        loss = policy.model(input_ids=ids, labels=labels).loss
    assert alone[0] == pytest.approx(float(loss), rel=1e-4)


def test_surprise_is_the_same_by_the_way_that_gpus_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: two measures under one name. Only float32 on a CPU is read without padding."""
    policy = tiny_policy(seed=3, spread=0.5)
    texts = ["Tea is hot.", "", "Tea is hot.", "A much longer answer about tea " * 4]
    rows = [row(each) for each in texts]
    fast = surprise(policy, rows, batch=3)
    monkeypatch.setattr("hppt_lib.policy.log_probs.is_plain", lambda model: False)
    monkeypatch.setattr("hppt_lib.policy.log_probs.token_log_probs", None)  # not to be called
    assert surprise(policy, rows, batch=3) == pytest.approx(fast, rel=1e-4)


def test_surprise_tells_a_policy_from_its_base() -> None:
    """Mistake: an adapter that is switched off and still read, or never read at all."""
    from tests.training.test_train import run

    policy = run(learning_rate=1e-2).policy
    for name, value in policy.model.named_parameters():
        if "lora_B" in name:
            value.data += 0.3
    rows = [row("Tea is hot."), row("Tea is warm and brown.")]
    own = surprise(policy, rows)
    with policy.model.disable_adapter():
        by_base = surprise(policy, rows)
    assert all(abs(one - other) > 1e-3 for one, other in zip(own, by_base, strict=True))


def test_rollouts_of_all_runs_are_taken_together_in_windows() -> None:
    """Mistake: a window that runs on into the next, or a run that ended early taken for long."""

    def step(number: int, *responses: str) -> Step:
        told = tuple(("tea", each) for each in responses)
        return Step(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, responses=told)

    runs = [[step(1, GOOD), step(2, "Tea."), step(3, GOOD)], [step(1, "Tea."), step(2, "Tea.")]]
    first, last = hacking.drift_over_steps(runs, [TEA, BEES], window=2)
    assert (first[0], last[0]) == (1.5, 3)
    assert first[1].satisfied.samples == 4 and last[1].satisfied.samples == 1
    assert first[1].hacked is not None and first[1].hacked.mean == 0.75
    assert last[1].hacked is not None and last[1].hacked.mean == 0
