"""Loads a policy: the embedded model, a hub id or a folder; in 4 bits or with an adapter if asked.

`load_policy` is the only way in. It never runs code out of a model repository
(``trust_remote_code``) and reads weights from safetensors files only, never from pickles.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hppt_lib.errors import HpptError, needs
from hppt_lib.identity import digest, files_identity
from hppt_lib.machine import local_rank, usable_memory
from hppt_lib.policy.adapters import CONFIG, WEIGHTS, Adapter, is_adapter, read_adapter
from hppt_lib.policy.embedded import NAME as EMBEDDED_NAME
from hppt_lib.policy.embedded import fetch_embedded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

EMBEDDED = "embedded"
_AS_LOADED = "in_memory"
_WANTED = ("*.json", "*.jinja", "*.txt", "*.model", "model*.safetensors")


@dataclass(frozen=True)
class Policy:
    """A model that answers instructions, with everything that is needed to sample from it.

    Attributes:
        model: a causal language model in evaluation mode; a `peft.PeftModel` if it has an adapter.
        tokenizer: its tokenizer, with a padding token, padding on the left.
        name: what tables and figures call it.
        device: where its weights are.
        thinking: whether it thinks before it answers, if its chat template can be told
            (``enable_thinking``); None leaves it to the template.
        files: what its files hold (`hppt_lib.identity.files_identity`), and what they gave when
            they were loaded; empty if it was not loaded from files.
        revision: of a model of the hub, its id and the commit, for a reader.
    """

    model: Any
    tokenizer: PreTrainedTokenizerBase
    name: str
    device: torch.device
    thinking: bool | None = None
    files: Mapping[str, Any] = field(default_factory=dict)
    revision: str = ""

    @property
    def identity(self) -> dict[str, Any]:
        """What two policies must share to be the same (`hppt_lib.identity`).

        That of its files, as `model_identity` gives it without loading them. Of a policy whose
        weights, vocabulary or template are not those that were loaded (trained, edited, made in
        Python) also what is in memory.
        """
        now = _in_memory(self.model, self.tokenizer)
        files = {name: value for name, value in self.files.items() if name != _AS_LOADED}
        changed = {} if self.files.get(_AS_LOADED) == now else {_AS_LOADED: now}
        return {"quantized": False, **files, **changed, "thinking": self.thinking}


def model_identity(
    model: str | Path = EMBEDDED,
    *,
    adapter: str | Path | None = None,
    quantize: bool = False,
    thinking: bool | None = None,
) -> dict[str, Any]:
    """`Policy.identity` of what `load_policy` gives for the same arguments, before it is loaded.

    A model of the hub that is not in the hub's cache is downloaded.

    Raises:
        HpptError: no such model, or it cannot be downloaded.
    """
    found = _find(model)
    if found.adapter:
        adapter = found.adapter.folder
    files = files_identity(_folder(found)[0], adapter)
    return {**files, "quantized": quantize, "thinking": thinking}


def load_policy(
    model: str | Path = EMBEDDED,
    *,
    adapter: str | Path | None = None,
    quantize: bool = False,
    device: str | None = None,
    dtype: str | torch.dtype | None = None,
    attention: str | None = None,
    thinking: bool | None = None,
) -> Policy:
    """Load a policy.

    Args:
        model: ``"embedded"``; a folder in transformers' format; a hub id such as
            ``"Qwen/Qwen2.5-1.5B-Instruct"``, taken from the hub's cache if it is there; or the
            folder of an adapter, which is put onto the base that it names.
        adapter: a folder with a LoRA adapter that was trained on this model.
        quantize: load the linear layers in 4 bits (NF4 with double quantisation, bitsandbytes), as
            QLoRA wants them. They are computed with in ``dtype``.
        device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``; by default the GPU if there is one, and with
            several processes each its own.
        dtype: of the weights; by default float32 on CPU (on most of them bfloat16 is slower), and
            on a GPU bfloat16, or float16 where the GPU has no bfloat16.
        attention: ``"eager"`` gives attention maps; ``"sdpa"`` is fast, and the default.
        thinking: whether the model thinks before it answers; None leaves it to its chat template.
            What is given is part of the policy's name.

    Raises:
        MissingExtra: a package of the extra ``train`` is not installed.
        HpptError: no such model, no network for a hub id that is not in the cache, an adapter of
            another model, no such device, too little memory, ``thinking`` for a model whose chat
            template does not know it. The message says what to do.
    """
    needs("train")  # before 93 MB are fetched
    found = _find(model)
    if found.adapter:
        if adapter is not None:
            raise HpptError(f"{model} is an adapter itself: give its base as the model.")
        adapter = found.adapter.folder
    name, source = found.name, found.source
    where = device_named(device)
    options: dict[str, Any] = {
        "dtype": dtype_named(dtype, where),
        "use_safetensors": True,
        "trust_remote_code": False,
        "local_files_only": found.local,
    }
    if attention is not None:
        options["attn_implementation"] = attention
    if quantize:
        options["quantization_config"] = _nf4(options["dtype"])
        options["device_map"] = {"": str(where)}

    from transformers import AutoModelForCausalLM

    from hppt_lib.policy.gguf import without_progress_bars
    from hppt_lib.policy.sampling import Chat

    tokenizer = _tokenizer(found)
    Chat(tokenizer, thinking)  # refuses `thinking` before the weights are read
    with enough_memory(f"load {name}"), _explained(found), without_progress_bars():
        network = AutoModelForCausalLM.from_pretrained(source, **options)
        if not quantize:
            network = network.to(where)
        elif where.type == "cpu":
            keep_as_quantised(network)
    set_padding(tokenizer, name)
    if network.config.model_type in _LEARNED_POSITIONS:
        network.base_model.register_forward_pre_hook(_positions_from_mask, with_kwargs=True)
    _clean_generation(network, tokenizer)
    folder, revision = _folder(found, loaded=True)
    files: dict[str, Any] = {**files_identity(folder, adapter), "quantized": quantize}
    if adapter is not None:
        network = _with_adapter(network, Path(adapter), name)
        name = f"{name} + {Path(adapter).name}"
    if thinking is not None:
        name += ", thinking" if thinking else ", not thinking"
    files[_AS_LOADED] = _in_memory(network, tokenizer)
    return Policy(network.eval(), tokenizer, name, where, thinking, files, revision)


@dataclass(frozen=True)
class Outline:
    """What is known of a model before its weights are read.

    Attributes:
        name: what tables call it.
        tokenizer: its tokenizer, which has a chat template.
        positions: tokens of prompt and response together that it is made for; None: not known.
    """

    name: str
    tokenizer: PreTrainedTokenizerBase
    positions: int | None


def outline(model: str | Path = EMBEDDED, *, thinking: bool | None = None) -> Outline:
    """Check that a model can be asked, before its weights are read.

    Args:
        model: as in `load_policy`.
        thinking: likewise.

    Raises:
        HpptError: no such model or base, no tokenizer in its folder, or a tokenizer without chat
            template; the message says what to do.
    """
    needs("train")
    from transformers import AutoConfig

    from hppt_lib.policy.sampling import NO_TEMPLATE, Chat

    found = _find(model)
    tokenizer = _tokenizer(found)
    if not tokenizer.chat_template:
        raise HpptError(NO_TEMPLATE.format(name=found.name))
    Chat(tokenizer, thinking)
    with _explained(found):
        config = AutoConfig.from_pretrained(
            found.source, local_files_only=found.local, trust_remote_code=False
        )
    positions = getattr(config, "max_position_embeddings", None)
    return Outline(found.name, tokenizer, positions)


@contextmanager
def enough_memory(doing: str) -> Iterator[None]:
    """Turn every library's "out of memory" into one message that says what to do.

    Args:
        doing: completes the sentence "There is not enough memory to …".

    Raises:
        HpptError: the block ran out of memory, on the CPU or on a GPU.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        free = usable_memory().available / 2**30
        raise HpptError(
            f"There is not enough memory to {doing}. Close other programs and other notebooks' "
            "kernels, choose a smaller tier, a smaller batch or 4 bits (hppt train --set "
            "quantize=true; in Python quantize=True), and run it again. "
            f"(Free for this process, GPUs aside: {free:.1f} GiB. {_first_line(error)})"
        ) from error


