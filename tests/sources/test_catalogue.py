"""Public data sets become instructions, and what does not is counted and named."""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import sources
from hppt_lib.audit import audit_set, read_audit
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import read_instructions, write_instructions
from hppt_lib.rewards import score
from hppt_lib.sandbox import CODE
from hppt_lib.scoring import score_line
from hppt_lib.sources import collect, rlvr, soft_benchmarks, verinstruct
from tests.helpers import untrusted, verinstruct_like
from tests.helpers.commands import hppt

QUIET: Callable[[str], None] = lambda line: None  # noqa: E731
HEAD = "def check_following(instruction, response):\n    "
IFEVAL = {
    "key": 1,
    "prompt": "Write two lines without commas.",
    "instruction_id_list": ["punctuation:no_comma"],
    "kwargs": [{"num_words": None}],
}
MULTI_IF = {
    "key": "7:1:en",
    "language": "English",
    "turn_1_prompt": json.dumps({"role": "user", "content": "Write."}),
    "turn_1_instruction_id_list": json.dumps(["punctuation:no_comma"]),
    "turn_1_kwargs": json.dumps(["{}"]),
    "turn_2_prompt": json.dumps({"role": "user", "content": "Shorter."}),
    "turn_2_instruction_id_list": json.dumps(
        ["punctuation:no_comma", "length_constraints:number_words"]
    ),
    "turn_2_kwargs": json.dumps(["{}", json.dumps({"relation": "less than", "num_words": 50})]),
    "turn_3_prompt": "",
    "turn_3_instruction_id_list": "",
    "turn_3_kwargs": "",
}


def jsonl(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in rows))
    return path


def load(name: str, path: Path, **options: Any) -> sources.Loaded:
    return sources.load(name, path, show=QUIET, **options)


# --- what stands in the benchmarks' own files ---------------------------------------------------


@pytest.mark.parametrize(
    ("name", "instructions", "usable", "constraints"),
    [("ifeval", 541, 541, 834), ("ifbench", 300, 300, 344), ("followbench", 820, 470, 1760)],
)
def test_the_benchmarks_at_hand(
    name: str, instructions: int, usable: int, constraints: int
) -> None:
    place = sources.DATASETS[name].place
    assert place is not None
    if not (path := sources.benchmark_folder() / place).exists():
        pytest.skip(f"{path} is not there: set HPPT_BENCHMARKS")
    loaded = sources.load(name, show=QUIET)
    assert (len(loaded.instructions), len(loaded.usable)) == (instructions, usable)
    assert sum(len(each.constraints) for each in loaded.instructions) == constraints
    assert len({each.id for each in loaded.instructions}) == instructions
    if name == "followbench":
        assert loaded.reasons() == {soft_benchmarks.OWN_PROGRAM: 350}
        levels = [each for each in loaded.usable if each.id.endswith("level3")]
        assert all(len(each.constraints) == 3 for each in levels)
        mixed = next(each for each in loaded.usable if each.id == "followbench-mixed-1-level5")
        assert [each.id for each in mixed.constraints] == [
            f"soft:{kind}" for kind in ("format", "content", "content", "format", "style")
        ]


def test_a_missing_benchmark_says_where_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: FileNotFoundError, and the reader left alone with it."""
    monkeypatch.setenv("HPPT_BENCHMARKS", str(tmp_path))
    with pytest.raises(HpptError, match="google-research.*FOLDER/ifeval/input_data.jsonl"):
        sources.benchmark_rows("ifeval")
    with pytest.raises(HpptError, match="no benchmark 'mmlu'. There are: ifeval, ifbench"):
        sources.benchmark_rows("mmlu")


def test_the_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ifeval").mkdir()
    (tmp_path / "ifeval" / "input_data.jsonl").write_text('{"key": 1}\n\n{"key": 2}\n')
    monkeypatch.setenv("HPPT_BENCHMARKS", str(tmp_path))
    assert sources.benchmark_rows("ifeval") == [{"key": 1}, {"key": 2}]


@pytest.mark.parametrize(
    ("name", "prompts", "slots", "ids"), [("ifeval", 541, 834, 25), ("ifbench", 300, 344, 58)]
)
@pytest.mark.parametrize("reading", ["text", "reference"])
def test_every_slot_of_the_benchmarks_builds(
    name: str, prompts: int, slots: int, ids: int, reading: str
) -> None:
    """Mistake: an id that is missing, or a parameter of the file that we refuse."""
    try:
        rows = sources.benchmark_rows(name)
    except HpptError as missing:
        pytest.skip(str(missing))
    assert len(rows) == prompts
    scored = [score_line(row | {"response": "x"}, reading) for row in rows]  # type: ignore
    assert sum(len(each.strict) for each in scored) == slots
    assert len({id for row in rows for id in row["instruction_id_list"]}) == ids


# --- files of every kind ------------------------------------------------------------------------


def test_every_kind_of_file_gives_the_same(tmp_path: Path) -> None:
    """Mistake: Parquet's columns full of nulls are taken for parameters."""
    rows = [IFEVAL, {**IFEVAL, "key": 2, "prompt": "Ä\u2028 second"}]
    jsonl(tmp_path / "a.jsonl", *rows)
    (tmp_path / "b.json").write_text(json.dumps(rows))
    jsonl(tmp_path / "c.json", *rows)
    with gzip.open(tmp_path / "d.jsonl.gz", "wt") as stream:
        stream.write((tmp_path / "a.jsonl").read_text())
    pandas.DataFrame(rows).to_parquet(tmp_path / "e.parquet")
    found = [load("ifeval", path).instructions for path in sorted(tmp_path.iterdir())]
    assert len(found) == 5 and all(each == found[0] for each in found)
    assert found[0][1].prompt == "Ä\u2028 second"
    assert found[0][0].constraints[0].kwargs == {}


