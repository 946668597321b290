"""The kit's sampler gives what transformers would, in batches that shrink, from a seed."""

from __future__ import annotations

import pytest
import torch

from hppt_lib.errors import HpptError
from hppt_lib.policy import sampling as rollouts
from hppt_lib.policy.load import Policy
from hppt_lib.policy.sampling import (
    Chat,
    Rollout,
    chat_tokens,
    end_token_ids,
    sample,
    sample_tokens,
)
from hppt_lib.verifiers import thought_marks
from tests.helpers.tiny import (
    TEMPLATE,
    THINKING_TEMPLATE,
    WORDS,
    thinking_policy,
    tiny_instructions,
    tiny_policy,
)

pytestmark = pytest.mark.slow

PROMPTS = [each.prompt for each in tiny_instructions()]  # of different lengths
END = WORDS.index("<end>")


@pytest.fixture(scope="module")
def tiny() -> Policy:
    return tiny_policy(seed=3, spread=0.5)


def greedy(
    policy: Policy, prompts: list[list[int]], *, longest: int = 24, ends: frozenset[int] | None
) -> list[list[int]]:
    return sample_tokens(
        policy.model,
        prompts,
        samples=1,
        max_new_tokens=longest,
        temperature=0,
        generator=torch.Generator().manual_seed(0),
        pad_id=int(policy.tokenizer.pad_token_id),
        end_ids=end_token_ids(policy.model, policy.tokenizer) if ends is None else ends,
    )


def generated(
    policy: Policy, prompts: list[list[int]], longest: int, ends: list[int]
) -> list[list[int]]:
    """The same by transformers' own ``generate``, one prompt at a time."""
    found = []
    for ids in prompts:
        output = policy.model.generate(
            torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            max_new_tokens=longest,
            do_sample=False,
            eos_token_id=ends,
        )
        found.append(output[0, len(ids) :].tolist())
    return found


def often(policy: Policy, prompts: list[list[int]]) -> int:
    """A token that some greedy responses reach early and others late or never."""
    free = greedy(policy, prompts, ends=frozenset({-1}))
    first = {
        token: [r.index(token) if token in r else 99 for r in free] for r in free for token in r
    }
    return max(first, key=lambda token: len(set(first[token])))


def sampled(policy: Policy, seed: int, samples: int = 3, **changes: object) -> list[list[Rollout]]:
    options = {"samples": samples, "max_new_tokens": 12, "temperature": 1.0, "seed": seed}
    return sample(policy.model, policy.tokenizer, PROMPTS, **(options | changes))  # type: ignore


def test_greedy_equals_generate_in_one_batch_of_different_lengths(tiny: Policy) -> None:
    """Mistake: padding that is attended to, or positions that count it."""
    prompts = [chat_tokens(tiny.tokenizer, prompt) for prompt in PROMPTS]
    assert len(set(map(len, prompts))) == len(prompts)
    end = often(tiny, prompts)
    found = greedy(tiny, prompts, ends=frozenset({end}))
    assert found == generated(tiny, prompts, 24, [end])
    lengths = sorted(map(len, found))
    assert lengths[0] < lengths[-1], "some responses must end before others"
    assert len({tuple(each) for each in found}) > 1


def test_greedy_equals_generate_on_the_embedded_model(policy: Policy) -> None:
    """The same on a real model, whose responses end themselves."""
    prompts = [
        chat_tokens(policy.tokenizer, prompt)
        for prompt in ("Say yes.", "Write one short sentence about tea. Do not use any commas.")
    ]
    ends = sorted(end_token_ids(policy.model, policy.tokenizer))
    found = greedy(policy, prompts, longest=10, ends=None)
    assert found == generated(policy, prompts, 10, ends)


def test_dropping_finished_rows_changes_nothing(tiny: Policy) -> None:
    """Mistake: a cache, mask or position that stays with the dropped row."""
    prompts = [chat_tokens(tiny.tokenizer, prompt) for prompt in PROMPTS * 2]
    end = frozenset({often(tiny, prompts)})
    together = greedy(tiny, prompts, ends=end)
    alone = [greedy(tiny, [ids], ends=end)[0] for ids in prompts]
    assert together == alone
    assert sum(len(each) < 24 for each in together) >= 0.25 * len(together), "rows must drop"


def test_greedy_samples_of_a_prompt_are_alike(tiny: Policy) -> None:
    """Mistake: repeating the cache in another order than the rows."""
    for group in sampled(tiny, 0, temperature=0.0):
        assert len(group) == 3 and len(set(group)) == 1


def test_the_batch_size_does_not_change_the_order_of_the_answers(tiny: Policy) -> None:
    """Mistake: responses that stand with the prompt of another place (they are sorted inside)."""
    whole = sampled(tiny, 0, temperature=0.0)
    for batch in (1, 3, 7):
        assert sampled(tiny, 0, temperature=0.0, batch=batch) == whole
    ids = [chat_tokens(tiny.tokenizer, prompt) for prompt in PROMPTS]
    assert [group[0].token_ids for group in whole] == [
        tuple(each) for each in greedy(tiny, ids, longest=12, ends=None)
    ]


