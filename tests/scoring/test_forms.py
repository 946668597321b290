"""Other programs' files of responses are read where they are clear, and refused by field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hppt_lib import scoring
from hppt_lib.errors import HpptError
from tests.helpers.commands import hppt

DOC: dict[str, Any] = {
    "key": 7,
    "prompt": "Write about tea. No commas. At least 3 words.",
    "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
    "kwargs": [{"num_words": None}, {"relation": "at least", "num_words": 3.0, "letter": None}],
}
ROW = DOC | {"response": "Tea, hot"}
CONTENT = [{"type": "reasoning", "reasoning": "a"}, {"type": "text", "text": "Tea, hot"}]


def predicted(content: Any, **more: Any) -> dict[str, Any]:
    """A line of evalscope's predictions."""
    message = {"role": "assistant", "content": content}
    output = {"model": "m", "choices": [{"message": message, "stop_reason": "stop"}]}
    return {
        "index": 0,
        "model": "m",
        "model_output": output,
        "messages": [],
        "metadata": DOC,
    } | more


def reviewed(**score: Any) -> dict[str, Any]:
    """A line of evalscope's reviews."""
    whole = {"value": {"prompt_level_strict": False}, "metadata": {}} | score
    sample = {"score": whole, "sample_id": 0, "sample_metadata": DOC}
    return {"index": 0, "target": None, "messages": [], "sample_score": sample}


LM_EVAL = {"doc_id": 0, "doc": DOC, "target": "0", "filter": "none", "resps": [["Tea, hot"]]}
SAME: list[dict[str, Any]] = [
    ROW,
    LM_EVAL | {"filtered_resps": ["Tea, hot"]},
    LM_EVAL | {"resps": [["<t>a</t>Tea, hot", "b"]], "filtered_resps": [["Tea, hot"]]},
    LM_EVAL,
    LM_EVAL | {"doc": DOC | {"kwargs": json.dumps(DOC["kwargs"])}},
    predicted("Tea, hot"),
    predicted(CONTENT),
    reviewed(prediction="<think>a</think>Tea, hot", extracted_prediction="Tea, hot"),
    reviewed(prediction="Tea, hot"),
]


@pytest.mark.parametrize("row", SAME, ids=range(len(SAME)))
def test_each_form_is_scored_alike(row: dict[str, Any]) -> None:
    """Mistake: an unscored draft read in place of the response, thoughts read as its text."""
    scored = scoring.score_line(row)
    assert [each.reason for each in scored.strict] == [
        "1 comma, none wanted",
        "2 words, at least 3 wanted",
    ]
    assert scored.row["response"] == "Tea, hot" and scored.row["key"] == 7


@pytest.mark.parametrize(
    "row",
    [
        predicted(None),
        predicted("", model_output=None),
        predicted("", model_output={"choices": [], "error": "refused"}),
        reviewed(prediction=None, extracted_prediction=None),
        LM_EVAL | {"filtered_resps": [None]},
    ],
    ids=range(5),
)
def test_no_response_is_null(row: dict[str, Any]) -> None:
    """Mistake: a request that failed leaves the denominator."""
    scored = scoring.score_line(row)
    assert scored.is_null and not any(each.passed for each in scored.strict)


BAD: list[tuple[dict[str, Any], str]] = [
    (LM_EVAL | {"filtered_resps": ["a", "b"]}, "'filtered_resps' holds 2 responses"),
    (LM_EVAL | {"resps": [["a", "b"]]}, "'resps' holds 2 responses"),
    (LM_EVAL | {"resps": []}, "'resps' holds 0 responses"),
    (LM_EVAL | {"doc": "text"}, "'doc' must be an object, found str"),
    (predicted("a", metadata={}), "'metadata' is empty: evalscope was told not to save"),
    (predicted("a", model_output="a"), "'model_output' must be an object with 'choices'"),
    (predicted("a", model_output={"choices": [{}, {}]}), "'choices' holds 2 responses"),
    (predicted(5), "'response' must be a string, found int"),
    ({"sample_score": {"score": "C", "sample_metadata": DOC}}, "'score' must be an object"),
    ({"prompt": DOC["prompt"], "response": "a"}, "'instruction_id_list' is missing. If"),
    ({name: ROW[name] for name in ROW if name != "kwargs"}, "'kwargs' is missing. If"),
]


@pytest.mark.parametrize(("row", "message"), BAD)
def test_what_is_not_clear_is_refused_by_field(row: dict[str, Any], message: str) -> None:
    """Mistake: the first of several samples scored as if it were the only one."""
    with pytest.raises(HpptError, match=message):
        scoring.score_line(row)


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