def test_a_folder_is_its_data_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    jsonl(tmp_path / "data" / "train-1.jsonl", {**IFEVAL, "key": 2})
    jsonl(tmp_path / "data" / "train-0.jsonl", IFEVAL)
    (tmp_path / "README.md").write_text("# card")
    (tmp_path / "dataset_infos.json").write_text("{}")
    assert [each.id for each in load("ifeval", tmp_path).instructions] == ["ifeval-1", "ifeval-2"]
    (tmp_path / "data" / "train-1.jsonl").unlink()
    (tmp_path / "data" / "train-0.jsonl").unlink()
    with pytest.raises(HpptError, match="holds no"):
        load("ifeval", tmp_path)


def test_the_hubs_cache_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a data set that was fetched before cannot be loaded without the network."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HPPT_BENCHMARKS", str(tmp_path / "none"))
    with pytest.raises(HpptError, match="Could not fetch google/IFEval"):
        sources.load("ifeval", show=QUIET)
    place = tmp_path / "datasets--google--IFEval"
    snapshot = place / "snapshots" / "abc"
    (snapshot / "data").mkdir(parents=True)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc")
    pandas.DataFrame([IFEVAL]).to_parquet(snapshot / "data" / "train-00000-of-00001.parquet")
    loaded = sources.load("ifeval", show=QUIET)
    assert (loaded.origin, len(loaded.usable)) == ("the hub, google/IFEval", 1)
    assert len(sources.load("ifeval", "google/IFEval", show=QUIET).usable) == 1


def test_a_missing_package_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: ModuleNotFoundError for Parquet after a bare installation."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "x.parquet").write_text("x")
    with pytest.raises(HpptError, match=r"needs pyarrow.*pip install 'hppt-lab\[train\]'"):
        load("ifeval", tmp_path / "x.parquet")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(HpptError, match="needs huggingface_hub"):
        load("ifeval", "google/IFEval")  # type: ignore[arg-type]


def test_what_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="no data set 'mmlu'. There are: ifeval"):
        sources.load("mmlu")
    with pytest.raises(HpptError, match=r"no file or folder .*nothing\.jsonl.*google/IFEval"):
        sources.load("ifeval", tmp_path / "nothing.jsonl", show=QUIET)
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(HpptError, match=r"not one of \.parquet"):
        load("ifeval", tmp_path / "x.txt")
    (tmp_path / "x.parquet").write_text("x")
    with pytest.raises(HpptError, match="not a whole Parquet file"):
        load("ifeval", tmp_path / "x.parquet")
    (tmp_path / "x.json").write_text("[{")
    with pytest.raises(HpptError, match="not valid JSON.*cut short"):
        load("ifeval", tmp_path / "x.json")


@pytest.mark.parametrize("name", sources.DATASETS)
def test_the_licence_is_shown_before_anything_is_read(name: str, tmp_path: Path) -> None:
    shown: list[str] = []
    with pytest.raises(HpptError):
        sources.load(name, tmp_path / "nothing", show=shown.append)
    assert shown == [f"{sources.DATASETS[name].title}. Licence: {sources.DATASETS[name].licence}."]


# --- broken rows --------------------------------------------------------------------------------

BROKEN = [
    ('{"key": 1, "prom', "not valid JSON"),
    ("[1]", "expected a JSON object, found list"),
    (json.dumps({**IFEVAL, "prompt": " "}), "'prompt' must be text"),
    (json.dumps({**IFEVAL, "prompt": 5}), "'prompt' must be text that is not blank, found int"),
    (json.dumps({**IFEVAL, "instruction_id_list": "x"}), "'instruction_id_list' must be a list"),
    (json.dumps({**IFEVAL, "kwargs": []}), "has 1 entries and 'kwargs' 0"),
    (json.dumps({**IFEVAL, "kwargs": 1}), "'kwargs' must be a list, found int"),
    (json.dumps({**IFEVAL, "kwargs": [[1]]}), "'kwargs', entry 1: must be an object, found list"),
    (json.dumps({**IFEVAL, "kwargs": ["{"]}), "'kwargs', entry 1: the text is not valid JSON"),
    ('{"prompt": "\\ud83d"}', "only half there"),
]


