"""Reads what a server says when it refuses a call: its sentence, a parameter, a content filter.

Every server words its errors in its own way: OpenAI and Azure (``error`` with ``message``,
``param``, ``code`` and ``innererror``), vLLM (the same without ``error``), FastAPI and Mistral
(``detail``, a list with ``loc`` and ``msg``), OpenRouter (a provider's error as text in
``metadata.raw``), llama.cpp and Ollama (``error`` with a text). So nothing here depends on one
form: all of the JSON is looked through for these names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 300
"""Characters of a server's sentence that are kept."""

_MOST_NODES = 500  # of an error's JSON that are looked at: no server needs more
_SENTENCES = ("message", "msg", "detail", "error", "raw")
_CODES = ("code", "type", "error_type", "error_code")


@dataclass(frozen=True)
class ServerError:
    """An error as a server states it.

    Attributes:
        sentence: its own words on one line, whole; empty if it has none for a reader.
        fields: the parameters that it points at by a field of their own (``param``, ``loc``).
        codes: its codes and types, in small letters.
    """

    sentence: str
    fields: frozenset[str]
    codes: frozenset[str]


def read_error(text: str) -> ServerError:
    """Read the body of an error, whatever it is."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        # A web page is not for a reader.
        words = "" if text.lstrip()[:1] == "<" else _plain(text)
        return ServerError(words, frozenset(), frozenset())
    sentences: dict[str, None] = {}
    fields: set[str] = set()
    codes: set[str] = set()
    waiting: list[tuple[str, Any]] = [("message", body)]
    for key, value in waiting:  # what is found in a value joins the end
        if len(waiting) > _MOST_NODES:
            break
        if isinstance(value, dict):
            children = [(str(name).lower(), each) for name, each in value.items()]
            place = value.get("loc")
            if isinstance(place, list) and place and isinstance(value.get("msg"), str):
                fields.add(str(place[-1]))
                sentences[_plain(f"{place[-1]}: {value['msg']}")] = None
                children = [each for each in children if each[0] != "msg"]
            if "flagged_input" in value:
                codes.add("flagged_input")
            waiting += children
        elif isinstance(value, list):
            waiting += [(key, each) for each in value]
        elif isinstance(value, str) and key in _SENTENCES:
            inner = _json_in(value)
            if inner is not None:
                waiting.append((key, inner))
            elif key != "raw" and value.strip():
                sentences[_plain(value)] = None
        elif isinstance(value, str) and key == "param":
            fields.add(value)
        elif isinstance(value, str) and key in _CODES:
            codes.add(value.lower())
    return ServerError(": ".join(sentences), frozenset(fields), frozenset(codes))


def shown(sentence: str) -> str:
    """A server's sentence as it stands in a table or a file: harmless, and cut where it is long."""
    line = _plain(sentence)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


_FILTER_CODES = frozenset(
    {"content_filter", "responsibleaipolicyviolation", "content_policy_violation"}
    | {"flagged_input", "data_inspection_failed", "content_filter_error", "moderation_blocked"}
)
_FILTER_WORDS = re.compile(
    r"content[ _-]?(?:filter|moderation|management policy|policy)|responsible ?ai|"
    r"inappropriate content|usage polic|safety (?:system|filter|polic)|requires moderation|"
    r"(?:input|prompt|content|text|messages?) (?:was|were|is|has been|have been) "
    r"(?:flagged|blocked)",
    re.IGNORECASE,
)


def is_content_filter(error: ServerError) -> bool:
    """Whether a filter refused what the question says, and not the way in which it was asked."""
    return bool(error.codes & _FILTER_CODES or _FILTER_WORDS.search(error.sentence[:2000]))


ADAPTABLE = ("max_tokens", "max_completion_tokens", "temperature", "seed")
"""The parameters of a call that a server may refuse, and that can be renamed or left out."""

_CAPS = ADAPTABLE[:2]
_UNKNOWN = re.compile(
    r"(?:not|un)[ -]?(?:supported|recogni[sz]ed|known|expected|permitted|allowed|available)|"
    r"extra inputs|does(?: not|n't) support|deprecated|unsupported",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"invalid|must|should|only|range|too (?:large|small|high|low|long|big)|exceed|between|"
    r"at (?:most|least)|maximum|minimum|greater|less|positive|limit|context",
    re.IGNORECASE,
)
_CAP = re.compile(
    r"in the completion|(?:output|completion|new) tokens|max_new_tokens|"
    r"\bmax_(?:completion_)?tokens\b",
    re.IGNORECASE,
)
_TOO_LARGE = re.compile(
    r"too (?:large|high|long|big)|maximum|at most|exceed|context|must be", re.IGNORECASE
)


def other_parameters(error: ServerError, sent: Mapping[str, Any]) -> dict[str, str | None]:
    """What an error says of the parameters that were sent: follow it, and the call may succeed.

    Args:
        error: the server's answer to a call that it found wrong (HTTP 400 or 422).
        sent: the parameters of that call.

    Returns:
        For each parameter that it refuses: the name that it wants instead, or None to leave it
        out. Empty if the error is about something else.
    """
    said = error.sentence[:2000]
    refused = [name for name in ADAPTABLE if name in sent and name in error.fields]
    if not error.fields and (_UNKNOWN.search(said) or _VALUE.search(said)):
        named = (name for name in ADAPTABLE if name in sent)
        refused = [name for name in named if re.search(rf"\b{name}\b", said, re.IGNORECASE)]
    too_large = bool(_CAP.search(said) and _TOO_LARGE.search(said))
    if not refused and too_large:
        refused = [name for name in _CAPS if name in sent]
    changes: dict[str, str | None] = dict.fromkeys(refused)
    if "max_tokens" in changes:
        unknown = "unsupported_parameter" in error.codes or _UNKNOWN.search(said)
        if unknown or ("max_completion_tokens" in said and not too_large):
            changes["max_tokens"] = "max_completion_tokens"
    return changes


def _json_in(text: str) -> Any:
    """The JSON object or list that a text is; None if it is none."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _plain(text: str) -> str:
    line = " ".join(text.split())
    return "".join(each if each.isprintable() else "?" for each in line)
