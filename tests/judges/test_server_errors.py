"""What servers say when they refuse a call, in the forms of many servers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib.judges.server_errors import (
    LONGEST,
    is_content_filter,
    other_parameters,
    read_error,
    shown,
)

SENT = {"temperature": 0, "max_tokens": 8192, "seed": 3}


def openai(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", **fields}}


EXTRA = "Extra inputs are not permitted"
RENAMED = {"max_tokens": "max_completion_tokens"}
LEFT_OUT = {"temperature": {"temperature": None}, "seed": {"seed": None}}
PARAMETERS: dict[str, tuple[Any, dict[str, str | None]]] = {
    "OpenAI, renamed": (
        openai(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        ),
        RENAMED,
    ),
    "the same without fields": (
        {"detail": "'max_tokens' is not supported here, use 'max_completion_tokens'."},
        RENAMED,
    ),
    "OpenAI, value": (
        openai(
            "Unsupported value: 'temperature' does not support 0 with this model. Only the default "
            "(1) value is supported.",
            param="temperature",
            code="unsupported_value",
        ),
        LEFT_OUT["temperature"],
    ),
    "only in the message": (
        openai("temperature must be strictly positive", param=None),
        LEFT_OUT["temperature"],
    ),
    "pydantic": (
        {
            "detail": [
                {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": EXTRA, "input": 3}
            ]
        },
        LEFT_OUT["seed"],
    ),
    "two at once": (
        {"detail": [{"loc": ["body", name], "msg": EXTRA} for name in ("seed", "temperature")]},
        {"seed": None, "temperature": None},
    ),
    "pydantic as text": (
        {
            "object": "error",
            "message": f"[{{'type': 'extra_forbidden', 'loc': ('body', 'seed'), "
            f"'msg': '{EXTRA}'}}]",
            "param": None,
            "code": 400,
        },
        LEFT_OUT["seed"],
    ),
    "a provider behind a router": (
        {
            "error": {
                "message": "Provider returned error",
                "code": 400,
                "metadata": {
                    "raw": json.dumps(openai("Unsupported parameter", param="temperature")),
                    "provider_name": "x",
                },
            }
        },
        LEFT_OUT["temperature"],
    ),
    "too large": (
        openai(
            "max_tokens is too large: 8192. This model supports at most 4096 completion tokens.",
            param="max_tokens",
        ),
        {"max_tokens": None},
    ),
    "too large, both names": (
        {
            "object": "error",
            "message": "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's "
            "maximum context length is 4096 tokens.",
            "code": 400,
        },
        {"max_tokens": None},
    ),
    "no room in the context": (
        openai(
            "This model's maximum context length is 4096 tokens. However, you requested 8392 "
            "tokens (200 in the messages, 8192 in the completion).",
            param="messages",
            code="context_length_exceeded",
        ),
        {"max_tokens": None},
    ),
    "a prompt that is too long": (
        openai("Your prompt has 5000 tokens, the model's context 4096.", param="messages"),
        {},
    ),
    "a parameter of the reader's own": (
        {"detail": [{"loc": ["body", "top_q"], "msg": EXTRA}]},
        {},
    ),
    "another parameter, whose text names ours": (
        openai("Invalid 'messages': the temperature of the tea is unknown.", param="messages"),
        {},
    ),
    "something else": (openai("The seed bank is closed on Mondays."), {}),
    "nothing": ({}, {}),
}


@pytest.mark.parametrize("kind", PARAMETERS)
def test_a_refused_parameter_is_found(kind: str) -> None:
    """Mistakes: the word of one kind of server only; a cap too large for the server "renamed"."""
    body, expected = PARAMETERS[kind]
    assert other_parameters(read_error(json.dumps(body)), SENT) == expected
    assert not is_content_filter(read_error(json.dumps(body)))


def test_what_was_not_sent_is_not_left_out() -> None:
    body, _ = PARAMETERS["OpenAI, value"]
    assert other_parameters(read_error(json.dumps(body)), {"max_tokens": 9}) == {}
    renamed = openai("'max_completion_tokens' is not supported", param="max_completion_tokens")
    sent = {"max_completion_tokens": 9}
    assert other_parameters(read_error(json.dumps(renamed)), sent) == {
        "max_completion_tokens": None
    }


FILTERS: list[dict[str, Any]] = [
    openai("The response was filtered.", param="prompt", code="content_filter"),
    {"error": {"message": "", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
    {"error": {"code": 403, "message": "Your chosen model requires moderation and your input was "
               "flagged", "metadata": {"reasons": ["violence"], "flagged_input": "…"}}},
    {"error": {"code": "data_inspection_failed", "message": "Input may contain inappropriate "
               "content."}},
    openai("Invalid prompt: we've limited access under our usage policy.", code="invalid_prompt"),
    {"error": {"message": "Provider returned error", "metadata": {"raw": '{"error": {"code": '
               '"content_policy_violation", "message": "no"}}'}}},
]  # fmt: skip


@pytest.mark.parametrize("body", FILTERS)
def test_a_content_filter_is_known(body: dict[str, Any]) -> None:
    """Mistake: a filter taken for an outage, so that the question is paid again at every run."""
    assert is_content_filter(read_error(json.dumps(body)))


def test_an_account_that_may_not_is_no_content_filter() -> None:
    for message in (
        "Your account was flagged.",
        "The key may not use this model.",
        "content too long",
    ):
        assert not is_content_filter(read_error(json.dumps(openai(message))))


def test_the_sentence_is_the_server_s_own() -> None:
    body, _ = PARAMETERS["a provider behind a router"]
    assert read_error(json.dumps(body)).sentence == "Provider returned error: Unsupported parameter"
    assert read_error("Not enough\nroom").sentence == "Not enough room"
    assert read_error("<html><body>502</body></html>").sentence == ""
    body, _ = PARAMETERS["pydantic"]
    assert read_error(json.dumps(body)).sentence == "seed: Extra inputs are not permitted"
    assert shown("\x1b[31mred\r\n" + "long " * 100).startswith("?[31mred long")
    assert len(shown("x" * 9999)) == LONGEST


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20)
    | st.sampled_from(["max_tokens", "temperature is not supported", "content_filter", '{"a": 1}']),
    lambda each: st.lists(each, max_size=3)
    | st.dictionaries(
        st.sampled_from(["error", "message", "param", "code", "detail", "loc", "msg", "raw", "x"]),
        each,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.text(max_size=60) | JSON.map(json.dumps))
@settings(max_examples=200)
def test_any_error_is_read(text: str) -> None:
    """Mistake: a field of another type than OpenAI's, and the run ends in a traceback."""
    error = read_error(text)
    assert "\n" not in error.sentence and shown(error.sentence).isprintable()
    changes = other_parameters(error, SENT)
    assert set(changes) <= set(SENT) and set(changes.values()) <= {None, "max_completion_tokens"}
    assert isinstance(is_content_filter(error), bool)


def test_a_huge_error_is_read_at_once() -> None:
    for body in ("[" * 100_000, json.dumps([{"message": "x"}] * 100_000), '"' * 1_000_000):
        assert len(shown(read_error(body).sentence)) <= LONGEST