@pytest.mark.parametrize(("line", "complaint"), BROKEN)
def test_a_broken_row_is_named_by_file_and_line(line: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(IFEVAL) + "\n\n" + line + "\n" + json.dumps(IFEVAL) + "\n")
    with pytest.raises(HpptError, match=rf"rows\.jsonl, line 3: .*{complaint}.*keep_going=True"):
        load("ifeval", path)
    loaded = load("ifeval", path, keep_going=True)
    assert len(loaded.instructions) == 2
    assert len(loaded.broken) == 1 and loaded.broken[0].startswith("rows.jsonl, line 3: ")
    assert "Broken rows left out: 1." in loaded.summary()


def test_a_file_of_broken_rows_only_is_an_error_even_if_going_on(tmp_path: Path) -> None:
    """Mistake: an empty training set, because the wrong file was given."""
    path = jsonl(tmp_path / "rows.jsonl", {"text": "a"}, {"text": "b"})
    with pytest.raises(HpptError, match="holds no instruction of IFEval.*2 broken rows.*line 1"):
        load("ifeval", path, keep_going=True)


FIELDS = [
    "prompt", "key", "kwargs", "instruction_id_list", "checkers", "functions", "messages",
    "criteria", "ground_truth", "instruction", "level", "category", "turn_1_prompt", "content",
    "role", "id",
]  # fmt: skip


@settings(max_examples=30)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(FIELDS),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_no_row_whatever_raises_anything_but_our_error(row: Any) -> None:
    """Mistake: a null where a list was expected, and a traceback."""
    for name, chosen in sources.DATASETS.items():
        out = collect.Collector(name)
        try:
            chosen.reader()(row if isinstance(row, dict) else {"prompt": row}, "f, line 1", out)
        except HpptError as error:
            assert str(error)


# --- what cannot be mapped ----------------------------------------------------------------------


def test_what_cannot_be_verified_is_kept_and_listed(tmp_path: Path) -> None:
    """Mistake: a constraint dropped in silence, so that a response passes more easily."""
    rows = [
        IFEVAL,
        {**IFEVAL, "key": 2, "instruction_id_list": ["words:of_the_future"]},
        {
            **IFEVAL,
            "key": 3,
            "instruction_id_list": ["length_constraints:number_words"],
            "kwargs": [{"relation": "almost", "num_words": 5}],
        },
        {
            **IFEVAL,
            "key": 4,
            "instruction_id_list": ["length_constraints:number_words"] * 2,
            "kwargs": [
                {"relation": "at least", "num_words": 50},
                {"relation": "less than", "num_words": 50},
            ],
        },
        {**IFEVAL, "key": 5, "instruction_id_list": [], "kwargs": []},
        {**IFEVAL, "key": 1},
    ]
    loaded = load("ifeval", jsonl(tmp_path / "rows.jsonl", *rows))
    assert [(each.reason, each.where, each.instruction) for each in loaded.unmapped] == [
        (collect.UNKNOWN, "rows.jsonl, line 2", "ifeval-2"),
        (collect.REFUSED, "rows.jsonl, line 3", "ifeval-3"),
        (collect.CONTRADICTION, "rows.jsonl, line 4", "ifeval-4"),
        (collect.NO_CONSTRAINT, "rows.jsonl, line 5", "ifeval-5"),
    ]
    assert loaded.reasons()[collect.UNKNOWN] == 1
    assert len(loaded.instructions) == 5
    assert loaded.instructions[1].constraints[0].id == "words:of_the_future"
    assert [each.id for each in loaded.usable] == ["ifeval-1", "ifeval-1-2"]
    assert "no number of words is at least 50 and at most 49" in loaded.unmapped[2].item
    write_instructions(tmp_path / "out.jsonl", loaded.usable)
    assert read_instructions(tmp_path / "out.jsonl") == loaded.usable