def test_the_seed_decides(tiny: Policy) -> None:
    """Mistake: torch's global generator."""
    torch.manual_seed(1)
    first = sampled(tiny, 5)
    torch.manual_seed(2)
    assert sampled(tiny, 5) == first
    assert sampled(tiny, 6) != first
    assert any(len({each.text for each in group}) > 1 for group in first), "samples differ"


def test_responses_end_at_the_limit_or_at_an_end_token() -> None:
    """Mistake: tokens after the end, an end token in the text, or a flag that ignores the last."""
    policy = tiny_policy(spread=0.02)  # nearly uniform: the end comes after about 33 tokens
    rollouts = [each for group in sampled(policy, 0, 40, max_new_tokens=20) for each in group]
    finished = [each for each in rollouts if each.finished]
    assert 0.1 < len(finished) / len(rollouts) < 0.9
    for each in rollouts:
        assert 1 <= len(each.token_ids) <= 20
        assert (END in each.token_ids) is each.finished
        assert END not in each.token_ids[:-1]
        assert each.finished or len(each.token_ids) == 20
        assert "<end>" not in each.text
        assert each.text == policy.tokenizer.decode(each.token_ids, skip_special_tokens=True)


def test_an_end_in_the_last_place_counts_as_finished() -> None:
    """Mistake: taking every response of the greatest length for a cut one."""
    policy = tiny_policy(spread=0.02)
    rollouts = [each for group in sampled(policy, 0, 60, max_new_tokens=1) for each in group]
    assert {each.finished for each in rollouts} == {True, False}
    assert all(each.finished is (each.token_ids == (END,)) for each in rollouts)


def test_samples_follow_the_models_probabilities() -> None:
    """Mistake: a temperature that multiplies, or logits of another position."""
    policy = tiny_policy(seed=3, spread=0.3)
    ids = chat_tokens(policy.tokenizer, PROMPTS[0])
    with torch.no_grad():
        logits = policy.model(torch.tensor([ids])).logits[0, -1]
    for temperature in (0.5, 2.0):
        drawn = sample_tokens(
            policy.model,
            [ids, ids[:4]],
            samples=4000,
            max_new_tokens=1,
            temperature=temperature,
            generator=torch.Generator().manual_seed(0),
            pad_id=0,
            end_ids=frozenset({END}),
        )[:4000]
        counts = torch.bincount(torch.tensor(drawn).flatten(), minlength=len(WORDS)) / 4000
        assert (counts - torch.softmax(logits / temperature, -1)).abs().max() < 0.03


@pytest.mark.parametrize("temperature", [1.0, 0.5, 0.0])
def test_the_entropy_is_that_of_what_was_drawn_from(temperature: float) -> None:
    """Mistake: the entropy at another temperature, of finished rows, or of another row."""
    policy = tiny_policy(spread=0.6)
    prompt = chat_tokens(policy.tokenizer, "tea")
    entropies: list[list[float]] = []
    completions = sample_tokens(
        policy.model,
        [prompt],
        samples=16,
        max_new_tokens=6,
        temperature=temperature,
        generator=torch.Generator().manual_seed(0),
        pad_id=int(policy.tokenizer.pad_token_id),
        end_ids=end_token_ids(policy.model, policy.tokenizer),
        entropies=entropies,
    )
    assert list(map(len, entropies)) == list(map(len, completions))
    for ids, found in zip(completions, entropies, strict=True):
        logits = policy.model(torch.tensor([[*prompt, *ids]])).logits[0, len(prompt) - 1 : -1]
        if temperature == 0:
            assert set(found) == {0.0}
            continue
        expected = torch.distributions.Categorical(logits=logits / temperature).entropy()
        assert found == pytest.approx(expected.tolist(), abs=1e-4)


def test_the_ends_are_those_of_model_and_tokenizer() -> None:
    """Mistake: one of the two ends only (Qwen has two)."""
    policy = tiny_policy()
    assert end_token_ids(policy.model, policy.tokenizer) == {END}
    policy.model.generation_config.eos_token_id = [END, 3]
    assert end_token_ids(policy.model, policy.tokenizer) == {END, 3}
    policy.model.generation_config.eos_token_id = None
    assert end_token_ids(policy.model, policy.tokenizer) == {END}


def test_sampling_leaves_the_mode_of_the_model_alone() -> None:
    """Mistake: dropout switched off for the rest of a training run."""
    policy = tiny_policy()
    for mode in (True, False):
        policy.model.train(mode)
        sampled(policy, 0, max_new_tokens=1)
        assert policy.model.training is mode


def test_no_prompts_give_no_rollouts(tiny: Policy) -> None:
    found = sample(
        tiny.model, tiny.tokenizer, [], samples=2, max_new_tokens=3, temperature=1.0, seed=0
    )
    assert found == []