def _is_out_of_memory(error: Exception) -> bool:
    # torch.OutOfMemoryError is a RuntimeError; the CPU allocator raises a bare RuntimeError.
    words = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)


@dataclass(frozen=True)
class _Found:
    """Where a model is."""

    name: str  # for tables; that of the base, if it is an adapter
    source: str  # what transformers is to load: a folder or a hub id
    local: bool  # nothing is to be asked of the hub
    adapter: Adapter | None = None


def _find(model: str | Path) -> _Found:
    """Where a model is; of an adapter's folder, where its base is.

    Raises:
        HpptError: there is no such model, or the base of an adapter is not here.
    """
    if model != EMBEDDED and is_adapter(model):
        adapter = read_adapter(model)
        try:
            base = _find(adapter.base)
        except HpptError as error:
            raise HpptError(
                f"The adapter {adapter.folder} needs its base, which {adapter.where} in it names. "
                f"{error}"
            ) from error
        return replace(base, adapter=adapter)
    if model == EMBEDDED:
        return _Found(EMBEDDED_NAME, str(fetch_embedded()), True)
    text = str(model)
    folder = Path(text).expanduser()
    if (folder / "config.json").is_file():
        return _Found(folder.resolve().name, str(folder), True)
    if folder.is_dir():
        raise HpptError(
            f"{folder} is not a model in transformers' format: it has no config.json (nor is it an "
            f"adapter: it has no {CONFIG})."
        )
    if isinstance(model, Path) or text.startswith((".", "~", os.sep)) or text.count("/") != 1:
        raise HpptError(
            f"There is no model '{text}'. Give 'embedded', an existing folder, or a hub id of the "
            "form 'organisation/name'."
        )
    return _Found(text.split("/")[1], text, in_read_only_cache(text))