def test_a_part_of_an_instruction_is_usable_if_that_is_asked_for(tmp_path: Path) -> None:
    """Mistakes: one rule that cannot be mapped takes the other five with it; or is forgotten."""
    judged = HEAD + "return llm_score(instruction, response, {})"
    words = "def check_following(i, r):\n    return len(r.split()) > 19"
    rhyme = "def check_following(i, r):\n    for x in r: pass"
    rules = [
        "[rule] At least 20 words.",
        "[rule] Each line rhymes.",
        "[llm] Be kind.",
        "[llm] Tone_Words",
    ]
    functions = [words, rhyme, judged.format("'x'"), ""]
    rows = [
        {"id": "whole", "prompt": "Write.", "checkers": rules[:1], "functions": functions[:1]},
        {"id": "part", "prompt": "Write.", "checkers": rules, "functions": functions},
        {"id": "none", "prompt": "Write.", "checkers": rules[1:2], "functions": functions[1:2]},
        {
            "id": "clash",
            "prompt": "Write.",
            "checkers": [*rules[:2], "[rule] At most 5 words."],
            "functions": [
                *functions[:2],
                "def check_following(i, r):\n    return len(r.split()) < 6",
            ],
        },
    ]
    path = jsonl(tmp_path / "rows.jsonl", *rows)
    assert [each.id for each in load("verinstruct", path).usable] == ["verinstruct-whole"]
    loaded = load("verinstruct", path, partial=True)
    assert [each.id for each in loaded.usable] == ["verinstruct-whole", "verinstruct-part"]
    whole, part = loaded.usable
    assert whole.unmapped == () and whole == loaded.instructions[0]
    assert part.unmapped == ("Each line rhymes.", "soft:tone_words")
    assert [each.id for each in part.constraints] == [
        "length_constraints:number_words",
        "soft:general",
    ]
    summary = " ".join(loaded.summary(width=100).split())
    assert "every constraint can be verified or judged 1 " in summary
    assert "usable in part (partial): some of its constraints are not checked 1 " in summary
    assert "constraints in their prompts that nobody checks 2" in summary
    assert "partial" not in load("verinstruct", path).summary()
    write_instructions(tmp_path / "out.jsonl", loaded.usable)
    assert read_instructions(tmp_path / "out.jsonl") == loaded.usable


OTHER = {**IFEVAL, "instruction_id_list": ["ratio:stop_words"], "kwargs": [{"percentage": 9}]}
TRAIN = {**IFEVAL, "instruction_id_list": ["paragraphs:paragraphs"], "kwargs": [{}]}
LOOKS_LIKE = [
    ("ifeval", [OTHER, OTHER, IFEVAL], "this looks like IFBench, not IFEval: 2 of 3", "ODC-BY-1.0"),
    ("ifbench", [IFEVAL, IFEVAL], "this looks like IFEval, not IFBench: 2 of 2", "Apache-2.0"),
    (
        "ifeval",
        [OTHER, IFEVAL, IFEVAL],
        "a part of this looks like IFBench, not IFEval: 1 of 3",
        "",
    ),
    ("ifeval", [TRAIN], "this looks like IF_multi_constraints_upto5, not IFEval", "ODC-BY"),
]


@pytest.mark.parametrize(("name", "rows", "message", "licence"), LOOKS_LIKE)
def test_another_data_set_than_the_one_named_is_said(
    name: str, rows: list[Any], message: str, licence: str, tmp_path: Path
) -> None:
    """Mistake: one data set under the licence of another, and no word about it."""
    said: list[str] = []
    loaded = sources.load(name, jsonl(tmp_path / "rows.jsonl", *rows), show=said.append)
    [warning] = loaded.warnings
    assert message in warning and said[1:] == [f"Warning: {warning}"]
    assert f"Warning: {warning}" in loaded.summary()
    own = sources.DATASETS[name].licence
    if licence:
        assert "see the warning" in loaded.licence and licence in loaded.licence
        assert own not in loaded.licence
    else:
        assert loaded.licence == own


def test_a_data_set_by_its_own_name_is_no_other(tmp_path: Path) -> None:
    """Mistake: a warning for the right file, or for ids that nobody knows."""
    odd = {**IFEVAL, "instruction_id_list": ["no:such"]}
    assert load("ifeval", jsonl(tmp_path / "a.jsonl", IFEVAL, odd)).warnings == ()
    assert load("ifbench", jsonl(tmp_path / "b.jsonl", OTHER)).warnings == ()
    assert load("multi_if", jsonl(tmp_path / "c.jsonl", MULTI_IF)).warnings == ()
    for name in sources.BENCHMARKS:
        path = sources.benchmark_folder() / (sources.DATASETS[name].place or "")
        if path.exists():
            assert load(name, path).warnings == ()


# --- each data set's own form -------------------------------------------------------------------


def test_multi_if_has_its_later_turns_beside_the_first(tmp_path: Path) -> None:
    """Mistake: the second turn's prompt alone becomes an instruction ("Shorter.")."""
    with open(tmp_path / "multi.csv", "w", newline="") as stream:
        writer = csv.DictWriter(stream, MULTI_IF)
        writer.writeheader()
        writer.writerow(MULTI_IF)
        writer.writerow({**MULTI_IF, "key": "8", "turn_1_prompt": "{"})
    with pytest.raises(HpptError, match=r"multi\.csv, line 3: .*turn_1_prompt.*not valid JSON"):
        load("multi_if", tmp_path / "multi.csv")
    loaded = load("multi_if", tmp_path / "multi.csv", keep_going=True)
    assert [each.prompt for each in loaded.usable] == ["Write."]
    (turns,) = loaded.conversations
    assert [each.prompt for each in turns] == ["Write.", "Shorter."]
    assert turns[0] == loaded.usable[0]
    assert [each.id for each in turns[1].constraints] == [
        "punctuation:no_comma",
        "length_constraints:number_words",
    ]
    assert loaded.counts == {
        "conversations in English": 1,
        "later turns, in `conversations` only": 1,
    }
    pandas.DataFrame([MULTI_IF]).to_parquet(tmp_path / "multi.parquet")
    assert load("multi_if", tmp_path / "multi.parquet").conversations == loaded.conversations


