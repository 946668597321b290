"""The dimensions of a language model: enough to count its parameters without loading it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.policy.adapters import is_adapter, read_adapter


@dataclass(frozen=True)
class Dimensions:
    """The dimensions of a decoder of the Llama and Qwen kind, or of GPT-2's.

    Attributes:
        name: what tables call it.
        layers: number of decoder layers.
        hidden: width of the residual stream.
        intermediate: width inside the gated MLP.
        heads: attention heads.
        kv_heads: key-value heads (fewer than `heads` with grouped-query attention).
        head_size: width of a head.
        vocabulary: number of tokens.
        tied: whether the output layer is the embedding itself.
        biases: whether the q, k and v projections have biases (Qwen2).
        head_norms: whether q and k are normalised by head (Qwen3).
        positions: tokens of prompt and response together that it is made for; None: not known.
        source: where these numbers are from.
        of_gpt2: layers as GPT-2 has them: q, k and v in one matrix, an MLP without a gate, biases
            everywhere, norms with a bias, and a learned vector for each of the ``positions``.
    """

    name: str
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    tied: bool
    biases: bool = False
    head_norms: bool = False
    positions: int | None = None
    source: str = ""
    of_gpt2: bool = False

    @property
    def linear_shapes(self) -> tuple[tuple[int, int], ...]:
        """(in, out) of the linear layers of one decoder layer: those that LoRA and NF4 apply to."""
        if self.of_gpt2:
            return (
                (self.hidden, 3 * self.hidden),
                (self.hidden, self.hidden),
                (self.hidden, self.intermediate),
                (self.intermediate, self.hidden),
            )
        queries, keys = self.heads * self.head_size, self.kv_heads * self.head_size
        return (
            (self.hidden, queries),
            (self.hidden, keys),
            (self.hidden, keys),
            (queries, self.hidden),
            (self.hidden, self.intermediate),
            (self.hidden, self.intermediate),
            (self.intermediate, self.hidden),
        )

    @property
    def linear_parameters(self) -> int:
        """Weights of the linear layers of all decoder layers."""
        return self.layers * sum(inputs * outputs for inputs, outputs in self.linear_shapes)

    @property
    def other_parameters(self) -> int:
        """Embedding, output layer if it is not tied, norms and biases: never quantised."""
        if self.of_gpt2:
            biases = sum(outputs for _, outputs in self.linear_shapes)
            tables = self.vocabulary * (1 if self.tied else 2) + (self.positions or 0)
            return tables * self.hidden + self.layers * (4 * self.hidden + biases) + 2 * self.hidden
        queries, keys = self.heads * self.head_size, self.kv_heads * self.head_size
        in_layer = 2 * self.hidden + self.biases * (queries + 2 * keys)
        in_layer += self.head_norms * 2 * self.head_size
        tables = self.vocabulary * self.hidden * (1 if self.tied else 2)
        return tables + self.layers * in_layer + self.hidden

    @property
    def parameters(self) -> int:
        """All parameters."""
        return self.linear_parameters + self.other_parameters

    def adapter_parameters(self, rank: int) -> int:
        """Weights of a LoRA adapter of this rank on every linear layer."""
        return self.layers * sum(
            rank * (inputs + outputs) for inputs, outputs in self.linear_shapes
        )

    def activation_bytes(self, rank: int, number_bytes: int) -> int:
        """Bytes that one decoder layer keeps of one token for its backward pass.

        The base weights are frozen, so a linear layer keeps nothing itself; its adapter keeps its
        input. Under QLoRA bitsandbytes keeps what the plain layer keeps. Counted for transformers'
        Llama, Qwen2 and GPT-2 with SDPA attention.

        Args:
            rank: of the LoRA adapter on every linear layer.
            number_bytes: bytes of a number that is computed with.
        """
        if self.of_gpt2:
            # Two norms: input and output; q, k, v, and the output twice, as below; the GELU in
            # five steps, each of which keeps its input, and the input of the last layer; what lies
            # between A and B of four adapters.
            numbers = (4 + 5) * self.hidden + 6 * self.intermediate + 4 * rank
            return numbers * number_bytes
        # Two norms: their input, in float32, and their output (the input of q, k, v and gate, up).
        norms = 2 * self.hidden * (4 + number_bytes)
        # q, and k and v repeated to all heads; the output, and that again in the order in which the
        # output layer reads it.
        attention = 5 * self.heads * self.head_size * number_bytes
        # Gate and its SiLU, up, and their product (the input of down).
        mlp = 4 * self.intermediate * number_bytes
        # Seven adapters: what lies between A and B.
        return norms + attention + mlp + 7 * rank * number_bytes

    def cache_bytes(self, number_bytes: int) -> int:
        """Bytes of the keys and values of one token in all layers."""
        return self.layers * 2 * self.kv_heads * self.head_size * number_bytes

    def reading_bytes(self, number_bytes: int, with_adapter: bool) -> int:
        """Bytes of one token at the fullest moment of a forward pass without gradient.

        That moment is in the MLP of a layer: while up's adapter is computed, or, where there is no
        adapter, at the product of gate and up. Derived from transformers' Llama and Qwen2 and from
        peft's LoRA layer, and held by a test to what torch allocates. The cache is not counted.

        Args:
            number_bytes: bytes of a number that is computed with.
            with_adapter: whether a LoRA adapter is beside the weights, not added into them; it
                computes in float32.
        """
        # The embeddings, the layer's input, that after attention, and its norm.
        narrow = 4 * number_bytes * self.hidden
        # Cosine and sine of each place.
        narrow += 0 if self.of_gpt2 else 2 * self.head_size * number_bytes
        if self.of_gpt2:
            narrow += 2 * number_bytes * self.hidden
            widths = [4 * number_bytes]  # GELU step by step
            widths += [number_bytes + 8] if with_adapter else []
        elif with_adapter:
            # Gate's activation and up's result; what up's adapter gives, and that times its scale.
            widths = [2 * number_bytes + 8]
        else:
            widths = [3 * number_bytes]  # gate's activation, up, and their product
        if with_adapter and number_bytes < 4:
            narrow += 4 * self.hidden  # the adapter's input, in float32
        return narrow + max(widths) * self.intermediate


_QWEN = (
    "config.json of the model on the Hugging Face hub; Qwen2.5 report, arXiv 2412.15115, table 1"
)
_LLAMA = "config.json of the model on the Hugging Face hub"
# fmt: off
_EMBEDDED = Dimensions(
    "SmolLM2-135M-Instruct", 30, 576, 1536, 9, 3, 64, 49152, True,
    positions=8192, source="its config.json",
)
KNOWN_MODELS: dict[str, Dimensions] = {
    "embedded": _EMBEDDED,
    "HuggingFaceTB/SmolLM2-135M-Instruct": _EMBEDDED,
    "Qwen/Qwen2.5-0.5B-Instruct": Dimensions(
        "Qwen2.5-0.5B-Instruct", 24, 896, 4864, 14, 2, 64, 151936, True, True,
        positions=32768, source=_QWEN,
    ),
    "Qwen/Qwen2.5-1.5B-Instruct": Dimensions(
        "Qwen2.5-1.5B-Instruct", 28, 1536, 8960, 12, 2, 128, 151936, True, True,
        positions=32768, source=_QWEN,
    ),
    "Qwen/Qwen2.5-3B-Instruct": Dimensions(
        "Qwen2.5-3B-Instruct", 36, 2048, 11008, 16, 2, 128, 151936, True, True,
        positions=32768, source=_QWEN,
    ),
    "Qwen/Qwen2.5-7B-Instruct": Dimensions(
        "Qwen2.5-7B-Instruct", 28, 3584, 18944, 28, 4, 128, 152064, False, True,
        positions=32768, source=_QWEN,
    ),
    "Qwen/Qwen2.5-32B-Instruct": Dimensions(
        "Qwen2.5-32B-Instruct", 64, 5120, 27648, 40, 8, 128, 152064, False, True,
        positions=32768, source=_QWEN,
    ),
    "meta-llama/Llama-3.2-1B-Instruct": Dimensions(
        "Llama-3.2-1B-Instruct", 16, 2048, 8192, 32, 8, 64, 128256, True,
        positions=131072, source=_LLAMA,
    ),
    "meta-llama/Llama-3.2-3B-Instruct": Dimensions(
        "Llama-3.2-3B-Instruct", 28, 3072, 8192, 24, 8, 128, 128256, True,
        positions=131072, source=_LLAMA,
    ),
}
# fmt: on


def model_dimensions(model: str | Path) -> Dimensions:
    """The dimensions of a model: from its folder, or from the table of known ones.

    Nothing is loaded or downloaded.

    Args:
        model: ``embedded``, a folder with a ``config.json`` or with an adapter, a hub id in
            `KNOWN_MODELS`, or one that is in the hub's cache.

    Raises:
        HpptError: the folder has no usable ``config.json``, the base of an adapter is not here, or
            the id is neither in the table nor in the cache.
    """
    if str(model) in KNOWN_MODELS:
        return KNOWN_MODELS[str(model)]
    if is_adapter(model):
        base = model_dimensions(read_adapter(model).base)
        return replace(base, name=f"{base.name} + {Path(model).expanduser().resolve().name}")
    path = Path(model).expanduser() / "config.json"
    if path.is_file():
        return _from_config(path)
    if str(model).count("/") == 1 and (cached := _cached_config(str(model))):
        return replace(_from_config(cached), name=str(model).split("/")[1])
    if path.parent.is_dir():
        raise HpptError(f"{path.parent} is not a model in transformers' format: no config.json.")
    raise HpptError(
        f"The dimensions of '{model}' are not known. Give a folder with its config.json, or one "
        f"of: {', '.join(KNOWN_MODELS)}. {_WITHOUT}"
    )


_WITHOUT = "'hppt train --no-plan' trains without a plan."


def _cached_config(model: str) -> Path | None:
    """The ``config.json`` of a hub id, if it is in the hub's cache."""
    if find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(model, "config.json")
    return Path(found) if isinstance(found, str) else None


