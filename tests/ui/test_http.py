"""The running app, asked by hand: what it says to hosts, origins, bodies, addresses and wrong values."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from nst.locations import EXAMPLES
from nst.pictures.writing import save_image
from tests.conftest import smooth_picture
from tests.ui.by_hand import META, QUICK, Asked, called, uploaded
from tests.ui.conftest import Server, serving
from tests.waiting import SLOW, until


@pytest.fixture(scope="module")
def upload(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A picture that was uploaded, as a call names it."""
    path = save_image(smooth_picture(32, 32, seed=1), tmp_path_factory.mktemp("pictures") / "a.png")
    return uploaded(server, "a.png", path.read_bytes())


@pytest.fixture
def log(server: Server) -> Iterator[Any]:
    """What the app writes into its log from here on."""
    before = len(server.log.read_text())
    yield lambda: server.log.read_text()[before:]
    assert "Traceback" not in server.log.read_text()[before:]


# Who asks


def test_a_page_that_rebinds_its_name_gets_nothing(server: Server) -> None:
    for path in ("/", "/config", "/health", "/gradio_api/info"):
        answer = Asked(server, "GET", path, Host="evil.example", Origin="http://evil.example")
        assert answer.status == 421
        assert "not served as evil.example" in answer.text
    assert Asked(server, "GET", "/config", Host="localhost").status == 200


@pytest.mark.parametrize("route", ["upload", "queue/join", "call/stylize", "call/v2/stylize", "run/presets", "cancel"])
def test_pages_of_other_sites_can_not_post(server: Server, route: str) -> None:
    assert Asked(server, "POST", f"/gradio_api/{route}", {}, Origin="https://evil.example").status == 403
    same = Asked(server, "POST", "/gradio_api/run/presets", {"data": ["stylize"]}, Origin=server.url)
    assert same.status == 200


@pytest.mark.parametrize("path", ["/", "/health", "/config", "/theme.css", "/gradio_api/info", "/nothing"])
def test_every_answer_says_how_it_may_be_used(server: Server, path: str) -> None:
    headers = Asked(server, "GET", path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]


# What is served


def test_only_uploads_and_examples_are_served(server: Server, upload: dict[str, Any], tmp_path: Path) -> None:
    assert Asked(server, "GET", f"/gradio_api/file={upload['path']}").status == 200
    (tmp_path / "a.txt").write_text("secret")
    (link := Path(upload["path"]).parent / "link.txt").symlink_to(tmp_path / "a.txt")
    root = EXAMPLES.parent
    for path in (
        tmp_path / "a.txt", link, "/etc/passwd", root / "app.py", root / "nst" / "version.py", f"{EXAMPLES}/../app.py",
        "app.py", "/proc/self/environ", server.log, f"{upload['path']}/../../../log.txt",
    ):  # fmt: skip
        for route in (f"file={path}", f"file={quote(str(path), safe='')}", f"file/{path}"):
            answer = Asked(server, "GET", f"/gradio_api/{route}")
            assert answer.status in (403, 404), route
            assert "secret" not in answer.text
    link.unlink()


def test_no_request_is_sent_to_an_address_that_a_visitor_names(server: Server) -> None:
    """However it is named: a server of ours hears nothing."""
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        ours.listen()
        ours.settimeout(0.2)
        address = f"http://127.0.0.1:{ours.getsockname()[1]}/a.png"
        for value in (
            address,
            {"path": address},
            {"path": None, "url": address},
            {"path": address, "meta": META},
        ):
            assert "not fetched from addresses here" in called(server, {"content": value, "style": None})
        for path in (f"file={address}", f"file={quote(address, safe='')}", f"proxy={address}"):
            assert Asked(server, "GET", f"/gradio_api/{path}").status in (400, 404)
        with pytest.raises(TimeoutError):
            ours.accept()


def test_a_data_url_is_an_image(server: Server, tmp_path: Path) -> None:
    file = save_image(smooth_picture(32, 32, seed=2), tmp_path / "a.png")
    url = f"data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()}"
    for value in (url, {"path": url}, {"url": url, "path": None, "meta": META}):
        assert "event: complete" in called(server, {"content": value, "style": url, **QUICK})


# How much


def test_a_call_of_more_than_a_megabyte_is_not_taken(server: Server, log: Any) -> None:
    answer = Asked(server, "POST", "/gradio_api/call/stylize", {"data": ["x" * 5_000_000]})
    assert answer.status == 413
    assert "up to 1 MB" in answer.text
    assert len(answer.text) < 500
    assert len(log()) < 500


def large_files(server: Server) -> list[Path]:
    return [path for path in server.files.rglob("*") if path.is_file() and path.stat().st_size > 1_000_000]