def test_multi_if_says_how_many_rows_are_counted_by_script(tmp_path: Path) -> None:
    """Mistake: Chinese rows that pass for usable in the reading `reference`, which counts lines."""
    languages = ["English", "Chinese", "Hindi", "French", "Chinese"]
    rows = [{**MULTI_IF, "key": str(n), "language": each} for n, each in enumerate(languages)]
    pandas.DataFrame(rows).to_parquet(tmp_path / "multi.parquet")
    loaded = load("multi_if", tmp_path / "multi.parquet")
    (noted,) = [number for name, number in loaded.counts.items() if "by script" in name]
    assert noted == 3
    assert not loaded.unmapped
    assert len(loaded.usable) == 5


def test_if_multi_constraints_reads_literals_and_runs_nothing(tmp_path: Path) -> None:
    """Mistake: eval() on a column of the data set."""
    message = [{"role": "user", "content": "Write. No commas."}]
    truth = [{"instruction_id": ["punctuation:no_comma"], "kwargs": [None]}]
    rows: list[dict[str, Any]] = [
        {"key": f"k{number}", "messages": message, "ground_truth": each, "constraint": "No commas."}
        for number, each in enumerate([str(truth), json.dumps(truth), [str(truth)], truth])
    ]
    loaded = load("if_multi_constraints", jsonl(tmp_path / "rows.jsonl", *rows))
    assert len(loaded.usable) == 4
    assert all(each.constraints == loaded.usable[0].constraints for each in loaded.usable)
    assert loaded.usable[0].constraints[0].text == "No commas."
    trap = tmp_path / "trap"
    for bad in (
        f"__import__('pathlib').Path({str(trap)!r}).touch()",
        "[" * 100_000,
        "[{'instruction_id': 1}]",
        "x" * 300_000,
        None,
    ):
        path = jsonl(tmp_path / "bad.jsonl", {**rows[0], "ground_truth": bad})
        with pytest.raises(HpptError, match=r"bad\.jsonl, line 1"):
            load("if_multi_constraints", path)
    assert not trap.exists()
    two = jsonl(tmp_path / "two.jsonl", {**rows[0], "messages": message * 2})
    with pytest.raises(HpptError, match="'messages' holds 2 messages"):
        load("if_multi_constraints", two)


RLVR = [
    ("verify_keywords", {"keyword_list": ["a"]}, "keywords:existence"),
    ("verify_keyword_frequency", {"word": "a", "N": 2}, "keywords:frequency"),
    ("validate_forbidden_words", {"forbidden_words": ["a"]}, "keywords:forbidden_words"),
    ("verify_letter_frequency", {"letter": "a", "N": 2}, "keywords:letter_frequency"),
    ("validate_response_language", {"language": "en"}, "language:response_language"),
    ("validate_word_constraint", {"N": 50, "quantifier": "around"}, "count:word_count_range"),
    ("verify_sentence_constraint", {"N": 3, "quantifier": "at most"},
     "length_constraints:number_sentences"),
    ("validate_paragraphs", {"N": 2, "i": 1, "first_word": "x"},
     "length_constraints:nth_paragraph_first_word"),
    ("verify_postscript", {"postscript_marker": "P.S."}, "detectable_content:postscript"),
    ("validate_placeholders", {"N": 2}, "detectable_content:number_placeholders"),
    ("verify_bullet_points", {"N": 2}, "detectable_format:number_bullet_lists"),
    ("validate_title", {}, "detectable_format:title"),
    ("validate_choice", {"options": ["yes", "no"]}, "format:options"),
    ("validate_highlighted_sections", {"N": 2}, "detectable_format:number_highlighted_sections"),
    ("validate_sections", {"N": 2, "section_splitter": "Section"},
     "detectable_format:multiple_sections"),
    ("validate_json_format", {}, "detectable_format:json_format"),
    ("validate_repeat_prompt", {"original_prompt": "x"}, "combination:repeat_prompt"),
    ("validate_two_responses", {}, "combination:two_responses"),
    ("validate_uppercase", {}, "change_case:english_capital"),
    ("validate_lowercase", {}, "change_case:english_lowercase"),
    ("validate_frequency_capital_words", {"N": 2, "quantifier": "at least"},
     "change_case:capital_word_frequency"),
    ("validate_end", {"end_phrase": "x"}, "startend:end_checker"),
    ("validate_quotation", {}, "startend:quotation"),
    ("validate_no_commas", {}, "punctuation:no_comma"),
]  # fmt: skip