def _from_config(path: Path) -> Dimensions:
    try:
        config: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HpptError(f"Could not read {path}: {error}.") from error
    return dimensions_of(config, path.parent.resolve().name, source=str(path))


def dimensions_of(config: Any, name: str, *, source: str) -> Dimensions:
    """The dimensions of a model by the content of its ``config.json``.

    Args:
        config: plain values; those of a loaded model are ``model.config.to_dict()``.
        name: what tables call it.
        source: where the values are from, for messages.

    Raises:
        HpptError: a number is missing or makes no sense, as with a model of another kind.
    """
    kind = str(config.get("model_type", "")) if isinstance(config, dict) else ""
    if kind == "gpt2":
        # GPT-2 names them in its own way; its MLP is four times as wide unless it is said.
        config = {**config, **{ours: config.get(theirs) for ours, theirs in _OF_GPT2.items()}}
        config["intermediate_size"] = config.get("n_inner") or 4 * (config.get("n_embd") or 0)
        config.setdefault("tie_word_embeddings", True)
    names = "num_hidden_layers hidden_size intermediate_size num_attention_heads vocab_size"
    for each in names.split():
        value = config.get(each) if isinstance(config, dict) else None
        if type(value) is not int or value < 1:
            raise HpptError(
                f"{source}: '{each}' is {value!r}, a whole number above 0 is wanted. The plan "
                f"counts dense decoders of the Llama and Qwen kind, and GPT-2. {_WITHOUT}"
            )
    heads = config["num_attention_heads"]
    positions = config.get("max_position_embeddings")
    return Dimensions(
        name=name,
        layers=config["num_hidden_layers"],
        hidden=config["hidden_size"],
        intermediate=config["intermediate_size"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head_size=config.get("head_dim") or config["hidden_size"] // heads,
        vocabulary=config["vocab_size"],
        tied=bool(config.get("tie_word_embeddings", False)),
        biases=kind == "qwen2" or bool(config.get("attention_bias", False)),
        head_norms=kind == "qwen3",
        positions=positions if type(positions) is int and positions > 0 else None,
        source=source,
        of_gpt2=kind == "gpt2",
    )


_OF_GPT2 = {
    "num_hidden_layers": "n_layer",
    "hidden_size": "n_embd",
    "num_attention_heads": "n_head",
    "max_position_embeddings": "n_positions",
}
