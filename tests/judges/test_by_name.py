"""A judge from a word: the right one, or an error that says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.judges import FORMS, CachedJudge, ReplayedJudge, judge, write_answers
from hppt_lib.judges.cache import question_key
from hppt_lib.judges.endpoint import EndpointJudge
from hppt_lib.judges.local import LocalJudge
from hppt_lib.policy.load import Policy
from tests.helpers import tiny_judge
from tests.helpers.judge_fakes import Fake, longest_first, questions


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was loaded; in its place comes a tiny model."""
    asked: list[str] = []

    def load(model: str) -> Policy:
        asked.append(model)
        return tiny_judge.tiny_judge()

    monkeypatch.setattr("hppt_lib.policy.load.load_policy", load)
    return asked


@pytest.mark.parametrize(
    ("spec", "model", "variant"),
    [
        ("embedded", "embedded", "zero-shot"),
        ("embedded:few-shot", "embedded", "few-shot"),
        ("./models/a:strict", "./models/a", "strict"),
        ("Qwen/Qwen2.5-1.5B-Instruct", "Qwen/Qwen2.5-1.5B-Instruct", "zero-shot"),
        ("C:\\models\\a", "C:\\models\\a", "zero-shot"),
    ],
)
def test_a_local_model(loaded: list[str], spec: str, model: str, variant: str) -> None:
    made = judge(spec, samples=3, seed=2)
    assert isinstance(made, LocalJudge) and loaded == [model]
    chosen = made.settings
    assert (chosen["variant"], chosen["samples"], chosen["seed"]) == (variant, 3, 2)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("http://127.0.0.1:8000/v1#org/m", "org/m"),
        ("https://api.example.org/v1#qwen3:8b", "qwen3:8b"),
        ("https://api.example.org/v1#qwen3:8b:strict", "qwen3:8b, strict"),
        ("http://localhost:1/v1#/models/m", "m"),
    ],
)
def test_an_endpoint(spec: str, name: str) -> None:
    made = judge(spec)
    assert isinstance(made, EndpointJudge) and made.name == name


CALL = {
    "max_tokens": 99,
    "timeout": 7.0,
    "concurrency": 2,
    "temperature": 0.5,
    "extra_body": {"top_p": 0.9},
}


def test_settings_of_calls_go_to_an_endpoint_if_they_are_given() -> None:
    """Mistake: a setting that is dropped on the way, or None in place of the default."""
    made = judge("http://127.0.0.1:8000/v1#m", **CALL)
    assert {key: made.settings[key] for key in ("max_tokens", "temperature", "extra_body")} == {
        key: CALL[key] for key in ("max_tokens", "temperature", "extra_body")
    }
    endpoint = vars(vars(made)["_endpoint"])
    assert (endpoint["_timeout"], endpoint["_concurrency"]) == (7.0, 2)
    assert (
        judge("http://h/v1#m", extra_body='{"top_p": 0.9}').settings["extra_body"]["top_p"] == 0.9
    )
    usual = judge("http://h/v1#m").settings
    assert usual["max_tokens"] >= 4096 and "extra_body" not in usual


@pytest.mark.parametrize("key", CALL)
@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("replayed:a.jsonl", "replays answers from a file"),
        ("embedded", "asked for the probability of Yes and writes no reply"),
        ("org/model:strict", "writes no reply"),
    ],
)
def test_judges_without_calls_refuse_their_settings(
    loaded: list[str], spec: str, says: str, key: str
) -> None:
    """Mistake: a cap that is given, and heeded by nobody."""
    with pytest.raises(HpptError, match=f"{says}. Leave out: {key}"):
        judge(spec, **{key: CALL[key]})
    assert loaded == []


def test_replayed_answers_and_a_cache(tmp_path: Path, loaded: list[str]) -> None:
    answers = {question_key(each): longest_first(each) for each in questions(2)}
    write_answers(tmp_path / "a.jsonl", Fake(), answers)
    made = judge(f"replayed:{tmp_path / 'a.jsonl'}")
    assert isinstance(made, ReplayedJudge) and made.name == "fake (replayed)" and loaded == []
    kept = judge("embedded", cache=tmp_path / "cache", progress=False)
    assert isinstance(kept, CachedJudge)
    assert len(list(kept.answers(questions(2)))) == 2 and (tmp_path / "cache").is_file()


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("", "A judge is one of"),
        ("ftp://h/v1#m", "A judge is one of"),
        ("embedded:chatty", "There are: zero-shot, few-shot, strict"),
        ("http://127.0.0.1:8000/v1", "behind a '#'"),
        ("http://me:secret@h/v1#m", "neither a key"),
        ("replayed:", "replayed:FILE.jsonl"),
        ("replayed:nowhere.jsonl", "Could not read nowhere.jsonl"),
        ("/no/such/folder", "There is no model '/no/such/folder'"),
    ],
)
def test_another_word_is_an_error_that_says_what_to_write(spec: str, says: str) -> None:
    with pytest.raises(HpptError, match=says.replace("'", ".")) as caught:
        judge(spec)
    assert "secret" not in str(caught.value)
    assert all(form in FORMS for form in ("embedded", "ORG/NAME", "#MODEL", "replayed:"))


def test_a_local_judge_without_torch_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: "No module named 'torch'" for a reader who installed the bare package."""
    monkeypatch.setattr("hppt_lib.errors.find_spec", lambda name: None)
    with pytest.raises(HpptError, match=r"pip install 'hppt-lab\[train\]'"):
        judge("embedded")