def test_an_impossible_token_is_never_drawn_and_broken_logits_are_an_error() -> None:
    """Mistake: the inverse of the distribution function taken one place too early or too late."""
    impossible = -torch.inf
    logits = torch.tensor([[impossible, 0.0, impossible, 0.0, impossible]]).repeat(2000, 1)
    drawn = rollouts._choose(logits, 1.0, torch.Generator().manual_seed(0))
    assert set(drawn.tolist()) == {1, 3} and 0.45 < float((drawn == 1).float().mean()) < 0.55
    last = torch.tensor([[impossible, impossible, 0.0]]).repeat(500, 1)
    assert rollouts._choose(last, 0.7, torch.Generator().manual_seed(0)).unique().tolist() == [2]
    for broken in (torch.nan, torch.inf):
        with pytest.raises(FloatingPointError, match="not numbers"):
            logits = torch.tensor([[0.0, broken], [0.0, 0.0]])
            rollouts._choose(logits, 1.0, torch.Generator())


# --- thoughts -------------------------------------------------------------------------------------

OPENINGS = [
    (TEMPLATE, None, ""),
    (THINKING_TEMPLATE, None, "<think>\n"),
    (THINKING_TEMPLATE, True, "<think>\n"),
    (THINKING_TEMPLATE, False, ""),  # the thoughts are closed at once
    (TEMPLATE.replace("<reply>", "<think> a </think> <reply>"), None, ""),
    (TEMPLATE.replace("<reply>", "<reply> [THINK] Well"), None, "[THINK] Well"),
    (TEMPLATE.replace("<reply>", "<reply> <plan>"), None, ""),
]


@pytest.mark.parametrize(("template", "thinking", "opening"), OPENINGS)
def test_what_a_template_begins_is_seen(template: str, thinking: bool | None, opening: str) -> None:
    """Mistake: a mark in the prompt that is missed, or one that the template has closed again."""
    tokenizer = tiny_policy().tokenizer
    tokenizer.chat_template = template
    assert Chat(tokenizer, thinking).opening == opening
    assert Chat(tokenizer, thinking, thoughts=()).opening == ""


def test_marks_of_ones_own_are_seen_in_a_template() -> None:
    tokenizer = tiny_policy().tokenizer
    tokenizer.chat_template = TEMPLATE.replace("<reply>", "<reply> <plan>")
    assert Chat(tokenizer, None, thought_marks("<plan> </plan>")).opening == "<plan>"


def test_a_prompt_that_speaks_of_thoughts_opens_none() -> None:
    """Mistake: the reader's own <think> taken for the template's."""
    policy = tiny_policy()
    rollouts = sample(
        policy.model,
        policy.tokenizer,
        ["Write <think>", "tea"],
        samples=1,
        max_new_tokens=3,
        temperature=0,
        seed=0,
    )
    assert not any("<think>" in group[0].text for group in rollouts)


def test_a_response_begins_where_the_thoughts_do() -> None:
    """Mistake: a thought that is cut at the limit, without its mark, read as the answer."""
    policy = thinking_policy()
    [[open_]], [[closed]] = (
        sample(
            policy.model,
            policy.tokenizer,
            ["tea"],
            samples=1,
            max_new_tokens=4,
            temperature=0,
            seed=0,
            thinking=thinking,
        )
        for thinking in (None, False)
    )
    assert open_.text.startswith("<think>\n") and len(open_.token_ids) == 4
    assert open_.text == f"<think>\n{policy.tokenizer.decode(open_.token_ids)}"
    assert closed.text == policy.tokenizer.decode(closed.token_ids, skip_special_tokens=True)


def test_the_template_is_told_whether_to_think() -> None:
    """Mistake: a switch that is accepted and never handed on."""
    tokenizer = thinking_policy().tokenizer
    mark = tokenizer.convert_tokens_to_ids("</think>")
    assert chat_tokens(tokenizer, "tea") == chat_tokens(tokenizer, "tea", thinking=True)
    assert mark not in chat_tokens(tokenizer, "tea", thinking=True)
    assert chat_tokens(tokenizer, "tea", thinking=False)[-1] == mark


@pytest.mark.parametrize("thinking", [True, False])
def test_a_template_without_the_switch_is_an_error(thinking: bool) -> None:
    """Mistake: a template passes over what it does not know, and the model thinks all the same."""
    policy = tiny_policy()
    with pytest.raises(HpptError, match=r"no switch for it \(enable_thinking\). Leave thinking"):
        chat_tokens(policy.tokenizer, "tea", thinking)
    with pytest.raises(HpptError, match="enable_thinking"):
        sample(
            policy.model,
            policy.tokenizer,
            ["tea"],
            samples=1,
            max_new_tokens=1,
            temperature=0,
            seed=0,
            thinking=thinking,
        )


@pytest.mark.parametrize("special", [False, True])
def test_marks_that_are_special_tokens_are_kept(special: bool) -> None:
    """Mistake: marks dropped with the special tokens, so that thoughts run into the answer."""
    chat = Chat(thinking_policy(special).tokenizer, thinking=False)
    ids = chat.tokenizer.convert_tokens_to_ids(["<think>", "hot", "</think>", "tea", "<end>"])
    assert chat.response(ids) == "<think> hot </think> tea"
    without = Chat(chat.tokenizer, thinking=False, thoughts=())
    assert without.response(ids) == ("hot tea" if special else "<think> hot </think> tea")