OTHER = {
    "key": "8",
    "prompt": "Write about bees. No commas.\n",
    "instruction_id_list": ["punctuation:no_comma"],
    "kwargs": [{}],
}


def test_constraints_come_from_the_benchmarks_file(tmp_path: Path) -> None:
    """Mistake: IFBench's files of prompt and response alone are refused, or a prompt without a
    response leaves the denominator; white space at its end hides it.
    """
    source = write(tmp_path / "prompts.jsonl", DOC, OTHER)
    known = scoring.read_prompts(source)
    bare = {"prompt": DOC["prompt"] + " ", "response": "Tea is hot"}
    bees = {"prompt": OTHER["prompt"].strip(), "response": "Bees fly"}
    half = {**bees, "instruction_id_list": OTHER["instruction_id_list"]}
    path = write(tmp_path / "responses.jsonl", bare, bees, half)
    card = scoring.score_file(path, prompts=known)
    assert card.rates()[card.PROMPTS][0].mean == 1 and card.unanswered == 0
    card = scoring.score_file(write(path, bare), prompts=known, out=tmp_path / "out.jsonl")
    assert (card.scored, card.unanswered) == (2, 1)
    assert card.rates()[card.PROMPTS][0].mean == 0.5
    assert "without a response, counted as blank: 1" in scoring.as_table(card, width=100)
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2
    for row, message in (
        ({"prompt": "Else?", "response": "a"}, "'prompt' is none of the prompts"),
        ({**half, "instruction_id_list": ["a"]}, "'instruction_id_list' differs from"),
    ):
        with pytest.raises(HpptError, match=message):
            scoring.score_file(write(path, row), prompts=known)


def test_a_prompt_that_comes_with_two_lists_is_refused(tmp_path: Path) -> None:
    """Mistake: responses to one scored by the constraints of the other."""
    twice = {**DOC, "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
    with pytest.raises(HpptError, match="line 2: its prompt is there twice"):
        scoring.read_prompts(write(tmp_path / "prompts.jsonl", DOC, twice))
    assert len(scoring.read_prompts(write(tmp_path / "prompts.jsonl", DOC, DOC))) == 1


@pytest.mark.slow
def test_the_command_reads_and_writes_them(tmp_path: Path) -> None:
    """Mistake: an option that does not reach the library."""
    prompts = write(tmp_path / "prompts.jsonl", DOC, OTHER)
    responses = write(tmp_path / "m.jsonl", {"prompt": DOC["prompt"], "response": "Tea is hot"})
    done = hppt(
        *("verify", str(responses), "--prompts", str(prompts), "--json"),
        *("--lm-eval", str(tmp_path / "lm"), "--inspect", str(tmp_path / "scores.jsonl")),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["prompts_without_response"] == 1
    assert len(list((tmp_path / "lm" / "m").iterdir())) == 2
    scores = [json.loads(line) for line in (tmp_path / "scores.jsonl").read_text().splitlines()]
    assert [(each["id"], each["value"]) for each in scores] == [(7, 1.0), ("8", 0.0)]
    bad = hppt("verify", str(responses))
    assert bad.returncode == 1 and "'instruction_id_list' is missing" in bad.stderr


@pytest.mark.slow
def test_evalscopes_own_lines(tmp_path: Path) -> None:
    """Mistake: a form read off a page, and not what evalscope writes."""
    pytest.importorskip("evalscope", reason="evalscope is not installed (pip install evalscope)")
    from evalscope.api.dataset import Sample
    from evalscope.api.evaluator import TaskState
    from evalscope.api.evaluator.cache import ModelResult, ReviewResult
    from evalscope.api.messages import ChatMessageUser, ContentReasoning, ContentText
    from evalscope.api.metric import SampleScore, Score
    from evalscope.api.model import ModelOutput

    sample = Sample(input=[ChatMessageUser(content=DOC["prompt"])], target="", metadata=DOC, id=0)
    parts = [ContentReasoning(reasoning="a"), ContentText(text="Tea, hot")]
    for content in ("Tea, hot", parts):
        output = ModelOutput.from_content("m", content)
        state = TaskState(model="m", sample=sample, output=output, completed=True)
        score = Score(prediction="<t>Tea, hot", extracted_prediction="Tea, hot", value={"a": 1})
        scored = SampleScore(score=score, sample_id=0, sample_metadata=DOC)
        rows = [ModelResult.from_task_state(state), ReviewResult.from_score_state(scored, state)]
        path = write(tmp_path / "lines.jsonl", *(each.model_dump(mode="json") for each in rows))
        card = scoring.score_file(path)
        assert card.scored == 2 and card.null_responses == 0
        for line in path.read_text().splitlines():
            assert scoring.score_line(json.loads(line)).row["response"] == "Tea, hot"
