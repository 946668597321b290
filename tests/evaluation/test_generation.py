"""Responses are generated once: a run that was killed ends as one that was left alone."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import generation
from hppt_lib.evaluation.benchmarks import Prompts
from hppt_lib.evaluation.generation import LocalModel, ServedModel, backend, from_file, generate
from hppt_lib.evaluation.run_folder import GenerationSettings, open_run
from hppt_lib.machine import Memory
from tests.helpers.evaluations import Echo, conversations, own_prompts
from tests.helpers.servers import Desk, completion, error, raw, says, serving, status
from tests.helpers.tiny import thinking_policy, tiny_folder, tiny_policy

SAMPLED = GenerationSettings(samples=3, max_new_tokens=6, temperature=1.0, batch=4)


def made(path: Path, prompts: Prompts, model: Any, settings: GenerationSettings) -> bytes:
    run = generate(path, [prompts], model, settings, progress=False)
    return run.predictions_path.read_bytes()


class Stopped(LocalModel):
    """A local model that is gone after so many batches."""

    left = 0

    def replies(self, *asked: Any) -> Any:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return super().replies(*asked)


@pytest.mark.parametrize("prompts", [own_prompts(), conversations()], ids=["own", "turns"])
def test_killed_after_every_batch_and_gone_on_is_a_run_left_alone(
    tmp_path: Path, prompts: Prompts
) -> None:
    """Mistake: other responses after a kill, for a batch was made of others, or seeded anew; or a
    torn line, or half a batch, taken for whole.
    """
    alone = made(tmp_path / "alone", prompts, LocalModel(tiny_policy(), SAMPLED), SAMPLED)
    assert len(set(alone.splitlines())) == len(alone.splitlines()) > 10
    model = Stopped(tiny_policy(), SAMPLED)
    file = tmp_path / "killed" / "predictions.jsonl"
    for _ in range(100):
        model.left = 1
        try:
            assert made(tmp_path / "killed", prompts, model, SAMPLED) == alone
            break
        except KeyboardInterrupt:
            content = file.read_bytes()
            if content.count(b"\n") % 8 == 0:  # once in two batches the last one is torn
                file.write_bytes(content[: len(content) - 30])
                model.left += 1
                with pytest.raises(KeyboardInterrupt):
                    made(tmp_path / "killed", prompts, model, SAMPLED)
    else:
        raise AssertionError("it never came to an end")


def test_calls_that_were_answered_are_not_made_again(tmp_path: Path) -> None:
    """Mistake: a run at a server that begins anew, or whose file has another order."""
    settings = GenerationSettings(samples=2, temperature=1.0)
    alone = made(tmp_path / "alone", conversations(), Echo(), settings)
    asked = []
    for _ in range(16):
        model = Echo(stop_after=1)
        with contextlib.suppress(KeyboardInterrupt):
            assert made(tmp_path / "killed", conversations(), model, settings) == alone
        asked.append(len(model.asked))
    assert asked == [1] * len(alone.splitlines()) == [1] * 16


def test_later_turns_see_the_models_own_answers(tmp_path: Path) -> None:
    """Mistake: turn 2 without turn 1, with its thoughts, or with another sample's answer."""
    settings = GenerationSettings(samples=2, temperature=1.0)
    model = Echo()
    generate(tmp_path, [conversations(1)], model, settings, progress=False)
    last = [said for said in model.asked if len(said) == 3]
    assert [[each["role"] for each in said] for said in last] == [["user", "assistant", "user"]] * 2
    assert {said[1]["content"][:2] for said in last} == {"0:", "1:"}

    class Thinks(Echo):
        def replies(self, *asked: Any) -> Any:
            for place, reply in super().replies(*asked):
                yield place, type(reply)(f"<think>hm</think>\n{reply.text}", True)

    model = Thinks()
    run = generate(tmp_path / "b", [conversations(1)], model, settings, progress=False)
    assert all("hm" not in said[1]["content"] for said in model.asked if len(said) == 3)
    assert all("<think>hm" in (each.response or "") for each in run.predictions()[0])


def test_a_folder_of_another_run_is_refused_and_both_are_named(tmp_path: Path) -> None:
    """Mistake: responses of two models, or of two settings, in one file."""
    made(tmp_path, own_prompts(), Echo(), GenerationSettings())
    other = Echo()
    other.name = "loud"
    with pytest.raises(HpptError, match="model.name: there 'echo', asked for 'loud'"):
        made(tmp_path, own_prompts(), other, GenerationSettings())
    with pytest.raises(HpptError, match="generation.max_new_tokens: there 1280, asked for 9"):
        made(tmp_path, own_prompts(), Echo(), GenerationSettings(max_new_tokens=9))
    with pytest.raises(HpptError, match="generation.samples: there 1, asked for 2"):
        made(tmp_path, own_prompts(), Echo(), GenerationSettings(samples=2, temperature=1))
    with pytest.raises(HpptError, match="prompts.own: there '4 prompts, .*', asked for nothing"):
        made(tmp_path, conversations(), Echo(), GenerationSettings())
    weights = [LocalModel(tiny_policy(seed), SAMPLED).identity for seed in (0, 1)]
    assert weights[0] != weights[1], "another model of the same name"


