"""The check-up finds what is wrong, says what to do, and fails only when tier cpu cannot work."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from hppt_lib.course import doctor
from hppt_lib.course.doctor import Finding
from hppt_lib.errors import HpptError
from hppt_lib.machine import Memory
from hppt_lib.policy import embedded
from hppt_lib.tiers import TIERS, require_device

GIB = 2**30


def by_name(found: list[Finding]) -> dict[str, Finding]:
    return {check.name: check for check in found}


@pytest.fixture
def healthy(embedded_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with memory and no GPU, whatever this one has; the rest is real."""
    monkeypatch.setattr(doctor, "usable_memory", lambda: Memory(24 * GIB, 20 * GIB))
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)


def test_a_sound_machine(healthy: None) -> None:
    """Mistake: an alarm where nothing is wrong."""
    found = by_name(doctor.check_up())
    assert doctor.can_run(found.values())
    assert [name for name, check in found.items() if check.status == "fail"] == []
    assert "will work" in found["Tier cpu"].found
    assert "will not work" in found["Tier gpu-24gb"].found
    assert "ready" in found["Embedded model"].found


def test_too_little_memory(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a course that dies after ten minutes for want of memory, with no warning."""
    monkeypatch.setattr(doctor, "usable_memory", lambda: Memory(4 * GIB, 3 * GIB))
    found = by_name(doctor.check_up())
    assert found["Memory"].status == "fail" and "smoke" in found["Memory"].advice
    assert "will not work" in found["Tier cpu"].found
    assert "will work" in found["Tier smoke"].found
    assert not doctor.can_run(found.values())


def test_memory_in_use(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: looking at the memory there is, and not at what is free of it."""
    monkeypatch.setattr(doctor, "usable_memory", lambda: Memory(24 * GIB, 3 * GIB))
    memory = by_name(doctor.check_up())["Memory"]
    assert memory.status == "warn" and "Close other programs" in memory.advice


def test_a_model_that_is_not_there(
    healthy: None, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: finding the model's folder and not what is in it."""
    assert doctor._embedded(thorough=False).status == "fail"
    embedded.embedded_folder().mkdir(parents=True)
    check = doctor._embedded(thorough=False)
    assert check.status == "fail" and "hppt fetch" in check.advice


def test_a_full_disk_matters_only_without_the_model(
    embedded_model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Mistake: failing a machine that has all it needs."""
    monkeypatch.setattr(doctor, "_DISK_NEEDED", 2**62)
    assert doctor._disk().status == "warn"
    monkeypatch.setenv("HPPT_CACHE", str(tmp_path))
    assert doctor._disk().status == "fail" and "HPPT_CACHE" in doctor._disk().advice


def test_packages_outside_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: checking that a package is there, and not which version."""
    assert doctor._packages().status == "ok"
    stated = [
        "torch<1; extra == 'train'",
        "nothing-of-that-name>=1; extra == 'course'",
        "hppt-lab[train]; extra == 'course'",
        "numpy>=1",
        "vllm>=1; extra == 'vllm'",
    ]
    monkeypatch.setattr("importlib.metadata.requires", lambda name: stated)
    check = doctor._packages()
    assert check.status == "fail"
    assert "torch is 2.13" in check.found and "nothing-of-that-name>=1 is missing" in check.found
    assert not any(name in check.found for name in ("numpy", "vllm", "hppt-lab"))


def test_the_hub_is_never_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Mistake: a machine with no hub that is told it cannot run the course."""
    import httpx
    from huggingface_hub import constants

    (tmp_path / "models--some-org--Tiny" / "snapshots").mkdir(parents=True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "switched off" in doctor._hub().found and "some-org/Tiny" in doctor._hub().found

    def unreachable(*_: object, **__: object) -> None:
        raise httpx.ConnectTimeout("no answer")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(httpx, "head", unreachable)
    assert doctor._hub().status == "ok" and "not reached" in doctor._hub().found


def test_a_gpu_is_matched_to_its_tiers(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: promising the 80 GB tier on a 16 GB card."""
    from types import SimpleNamespace

    card = SimpleNamespace(name="Tesla T4", total_memory=15 * GIB)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda index: card)
    assert "Tesla T4 with 15 GiB" in doctor._gpu().found
    small, middle = TIERS["gpu-16gb"], TIERS["gpu-24gb"]
    assert doctor._tier_with_gpu(small, []).status == "ok"
    assert "has 15 GiB" in doctor._tier_with_gpu(middle, []).found
    assert "needs first: Packages" in doctor._tier_with_gpu(small, ["Packages"]).found


def test_the_doctor_and_a_run_look_at_the_same_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: "will work" because of a second, larger GPU, and then a run that is refused."""
    from types import SimpleNamespace

    cards = [SimpleNamespace(total_memory=size * GIB) for size in (8, 80)]
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.get_device_properties", cards.__getitem__)
    with pytest.raises(HpptError, match="has 8 GiB"):
        require_device(TIERS["gpu-24gb"])
    check = doctor._tier_with_gpu(TIERS["gpu-24gb"], [])
    assert check.status == "warn" and "has 8 GiB" in check.found


def test_the_memory_of_a_tier_is_not_read_from_its_name(
    healthy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a tier called after its model ("7b") that is taken to need 7 GiB."""
    monkeypatch.setattr(doctor, "first_gpu_gib", lambda: 15.0)
    large = dataclasses.replace(TIERS["gpu-80gb"], name="gpu-7b")
    assert "has 15 GiB" in doctor._tier_with_gpu(large, []).found


def test_a_bare_install_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a traceback of torch's absence, from the command that should explain it."""

    def absent() -> Finding:
        raise ModuleNotFoundError("No module named 'torch.cuda'", name="torch.cuda")

    monkeypatch.setattr(doctor, "_gpu", absent)
    found = doctor.check_up()
    gpu = by_name(found)["GPU"]
    assert gpu.status == "fail" and "hppt-lab[train]" in gpu.advice
    assert "will not work" in by_name(found)["Tier cpu"].found and not doctor.can_run(found)


def test_table_and_json_hold_every_finding() -> None:
    """Mistake: a table that cuts long advice, or JSON that a program cannot read."""
    disk = Finding("Disk", "fail", "full " * 30 + "END", "Free 2 GiB.")
    found = [disk, Finding("Hub", "ok", "–")]
    assert json.loads(doctor.as_json(found))[0]["advice"] == "Free 2 GiB."
    table = doctor.as_table(found, width=60)
    assert all(word in table for word in ("FAILS", "END", "Free 2 GiB.", "Hub"))
    assert max(map(len, table.splitlines())) <= 60
