"""Attention summed by segment while the model computes, and attention with edges cut out.

One function stands in for the model's own attention (transformers' ``AttentionInterface``). It
goes through the queries in tiles, so that no map of T x T numbers is kept, adds up the softmax over
segments, and can hide keys from queries before the softmax. What it is to do is said by `watching`
for the length of a block.
"""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from hppt_lib.errors import HpptError
from hppt_lib.policy.speedups import SpeedUps, sampling_weights

if TYPE_CHECKING:
    from hppt_lib.attention.segments import Segmented
    from hppt_lib.policy.load import Policy

NAME = "hppt_by_segment"
TILE = 256  # queries whose attention is in memory at a time
_OUTPUT = ("o_proj", "out_proj", "dense", "c_proj")  # what the families call the output projection


@dataclass(frozen=True)
class Cut:
    """Edges that are taken out of the attention: from late queries to some keys.

    Attributes:
        keys: positions that are hidden, for each row of the batch.
        first_query: the first position from which they are hidden. A position always sees itself.
        layers: in which layers; None for all.
    """

    keys: tuple[tuple[int, ...], ...]
    first_query: int
    layers: Collection[int] | None = None


@dataclass(frozen=True)
class Sums:
    """Where the attention of one text goes: L layers, H heads, R readers, S segments.

    Attributes:
        names: of the segments.
        shares: shape (L, H, R, S): the softmax, added up over each segment; sums to 1 over S.
        weighted: the same shape: each weight times the length of what it lets through, that is of
            its key's value behind the output projection (‖α·v·W_O‖; Kobayashi et al.,
            arXiv 2004.10102). It does not sum to 1.
        visible: shape (R, S): how many tokens of each segment each reader may see.
    """

    names: tuple[str, ...]
    shares: Tensor
    weighted: Tensor
    visible: Tensor

    def place(self, name: str) -> int:
        """Where a segment stands in S.

        Raises:
            HpptError: there is no segment of that name.
        """
        if name not in self.names:
            raise HpptError(f"There is no segment '{name}'; there are: {', '.join(self.names)}.")
        return self.names.index(name)


@dataclass
class _Watch:
    """What the attention function is to do, and what it found."""

    member: Tensor | None = None  # (T, S): 1 where a token belongs to a segment
    readers: range = range(0)
    cuts: Sequence[Cut] = ()
    shares: dict[int, Tensor] = field(default_factory=dict)
    weighted: dict[int, Tensor] = field(default_factory=dict)


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)
# The way from a head's value to the residual stream, kept while a block lasts.
_through: ContextVar[weakref.WeakKeyDictionary[Any, Tensor] | None] = ContextVar(
    "through", default=None
)