def rlvr_row(function: str, given: dict[str, Any], text: str = "") -> dict[str, Any]:
    unused = dict.fromkeys(("N", "quantifier", "word", "letter", "options"))
    return {
        "messages": [{"role": "user", "content": "Write."}],
        "ground_truth": json.dumps({"func_name": function, **unused, **given}),
        "dataset": "ifeval",
        "constraint": text,
    }


def test_rlvr_ifeval_maps_every_function_that_it_can(tmp_path: Path) -> None:
    rows = [rlvr_row(function, given) for function, given, _ in RLVR]
    rows += [rlvr_row("verify_paragraph_count", {"N": 2}), rlvr_row("verify_vibes", {"N": 2})]
    loaded = load("rlvr_ifeval", jsonl(tmp_path / "rows.jsonl", *rows))
    found = [each.constraints[0].id for each in loaded.instructions]
    assert found[:-2] == [id for _, _, id in RLVR]
    assert loaded.reasons() == {rlvr.DIVIDER: 1, collect.UNKNOWN: 1}
    assert set(rlvr._FUNCTIONS) == {function for function, _, _ in RLVR} | {
        "verify_paragraph_count"
    }


@pytest.mark.parametrize(
    ("quantifier", "passing", "failing"),
    [("at least", (10, 11), (9,)), ("at most", (10, 1), (11,)), ("around", (9, 11), (8, 12))],
)
def test_rlvr_ifeval_keeps_the_meaning_of_its_quantifiers(
    quantifier: str, passing: tuple[int, ...], failing: tuple[int, ...], tmp_path: Path
) -> None:
    """Mistake: "at most N" becomes "less than N"."""
    row = rlvr_row("validate_word_constraint", {"N": 10, "quantifier": quantifier}, "{N} words")
    (one,) = load("rlvr_ifeval", jsonl(tmp_path / "rows.jsonl", row)).usable
    assert one.constraints[0].text == "10 words"
    for count in (*passing, *failing):
        verdicts = [each.verifier()("tea " * count).passed for each in one.constraints]
        assert all(verdicts) == (count in passing)
    odd = rlvr_row("validate_word_constraint", {"N": 10, "quantifier": "fewer"})
    assert load("rlvr_ifeval", jsonl(tmp_path / "odd.jsonl", odd)).reasons() == {rlvr.QUANTIFIER: 1}


def test_followbench_shows_the_judge_how_the_instruction_grew(tmp_path: Path) -> None:
    base = {"example_id": 3, "category": "style", "source": "quora", "target": ""}
    rows = [{**base, "level": n, "instruction": f"text of level {n}"} for n in range(3)]
    rows[0]["instruction"] = ""
    rows += [{**base, "example_id": 4, "level": 2, "instruction": "orphan"}]
    path = tmp_path / "style_constraints.json"
    path.write_text(json.dumps(rows))
    loaded = load("followbench", path)
    first, second, orphan = loaded.instructions
    assert (first.id, len(first.constraints)) == ("followbench-style-3-level1", 1)
    assert first.constraints[0].text.endswith("what this instruction asks: text of level 1")
    text = second.constraints[1].text
    assert "First instruction: text of level 1\nSecond instruction: text of level 2" in text
    assert [each.reason for each in loaded.unmapped] == [soft_benchmarks.EARLIER_MISSING]
    assert orphan not in loaded.usable


def test_cfbench_has_one_soft_constraint_a_criterion(tmp_path: Path) -> None:
    rows = [
        {
            "idx": 0,
            "prompt": "写一篇文章",
            "criteria": [
                ["是一篇文章", "主需", "内容约束", "语义内容约束"],
                ["不少于八百字", "次需", "数值约束", "单词数值约束"],
                ["", "次需", "新约束", ""],
            ],
        }
    ]
    path = tmp_path / "cfbench_data.json"
    path.write_text(json.dumps(rows, ensure_ascii=False))
    loaded = load("cfbench", path)
    (one,) = loaded.instructions
    assert [(each.id, each.kwargs["priority"]) for each in one.constraints] == [
        ("soft:content", "main"),
        ("soft:numerical", "further"),
        ("soft:新约束", "further"),
    ]
    assert loaded.reasons() == {collect.NO_TEXT: 1} and loaded.usable == []


