"""A look through a file of instructions: all of its problems, and what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hppt_lib import corpus
from hppt_lib.cli import data as cli_data
from hppt_lib.cli import main as cli
from hppt_lib.errors import HpptError
from hppt_lib.instructions import check_instructions, read_instructions

NO_COMMA = {"id": "punctuation:no_comma", "text": "Do not use commas."}
TONE = {"id": "soft:tone", "kind": "soft", "text": "Be kind."}


def row(id: str, prompt: str, *constraints: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"id": id, "prompt": prompt, "constraints": list(constraints), **others}


def jsonl(path: Path, *rows: Any) -> Path:
    path.write_text(
        "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in rows)
    )
    return path


def test_every_problem_of_a_file_is_listed(tmp_path: Path) -> None:
    """Mistake: the first problem alone, so that a file of a hundred takes a hundred attempts."""
    path = jsonl(
        tmp_path / "mine.jsonl",
        row("a", "Write. Do not use commas.", NO_COMMA),
        {"id": "b", "prompt": "Write.", "constrains": [NO_COMMA], "topics": []},
        "\n",
        '{"id": "c", "prompt"\n',
        row("a", " ", {**NO_COMMA, "txt": "x"}, {"id": "no:such"}, 3),
        row("", "Write.", NO_COMMA),
    )
    checked = check_instructions(path)
    assert [each.partition(". Ids begin")[0] for each in checked.problems] == [
        "line 2: 'constrains' is no field; did you mean 'constraints'?",
        "line 2: 'topics' is no field; did you mean 'topic'?",
        "line 4: not valid JSON (Expecting ':' delimiter, column 21). Was the file cut short, or a "
        "line edited by hand?",
        "line 5, constraint 1: 'txt' is no field; did you mean 'text'?",
        "line 5, constraint 2: unknown constraint id 'no:such'",
        "line 5, constraint 3: expected a JSON object, found int.",
        "line 5: 'prompt' is blank.",
        "line 5: the id 'a' is already on line 1.",
    ]
    assert list(checked.instructions) == [1, 6]
    report = checked.report(width=100)
    assert f"{path}, line 5: 'prompt' is blank." in report and f"{path}: 8 problems" in report
    with pytest.raises(HpptError, match="8 problems on 3 lines"):
        checked.require_sound()


def test_what_a_file_holds_is_counted(tmp_path: Path) -> None:
    """Mistake: soft-only instructions among the mixed; words counted as characters."""
    path = jsonl(
        tmp_path / "mine.jsonl",
        row("a", "Write. Do not use commas.", NO_COMMA),
        row("b", "Write. Be kind.", TONE),
        row("c", "Do not use  commas. be kind.", NO_COMMA, TONE),
    )
    checked = check_instructions(path)
    checked.require_sound()
    found = [line.split() for line in checked.report(width=100).splitlines()]
    for line in (
        "instructions without a problem 3",
        "with hard constraints only 1",
        "with soft constraints only 1",
        "with both (mixed) 1",
        "hard constraints 2",
        "soft constraints 2",
        "words in a prompt, median 5",
        "words in the longest prompt (c) 6",
        "punctuation:no_comma 2",
        "soft:tone 2",
    ):
        assert line.split() in found, line
    assert checked.remarks == {} and checked.problems == ()


def test_what_may_be_a_mistake_is_said_with_its_lines(tmp_path: Path) -> None:
    """Mistakes: a reward for a demand that no prompt makes; one prompt that counts twice."""
    few = {"id": "length_constraints:number_words", "kwargs": {"relation": "less than"}}
    few["kwargs"] |= {"num_words": 10}  # type: ignore[operator]
    many = {**few, "kwargs": {"relation": "at least", "num_words": 20}}
    path = jsonl(
        tmp_path / "mine.jsonl",
        row("a", "Write.", NO_COMMA),
        row("b", "write. ", {**TONE, "text": ""}),
        row("c", "Write about tea.", few, many),
        row("d", "Write about milk in verse.", {"id": "punctuation:no_comma"}, unmapped=["Verse."]),
    )
    assert check_instructions(path).remarks == {
        "the prompt does not hold the text of a constraint": [1],
        "a soft constraint has no text: no judge can decide it": [2],
        "the prompt stands on an earlier line too": [2],
        "the prompt holds a demand that nobody checks (unmapped)": [4],
        "constraints contradict each other; the first: no number of words is at least 20 and at "
        "most 9": [3],
    }


def test_an_empty_file_and_a_missing_one_are_errors(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="holds no instruction"):
        check_instructions(jsonl(tmp_path / "empty.jsonl")).require_sound()
    with pytest.raises(HpptError, match="Could not read"):
        check_instructions(tmp_path / "none.jsonl")


NAMES = ["id", "prompt", "constraints", "query", "topic", "unmapped", "original", "kind", "text"]
values = st.recursive(
    st.none() | st.integers(0, 3) | st.sampled_from(["a", " ", "soft", "punctuation:no_comma"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from([*NAMES, "kwargs", "removed", "odd"]), inner, max_size=3)
    ),
    max_leaves=6,
)
rows = st.fixed_dictionaries(
    {"id": st.sampled_from("abc"), "prompt": st.just("x"), "constraints": st.just([NO_COMMA])},
    optional=dict.fromkeys([*NAMES[3:], "Odd"], values),
)


@settings(max_examples=150)
@given(st.lists(rows | st.dictionaries(st.sampled_from(NAMES), values), min_size=1, max_size=3))
def test_it_agrees_with_reading(
    tmp_path_factory: pytest.TempPathFactory, written: list[dict[str, Any]]
) -> None:
    """Mistake: a file that is checked as sound and then refused, or the other way round."""
    path = jsonl(tmp_path_factory.getbasetemp() / "checked.jsonl", *written)
    checked = check_instructions(path)
    try:
        found = read_instructions(path)
    except HpptError as error:
        assert str(error).startswith(f"{path}, {checked.problems[0]}")
    else:
        assert checked.problems == () and list(checked.instructions.values()) == found


# --- the command ----------------------------------------------------------------------------------


def test_the_command_ends_with_status_1_for_a_file_with_problems(tmp_path: Path) -> None:
    bad = jsonl(tmp_path / "bad.jsonl", row("a", "Write.", {**NO_COMMA, "txt": ""}))
    done = CliRunner().invoke(cli.app, ["instructions", "--check", str(bad)])
    assert done.exit_code == 1 and "constraint 1: 'txt' is no field" in done.output
    assert isinstance(done.exception, HpptError)
    good = jsonl(tmp_path / "good.jsonl", row("a", "Write.", NO_COMMA))
    done = CliRunner().invoke(cli.app, ["instructions", "--check", str(good)])
    assert done.exit_code == 0 and "no problems" in done.output
    assert "does not hold the text" in done.output


def test_the_example_in_the_commands_help_is_sound(tmp_path: Path) -> None:
    """Mistake: an example that the kit refuses."""
    _, _, shown = str(cli_data.instructions.__doc__).partition("A line of mine.jsonl:")
    path = jsonl(tmp_path / "mine.jsonl", " ".join(shown.split()) + "\n")
    checked = check_instructions(path)
    checked.require_sound()
    assert len(checked.instructions) == 1 and checked.remarks == {}


def test_without_an_option_the_shipped_instructions_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a check that writes, or a command that no longer does."""
    monkeypatch.setattr(corpus, "write_shipped", lambda: [tmp_path / "made.jsonl"])
    done = CliRunner().invoke(cli.app, ["instructions"])
    assert done.exit_code == 0 and done.output == f"wrote {tmp_path / 'made.jsonl'}\n"
