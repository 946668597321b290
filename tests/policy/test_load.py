"""Policies load from the cache, a folder or a hub's cache; what cannot work is said clearly."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from hppt_lib.errors import HpptError
from hppt_lib.identity import differences
from hppt_lib.policy import load
from tests.helpers.tiny import THINKING_TEMPLATE, gpt2_policy

pytestmark = pytest.mark.slow

NO_NETWORK = {"HF_HUB_OFFLINE": "1", "https_proxy": "http://127.0.0.1:9"}
NO_NETWORK["HTTPS_PROXY"] = NO_NETWORK["http_proxy"] = NO_NETWORK["https_proxy"]


def run_python(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def tiny_model(embedded_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two small layers with random weights, and sampling settings of its own."""
    from transformers import AutoTokenizer, GenerationConfig, LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("models") / "tiny"
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(
        do_sample=True, temperature=0.7, top_p=0.8, top_k=20, repetition_penalty=1.05
    )
    model.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(embedded_model)
    tokenizer.padding_side = "right"
    tokenizer.save_pretrained(folder)
    return folder


def make_adapter(model: Path, folder: Path) -> Path:
    import torch
    from peft import LoraConfig, get_peft_model

    adapted = get_peft_model(
        load.load_policy(model).model, LoraConfig(r=2, target_modules="all-linear")
    )
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.1)
    adapted.save_pretrained(folder)
    return folder


def test_the_embedded_policy_answers(policy: load.Policy) -> None:
    """Mistake: a tokenizer, template or weights that do not belong together."""
    chat = [{"role": "user", "content": "What is the capital of France?"}]
    inputs = policy.tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    output = policy.model.generate(**inputs, max_new_tokens=12, do_sample=False)
    assert "Paris" in policy.tokenizer.decode(output[0, inputs["input_ids"].shape[1] :])


def test_the_embedded_policy_is_ready_to_sample(policy: load.Policy) -> None:
    """Mistake: no padding token, padding on the wrong side, or a model left in training mode."""
    import torch

    tokenizer = policy.tokenizer
    assert tokenizer.pad_token == tokenizer.eos_token == "<|im_end|>"
    assert tokenizer.padding_side == "left"
    assert not policy.model.training
    assert {weight.dtype for weight in policy.model.parameters()} == {torch.float32}
    assert policy.model.get_input_embeddings().weight is policy.model.lm_head.weight
    assert policy.name == "SmolLM2-135M-Instruct-Q4_1"


def test_digits_are_split_as_the_model_was_trained(policy: load.Policy) -> None:
    """Mistake: GPT-2's splitting, which transformers gives to any GGUF tokenizer."""
    assert policy.tokenizer.tokenize("a  12") == ["a", "ĠĠ", "1", "2"]


def test_a_padded_batch_says_the_same_as_one_prompt(policy: load.Policy) -> None:
    """Mistake: padding that the model reads as text."""
    prompts = ["The sky is", "One two three four five six seven eight nine"]
    greedy = {"max_new_tokens": 5, "do_sample": False}
    batch = policy.tokenizer(prompts, return_tensors="pt", padding=True)
    together = policy.model.generate(**batch, **greedy)[:, -5:]
    for row, prompt in zip(together, prompts, strict=True):
        alone = policy.model.generate(**policy.tokenizer(prompt, return_tensors="pt"), **greedy)
        assert alone[0, -5:].tolist() == row.tolist()


def test_loading_needs_no_network(embedded_model: Path) -> None:
    """Mistake: a look at the hub for a file that is optional, which hangs without a network."""
    program = (
        "import socket\n"
        "def refuse(*_): raise AssertionError('the network was asked')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from hppt_lib.policy import load_policy\n"
        "print(load_policy().name)\n"
    )
    assert run_python(program, **NO_NETWORK).strip() == "SmolLM2-135M-Instruct-Q4_1"