def test_verinstruct(tmp_path: Path) -> None:
    judge = HEAD + "return llm_score(instruction, response, {})"
    all_in_one = "1. Tone: Be warm. 2. Desired_Style: Use short lines. 3. Other: x"
    row = {
        "id": "r1",
        "prompt": "Write about tea.",
        "checkers": [
            "[llm] Desired_Writing_Style: Be formal.",
            "[llm] Desired_Style",
            "[llm] The response is kind.",
            "Hierarchical_Instructions",
            "[llm] Tone_Constraints",
            "[rule] At least 20 words.",
            "[rule] At least 20 words.",
            "[rule] Number_Words",
            "[rule] Each line rhymes.",
            "[rule] Rhyme",
        ],
        "functions": [
            "",
            judge.format(repr(all_in_one)),
            "",
            judge.format("'First tea, then milk.'"),
            "",
            "def check_following(i, r):\n    return len(r.split()) > 19",
            "def check_following(i, r):\n    return len(r.split()) > 40",
            "def check_following(i, r):\n    n = len(r.split())\n    return 25 <= n < 30",
            "def check_following(i, r):\n    for x in r: pass",
            HEAD + "return llm_extract(instruction, response, '') == 'x'",
        ],
    }
    loaded = load("verinstruct", jsonl(tmp_path / "rows.jsonl", row))
    (one,) = loaded.instructions
    assert [(each.id, each.text) for each in one.constraints[:5]] == [
        ("soft:desired_writing_style", "Be formal."),
        ("soft:desired_style", "Use short lines."),
        ("soft:general", "The response is kind."),
        ("soft:hierarchical_instructions", "First tea, then milk."),
        ("soft:tone_constraints", ""),
    ]
    assert [each.id for each in one.constraints[5:]] == [
        "length_constraints:number_words",
        verinstruct.UNMAPPED_RULE,
        "count:word_count_range",
        CODE,
        verinstruct.UNMAPPED_RULE,
    ]
    assert one.constraints[7].kwargs == {"min_words": 25, "max_words": 29}
    assert one.constraints[8].kwargs["function"] == row["functions"][8]
    assert [each.reason for each in loaded.unmapped] == [
        collect.NO_TEXT,
        verinstruct.DISAGREE,
        "rule that no pattern maps to a verifier",
        verinstruct.NEEDS_JUDGE,
    ]
    assert loaded.deciders == {
        verinstruct.BY_JUDGE: 4,
        verinstruct.BY_VERIFIER: 2,
        verinstruct.IF_ALLOWED: 1,
        verinstruct.BY_NOBODY: 3,
    }
    assert loaded.counts["checkers without a tag, read by their function (VerIF ignores them)"] == 1


def test_a_large_file_in_verinstructs_form(tmp_path: Path) -> None:
    verinstruct_like.write(tmp_path / "train.jsonl", 300)
    loaded = load("verinstruct", tmp_path / "train.jsonl")
    named = sum(len(each["checkers"]) for each in verinstruct_like.rows(300))
    assert len(loaded.instructions) == 300
    assert sum(len(each.constraints) for each in loaded.instructions) == named
    assert sum(loaded.deciders.values()) == named
    assert loaded.deciders[verinstruct.BY_VERIFIER] > 2 * loaded.deciders[verinstruct.IF_ALLOWED]
    assert verinstruct.DISAGREE in loaded.reasons()


