"""What every request passes first, before an app that stands for Gradio."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from nst.ui.guard import AGENT_BYTES, FORM_BYTES, JSON_BYTES, UPLOAD_BYTES, Guard, Rules, most_bytes
from nst.ui.rate_limit import RateLimit
from nst.ui.refusal import RefusedError
from nst.ui.request_body import Patience, RequestBody
from nst.ui.served_names import ServedNames


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def sentence(self) -> str:
        told: dict[str, str] = json.loads(self.body)
        assert told["error"] == told["detail"]
        return told["error"]


async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the bytes that it got, and says something else of a body that it can't read, as FastAPI does."""
    size, more, status = 0, True, 200
    try:
        while more:
            message = await receive()
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
    except Exception:
        status = 400
    await send({"type": "http.response.start", "status": status, "headers": [(b"referrer-policy", b"unsafe-url")]})
    await send({"type": "http.response.body", "body": str(size).encode()})


def answer(
    app: Any = reads_all,
    path: str = "/gradio_api/queue/join",
    method: str = "POST",
    client: str = "9.9.9.9",
    pieces: Sequence[bytes] = (b"{}",),
    rules: Rules | None = None,
    **headers: str,
) -> Answer:
    """What is answered to one request.  pieces: of its body; the last one empty for one that is never whole."""
    named = {"host": "localhost", **{key.replace("_", "-"): value for key, value in headers.items()}}
    scope = {
        "type": "http", "path": path, "method": method, "client": (client, 1), "query_string": b"",
        "headers": [(key.encode(), value.encode()) for key, value in named.items()],
    }  # fmt: skip
    sent: list[Message] = []
    waiting = [
        {"type": "http.request", "body": piece, "more_body": i < len(pieces) - 1 or not piece}
        for i, piece in enumerate(pieces)
    ]

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(app, rules or Rules(ServedNames()))(scope, receive, send))
    start, *rest = sent
    told = {key.decode(): value.decode() for key, value in start["headers"]}
    return Answer(start["status"], told, b"".join(message.get("body", b"") for message in rest))


def test_a_request_goes_through_and_its_answer_gets_headers() -> None:
    told = answer()
    assert (told.status, told.body) == (200, b"2")
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'self';" in told.headers["content-security-policy"]


def test_hugging_face_may_embed_a_space_and_nobody_else() -> None:
    told = answer(rules=Rules(ServedNames(on_space=True), on_space=True))
    assert "frame-ancestors 'self' https://huggingface.co " in told.headers["content-security-policy"]
    assert "default-src" not in told.headers["content-security-policy"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_name_that_is_not_the_apps_gets_a_sentence(method: str) -> None:
    told = answer(method=method, host="evil.example")
    assert told.status == 421
    assert told.sentence.startswith("This page is not served as evil.example: whoever hosts it can add that name")
    assert told.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://localhost"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://evil.example", "x_forwarded_host": "evil.example"}, 403),
    ],
)
def test_pages_of_other_origins_send_nothing(headers: dict[str, Any], status: int) -> None:
    assert answer(**headers).status == status
    assert answer(method="GET", **headers).status == 200


def test_behind_a_proxy_the_name_that_it_forwards_is_the_pages() -> None:
    rules = Rules(ServedNames(), behind_proxy=True)
    assert answer(rules=rules, origin="https://art.example", x_forwarded_host="art.example").status == 200
    assert answer(rules=rules, origin="https://evil.example", x_forwarded_host="art.example").status == 403


@pytest.mark.parametrize(
    "path", ["file=http://a/b", "file=HTTPS:a", "file= http://a", "file=file:///etc", "file/ftp://a"]
)
def test_files_of_elsewhere_are_not_asked_for(path: str) -> None:
    assert answer(path=f"/gradio_api/{path}", method="GET").status == 404


@pytest.mark.parametrize("path", ["file=/tmp/a/http.png", "file=C:/a.png"])
def test_files_of_this_machine_are_gradios_to_judge(path: str) -> None:
    assert answer(path=f"/gradio_api/{path}", method="GET").status == 200