def test_a_hub_id_loads_from_the_hubs_cache(tiny_model: Path, tmp_path: Path) -> None:
    """Mistake: a hub id that works only with a network."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    root = tmp_path / "models--some-org--Tiny-Instruct"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text(commit)
    (root / "blobs").mkdir()
    snapshot = root / "snapshots" / commit
    snapshot.mkdir(parents=True)
    for number, path in enumerate(sorted(tiny_model.iterdir())):
        shutil.copy(path, root / "blobs" / str(number))
        (snapshot / path.name).symlink_to(Path("../../blobs") / str(number))
    program = (
        "from hppt_lib.identity import files_identity\n"
        "from hppt_lib.policy import load_policy, model_identity\n"
        "policy = load_policy('some-org/Tiny-Instruct')\n"
        "assert policy.identity == model_identity('some-org/Tiny-Instruct')\n"
        f"assert files_identity({str(tiny_model)!r}).items() <= policy.identity.items()\n"
        "print(policy.name, policy.revision)"
    )
    said = run_python(program, HF_HUB_CACHE=str(tmp_path), **NO_NETWORK)
    assert said == f"Tiny-Instruct some-org/Tiny-Instruct@{commit}\n"


def test_a_policy_knows_whether_it_is_what_was_loaded(tiny_model: Path) -> None:
    """Mistakes: a policy that was trained or edited in memory passes as the one in its folder; or
    the one in its folder does not pass as itself."""
    policy = load.load_policy(tiny_model)
    assert policy.identity == load.model_identity(tiny_model)
    weight = policy.model.model.layers[0].mlp.up_proj.weight
    with torch.no_grad():
        weight[7, 5] += 1e-3  # one value of thousands
    assert differences(load.model_identity(tiny_model), policy.identity)[0].startswith("in_memory")
    with torch.no_grad():
        weight[7, 5] = load.load_policy(tiny_model).model.model.layers[0].mlp.up_proj.weight[7, 5]
    assert policy.identity == load.model_identity(tiny_model)
    policy.tokenizer.chat_template += " "
    assert policy.identity != load.model_identity(tiny_model)


@pytest.mark.parametrize(("writable", "asks"), [(True, False), (False, True)])
def test_a_hub_cache_that_cannot_be_written_is_read_alone(
    writable: bool, asks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: an OSError at the hub client's lock, though the model lies there."""
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_: str(tmp_path))
    monkeypatch.setattr(load.os, "access", lambda *_: writable)
    assert load.in_read_only_cache("some-org/Tiny") is asks


def test_a_folder_loads_with_clean_settings(tiny_model: Path) -> None:
    """Mistake: sampling with the settings that a model ships, and training on them."""
    policy = load.load_policy(tiny_model)
    assert policy.name == "tiny"
    assert policy.tokenizer.padding_side == "left"
    settings = policy.model.generation_config
    assert not settings.do_sample and settings.temperature in (None, 1.0)
    assert settings.top_p in (None, 1.0) and settings.repetition_penalty in (None, 1.0)
    assert settings.pad_token_id == policy.tokenizer.pad_token_id


def test_thinking_is_part_of_the_policy_and_its_name(tiny_model: Path, tmp_path: Path) -> None:
    """Mistake: two pilots, one of which thinks, whose logs bear the same name."""
    folder = shutil.copytree(tiny_model, tmp_path / "tiny")
    (folder / "chat_template.jinja").write_text(THINKING_TEMPLATE)
    names = {None: "tiny", True: "tiny, thinking", False: "tiny, not thinking"}
    for thinking, name in names.items():
        policy = load.load_policy(folder, thinking=thinking)
        assert (policy.name, policy.thinking) == (name, thinking)
    with pytest.raises(HpptError, match="no switch for it .enable_thinking"):
        load.load_policy(tiny_model, thinking=False)


def test_positions_of_a_padded_batch_are_counted_from_its_first_token(tmp_path: Path) -> None:
    """Mistake: GPT-2's learned positions, shifted by the padding: TRL leaves them to the model."""
    import torch

    saved = gpt2_policy()
    saved.model.save_pretrained(tmp_path / "gpt2")
    saved.tokenizer.save_pretrained(tmp_path / "gpt2")
    model = load.load_policy(tmp_path / "gpt2").model
    pad = saved.tokenizer.pad_token_id
    with torch.no_grad():
        alone = model(input_ids=torch.tensor([[3, 4, 5]])).logits[0]
        padded = model(
            input_ids=torch.tensor([[pad, pad, 3, 4, 5]]),
            attention_mask=torch.tensor([[0, 0, 1, 1, 1]]),
        ).logits[0, 2:]
    torch.testing.assert_close(padded, alone)


def test_eager_attention_gives_maps(tiny_model: Path) -> None:
    """Mistake: an `attention` argument that is taken and not passed on."""
    policy = load.load_policy(tiny_model, attention="eager")
    inputs = policy.tokenizer("one two", return_tensors="pt")
    assert len(policy.model(**inputs, output_attentions=True).attentions) == 2


def test_dtype_by_name_and_by_value(tiny_model: Path) -> None:
    """Mistake: "bfloat16" works and torch.bfloat16 does not, or the other way round."""
    import torch

    for dtype in ("bfloat16", torch.bfloat16):
        assert (
            next(load.load_policy(tiny_model, dtype=dtype).model.parameters()).dtype
            == torch.bfloat16
        )
    with pytest.raises(HpptError, match="no dtype 'float7'"):
        load.load_policy(tiny_model, dtype="float7")