def test_nothing_of_a_data_set_is_executed_on_loading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a checker is run to see what it does."""
    import subprocess

    monkeypatch.setattr(subprocess, "Popen", None)
    trap = tmp_path / "trap"
    touch = f"open({str(trap)!r}, 'w')"
    source = f"{touch}\ndef check_following(i, r={touch}):\n    return {touch}"
    row = {"id": 1, "prompt": "x", "checkers": ["[rule] Odd_Rule"], "functions": [source]}
    load("verinstruct", jsonl(tmp_path / "rows.jsonl", row))
    assert not trap.exists()


@pytest.mark.slow
def test_verinstructs_own_code_decides_what_is_left_if_that_is_allowed(
    tmp_path: Path, code_allowed: None
) -> None:
    """Mistake: rules that map to no verifier are lost, or kept where their code can decide nothing;
    or a table of coverage that does not add up.
    """
    looks = "def check_following(i, r):\n    return i.endswith('rhymes.') and len(r) > 9\n"
    functions = [
        untrusted.SORTED,
        looks,
        "import os\n" + untrusted.SORTED,
        "class Same:\n    def __eq__(self, other): return True\n" + untrusted.SORTED,
        "def check_following(i, r):\n    while True: pass\n",
        "def check_following(i, r):\n    return open('/etc/passwd').read() != ''\n",
        "def check_following(i, r):\n    return 'yes'\n",
        "def another(i, r):\n    return True\n",
        "",
    ]
    path = untrusted.verinstruct_file(tmp_path / "train.jsonl", *functions)
    loaded = load("verinstruct", path)
    assert loaded.deciders == {verinstruct.BY_CODE: 2, verinstruct.BY_NOBODY: 7}
    assert loaded.reasons()[verinstruct.CODE_FAILS] == 6
    assert "it took more than 2 s" in next(
        each.item for each in loaded.unmapped if each.instruction == "verinstruct-4"
    )
    assert [each.constraints[0].id for each in loaded.usable] == [CODE, CODE]
    kwargs = [each.constraints[0].kwargs for each in loaded.usable]
    assert kwargs == [
        {"function": untrusted.SORTED},
        {"function": looks, "instruction": "Write 1. It rhymes."},
    ]
    assert score(loaded.usable[1], "Tea is hot and good.").strict
    assert not score(loaded.usable[0], "Tea is hot.").strict
    table = loaded.summary(100)
    assert re.search(r"own code, in the sandbox +2 +22.2%", table)
    assert re.search(r"nobody +7 +77.8%", table)
    part = untrusted.verinstruct_file(tmp_path / "part.jsonl", untrusted.SORTED, "")
    assert [len(each.unmapped) for each in load("verinstruct", part, partial=True).usable] == [0]


def test_a_real_file_of_verinstruct_is_covered_as_the_table_says() -> None:
    """Mistake: a reader that fits the made-up file alone."""
    places = sorted((sources.benchmark_folder() / "verinstruct").glob("*.json*"))
    if not places:
        pytest.skip("no file of VerInstruct under HPPT_BENCHMARKS/verinstruct: it is not shipped")
    loaded = load("verinstruct", places[0], keep_going=True)
    assert sum(loaded.deciders.values()) >= len(loaded.instructions)
    assert loaded.deciders[verinstruct.BY_VERIFIER] > 0


# --- the command ----------------------------------------------------------------------------------


def test_load_writes_what_is_usable_and_lists_the_rest(tmp_path: Path) -> None:
    """Mistake: an instruction that nobody can score among those to train on, or one lost unseen."""
    strange = IFEVAL | {"key": 2, "instruction_id_list": ["no:such"], "kwargs": [{}]}
    source = jsonl(tmp_path / "data.jsonl", IFEVAL, strange)
    out, unmapped = tmp_path / "out.jsonl", tmp_path / "unmapped.jsonl"
    done = hppt("load", "ifeval", str(source), "--out", str(out), "--unmapped", str(unmapped))
    assert done.returncode == 0, done.stderr
    assert "Licence: Apache-2.0" in done.stdout
    assert "1 could not be mapped" in done.stdout
    assert "unknown constraint id" in done.stdout
    assert [each.id for each in read_instructions(out)] == ["ifeval-1"]
    (entry,) = map(json.loads, unmapped.read_text().splitlines())
    assert entry["where"] == "data.jsonl, line 2" and "no:such" in entry["item"]


def test_load_says_what_is_wrong_and_may_go_on(tmp_path: Path) -> None:
    """Mistake: a traceback, or a file that is half written after an error."""
    source = jsonl(tmp_path / "data.jsonl", IFEVAL, {"key": 2})
    out = tmp_path / "out.jsonl"
    done = hppt("load", "ifeval", str(source), "--out", str(out))
    assert done.returncode == 1 and "data.jsonl, line 2" in done.stderr and not out.exists()
    assert (
        "Traceback" not in done.stderr and "leave out broken rows with --keep-going" in done.stderr
    )
    done = hppt("load", "ifeval", str(source), "--keep-going")
    assert done.returncode == 0 and "Broken rows left out: 1." in done.stdout
    done = hppt("load", "nonsense")
    assert done.returncode == 1 and "There are: ifeval" in done.stderr


def test_load_writes_labelled_answers_for_an_audit(tmp_path: Path) -> None:
    """Mistake: a public set that loads in Python alone."""
    pair = {"input": "Name a tea.", "output_1": "Oolong.", "output_2": "No.", "label": 1}
    (tmp_path / "bar").mkdir()
    (tmp_path / "bar" / "Natural.json").write_text(json.dumps([pair, {**pair, "label": 2}]))
    out = tmp_path / "rows.jsonl"
    done = hppt("load", "llmbar", str(tmp_path / "bar"), "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "Licence: MIT" in done.stdout and f"wrote {out}: 4 rows" in done.stdout
    assert ["Natural", "4", "2"] in [line.split() for line in done.stdout.splitlines()]
    rows = read_audit(out)
    assert rows == audit_set(f"llmbar:{tmp_path / 'bar'}")
    assert [each.label for each in rows] == [True, False, False, True]
    for options, message in (
        ([], "hppt load llmbar FOLDER"),
        (["x", "--partial"], "takes none of"),
    ):
        done = hppt("load", "llmbar", *options)
        assert done.returncode == 1 and message in done.stderr


def test_load_partial_writes_what_can_be_decided(tmp_path: Path) -> None:
    strange = {**IFEVAL, "key": 2, "instruction_id_list": ["punctuation:no_comma", "no:such"]}
    source = jsonl(tmp_path / "data.jsonl", IFEVAL, strange | {"kwargs": [{}, {}]})
    out = tmp_path / "out.jsonl"
    done = hppt("load", "ifeval", str(source), "--partial", "--out", str(out))
    assert done.returncode == 0 and f"wrote {out}: 2 instructions" in done.stdout
    assert [each.unmapped for each in read_instructions(out)] == [(), ("no:such",)]
