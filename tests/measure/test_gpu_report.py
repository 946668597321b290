"""The report of a GPU: its logic, on tiny shapes without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.measure import gpu_report
from tests.measure.gpu_report import Report, main


@pytest.mark.slow
def test_every_part_runs_on_tiny_shapes(tmp_path: Path) -> None:
    """Mistake: a script that was never run, on the only quarter of an hour with a GPU."""
    words = [
        "--tiny",
        "--out",
        str(tmp_path),
        "--skip",
        "test-gpu",
        "--skip",
        "arms",
        "--skip",
        "rates",
    ]
    assert main(words) == 0
    found = json.loads((tmp_path / "report.json").read_text())
    assert not [name for name, part in found.items() if "failed" in part]
    for name in ("step, tiny, whole", "step, tiny, NF4"):
        part = found[name]
        assert part["gradients agree"] and part["gradients differ by"] < 1e-4
        who = ("the kit", "TRL's default", "continuous batching")
        kinds = [part[f"sampling, {each}"] for each in who]
        assert all(isinstance(each, float) for each in kinds), kinds
        assert part["plan GiB"] > 0 and part["a step, times faster than TRL's default"] > 0
    assert found["distribution, tiny, NF4"]["agrees"]
    for skipped in ("test-gpu", "arms", "rates, smoke"):
        assert found[skipped] == {"skipped": "not asked for"}
    text = (tmp_path / "report.md").read_text()
    assert "## step, tiny, NF4" in text and "gradients agree: True" in text


def test_a_part_that_fails_stops_no_other(tmp_path: Path) -> None:
    """Mistakes: nothing kept because the last part failed; a part begun with no time left."""
    report = Report(tmp_path, 0.0, 1e12, frozenset({"c"}))

    def broken() -> dict[str, Any]:
        raise RuntimeError("no kernel")

    report.part("a", 0, broken)
    report.part("b", 0, lambda: {"x": 1})
    report.part("c", 0, broken)
    report.seconds = -1e12
    report.part("d", 60, broken)
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["a"]["failed"] == "RuntimeError: no kernel" and found["b"]["x"] == 1
    assert found["c"] == {"skipped": "not asked for"} and "are left" in found["d"]["skipped"]
    assert report.end() == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mistake: figures of a CPU that look like a GPU's."""
    assert main(["--out", str(tmp_path / "out")]) == 1
    assert "nothing is measured" in capsys.readouterr().out and not (tmp_path / "out").exists()
    assert all(shape.tier.gpu_gib for shape in gpu_report.SHAPES)