def test_an_upload_of_more_than_fifty_megabytes_is_not_taken(server: Server) -> None:
    """Neither where it says so nor where it comes in pieces without a word of its size."""
    host, port = urlsplit(server.url).netloc.split(":")
    head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    form = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    for length in ("Content-Length: 60000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=SLOW) as client:
            with suppress(ConnectionError):  # once it is answered, as too much came later than it drains a body
                client.sendall((head + length).encode())
                piece = b"x" * 1_000_000
                for data in (form, *[piece] * 59, b"x" * (1_000_000 - len(form))):
                    client.sendall(b"%x\r\n%s\r\n" % (len(data), data) if "chunked" in length else data)
                if "chunked" in length:
                    client.sendall(b"0\r\n\r\n")
            assert client.recv(20).startswith(b"HTTP/1.1 413")
    with socket.create_connection((host, int(port)), timeout=SLOW) as client:  # one that hangs up on the way
        client.sendall((head + "Content-Length: 40000000\r\n\r\n").encode() + form + b"x" * 10_000_000)
        until(lambda: large_files(server))
    until(lambda: not large_files(server))


# Wrong calls; wrong values of each parameter are in test_wrong_types.py


@pytest.mark.parametrize(
    ("route", "body", "words"),
    [
        ("call/v2/stylize", {"content": None}, "No value provided for required argument: style"),
        ("call/v2/stylize", {"content": None, "style": None, "sise": 3}, "`sise` is not a valid"),
        ("call/v2/stylise", {}, "/stylise"),
        ("call/stylise", {"data": []}, "stylise"),
        ("call/stylize", {}, "data: Field required"),
        ("call/stylize", {"data": "x" * 100_000}, "data: Input should be a valid list"),
        ("call/stylize", [], "can't be understood"),
        ("call/v2/stylize", [], "can't be understood"),
        ("queue/join", {"data": [], "fn_index": 10**6, "session_hash": "a"}, "can't be understood"),
        ("queue/join", {"data": [], "fn_index": 0}, "Session hash not found"),
        ("run/stylize", {"data": []}, "wrong type or out of range"),
        ("run/presets", {"data": [["x"] * 1000]}, "task"),
        ("run/nothing", {"data": []}, "nothing"),
    ],
)
def test_a_wrong_call_gets_a_sentence(server: Server, log: Any, route: str, body: Any, words: str) -> None:
    answer = Asked(server, "POST", f"/gradio_api/{route}", body)
    assert answer.status in (400, 500)
    assert words in answer.text
    assert len(answer.text) < 700
    assert "null" not in answer.text.split('"visible"')[0]
    assert len(log()) < 700


def test_a_body_that_is_no_json_gets_a_sentence(server: Server, log: Any) -> None:
    for body in (b"{", b"\xff\xfe", b"[" * 100_000, b'{"data": [' + b"[" * 5000 + b"]" * 5000 + b"]}"):
        answer = Asked(server, "POST", "/gradio_api/call/stylize", body)
        assert answer.status == 400
        assert "error" in answer.text
        assert len(answer.text) < 500
    assert len(log()) < 2000


def test_a_path_in_place_of_a_file_is_told_what_to_do(server: Server, upload: dict[str, Any]) -> None:
    from gradio_client import Client, handle_file
    from gradio_client.exceptions import AppError

    client = Client(server.url, verbose=False)
    try:
        with pytest.raises(AppError, match=r"An image is wanted where 'cat.jpg' stands: .* handle_file"):
            client.predict("cat.jpg", handle_file(upload["path"]), api_name="/stylize")
    finally:
        client.close()


def test_a_private_event_with_nonsense_gets_a_sentence(server: Server, log: Any) -> None:
    """All of them, with a wrong value in every place at once; what is refused before any handler, in one of them."""
    config = json.loads(Asked(server, "GET", "/config").text)
    events = [event for event in config["dependencies"] if event["backend_fn"] and event["api_visibility"] == "private"]
    assert len(events) > 30
    for event in events:
        refused = [10**400, ["x", {"path": "/etc/passwd"}]] if event is events[0] else []
        for value in ("\ud800", *refused):
            session = uuid.uuid4().hex
            data = {"data": [value] * len(event["inputs"]), "fn_index": event["id"], "session_hash": session}
            joined = Asked(server, "POST", "/gradio_api/queue/join", {**data, "event_data": value})
            assert joined.status in (200, 400), joined.text
            if joined.status == 200:
                told = Asked(server, "GET", f"/gradio_api/queue/data?session_hash={session}").text
                assert '"error":null' not in told, (event["api_name"], value, told[-500:])
    assert all(len(line) < 600 for line in log().splitlines())


# The end


def test_the_end_is_told_to_those_who_listen_and_soon(random_model: Path, tmp_path: Path) -> None:
    """A job that runs and one that waits, and a stream that nobody closes.

    Each ends with an error; on a machine that is busy elsewhere, uvicorn may cut one off before its sentence is there.
    """
    with serving(tmp_path, "--no-mcp", NST_MODEL=str(random_model)) as server:
        file = save_image(smooth_picture(64, 64, seed=2), tmp_path / "a.png")
        url = f"data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()}"
        body = {"content": url, "style": url, "size": 64, "first_steps": 10_000, "start_size": 0, "tolerance": 0}
        paths = ["heartbeat/abc"]
        for _ in range(2):
            joined = Asked(server, "POST", "/gradio_api/call/v2/stylize", body)
            paths.append(f"call/stylize/{json.loads(joined.text)['event_id']}")
        told = [tmp_path / f"{i}.txt" for i in range(len(paths))]
        streams = [
            subprocess.Popen(["curl", "-sN", "-o", file, f"{server.url}/gradio_api/{path}"])
            for file, path in zip(told, paths, strict=True)
        ]
        server.until(lambda health: (health["running"], health["waiting"]) == (1, 1))
        until(lambda: all(file.exists() and file.stat().st_size for file in told))
    for stream in streams:
        stream.wait(SLOW)
    ends = [file.read_text() for file in told[1:]]
    assert all("event: error" in end for end in ends)
    assert any("the server is closing" in end for end in ends)
    log = server.log.read_text()
    assert log.rstrip().endswith("Stopped.")
    assert "Traceback" not in log
