"""Instructions survive a file, and a file that is damaged says where."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib.cli import data as cli_data
from hppt_lib.errors import HpptError
from hppt_lib.instructions import model
from hppt_lib.instructions.model import (
    Constraint,
    Instruction,
    Original,
    as_row,
    read_instructions,
    shipped_instructions,
    write_instructions,
)
from hppt_lib.sandbox import lockdown, run
from hppt_lib.verifiers import as_seen
from tests import ROOT
from tests.helpers import untrusted

NO_COMMA = {"id": "punctuation:no_comma"}


def line(**changes: Any) -> str:
    """A good line with changes; None leaves a field out."""
    row = {"id": "tea", "prompt": "Write about tea.", "constraints": [NO_COMMA]} | changes
    return json.dumps({name: value for name, value in row.items() if value is not None})


def with_constraint(**changes: Any) -> str:
    return line(constraints=[NO_COMMA, {"id": "punctuation:no_comma"} | changes])


BROKEN: list[tuple[str, str | bytes, str]] = [
    ("not JSON", "tea", "not valid JSON (Expecting value, column 1)"),
    ("half a line", line()[:-20], "not valid JSON"),
    ("two objects", line(id="a") + line(id="b"), "not valid JSON (Extra data"),
    ("a list", "[]", "expected a JSON object, found list"),
    ("a number", "3", "expected a JSON object, found int"),
    ("null", "null", "expected a JSON object, found NoneType"),
    ("a number of 5000 digits", '{"id": ' + "1" * 5000 + "}", "not valid JSON (Exceeds"),
    ("nested too deeply", '{"id": ' + "[" * 200_000, "nested too deeply"),
    ("Latin-1", '{"id": "caf\xe9"}'.encode("latin-1"), "not UTF-8 text (byte 12)"),
    ("UTF-16", line().encode("utf-16"), "not UTF-8 text (byte 1)"),
    ("half an emoji", '{"id": "\\uD83D"}', "is only half there"),
    ("no id", line(id=None), "the field 'id' is missing"),
    ("an id that is a number", line(id=3), "the field 'id' must be a str, found int"),
    ("no prompt", line(prompt=None), "the field 'prompt' is missing"),
    ("a blank prompt", line(prompt=" \n"), "'prompt' is blank"),
    ("no constraints", line(constraints=None), "the field 'constraints' is missing"),
    ("empty constraints", line(constraints=[]), "'constraints' is empty"),
    ("constraints as text", line(constraints="x"), "'constraints' must be a list, found str"),
    ("topic as text", line(topic="tea"), "the field 'topic' must be a list, found str"),
    ("a topic of numbers", line(topic=[3]), "'topic' must be a list of words"),
    ("a blank topic word", line(topic=["tea", " "]), "'topic' must be a list of words"),
    ("query as a list", line(query=[]), "the field 'query' must be a str, found list"),
    ("a constraint as text", line(constraints=["x"]), "constraint 1: expected a JSON object"),
    ("a constraint without id", with_constraint(id=None), "constraint 2: the field 'id' is miss"),
    ("an unknown constraint", with_constraint(id="no:such"), "constraint 2: unknown constraint id"),
    ("a surplus parameter", with_constraint(kwargs={"n": 1}), "does not take 'n'"),
    ("parameters as a list", with_constraint(kwargs=[]), "'kwargs' must be a dict, found list"),
    ("an unknown kind", with_constraint(kind="firm"), "constraint 2: 'kind' is 'firm'"),
    ("a misspelt field", line(topics=["tea"]), "'topics' is no field; did you mean 'topic'?"),
    ("capitals", line(ID="tea"), "'ID' is no field; did you mean 'id'?"),
    ("a misspelt field that is needed", line(constraints=None, constrains=[NO_COMMA]),
     "'constrains' is no field; did you mean 'constraints'?"),
    ("another field", line(source="mine"), "'source' is no field; there are id, prompt, constr"),
    ("a misspelt field of a constraint", with_constraint(kwarg={}),
     "constraint 2: 'kwarg' is no field; did you mean 'kwargs'?"),
    ("a soft one by another name", with_constraint(id="soft:tone", type="soft"),
     "constraint 2: 'type' is no field; there are id, kwargs, text, kind"),
    ("a soft one that does not say so", with_constraint(id="soft:tone"), "its 'kind' is 'soft'"),
    ("a line of IFEval", line(instruction_id_list=[]), "hppt load ifeval FILE --out NEW.jsonl"),
    ("unmapped as text", line(unmapped="x"), "the field 'unmapped' must be a list, found str"),
]  # fmt: skip


@pytest.mark.parametrize(("broken", "message"), [case[1:] for case in BROKEN])
def test_a_broken_line_is_named(tmp_path: Path, broken: str | bytes, message: str) -> None:
    """Mistake: a traceback of the JSON library, or a line that is silently left out."""
    path = tmp_path / "made.jsonl"
    raw = broken if isinstance(broken, bytes) else broken.encode()
    path.write_bytes(line(id="first").encode() + b"\n\n" + raw + b"\n")
    with pytest.raises(HpptError) as error:
        read_instructions(path)
    assert str(error.value).startswith(f"{path}, line 3")  # the blank line is counted
    assert message in str(error.value)


def test_a_field_that_is_null_is_left_out(tmp_path: Path) -> None:
    """Mistake: "the field 'query' is missing" for a file that a table program wrote."""
    rare = dict.fromkeys(("query", "topic", "unlearnable", "original", "unmapped"))
    row = {"id": "tea", "prompt": "Tea.", "constraints": [{**NO_COMMA, "kwargs": None}], **rare}
    path = tmp_path / "made.jsonl"
    path.write_text(json.dumps(row))
    assert read_instructions(path) == [
        Instruction("tea", "Tea.", (Constraint("punctuation:no_comma"),))
    ]


def test_the_kits_own_files_are_read() -> None:
    """Mistake: a field that the kit writes itself, refused."""
    folder = ROOT / "data" / "instructions"
    assert sum(len(read_instructions(path)) for path in folder.glob("*.jsonl")) == 6104


@pytest.mark.parametrize("kind", [Instruction, Constraint])
def test_the_format_is_written_down_where_it_is_looked_for(kind: type) -> None:
    """Mistake: a new field that neither the module nor the command explains."""
    for field in dataclasses.fields(kind):
        assert f"``{field.name}``" in str(model.__doc__)
        assert f"'{field.name}'" in str(cli_data.instructions.__doc__)


def test_an_id_that_stands_twice_names_both_lines(tmp_path: Path) -> None:
    """Mistake: the second of the two silently takes the place of the first."""
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join([line(), line(id="b"), line()]))
    with pytest.raises(HpptError, match="line 3: the id 'tea' is already on line 1"):
        read_instructions(path)


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_a_file_without_instructions_is_an_error(tmp_path: Path, text: str) -> None:
    """Mistake: training on nothing."""
    (tmp_path / "empty.jsonl").write_text(text)
    with pytest.raises(HpptError, match="holds no instruction"):
        read_instructions(tmp_path / "empty.jsonl")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(HpptError, match="Could not read"):
            read_instructions(path)


def test_a_soft_constraint_needs_no_verifier(tmp_path: Path) -> None:
    """Mistake: refusing what only a judge can decide."""
    path = tmp_path / "soft.jsonl"
    path.write_text(line(constraints=[{"id": "soft:tone", "text": "Be kind.", "kind": "soft"}]))
    [found] = read_instructions(path)
    assert found.constraints == (Constraint("soft:tone", {}, "Be kind.", "soft"),)
    with pytest.raises(HpptError, match="unknown constraint id 'soft:tone'"):
        found.constraints[0].verifier()


def test_a_line_without_a_line_end_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "made.jsonl"
    path.write_bytes(line(id="a").encode() + b"\r\n" + line(id="b").encode())
    assert [each.id for each in read_instructions(path)] == ["a", "b"]


text = st.text(max_size=20)
word = text.filter(lambda each: as_seen(each).strip())
constraints = st.one_of(
    st.builds(
        Constraint,
        st.just("keywords:existence"),
        st.fixed_dictionaries({"keywords": st.lists(word, min_size=1, max_size=3)}),
        text,
    ),
    st.builds(
        Constraint,
        st.just("length_constraints:number_words"),
        st.fixed_dictionaries(
            {"relation": st.sampled_from(["at least", "less than"]), "num_words": st.integers(1, 9)}
        ),
        text,
    ),
    st.builds(Constraint, text, st.dictionaries(text, st.integers()), text, st.just("soft")),
)
instructions = st.builds(
    Instruction,
    text,
    word,
    st.lists(constraints, min_size=1, max_size=3).map(tuple),
    text,
    st.lists(word, max_size=3).map(tuple),
    unmapped=st.lists(word, max_size=2).map(tuple),
)


@settings(max_examples=60)
@given(st.lists(instructions, min_size=1, max_size=4, unique_by=lambda each: each.id))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, written: list[Instruction]
) -> None:
    """Mistake: a field that is not written, or a line end inside a prompt that ends the line."""
    path = tmp_path_factory.getbasetemp() / "round.jsonl"
    write_instructions(path, written)
    assert read_instructions(path) == written
    assert path.read_bytes().count(b"\n") == len(written)


def test_a_full_disk_leaves_the_old_file(small_disk: Path) -> None:
    """Mistake: writing line by line into the only copy."""
    path = small_disk / "made.jsonl"
    old = [Instruction("tea", "Write about tea.", (Constraint("punctuation:no_comma"),))]
    write_instructions(path, old)
    many = [Instruction(str(number), "Write.", old[0].constraints) for number in range(5000)]
    with pytest.raises(HpptError, match=r"Could not write .*made\.jsonl"):
        write_instructions(path, many)
    assert read_instructions(path) == old
    assert os.listdir(small_disk) == ["made.jsonl"]


def test_an_unknown_shipped_name_lists_the_known() -> None:
    with pytest.raises(HpptError, match=r"named 'easy'.*There are: .*hard_train"):
        shipped_instructions("easy")


def test_what_an_instruction_was_is_written_and_read(tmp_path: Path) -> None:
    """Mistake: a simplified instruction that cannot be restored from its file."""
    removed = Constraint("tone:formal", {}, "Keep the tone formal.", "soft")
    simple = Instruction(
        id="a-b",
        prompt="Write. No commas are allowed.",
        constraints=(Constraint("punctuation:no_comma", {}, "No commas are allowed."),),
        unlearnable="beyond",
        original=Original(
            "a", "Write. Keep the tone formal. No commas are allowed.", ((0, removed),)
        ),
    )
    write_instructions(tmp_path / "a.jsonl", [simple])
    assert read_instructions(tmp_path / "a.jsonl") == [simple]


def test_rare_fields_are_written_only_where_they_are_filled() -> None:
    """Mistake: old files that change because a field was added."""
    plain = Instruction("a", "Write.", (Constraint("punctuation:no_comma"),))
    assert set(as_row(plain)) == {"id", "prompt", "constraints", "query", "topic"}


@pytest.mark.parametrize(
    ("original", "message"),
    [
        ([], None),
        ("a", "original: expected a JSON object"),
        ({"id": "a", "prompt": "b"}, "original: the field 'removed' is missing"),
        ({"id": "a", "prompt": "b", "removed": [[-1, {}]]}, r"expected \[place, constraint\]"),
        ({"id": "a", "prompt": "b", "removed": [[True, {}]]}, r"expected \[place, constraint\]"),
        ({"id": "a", "prompt": "b", "removed": [[0, {}]]}, "the field 'id' is missing"),
    ],
)
def test_a_broken_original_is_named(tmp_path: Path, original: object, message: str | None) -> None:
    """Mistake: an instruction that passes for an untouched one because its past is unreadable."""
    row = {"id": "a", "prompt": "b", "constraints": [{"id": "punctuation:no_comma"}]}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({**row, "original": original}) + "\n")
    if message is None:
        assert read_instructions(path)[0].original is None
    else:
        with pytest.raises(HpptError, match=message):
            read_instructions(path)


def test_a_file_with_code_is_refused_unless_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a data set's code runs, or may run later, because a file was opened."""
    monkeypatch.setattr(run, "_allowed", False)
    monkeypatch.setattr(subprocess, "Popen", None)
    path = tmp_path / "made.jsonl"
    write_instructions(path, [untrusted.instruction(untrusted.SHORT)])
    with pytest.raises(HpptError, match="line 1, constraint 1: .*add --allow-untrusted-code"):
        read_instructions(path)
    monkeypatch.setattr(run, "_allowed", True)
    if not lockdown.missing():
        assert read_instructions(path) == [untrusted.instruction(untrusted.SHORT)]