def test_each_route_has_its_own_bound() -> None:
    assert most_bytes("/gradio_api/upload") == UPLOAD_BYTES + FORM_BYTES
    assert most_bytes("/gradio_api/mcp/") == AGENT_BYTES
    for path in ("/gradio_api/call/stylize", "/gradio_api/queue/join", "/login", "/gradio_api/upload_progress"):
        assert most_bytes(path) == JSON_BYTES


def test_a_body_that_says_that_it_is_too_large_is_not_read() -> None:
    async def must_not_run(*_: Any) -> None:
        raise AssertionError

    told = answer(must_not_run, content_length=str(JSON_BYTES + 1))
    assert (told.status, told.sentence) == (413, "The request is too large: it may have up to 1 MB here.")


def test_a_body_that_does_not_say_so_is_read_to_the_bound_only() -> None:
    half = b"x" * (JSON_BYTES // 2)
    assert answer(pieces=[half, half]).body == str(JSON_BYTES).encode()
    assert answer(pieces=[half, half, b"x"]).status == 413
    assert answer(pieces=[half, half, b"x"], content_length="2").status == 413


def test_an_upload_that_is_too_large_is_said_in_words_that_the_page_shows() -> None:
    told = answer(path="/gradio_api/upload", content_length="60000000")
    assert (told.status, told.body) == (413, b"The request is too large: it may have up to 50.1 MB here.")


def test_a_body_that_stops_on_its_way_is_given_up() -> None:
    told = answer(pieces=[b"{", b""], rules=Rules(ServedNames(), patience=Patience(piece=0.01)))
    assert (told.status, told.sentence) == (408, "The rest of the request did not come in time: send it again.")


def test_who_calls_too_often_waits(caplog: pytest.LogCaptureFixture) -> None:
    rules = Rules(ServedNames(), calls=RateLimit(burst=2, per_second=0.01, clock=lambda: 0.0))
    assert [answer(rules=rules).status for _ in range(3)] == [200, 200, 429]
    told = answer(rules=rules)
    assert told.headers["retry-after"] == "100"
    assert told.sentence.startswith("Too many requests came from your address: try again in ")
    assert answer(rules=rules, client="9.9.9.8").status == 200
    assert answer(rules=rules, method="GET").status == 200
    assert answer(rules=rules, client="127.0.0.1").status == 200
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["refused with 429"] * 2


def test_of_a_shared_page_who_comes_directly_is_no_other_by_saying_so() -> None:
    rules = Rules(ServedNames(), tunnelled=True, calls=RateLimit(burst=1, per_second=0.01))
    said = ("127.0.0.1", "8.8.8.7", "8.8.8.8")
    assert [answer(rules=rules, x_forwarded_for=address).status for address in said] == [200, 429, 429]
    assert answer(rules=rules, client="9.9.9.8").status == 200
    assert answer(rules=rules, client="9.9.9.8").status == 429
    tunnelled = [
        answer(rules=rules, client="127.0.0.1", x_forwarded_for=address).status
        for address in ("8.8.8.7", "8.8.8.8", "8.8.8.8")
    ]
    assert tunnelled == [200, 200, 429]
    origin, host = "https://evil.example", "evil.example"
    assert answer(rules=rules, client="9.9.9.7", origin=origin, x_forwarded_host=host).status == 403


def test_nobody_guesses_a_password_fast_not_even_on_this_machine() -> None:
    rules = Rules(ServedNames(), logins=RateLimit(burst=1, per_second=0.01))
    assert [answer(path="/login", client="127.0.0.1", rules=rules).status for _ in range(2)] == [200, 429]


def test_a_call_that_gradio_fails_at_is_one_sentence_and_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(*_: Any) -> None:
        raise TypeError("Parameter `sise` is not a valid key-word\nargument" + "x" * 1000)

    told = answer(fails, path="/gradio_api/call/v2/stylize")
    assert told.status == 400
    assert "TypeError: Parameter `sise` is not a valid key-word\\nargumentx" in told.sentence
    assert len(told.sentence) < 400
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "\n" not in record.getMessage()
    with pytest.raises(TypeError):
        answer(fails, path="/health")


def test_who_hangs_up_on_the_way_has_an_end() -> None:
    body = RequestBody(hung_up, 100, Patience())
    with pytest.raises(RefusedError, match="ended before it was whole"):
        asyncio.run(body())


async def hung_up() -> Message:
    return {"type": "http.disconnect"}