def in_read_only_cache(model: str) -> bool:
    """Whether a model of the hub lies in a cache that cannot be written.

    The hub's client would then fail at a lock, for the sake of a file that is not new.
    """
    from huggingface_hub import constants, try_to_load_from_cache

    path = try_to_load_from_cache(model, "config.json")
    return isinstance(path, str) and not os.access(constants.HF_HUB_CACHE, os.W_OK)


def stored_dtype(model: str | Path) -> str:
    """The type of a model's weights as they are stored, such as ``bfloat16``."""
    from transformers import AutoConfig

    found = _find(model)
    with _explained(found):
        config = AutoConfig.from_pretrained(
            found.source, local_files_only=found.local, trust_remote_code=False
        )
    return str(getattr(config, "dtype", None) or "float32").removeprefix("torch.")


def shipped_generation(model: str | Path) -> Any:
    """The sampling settings that come with a model, or None: `load_policy` leaves them out."""
    from transformers import GenerationConfig

    found = _find(model)
    try:
        return GenerationConfig.from_pretrained(found.source, local_files_only=found.local)
    except OSError:
        return None


_NO_TOKENIZER = (
    "{name} has no tokenizer: there is no tokenizer.json in {source} (nor another file of words). "
    "Copy the tokenizer's files (tokenizer.json, tokenizer_config.json, chat_template.jinja) there "
    "from the model that it was made of."
)


def _tokenizer(found: _Found) -> Any:
    """The tokenizer of a model, or of an adapter that brings its own.

    Raises:
        HpptError: it has none.
    """
    from transformers import AutoTokenizer

    own = found.adapter.folder if found.adapter else None
    source = str(own) if own and (own / "tokenizer_config.json").is_file() else found.source
    local = found.local or source != found.source
    is_folder = Path(source).is_dir()
    with _explained(found):
        try:
            tokenizer: Any = AutoTokenizer.from_pretrained(
                source, local_files_only=local, trust_remote_code=False
            )
        except ValueError as error:
            if not is_folder or any(Path(source).glob("tokenizer.*")):
                raise
            problem = _NO_TOKENIZER.format(name=found.name, source=source)
            raise HpptError(problem) from error
    # Without files transformers makes an empty one for some kinds of model.
    if is_folder and len(tokenizer) <= len(tokenizer.added_tokens_decoder):
        raise HpptError(_NO_TOKENIZER.format(name=found.name, source=source))
    return tokenizer


def _folder(found: _Found, *, loaded: bool = False) -> tuple[Path, str]:
    """The folder of a model (of an adapter's base) and, of one of the hub, its id and commit.

    Args:
        found: where it is.
        loaded: it is in the hub's cache already.
    """
    if Path(found.source).is_dir():
        return Path(found.source), ""
    from huggingface_hub import snapshot_download

    with _explained(found):
        folder = snapshot_download(
            found.source, allow_patterns=[*_WANTED], local_files_only=loaded or found.local
        )
    return Path(folder), f"{found.source}@{Path(folder).name}"