def test_a_response_to_other_messages_is_refused(tmp_path: Path) -> None:
    """Mistake: a line that was copied from another run is taken for this run's."""
    made(tmp_path, own_prompts(), Echo(), GenerationSettings())
    file = tmp_path / "predictions.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    rows[1]["key"] = "0" * 16
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(HpptError, match=f"'{rows[1]['id']}', sample 0, turn 1, is not of this run"):
        made(tmp_path, own_prompts(), Echo(), GenerationSettings())
    file.write_text("{}\n" + file.read_text())
    with pytest.raises(HpptError, match="predictions.jsonl, line 1 is no prediction"):
        made(tmp_path, own_prompts(), Echo(), GenerationSettings())
    file.write_text("{\n" + json.dumps(rows[0]) + "\n")
    with pytest.raises(HpptError, match="predictions.jsonl, line 1: not valid JSON"):
        made(tmp_path, own_prompts(), Echo(), GenerationSettings())


def test_what_a_server_did_not_answer_is_asked_again(tmp_path: Path) -> None:
    """Mistake: an outage kept as a blank response, which would fail."""
    model = Echo()
    model.refuses = {own_prompts().items[2].turns[0].prompt}
    with pytest.raises(HpptError, match="1 responses could not be had: HTTP 503"):
        made(tmp_path, own_prompts(), model, GenerationSettings())
    assert len((tmp_path / "predictions.jsonl").read_text().splitlines()) == 3
    again = Echo()
    made(tmp_path, own_prompts(), again, GenerationSettings())
    assert len(again.asked) == 1


def test_a_model_at_a_server(tmp_path: Path) -> None:
    """Mistake: a cut response counted as finished, a refusal as an outage, a key in the folder."""
    texts = [item.turns[0].prompt for item in own_prompts().items]

    def plan(body: dict[str, Any], before: int) -> Any:
        asked = body["messages"][-1]["content"]
        if asked == texts[0]:
            return says("Cut", finish_reason="length")
        if asked == texts[1]:
            return error(400, "The response was filtered", code="content_filter")
        if asked == texts[2] and before == 0:
            return status(503)
        return raw(completion("Fine.", finish_reason="stop"))

    settings = GenerationSettings(samples=1, max_new_tokens=7)
    with serving(Desk(plan)) as desk:
        model = backend(f"{desk.url}#org/m", settings, concurrency=2)
        run = generate(tmp_path, [own_prompts()], model, settings, progress=False)
        assert {body["max_tokens"] for body in desk.bodies} == {7}
        assert {body["temperature"] for body in desk.bodies} == {0}
    found = run.predictions()[0]
    assert [each.response for each in found] == ["Cut", None, "Fine.", "Fine."]
    assert [each.finished for each in found] == [False, None, True, True]
    assert "content filter" in found[1].problem
    with pytest.raises(HpptError, match="could not be had: no connection"):
        gone = ServedModel(f"{desk.url}#org/m", settings, attempts=1)
        generate(tmp_path / "gone", [own_prompts()], gone, settings, progress=False)


def test_a_thinking_model_keeps_the_mark_that_its_template_wrote(tmp_path: Path) -> None:
    """Mistake: thoughts that were cut look like an answer."""
    settings = GenerationSettings(max_new_tokens=4)
    model = LocalModel(thinking_policy(), settings)
    run = generate(tmp_path, [own_prompts()], model, settings, progress=False)
    assert all((each.response or "").startswith("<think>") for each in run.predictions()[0])


def test_a_prompt_without_room_is_refused_at_once(tmp_path: Path) -> None:
    """Mistake: nonsense beyond the positions that a model was made for."""
    settings = GenerationSettings(max_new_tokens=5000)
    with pytest.raises(HpptError, match="is made for 2048 with the response"):
        made(tmp_path, own_prompts(), LocalModel(tiny_policy(), settings), settings)


