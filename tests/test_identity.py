"""What something belongs to is decided by content: nothing else passes under the same name."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib import identity
from hppt_lib.errors import HpptError
from hppt_lib.identity import check_same, data_identity, differences, digest, files_identity
from hppt_lib.instructions.model import Constraint, Instruction

PLAIN = st.recursive(
    st.none() | st.integers(-1, 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=9,
)
TEA = Instruction("tea", "Write about tea.", (Constraint("punctuation:no_comma"),))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HPPT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with the files that a model has."""
    folder = tmp_path / "one" / "merged"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights of one")
    (folder / "config.json").write_text('{"hidden_size": 8, "_name_or_path": "/tmp/a"}')
    (folder / "tokenizer.json").write_text('{"model": {"vocab": {"tea": 0}}}')
    (folder / "tokenizer_config.json").write_text(
        '{"eos_token": "</s>", "chat_template": "{{ m }}"}'
    )
    return folder


# --- models ---------------------------------------------------------------------------------------


def test_the_same_files_elsewhere_are_the_same_model(model: Path, tmp_path: Path) -> None:
    """Mistakes: a renamed or saved-again folder is refused; a template in a file of its own is
    another one than the same in the tokenizer's settings."""
    copy = Path(shutil.copytree(model, tmp_path / "elsewhere"))
    (copy / "config.json").write_text('{\n "hidden_size": 8,\n "transformers_version": "5"}')
    (copy / "tokenizer_config.json").write_text('{"eos_token": "</s>"}')
    (copy / "chat_template.jinja").write_text("{{ m }}")
    (copy / "README.md").write_text("Mine.")
    assert files_identity(copy) == files_identity(model)


CHANGES: dict[str, Callable[[Path], object]] = {
    "weights": lambda folder: (folder / "model.safetensors").write_bytes(b"weights of two"),
    "config": lambda folder: (folder / "config.json").write_text('{"hidden_size": 9}'),
    "tokenizer": lambda folder: (folder / "tokenizer.json").write_text("{}"),
    "template": lambda folder: (folder / "chat_template.jinja").write_text("{{ n }}"),
    "adapter": lambda folder: (folder / "adapter_model.safetensors").write_bytes(b"other"),
}


@pytest.mark.parametrize("part", CHANGES)
def test_each_part_of_a_model_is_named_if_it_changes(
    part: str, model: Path, tmp_path: Path
) -> None:
    """Mistake: another model under the same name passes, or nobody says what is different."""
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_model.safetensors").write_bytes(b"adapter")
    (adapter / "adapter_config.json").write_text('{"r": 8, "base_model_name_or_path": "x"}')
    before = files_identity(model, adapter)
    CHANGES[part](adapter if part == "adapter" else model)
    [found] = differences(before, files_identity(model, adapter))
    assert found.startswith(f"{part}: there '{before[part][:12]}…', asked for '")


def test_a_shard_more_is_another_model(model: Path) -> None:
    before = files_identity(model)
    (model / "model-2.safetensors").write_bytes(b"")
    assert files_identity(model) != before


# --- cheap again ----------------------------------------------------------------------------------


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read for their sum; all are large, and none fresh."""
    found: list[str] = []
    whole = identity.sha256

    def counting(path: Path) -> str:
        found.append(path.name)
        return whole(path)

    monkeypatch.setattr(identity, "sha256", counting)
    monkeypatch.setattr(identity, "_SMALL", 0)
    monkeypatch.setattr(identity, "_FRESH", -1.0)
    return found


def test_a_file_is_read_once_and_again_if_it_changed(model: Path, read: list[str]) -> None:
    """Mistake: minutes of hashing in each start; or the sum of a file that was overwritten by one
    of the same size and, copied with its times, of the same date."""
    weights = model / "model.safetensors"
    first = files_identity(model)
    assert sorted(read) == ["model.safetensors", "tokenizer.json"]
    assert files_identity(model) == first and len(read) == 2
    linked = model.parent / "link"
    linked.symlink_to(model)
    assert files_identity(linked) == first and len(read) == 2
    before = weights.stat()
    weights.write_bytes(b"weights of two")
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert files_identity(model)["weights"] != first["weights"] and len(read) == 3


def test_what_has_just_been_written_is_not_remembered(
    model: Path, read: list[str], monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    """Mistake: a clock too coarse to tell the next write from this one."""
    monkeypatch.setattr(identity, "_FRESH", 3600.0)
    assert files_identity(model) == files_identity(model)
    assert len(read) == 4 and not cache.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": [1, 2]}', "\x00"])
def test_a_damaged_memory_is_forgotten(
    text: str, model: Path, read: list[str], cache: Path
) -> None:
    cache.mkdir()
    (cache / "file-sums.json").write_text(text)
    assert files_identity(model) == files_identity(model) and len(read) == 2


def test_a_cache_that_cannot_be_written_costs_time_only(
    model: Path, read: list[str], cache: Path
) -> None:
    """Mistake: an error on a machine whose cache is read-only."""
    cache.write_text("a file where the folder should be")
    assert files_identity(model) == files_identity(model) and len(read) == 4


# --- data -----------------------------------------------------------------------------------------


def test_data_is_what_it_holds_in_its_order() -> None:
    """Mistakes: other instructions under the same ids; a field that a later version adds makes all
    that was kept before another one's."""
    bees = Instruction("bees", "Write about bees.", TEA.constraints)
    other = Instruction("tea", TEA.prompt, (Constraint("punctuation:no_comma", text="No commas"),))
    found = data_identity([TEA, bees])
    assert found.startswith("2 in order, sha256 ") and found == data_identity(iter([TEA, bees]))
    assert len({found, *map(data_identity, ([bees, TEA], [TEA], [other, bees]))}) == 4
    constraint = {"id": "punctuation:no_comma"}
    said = {"id": "tea", "prompt": "Write about tea.", "constraints": [constraint]}
    assert data_identity([TEA]) == f"1 in order, sha256 {digest([said])}"


# --- compared -------------------------------------------------------------------------------------


@given(PLAIN, PLAIN)
def test_two_values_differ_if_and_only_if_their_json_does(one: Any, two: Any) -> None:
    """Mistake: a tuple that differs from the list it has become; None that equals what is not
    there."""
    same = json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)
    assert (not differences({"x": one}, {"x": two})) == same == (digest(one) == digest(two))
    assert not differences({"x": (1, (2,))}, {"x": [1, [2]]})
    assert differences({"x": None}, {}) == ["x: there None, asked for nothing"]


def test_a_refusal_names_both_sides_and_what_to_do() -> None:
    saved = {"model": {"weights": "a" * 64, "thinking": None}, "seed": 0}
    now = {"model": {"weights": "b" * 64, "thinking": None}, "seed": 1}
    with pytest.raises(HpptError) as refused:
        check_same(saved, now, what="run", where="here.json", do="Give another --out.")
    assert str(refused.value) == (
        "here.json holds another run (model.weights: there 'aaaaaaaaaaaa…', asked for "
        "'bbbbbbbbbbbb…'; seed: there 0, asked for 1). Give another --out."
    )
    check_same(saved, {**saved}, what="run", where="here.json", do="")