@contextmanager
def reading(policy: Policy) -> Iterator[None]:
    """Within the block the policy's model attends by our function; afterwards as before.

    An adapter is added into the weights that are computed with (on a CPU), which is faster and
    changes no weight of the model's own.

    Raises:
        HpptError: the model does not let its attention be replaced.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, _attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model = policy.model
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    before = base.config._attn_implementation
    base.set_attn_implementation(NAME)
    if base.config._attn_implementation != NAME:
        raise HpptError(f"{policy.name} ({type(base).__name__}) has an attention of its own kind.")
    kept = _through.set(weakref.WeakKeyDictionary())
    try:
        with sampling_weights(model, SpeedUps()):
            yield
    finally:
        _through.reset(kept)
        base.set_attn_implementation(before)


@contextmanager
def cutting(cuts: Sequence[Cut]) -> Iterator[None]:
    """Within the block, in `reading`, these edges are cut: for sampling."""
    token = _watch.set(_Watch(cuts=cuts))
    try:
        yield
    finally:
        _watch.reset(token)


@torch.no_grad()
def read(policy: Policy, text: Segmented) -> tuple[Sums, Tensor]:
    """Let a policy read one text, in the block of `reading`.

    Args:
        policy: the reader.
        text: a prompt and a response of one token or more.

    Returns:
        Where the attention of the response's readers goes, and the log-probability of each token of
        the response, shape (R,), at temperature 1.

    Raises:
        HpptError: there is no response; the model is not in the block of `reading`, or its
            attention cannot be added up.
    """
    of = torch.tensor(text.segment_of, device=policy.model.device)
    member = torch.nn.functional.one_hot(of, len(text.names)).float()
    watch = _Watch(member, text.readers)
    log_probs = _log_probs(policy, text, 1, watch)[0]
    if not watch.shares:
        raise HpptError("The attention was not seen: call `read` in the block of `reading`.")
    order = sorted(watch.shares)
    shares, weighted = (
        torch.stack([found[layer] for layer in order]).cpu()
        for found in (watch.shares, watch.weighted)
    )
    visible = member.cumsum(0)[text.readers.start : text.readers.stop].cpu()
    return Sums(text.names, shares, weighted, visible), log_probs


@torch.no_grad()
def read_with_cuts(policy: Policy, text: Segmented, cuts: Sequence[Cut | None]) -> Tensor:
    """The log-probability of a response's tokens if edges are cut, in the block of `reading`.

    Args:
        policy: the reader.
        text: a prompt and a response of one token or more.
        cuts: one reading each; None cuts nothing. Each has the keys of one row.

    Returns:
        Shape (cuts, R), at temperature 1.

    Raises:
        HpptError: there is no response.
    """
    rows = []
    for place, cut in enumerate(cuts):
        if cut is not None:
            keys = [()] * len(cuts)  # type: list[tuple[int, ...]]
            keys[place] = cut.keys[0]
            rows.append(Cut(tuple(keys), cut.first_query, cut.layers))
    # Up to where the first edge is cut all rows are alike, and read once.
    alike = min((cut.first_query for cut in rows), default=text.readers.start)
    return _log_probs(
        policy, text, len(cuts), _Watch(cuts=rows), shared=min(alike, text.readers.start)
    )


def _log_probs(
    policy: Policy, text: Segmented, rows: int, watch: _Watch, shared: int = 0
) -> Tensor:
    """Of the response's tokens, read in rows whose first tokens are read once: (rows, R)."""
    from transformers import DynamicCache

    if not text.readers:
        raise HpptError("There is no response, so nobody reads the prompt: give one token or more.")
    model, count = policy.model, len(text.readers)
    ids = torch.tensor([text.token_ids], device=model.device)
    cache = DynamicCache() if shared else None
    if cache is not None:
        model(input_ids=ids[:, :shared], past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache.batch_repeat_interleave(rows)
    rest = ids[:, shared:].expand(rows, -1)
    places = torch.arange(shared, ids.shape[1], device=ids.device).expand(rows, -1)
    token = _watch.set(watch)
    try:
        output = model(
            input_ids=rest,
            position_ids=places,
            past_key_values=cache,
            use_cache=cache is not None,
            logits_to_keep=count + 1,
        )
    finally:
        _watch.reset(token)
    chances = torch.log_softmax(output.logits[:, -count - 1 : -1].float(), -1)
    return chances.gather(-1, rest[:, -count:, None])[..., 0].cpu()


def _attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention by tiles of queries; query (B, H, Q, D), key and value (B, G, K, D), G divides H.

    A mask is what transformers' SDPA attention gets: True where a key is seen; None is causal.
    """
    if s_aux is not None:
        raise HpptError(
            "This model has sinks of its own in its attention: shares would not add up."
        )
    watch = _watch.get() or _Watch()
    layer = int(getattr(module, "layer_idx", 0))
    groups = query.shape[1] // key.shape[1]
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    queries, keys = query.shape[2], key.shape[2]
    first = keys - queries  # the position of the first query, behind what is in the cache
    columns = torch.arange(keys, device=query.device)
    wide_key, wide_value = (each.repeat_interleave(groups, dim=1) for each in (key, value))
    outputs, shares, weighted = [], [], []
    lengths = None
    if watch.member is not None:
        lengths = _lengths(module, value, groups)[:, :, None] * watch.member  # (H, K, S)
    for start in range(0, queries, TILE):
        rows = slice(start, min(queries, start + TILE))
        places = first + torch.arange(queries, device=query.device)[rows]
        scores = (query[:, :, rows] @ wide_key.transpose(-1, -2)).float() * scaling
        if softcap is not None:
            scores = torch.tanh(scores / softcap) * softcap
        if attention_mask is None:
            seen = (columns <= places[:, None])[None, None]
        else:
            seen = attention_mask[..., rows, :keys]
            if seen.dtype != torch.bool:
                seen = seen == 0
        for cut in watch.cuts:
            if cut.layers is None or layer in cut.layers:
                seen = seen & ~_cut_out(cut, places, columns)
        # A padded query sees nothing: its softmax is spread evenly, and nobody reads it.
        scores = scores.masked_fill(~seen, torch.finfo(scores.dtype).min)
        chances = scores.softmax(-1)
        outputs.append(chances.to(value.dtype) @ wide_value)
        if watch.member is not None and lengths is not None:
            chosen = (places >= watch.readers.start) & (places < watch.readers.stop)
            if chosen.any():
                of_readers = chances[0][:, chosen]
                shares.append(of_readers @ watch.member)
                weighted.append(of_readers @ lengths)
    if shares:
        watch.shares[layer] = torch.cat(shares, dim=1)
        watch.weighted[layer] = torch.cat(weighted, dim=1)
    return torch.cat(outputs, dim=2).transpose(1, 2).contiguous(), None


def _cut_out(cut: Cut, places: Tensor, columns: Tensor) -> Tensor:
    """Which edges are cut, shape (B, 1, rows, K); a position is never hidden from itself."""
    hidden = torch.zeros(len(cut.keys), len(columns), dtype=torch.bool, device=columns.device)
    for row, keys in enumerate(cut.keys):
        hidden[row, list(keys)] = True
    late = (places >= cut.first_query)[:, None] & (places[:, None] != columns)
    return hidden[:, None, None, :] & late[None, None]


def _lengths(module: Any, value: Tensor, groups: int) -> Tensor:
    """Of each head and key, the length of its value behind the output projection: (H, K)."""
    gram = _gram(module, value.shape[1] * groups, value.shape[-1], value)
    wide = value[0].repeat_interleave(groups, dim=0).float()
    return torch.einsum("hkd,hde,hke->hk", wide, gram, wide).clamp(min=0).sqrt()


def _gram(module: Any, heads: int, size: int, like: Tensor) -> Tensor:
    """W Wᵀ of each head's part W of the output projection: (H, D, D).

    The projection is asked what it makes of each unit vector: so an adapter on it, 4 bits and
    other kinds of layer are all the same.
    """
    kept = _through.get()
    if kept is not None and module in kept:
        return kept[module]
    project = next((getattr(module, each) for each in _OUTPUT if hasattr(module, each)), None)
    if project is None:
        raise HpptError(
            f"{type(module).__name__} calls its output projection none of: {', '.join(_OUTPUT)}."
        )
    units = torch.eye(heads * size, dtype=like.dtype, device=like.device)
    weight = (project(units) - project(torch.zeros_like(units[:1]))).float()
    parts = weight.view(heads, size, -1)
    gram = parts @ parts.transpose(-1, -2)
    if kept is not None:
        kept[module] = gram
    return gram
