"""A local model as a judge, asked for the probability of Yes against No.

Its confidence is P(Yes) / (P(Yes) + P(No)) at the place where the answer begins, each summed over
the spellings that are one token. So a threshold can be moved, and no reply is ever unreadable.
Point-wise, a question is one forward pass. In batch, the judge answers the constraints in
turn: each is judged given its own verdicts before it, as if it wrote its reply, and the prompt is
read once for all of them.
"""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.judges import prompts
from hppt_lib.judges.cache import question_key
from hppt_lib.judges.protocol import Judgement, Question, majority, no_verdict
from hppt_lib.policy.load import Policy, enough_memory

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TOO_LONG = "too long"
"""The kind of problem of a prompt that the model cannot read whole; it is never cut."""

# The first spelling that is one token is the one that the judge's own verdicts are written in.
_YES = (" Yes", "Yes", " yes", "yes", " YES", "YES")
_NO = (" No", "No", " no", "no", " NO", "NO")
_TOKENS_AT_ONCE = {"cpu": 4096, "cuda": 32768}  # of prompts, padding included


class LocalJudge:
    """A judge that asks a policy; the policy is not changed."""

    def __init__(
        self,
        policy: Policy,
        *,
        variant: str = "zero-shot",
        threshold: float = 0.5,
        samples: int = 1,
        seed: int = 0,
        progress: bool = True,
    ) -> None:
        """Make a judge of a policy.

        Args:
            policy: the model, with or without an adapter.
            variant: how it is asked, one of `hppt_lib.judges.VARIANTS`.
            threshold: a constraint passes if the confidence reaches this, from 0 to 1. In batch,
                the verdicts so made are what the judge is shown of its own reply.
            samples: more than 1 draws so many replies at temperature 1 (among Yes and No) and
                takes the majority: the confidence is the share of Yes, a tie is no verdict.
            seed: of the fence's marker and of the draws.
            progress: show a progress bar.

        Raises:
            HpptError: no such variant, a number out of range, a threshold with samples, or a model
                that cannot judge: without a chat template, or with no single token for Yes or No.
        """
        if not 0 <= threshold <= 1 or samples < 1:
            raise HpptError("A judge's threshold is from 0 to 1, and its samples at least 1.")
        if samples > 1 and threshold != 0.5:
            raise HpptError(
                "A majority of samples has no threshold: leave it at 0.5, or take samples=1."
            )
        if not policy.tokenizer.chat_template:
            raise HpptError(
                f"{policy.name} has no chat template, so it cannot be asked: it is a base model. "
                "Take its Instruct version as the judge."
            )
        self._policy = policy
        self._variant = prompts.variant(variant)
        self._threshold, self._samples, self._seed = threshold, samples, seed
        self._progress = progress
        self._yes = _single_tokens(policy.tokenizer, _YES, policy.name)
        self._no = _single_tokens(policy.tokenizer, _NO, policy.name)
        self._settings = {
            "kind": "local",
            "weights": weights_fingerprint(policy.model),
            "dtype": str(policy.model.dtype).removeprefix("torch."),
            "variant": variant,
            "prompt": prompts.prompt_version(self._variant),
            "threshold": threshold,
            "samples": samples,
            "seed": seed,
        }

    @property
    def name(self) -> str:
        """The policy's name, with the variant and the samples where they are not the usual."""
        return prompts.judge_name(self._policy.name, self._variant, self._samples)

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that decides its answers; ``weights`` changes with the model's weights."""
        return self._settings

    @property
    def identity(self) -> Mapping[str, Any]:
        """The settings, with the policy by what its files hold (`Policy.identity`)."""
        return {**self._settings, "weights": None, "model": self._policy.identity}

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, tuple[Judgement, ...]]]:
        """Answer questions, those of like length together.

        Raises:
            HpptError: not enough memory.
        """
        bar = tqdm(total=len(questions), desc=self.name, disable=not self._progress)
        with bar:
            ready: list[_Prompt] = []
            for place, question in enumerate(questions):
                prompt = self._prompt(place, question)
                if self._fits(prompt):
                    ready.append(prompt)
                    continue
                yield (
                    place,
                    tuple(
                        no_verdict(f"{TOO_LONG} ({len(prompt.ids)} tokens)") for _ in prompt.cues
                    ),
                )
                bar.update()
            shared = _common([prompt.ids for prompt in ready])
            for group in self._groups(ready):
                with enough_memory(f"ask {self.name}"):
                    confidences = self._confidences(group, shared)
                for prompt, drawn in zip(group, confidences, strict=True):
                    yield prompt.place, tuple(self._judgement(each) for each in drawn)
                bar.update(len(group))

    def _prompt(self, place: int, question: Question) -> _Prompt:
        tokenizer = self._policy.tokenizer
        turns = prompts.conversation(question, self._variant, self._seed)
        ids = conversation_tokens(tokenizer, turns)
        number = len(question.constraints)
        cues = [""] if number == 1 else ["1:", *(f"\n{k}:" for k in range(2, number + 1))]
        chance = random.Random(f"{self._seed} {question_key(question)}")
        return _Prompt(
            place,
            (question.prompt, question.response),
            ids,
            [_plain_tokens(tokenizer, cue) if cue else [] for cue in cues],
            [[chance.random() for _ in cues] for _ in range(self._samples)],
        )

    def _fits(self, prompt: _Prompt) -> bool:
        longest = len(prompt.ids) + sum(len(cue) + 1 for cue in prompt.cues)
        limit = getattr(self._policy.model.config, "max_position_embeddings", None)
        return longest <= min(limit or math.inf, self._policy.tokenizer.model_max_length)

    def _groups(self, prompts: list[_Prompt]) -> Iterator[list[_Prompt]]:
        """Prompts of like length, as many as fit at once; those about one response together.

        The longest first, so that a machine with too little memory says so at the beginning.
        """
        room = _TOKENS_AT_ONCE.get(self._policy.device.type, _TOKENS_AT_ONCE["cpu"])
        longest: dict[tuple[str, str], int] = {}
        for prompt in prompts:
            longest[prompt.about] = max(longest.get(prompt.about, 0), len(prompt.ids))
        group: list[_Prompt] = []
        most = 0
        for prompt in sorted(prompts, key=lambda each: (-longest[each.about], *each.about)):
            most = max(most, longest[prompt.about])
            if group and (len(group) + 1) * most * self._samples > room:
                yield group
                group, most = [], longest[prompt.about]
            group.append(prompt)
        if group:
            yield group

    def _confidences(
        self, group: list[_Prompt], shared: int
    ) -> list[list[list[tuple[float, bool]]]]:
        """For each prompt and constraint: (P(Yes), verdict) of each sample.

        Args:
            group: prompts, those about one response side by side.
            shared: how many tokens at the beginning all of them have in common.
        """
        reader = _Reader(self._policy)
        # 1. What all prompts share; what those about one response share; the rest of each prompt.
        about = list(dict.fromkeys(prompt.about for prompt in group))
        same = [_common([each.ids for each in group if each.about == key]) for key in about]
        example = {prompt.about: prompt.ids for prompt in group}
        ends = [max(shared, least) for least in same]
        if shared:
            reader.read([group[0].ids[:shared]])
            reader.select([0] * len(about))
        middles = [example[key][shared:end] for key, end in zip(about, ends, strict=True)]
        if any(middles):
            reader.read(middles)
        places = [about.index(prompt.about) for prompt in group]
        if shared or any(middles):
            reader.select(places)
        tails = [
            [*prompt.ids[ends[place] :], *prompt.cues[0]]
            for prompt, place in zip(group, places, strict=True)
        ]
        logits = reader.read(tails)
        # 2. A row for each sample of each prompt.
        samples = self._samples
        most = max(len(prompt.cues) for prompt in group)
        rows = [(number, sample) for number in range(len(group)) for sample in range(samples)]
        logits = logits.repeat_interleave(samples, dim=0)
        if samples > 1 and most > 1:
            reader.select([number for number, _ in rows])
        drawn: list[list[list[tuple[float, bool]]]] = [[[] for _ in each.cues] for each in group]
        for step in range(most):
            # 3. The verdict on one constraint, in every row.
            verdicts = []
            for (number, sample), confidence in zip(rows, self._yes_share(logits), strict=True):
                luck = group[number].chances[sample][step] < confidence
                verdict = luck if samples > 1 else confidence >= self._threshold
                drawn[number][step].append((confidence, verdict))
                verdicts.append(verdict)
            # 4. Rows with another constraint go on, with that verdict and the next number.
            keep = [k for k, (number, _) in enumerate(rows) if len(group[number].cues) > step + 1]
            if not keep:
                break
            if len(keep) < len(rows):
                reader.select(keep)
                rows, verdicts = [rows[k] for k in keep], [verdicts[k] for k in keep]
            logits = reader.read(
                [
                    [(self._yes if verdict else self._no)[0], *group[number].cues[step + 1]]
                    for (number, _), verdict in zip(rows, verdicts, strict=True)
                ]
            )
        return drawn

    def _yes_share(self, logits: torch.Tensor) -> list[float]:
        """P(Yes) / (P(Yes) + P(No)) from logits of shape (rows, vocabulary)."""
        wide = logits.double()
        yes = wide[:, list(self._yes)].logsumexp(-1)
        no = wide[:, list(self._no)].logsumexp(-1)
        return torch.sigmoid(yes - no).tolist()

    def _judgement(self, drawn: list[tuple[float, bool]]) -> Judgement:
        if any(math.isnan(confidence) for confidence, _ in drawn):
            return no_verdict("not a number (the model's output is NaN)")
        if len(drawn) == 1:
            confidence, verdict = drawn[0]
            return Judgement(verdict, confidence)
        return majority([verdict for _, verdict in drawn])


