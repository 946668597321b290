"""An OpenAI-compatible server that does as it is told: answers, or misbehaves in a chosen way."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Send = Callable[["Handler"], None]


def asked_about(body: dict[str, Any]) -> list[str]:
    """The constraints of a request, from the prompt."""
    prompt = body["messages"][-1]["content"]
    single = re.findall(r"^Constraint: (.*)$", prompt, re.MULTILINE)
    listed = re.findall(r"^\d+\. (.*)$", prompt.partition("\nConstraints:\n")[2], re.MULTILINE)
    return single or listed


def truth(constraints: list[str]) -> str:
    """The reply of an honest judge: a constraint of even length is satisfied."""
    words = ["Yes" if len(each) % 2 == 0 else "No" for each in constraints]
    if len(words) == 1:
        return words[0]
    return "\n".join(f"{number}: {word}" for number, word in enumerate(words, start=1))


def completion(content: Any, **choice: Any) -> bytes:
    message = {"role": "assistant", "content": content}
    return json.dumps({"choices": [{"index": 0, "message": message, **choice}]}).encode()


def status(code: int, text: str = "{}", **headers: str) -> Send:
    def send(handler: Handler) -> None:
        handler.answer(text.encode(), code, {k.replace("_", "-"): v for k, v in headers.items()})

    return send


def raw(body: bytes) -> Send:
    return lambda handler: handler.answer(body)


def says(content: Any, **choice: Any) -> Send:
    return raw(completion(content, **choice))


def cut(handler: Handler) -> None:
    """Half an answer, then the connection is closed."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    handler.close_connection = True


def slam(handler: Handler) -> None:
    """The connection is closed without a word."""
    handler.close_connection = True


def hang(handler: Handler) -> None:
    """Nothing, until the server ends."""
    handler.server.desk.closing.wait(30)  # type: ignore[attr-defined]
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """A byte now and then: no read takes long, and the answer never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    try:
        while not handler.server.desk.closing.wait(0.05):  # type: ignore[attr-defined]
            handler.wfile.write(b" ")
            handler.wfile.flush()
    except OSError:
        pass
    handler.close_connection = True


# Servers as they are in the field: each is a plan for a `Desk`.

Plan = Callable[[dict[str, Any], int], Send | None]


def error(code: int, message: str, /, **fields: Any) -> Send:
    """An error in OpenAI's form."""
    return status(code, json.dumps({"error": {"message": message, **fields}}))


def thinks_first(tokens: int) -> Plan:
    """A judge whose thoughts need so many tokens: under a smaller cap it is cut in them."""

    def plan(body: dict[str, Any], before: int) -> Send:
        thoughts = "<think>\nFirst glance:\n1: No\n2: No\nNo\n"
        if body.get("max_tokens", tokens) < tokens:
            return says(thoughts, finish_reason="length")
        return says(f"{thoughts}</think>\n\n{truth(asked_about(body))}", finish_reason="stop")

    return plan


def particular(body: dict[str, Any], before: int) -> Send | None:
    """A server that takes neither max_tokens nor a temperature but 1, as OpenAI's o-series."""
    if "max_tokens" in body:
        return error(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            type="invalid_request_error",
            param="max_tokens",
            code="unsupported_parameter",
        )
    if body.get("temperature", 1) != 1:
        return error(
            400,
            f"Unsupported value: 'temperature' does not support {body['temperature']} with this "
            "model. Only the default (1) value is supported.",
            type="invalid_request_error",
            param="temperature",
            code="unsupported_value",
        )
    return None


def in_parts(body: dict[str, Any], before: int) -> Send:
    """A server whose messages are lists of parts, thoughts among them, as Mistral's."""
    thoughts = [{"type": "text", "text": "1: No\n2: No\nNo"}]
    lines = truth(asked_about(body)).splitlines(keepends=True)
    parts = [{"type": "thinking", "thinking": thoughts}]
    return says([*parts, *({"type": "text", "text": line} for line in lines)])


def filtered(word: str) -> Plan:
    """A server behind a content filter, as Azure's: it refuses what holds a word."""

    def plan(body: dict[str, Any], before: int) -> Send | None:
        if word not in body["messages"][-1]["content"]:
            return None
        return error(
            400,
            "The response was filtered due to the prompt triggering the content management policy.",
            type=None,
            param="prompt",
            code="content_filter",
            innererror={"code": "ResponsibleAIPolicyViolation"},
        )

    return plan


@dataclass
class Desk:
    """What a server is to do, and what it was asked.

    Attributes:
        plan: how to answer a request, from its body and from how often this question was asked
            before; None answers truthfully.
        calls: requests by question (its last turn).
        delay: seconds before each answer.
        most: the most requests that were under way at once.
    """

    plan: Plan = lambda body, before: None
    calls: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    delay: float = 0.0
    under_way: int = 0
    most: int = 0
    answered: int = 0
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        desk: Desk = self.server.desk  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        question = body["messages"][-1]["content"]
        with desk.lock:
            before = desk.calls[question]
            desk.calls[question] += 1
            desk.bodies.append(body)
            desk.keys.add(self.headers.get("Authorization", ""))
            desk.under_way += 1
            desk.most = max(desk.most, desk.under_way)
        time.sleep(desk.delay)
        send = desk.plan(body, before) or says(truth(asked_about(body)), finish_reason="stop")
        with desk.lock:
            desk.under_way -= 1
        send(self)
        with desk.lock:
            desk.answered += 1

    def answer(self, body: bytes, code: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        """A client that was killed is no news."""


@contextmanager
def serving(desk: Desk) -> Iterator[Desk]:
    """A server on a free port of this machine."""
    server = Quiet(("127.0.0.1", 0), Handler)
    server.desk = desk  # type: ignore[attr-defined]
    desk.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield desk
    finally:
        desk.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