def test_a_batch_that_cannot_fit_is_refused_with_one_that_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: the system kills the program for its memory, and the reader sees "Killed"; or a
    run is refused half-way, for the memory of its own last batch is not given back yet.
    """
    settings = GenerationSettings(max_new_tokens=1000)
    model = LocalModel(tiny_policy(), settings)
    # Two layers, keys and values, two heads of 8, four bytes: 256 bytes a token.
    monkeypatch.setattr(generation, "usable_memory", lambda: Memory(2**30, 600_000))
    with pytest.raises(HpptError, match="lower --batch to 2 or fewer"):
        made(tmp_path / "four", own_prompts(), model, settings)
    fewer = replace(settings, max_new_tokens=4)
    small = LocalModel(tiny_policy(), fewer)
    made(tmp_path / "fits", own_prompts(), small, fewer)
    monkeypatch.setattr(generation, "usable_memory", lambda: Memory(2**30, 1))
    made(tmp_path / "again", own_prompts(), small, fewer)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (GenerationSettings(samples=2), "Several samples at temperature 0"),
        (GenerationSettings(max_new_tokens=0), "at least 1 token"),
        (GenerationSettings(thoughts="<a>"), "Say known, none"),
    ],
)
def test_settings_that_make_no_sense(settings: GenerationSettings, message: str) -> None:
    """Mistake: four equal samples paid for, or a model loaded for nothing."""
    with pytest.raises(HpptError, match=message):
        backend("embedded", settings)
    with pytest.raises(HpptError, match="Which model at that server"):
        backend("http://127.0.0.1:1/v1", GenerationSettings())
    with pytest.raises(HpptError, match="are for a local model"):
        backend("http://127.0.0.1:1/v1#m", GenerationSettings(), adapter="x")
    with pytest.raises(HpptError, match="are for a local model"):
        backend("http://127.0.0.1:1/v1#m", GenerationSettings(), dtype="bfloat16")


def test_a_run_in_another_dtype_is_another_run(tmp_path: Path) -> None:
    """Mistake: one run whose first half was computed in 32 bits and whose second half in 16."""
    folder, settings = tiny_folder(tmp_path / "model"), GenerationSettings(max_new_tokens=4)
    model = backend(str(folder), settings)
    made(tmp_path / "run", own_prompts(), model, settings)
    half = backend(str(folder), settings, dtype="bfloat16")
    assert (model.identity["dtype"], half.identity["dtype"]) == ("float32", "bfloat16")
    with pytest.raises(HpptError, match=r"dtype.*float32.*bfloat16"):
        made(tmp_path / "run", own_prompts(), half, settings)


# --- a file of responses --------------------------------------------------------------------------


def responses(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_file_of_responses_is_matched_by_id_key_or_prompt(tmp_path: Path) -> None:
    """Mistake: responses taken in the file's order, a null lost, samples overwritten."""
    prompts = own_prompts()
    one, two, three, four = (item.turns[0] for item in prompts.items)
    file = responses(
        tmp_path / "r.jsonl",
        {"prompt": f"{four.prompt}\n", "response": "fourth"},
        {"id": one.id, "response": "first", "finished": False},
        {"prompt": two.prompt, "key": 7, "response": None},
        {"prompt_new": three.prompt, "choices": [{"message": {"content": "third"}}]},
        {"id": one.id, "response": "first again"},
    )
    run = from_file(tmp_path / "run", [prompts], file)
    found = run.predictions()[0]
    assert [each.response for each in found] == ["first", "first again", None, "third", "fourth"]
    assert [each.sample for each in found] == [0, 1, 0, 0, 0]
    assert found[0].finished is False
    again = from_file(tmp_path / "run", [prompts], file)
    assert again.predictions()[0] == found == open_run(tmp_path / "run").predictions()[0]
    responses(file, {"id": one.id, "response": "other"})
    with pytest.raises(HpptError, match="model.sha256: there"):
        from_file(tmp_path / "run", [prompts], file)


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    """Mistake: another version of a benchmark, scored on what happens to be in both."""
    prompts = own_prompts()
    ids = [item.id for item in prompts.items]
    rows: list[dict[str, Any]] = [{"id": id, "response": "x"} for id in ids]
    cases = [
        (rows[:3], "1 of 4 prompts have no response, such as cup"),
        ([*rows, {"prompt": "Other", "response": "x"}], "1 lines answer none .* r.jsonl, line 5"),
        ([{"id": ids[0]}], "line 1: the field 'response' is missing"),
        ([{"id": ids[0], "response": 3}], "line 1: 'response' must be text or null, found int"),
        ([{"id": ids[0], "turn": 2, "response": "x"}], "'tea' has no turn 2"),
    ]
    for number, (given, message) in enumerate(cases):
        file = responses(tmp_path / "r.jsonl", *given)
        with pytest.raises(HpptError, match=message):
            from_file(tmp_path / str(number), [prompts], file)
    run = from_file(
        tmp_path / "kept", [prompts], responses(tmp_path / "r.jsonl", *rows[:3]), keep_going=True
    )
    assert len(run.predictions()[0]) == 3


def test_equal_prompts_take_turns(tmp_path: Path) -> None:
    """Mistake: both responses to a prompt that comes twice go to its first place."""
    item = own_prompts().items[0]
    twice = Prompts("own", (item, type(item)("own", (_renamed(item),), "tea")), "tests", "")
    rows = [{"prompt": item.turns[0].prompt, "response": text} for text in "abcd"]
    run = from_file(tmp_path / "run", [twice], responses(tmp_path / "r.jsonl", *rows))
    found = [(each.id, each.sample, each.response) for each in run.predictions()[0]]
    assert found == [("tea", 0, "a"), ("tea", 1, "c"), ("tea-2", 0, "b"), ("tea-2", 1, "d")]


def _renamed(item: Any) -> Any:
    from dataclasses import replace

    return replace(item.turns[0], id="tea-2")