def test_quantised_weights_are_nf4_and_near(tiny_model: Path) -> None:
    """Mistake: `quantize` that loads FP4, leaves layers whole, or computes in bfloat16."""
    import bitsandbytes as bnb
    import torch

    whole, small = load.load_policy(tiny_model), load.load_policy(tiny_model, quantize=True)
    layers = [module for module in small.model.modules() if isinstance(module, bnb.nn.Linear4bit)]
    assert len(layers) == 2 * 7
    assert {layer.weight.quant_state.quant_type for layer in layers} == {"nf4"}
    assert all(layer.weight.quant_state.nested for layer in layers)
    assert {layer.compute_dtype for layer in layers} == {torch.float32}
    inputs = whole.tokenizer("one two three", return_tensors="pt")
    with torch.no_grad():
        exact, rounded = whole.model(**inputs).logits, small.model(**inputs).logits
    assert 0 < float((exact - rounded).abs().max()) < 0.2 * float(exact.abs().max())


def test_an_adapter_is_applied(tiny_model: Path, tmp_path: Path) -> None:
    """Mistake: an adapter that is loaded and changes nothing."""
    import torch

    adapter = make_adapter(tiny_model, tmp_path / "adapter")
    base, adapted = load.load_policy(tiny_model), load.load_policy(tiny_model, adapter=adapter)
    inputs = base.tokenizer("one two three", return_tensors="pt")
    assert adapted.name == "tiny + adapter"
    with torch.no_grad():
        change = base.model(**inputs).logits - adapted.model(**inputs).logits
    assert float(change.abs().max()) > 1e-3


def test_an_adapter_of_another_model_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    """Mistake: a size mismatch as a page of tensor names, or a silent partial load."""
    adapter = make_adapter(tiny_model, tmp_path / "adapter")
    with pytest.raises(HpptError, match="does not fit SmolLM2.*another model"):
        load.load_policy(adapter=adapter)


def test_a_folder_that_is_no_adapter_is_refused(tiny_model: Path) -> None:
    """Mistake: an adapter path with a typo gives the base model."""
    with pytest.raises(HpptError, match="not a saved adapter: it has no adapter_config"):
        load.load_policy(tiny_model, adapter=tiny_model)


def test_weights_in_a_pickle_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    """Mistake: unpickling a download, which runs whatever it holds."""
    import torch

    folder = tmp_path / "pickled"
    shutil.copytree(tiny_model, folder)
    weights = load.load_policy(tiny_model).model.state_dict()
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(HpptError, match="Could not load pickled.*safetensors"):
        load.load_policy(folder)


def test_a_damaged_folder_is_said_clearly(tiny_model: Path, tmp_path: Path) -> None:
    """Mistake: safetensors' own error type as a traceback."""
    folder = tmp_path / "cut"
    shutil.copytree(tiny_model, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(HpptError, match="Could not load cut. Its folder is damaged"):
        load.load_policy(folder)


@pytest.mark.parametrize("wrong", ["./missing", "no-slash", "~/a/b/c", Path("missing/folder")])
def test_no_such_model(wrong: str | Path) -> None:
    """Mistake: a mistyped folder sent to the hub as an id."""
    with pytest.raises(HpptError, match="There is no model .*'embedded'.*'organisation/name'"):
        load.load_policy(wrong)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    """Mistake: transformers' guess at what a folder might be."""
    with pytest.raises(HpptError, match="has no config.json"):
        load.load_policy(tmp_path)


def test_a_hub_id_that_is_not_in_the_cache() -> None:
    """Mistake: an offline failure that does not say that there is a model without a hub."""
    with pytest.raises(HpptError, match="Could not load nothing-here.*'embedded' needs no hub"):
        load.load_policy("some-org/nothing-here")


@pytest.mark.parametrize(("device", "message"), [("tpu9", "no device"), ("cuda:99", "no GPU")])
def test_no_such_device(device: str, message: str, tiny_model: Path) -> None:
    """Mistake: torch's assertion about its own build."""
    with pytest.raises(HpptError, match=message):
        load.load_policy(tiny_model, device=device)


def test_out_of_memory_is_said_clearly() -> None:
    """Mistake: the allocator's own words, or swallowing errors of another kind."""
    import torch

    with pytest.raises(HpptError, match="not enough memory to train.*smaller tier"):
        with load.enough_memory("train"):
            torch.empty(2**50)
    with pytest.raises(HpptError, match="not enough memory to list"):
        with load.enough_memory("list"):
            raise MemoryError
    with pytest.raises(HpptError, match="not enough memory"):
        with load.enough_memory("train"):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
    with pytest.raises(RuntimeError, match="shape"):
        with load.enough_memory("train"):
            raise RuntimeError("shape mismatch")
