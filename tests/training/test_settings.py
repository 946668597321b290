"""Settings from YAML and the command line: each mistake is named with file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.tiers import TIERS
from hppt_lib.training.settings import RunSettings, parse_change, read_changes, run_settings

WRONG = [
    ("training:\n  stepz: 3\n", "line 2: there is no setting 'training.stepz'. Did you mean"),
    ("steps: 3\n", "line 1: there is no setting 'steps'. Did you mean 'training.steps'"),
    ("training:\n  steps: many\n", "line 2: 'training.steps' must be a whole number"),
    ("training:\n  steps: 0\n", "line 2: 'training.steps' is 0; it must be from 1"),
    ("seed: 1\nseed: 2\n", "line 2: 'seed' is given twice"),
    ("training: 3\n", "line 1: 'training' must be a list of settings"),
    ("training:\n  learning_rate: fast\n", "line 2: 'training.learning_rate' must be a number"),
    ("training:\n  learning_rate: .nan\n", "line 2: 'training.learning_rate' must be a number"),
    ("quantize: maybe\n", "line 1: 'quantize' must be true or false, found 'maybe'"),
    ("seed: -1\n", "line 1: 'seed' is -1; it must be from 0 to"),
    ("reward: ''\n", "line 1: 'reward' is empty"),
    ("model: '  '\n", "line 1: 'model' is empty"),
    ("evaluation:\n  batch: 0\n", "line 2: 'evaluation.batch' is 0"),
    ("seed: [1\n", "not valid YAML"),
    ("seed: 1\nreward: kind\n", "line 2: There is no reward 'kind'"),
    ("training:\n  micro_batch: 5\n", "line 2: A step has 4 × 8 = 32"),
    ("training:\n  sampler: vllm\n", "line 2: 'training.sampler' is 'vllm': set vllm=colocate"),
    ("thinking: maybe\n", "line 1: 'thinking' must be true or false, found 'maybe'"),
    ("seed: 1\nthoughts: <plan>\n", "line 2: Thoughts between '<plan>'? Say known, none"),
    ("training:\n  thoughts: none\n", "no setting 'training.thoughts'. Did you mean 'thoughts'"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_mistake_is_named_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(HpptError, match="mine.yaml") as error:
        run_settings("cpu", read_changes(path))
    assert message in str(error.value)


def test_a_file_and_the_command_line_change_a_tier(tmp_path: Path) -> None:
    """Mistake: YAML's 3e-4, which is a text to PyYAML; a file that wins over the command line."""
    path = tmp_path / "mine.yaml"
    path.write_text("tier: cpu\nseed: 2\ntraining: {steps: 10, learning_rate: 3e-4}\n")
    found = run_settings(None, [*read_changes(path), parse_change("steps=5")])
    training = found.tier.training
    assert (found.seed, training.steps, training.learning_rate) == (2, 5, 3e-4)
    with pytest.raises(HpptError, match="which one"):
        parse_change("temperature=1")


def test_settings_on_thoughts(tmp_path: Path) -> None:
    """Mistake: YAML's false as a text that is true, or marks that YAML or the spaces cut in two."""
    path = tmp_path / "mine.yaml"
    path.write_text("thinking: false\nthoughts: <plan> </plan>\n")
    found = run_settings("cpu", read_changes(path))
    assert (found.thinking, found.thoughts) == (False, "<plan> </plan>")
    assert found.on_thoughts() == {"thinking": False, "thoughts": "<plan> </plan>"}
    changed = run_settings("cpu", [*read_changes(path), parse_change("thoughts=none")])
    assert changed.thoughts == "none" and run_settings("cpu").on_thoughts() == {}


def test_a_misspelt_setting_of_a_run_is_an_error() -> None:
    """Mistake: a name that is passed over, so that a run trains with another reward than asked."""
    with pytest.raises(HpptError, match="'rewrad' is no setting"):
        RunSettings(TIERS["smoke"], rewrad="strict")  # type: ignore[call-arg]


def test_a_file_names_what_is_held_out(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("instructions: mine.jsonl\nheld_out: held.jsonl\n")
    found = run_settings("cpu", [*read_changes(path), parse_change("held_out=other.jsonl")])
    assert (found.instructions, found.held_out) == ("mine.jsonl", "other.jsonl")
    assert run_settings("cpu").held_out == "hard_heldout"
    with pytest.raises(HpptError, match="'held_out' is empty"):
        run_settings("cpu", [parse_change("held_out= ")])


def test_a_tier_that_another_takes_the_place_of_is_checked_too(tmp_path: Path) -> None:
    """Mistake: a misspelt tier in a file that nobody notices, for an option wins over it."""
    path = tmp_path / "mine.yaml"
    path.write_text("seed: 1\ntier: gpu-24\n")
    changes = [*read_changes(path), parse_change("tier=smoke")]
    for name in (None, "cpu"):
        with pytest.raises(HpptError, match="mine.yaml, line 2: There is no tier 'gpu-24'"):
            run_settings(name, changes)
    assert run_settings(None, changes[2:]).tier.name == "smoke"


def test_an_own_reward_lies_beside_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a settings file that works only from its own folder."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "own_beside.py").write_text("def f(prompt, response, instruction): return 1\n")
    (project / "mine.yaml").write_text("tier: smoke\nreward: noisy(own_beside:f, seed=2)\n")
    (project / "own_beside.py").write_text(
        "def f(prompt, response, instruction): return 1\nf.all_or_nothing = True\n"
    )
    monkeypatch.chdir(tmp_path)
    settings = run_settings(None, read_changes(project / "mine.yaml"))
    assert settings.named_reward().name == "noisy(of=own_beside:f, seed=2, draws=frozen)"
    changes = [*read_changes(project / "mine.yaml"), parse_change("reward=own_beside:f")]
    with pytest.raises(HpptError, match="--set reward=own_beside:f: .*there is no own_beside.py"):
        run_settings(None, changes)
