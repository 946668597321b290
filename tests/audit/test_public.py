"""Readers of public, human-labelled sets: mistakes that would give rows with wrong labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.audit.public import read_llmbar, read_reward_pairs
from hppt_lib.errors import HpptError
from hppt_lib.sources import benchmark_folder


def written(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


PAIR = {"input": "Sum it up.", "output_1": "short", "output_2": "a poem", "label": 1}


def test_the_preferred_answer_is_true_and_the_other_false(tmp_path: Path) -> None:
    written(tmp_path / "Natural.json", [PAIR, {**PAIR, "label": 2}])
    rows = read_llmbar(tmp_path)
    assert [(each.response, each.label) for each in rows] == [
        ("short", True),
        ("a poem", False),
        ("short", False),
        ("a poem", True),
    ]
    assert len({each.item for each in rows}) == 4
    assert {each.source for each in rows} == {"llmbar"}


def test_both_layouts_give_the_same_kinds(tmp_path: Path) -> None:
    written(tmp_path / "one" / "Natural.json", [PAIR])
    written(tmp_path / "two" / "Natural" / "dataset.json", [PAIR])
    assert read_llmbar(tmp_path / "one") == read_llmbar(tmp_path / "two")


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ([{**PAIR, "label": 3}], "row 1.*'label'"),
        ([PAIR, {**PAIR, "output_2": None}], "row 2.*'output_2'"),
        ({"label": 1}, "must hold a list"),
        ([PAIR, "x"], "row 2"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, content: Any, names: str) -> None:
    written(tmp_path / "Natural.json", content)
    with pytest.raises(HpptError, match=names):
        read_llmbar(tmp_path)


def test_a_folder_without_files_says_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match=r"github\.com/princeton-nlp/LLMBar"):
        read_llmbar(tmp_path)


def test_the_hubs_form_gives_a_row_for_each_soft_constraint(tmp_path: Path) -> None:
    pair = {
        "instruction": "Write to Ann. Be kind. Be brief.",
        "chosen": {"content": "Dear Ann", "unsatisfied_constraints": []},
        "rejected": {"content": "ANN!", "unsatisfied_constraints": [{"constraint": "Be kind."}]},
        "llm_constraints_used": [
            {"constraint_type": "Style", "constraint": "Be kind."},
            {"constraint_type": "Content", "constraint": "Be brief."},
        ],
    }
    rows = read_reward_pairs(written(tmp_path / "pairs.json", [pair]))
    assert [(each.response, each.constraint, each.label, each.kind) for each in rows] == [
        ("Dear Ann", "Be kind.", True, "Style"),
        ("Dear Ann", "Be brief.", True, "Content"),
        ("ANN!", "Be kind.", False, "Style"),
        ("ANN!", "Be brief.", True, "Content"),
    ]


def test_a_missing_file_is_no_hub_id(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="There is no file"):
        read_reward_pairs(tmp_path / "pairs.json")


def test_the_hub_out_of_reach_says_what_to_do() -> None:
    with pytest.raises(HpptError, match="check the network"):
        read_reward_pairs("THU-KEG/IFBench")


def test_the_files_as_published() -> None:
    folder = benchmark_folder()
    if not (folder / "llmbar").is_dir() or not (folder / "if_pairs").is_dir():
        pytest.skip(f"LLMBar and the RewardAgent pairs are not in {folder}")
    llmbar = read_llmbar(folder / "llmbar")
    assert len(llmbar) == 2 * (419 + 89)
    assert sum(each.label for each in llmbar) == 419 + 89
    pairs = read_reward_pairs(folder / "if_pairs" / "IFBench_pairs.json")
    assert len(pairs) == 2 * 444 and sum(each.label for each in pairs) == 444