def _in_memory(network: Any, tokenizer: Any) -> str:
    """SHA-256 that changes with a policy's weights, its vocabulary or its chat template.

    Of each parameter it takes sixteen values, and the sum of all, read as whole numbers: that is
    exact in any order, sees a change of a single value, and costs one pass over the weights.
    """
    import torch

    wholes = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    rows: list[list[Any]] = []
    for label, parameter in network.named_parameters():
        flat = parameter.detach().contiguous().flatten()
        few = flat[:: max(1, flat.numel() // 16)][:16].float().cpu().tolist()
        bits = flat.view(wholes[flat.element_size()])
        # Piece by piece: torch makes an int64 copy of what it sums.
        total = sum(int(piece.sum(dtype=torch.int64)) for piece in bits.split(2**24))
        rows.append([label, list(parameter.shape), total, few])
    return digest([rows, sorted(tokenizer.get_vocab().items()), tokenizer.chat_template])


def device_named(device: str | None) -> torch.device:
    """The device with this name, as in `load_policy`; None is the GPU of this process, or the CPU.

    Raises:
        HpptError: there is no such device here.
    """
    import torch

    if device is None:
        if torch.cuda.is_available():
            return torch.device("cuda", local_rank() % torch.cuda.device_count())
        return torch.device("cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        raise HpptError(
            f"There is no device '{device}'. Give 'cpu', 'cuda' or 'cuda:1'."
        ) from error
    if chosen.type == "cuda":
        index = chosen.index or 0
        if index >= torch.cuda.device_count():
            raise HpptError(
                f"There is no GPU '{device}' here: torch sees {torch.cuda.device_count()}. "
                "Use the device 'cpu', or run 'hppt doctor' to see why."
            )
        return torch.device("cuda", index)
    return chosen


def dtype_named(dtype: str | torch.dtype | None, device: torch.device) -> torch.dtype:
    """The type of weights with this name, as in `load_policy`; None is the usual one of the device.

    Raises:
        HpptError: there is no such type.
    """
    import torch

    if isinstance(dtype, torch.dtype):
        return dtype
    if dtype is not None:
        named = getattr(torch, dtype, None)
        if not isinstance(named, torch.dtype):
            raise HpptError(f"There is no dtype '{dtype}'. Give 'float32', 'bfloat16', 'float16'.")
        return named
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _nf4(compute: torch.dtype) -> Any:
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )


def keep_as_quantised(network: Any) -> None:
    """Keep bitsandbytes from changing the 4-bit weights while they are used.

    On CPUs with AVX-512 BF16 it would pack them anew in the first forward pass of evaluation mode,
    and round their scales to bfloat16: sampling would change the model that is trained.
    """
    from bitsandbytes.nn import Linear4bit

    for layer in network.modules():
        if isinstance(layer, Linear4bit):
            layer.support_avx512bf16_for_cpu = False


def set_padding(tokenizer: Any, name: str) -> None:
    """Have a tokenizer pad on the left, with its end token if it has none for padding.

    Raises:
        HpptError: it has neither.
    """
    if tokenizer.pad_token is None:
        if tokenizer.eos_token is None:
            raise HpptError(f"The tokenizer of {name} has neither a padding nor an end token.")
        tokenizer.pad_token = tokenizer.eos_token
    # A batch of prompts is continued at its right end, so the padding goes to the left.
    tokenizer.padding_side = "left"


_LEARNED_POSITIONS = ("gpt2", "gpt_neo", "gpt_bigcode")


def _positions_from_mask(layers: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Count the positions of a padded batch from each row's first token, as in sampling.

    TRL 1.16 leaves them to the model. With rotary positions only distances count; a model that has
    learned a vector for each position would read a padded prompt as one from further on.
    """
    ids = given[0] if given else named.get("input_ids")
    mask = named.get("attention_mask")
    if named.get("position_ids") is not None or mask is None or ids is None:
        return given, named
    if mask.shape == ids.shape:  # nothing is in a cache
        named["position_ids"] = (mask.long().cumsum(-1) - 1).clamp(min=0)
    return given, named


def _clean_generation(network: Any, tokenizer: Any) -> None:
    """Drop the sampling settings that some models ship (Qwen2.5: top_p .8, repetition 1.05).

    They would silently change what is sampled, and so what is trained on.
    """
    from transformers import GenerationConfig

    shipped = network.generation_config
    ends = shipped.eos_token_id if shipped.eos_token_id is not None else tokenizer.eos_token_id
    network.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=ends, pad_token_id=tokenizer.pad_token_id
    )


def _with_adapter(network: Any, adapter: Path, name: str) -> Any:
    from peft import PeftModel

    for needed in (CONFIG, WEIGHTS):
        if not (adapter / needed).is_file():
            raise HpptError(f"{adapter} is not a saved adapter: it has no {needed}.")
    try:
        with enough_memory(f"load the adapter {adapter}"), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # transformers, of peft's calls
            return PeftModel.from_pretrained(network, str(adapter))
    except (RuntimeError, ValueError, KeyError, TypeError, OSError) as error:
        raise HpptError(
            f"The adapter {adapter} does not fit {name}: it was trained on another model, or its "
            f"files are damaged. ({_first_line(error)})"
        ) from error


@contextmanager
def _explained(found: _Found) -> Iterator[None]:
    """Turn transformers' and safetensors' errors into one that says what to do."""
    from safetensors import SafetensorError

    name, source = found.name, found.source

    try:
        yield
    except (OSError, ValueError, ImportError, SafetensorError) as error:
        if Path(source).is_dir():
            advice = "Its folder is damaged, or is not a causal language model in safetensors."
        else:
            advice = (
                "Check the id and the network; with no network (or HF_HUB_OFFLINE=1) only models "
                "in the hub's cache can be loaded. The model 'embedded' needs no hub."
            )
        if found.adapter:
            advice += f" It is the base that the adapter {found.adapter.folder} names."
        raise HpptError(f"Could not load {name}. {advice} ({_first_line(error)})") from error


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