@dataclass(frozen=True)
class _Prompt:
    """A question in tokens: the prompt; what stands before each answer; a chance per sample."""

    place: int
    about: tuple[str, str]  # task and response
    ids: list[int]
    cues: list[list[int]]
    chances: list[list[float]]


class _Reader:
    """A batch of texts that is read on piece by piece, with its key-value cache."""

    def __init__(self, policy: Policy) -> None:
        from transformers import DynamicCache

        self._model, self._device = policy.model, policy.device
        self._pad = int(policy.tokenizer.pad_token_id or 0)
        self._cache = DynamicCache()
        self._mask: torch.Tensor | None = None  # (rows, tokens so far); 0 is padding

    @torch.no_grad()
    def read(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Read more tokens in each row; return the logits after them, shape (rows, vocabulary)."""
        width = max(map(len, rows))
        padded = [[self._pad] * (width - len(row)) + list(row) for row in rows]
        lengths = torch.tensor([len(row) for row in rows], device=self._device)
        new = (torch.arange(width, device=self._device) >= (width - lengths)[:, None]).long()
        self._mask = new if self._mask is None else torch.cat([self._mask, new], dim=1)
        positions = (self._mask.cumsum(-1) - 1).clamp(min=0)[:, -width:]
        output = self._model(
            input_ids=torch.tensor(padded, device=self._device),
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return output.logits[:, -1]

    def select(self, rows: Sequence[int]) -> None:
        """Continue with these rows only; a row that is named twice continues twice."""
        if self._mask is None or list(rows) == list(range(len(self._mask))):
            return
        chosen = torch.tensor(rows, device=self._device)
        self._cache.batch_select_indices(chosen)
        self._mask = self._mask[chosen]


def _common(texts: list[list[int]]) -> int:
    """How many tokens all texts share at the beginning, without the last of the shortest text."""
    if not texts:
        return 0
    first, last = min(texts), max(texts)  # what the first and the last in order share, all share
    limit = min(len(text) for text in texts) - 1
    return next((k for k in range(limit) if first[k] != last[k]), max(limit, 0))


def conversation_tokens(
    tokenizer: PreTrainedTokenizerBase, turns: Sequence[prompts.Turn]
) -> list[int]:
    """The token ids of a conversation in the model's chat template, ready for the reply.

    Only the template's own words become its special tokens. What stands in a turn never does,
    whatever it spells: a response cannot end its turn and speak for the judge.
    """
    # A stand-in for each turn shows which parts of the rendered text are the template's.
    stand_ins = [
        {"role": turn.role, "content": f"\ue000{number}\ue001"} for number, turn in enumerate(turns)
    ]
    rendered: Any = tokenizer.apply_chat_template(
        stand_ins, tokenize=False, add_generation_prompt=True, enable_thinking=False
    )
    ids: list[int] = []
    for place, part in enumerate(re.split("\ue000([0-9]+)\ue001", rendered)):
        if place % 2:
            ids += _plain_tokens(tokenizer, turns[int(part)].content)
        elif part:
            ids += tokenizer(part, add_special_tokens=False)["input_ids"]
    return ids


def weights_fingerprint(model: torch.nn.Module) -> str:
    """Twelve characters that change with a model's weights, from 16 values of each parameter."""
    digest = hashlib.sha256()
    for name, parameter in model.named_parameters():
        flat = parameter.detach().flatten()
        few = flat[:: max(1, flat.numel() // 16)][:16].float().cpu().numpy()
        digest.update(f"{name} {tuple(parameter.shape)}".encode() + few.tobytes())
    return digest.hexdigest()[:12]


def _plain_tokens(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    encoded: Any = tokenizer(text, add_special_tokens=False, split_special_tokens=True)
    return list(encoded["input_ids"])


def _single_tokens(
    tokenizer: PreTrainedTokenizerBase, spellings: Sequence[str], name: str
) -> tuple[int, ...]:
    tokens: list[int] = []
    for spelling in spellings:
        ids = _plain_tokens(tokenizer, spelling)
        if len(ids) == 1 and ids[0] != tokenizer.unk_token_id and ids[0] not in tokens:
            tokens.append(ids[0])
    if not tokens:
        raise HpptError(
            f"{name} has no single token for '{spellings[0].strip()}', so it cannot be asked as "
            "a judge. Take another model, or serve it and ask it at its endpoint."
        )
    return tuple(tokens)
