"""The app as a host opens it to some: a password, a name of its own, a proxy, addresses that are fetched."""

from __future__ import annotations

import http.cookiejar
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.ui.by_hand import Asked, Page, called
from tests.ui.conftest import Server, serving
from tests.waiting import SLOW


@pytest.fixture(scope="module")
def private(random_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One with a password, behind a proxy, in an environment whose own proxies are dead or of no use."""
    options = ["--mcp", "--behind-proxy", "--allow-host", "art.example", "--fetch-urls"]
    dead = "http://127.0.0.1:9"
    with serving(
        tmp_path_factory.mktemp("private"), *options, NST_MODEL=str(random_model), NST_AUTH="ann:secret:word",
        http_proxy=dead, HTTPS_PROXY=dead, ALL_PROXY="socks4://127.0.0.1:9", no_proxy="", NO_PROXY="",
    ) as server:  # fmt: skip
        yield server


def logged_in(server: Server, password: str, forwarded: str = "8.8.8.8") -> urllib.request.OpenerDirector:
    """Somebody with the cookies that a login gives."""
    somebody = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = urlencode({"username": "ann", "password": password}).encode()
    somebody.open(urllib.request.Request(f"{server.url}/login", form, {"X-Forwarded-For": forwarded}), timeout=SLOW)
    return somebody


def test_a_proxy_that_is_dead_or_of_no_use_keeps_the_page_from_nothing(private: Server) -> None:
    assert private.health()["status"] == "ok"
    assert "The proxy in ALL_PROXY is left aside" in private.log.read_text()


def test_without_the_password_there_is_nothing_but_health(private: Server) -> None:
    for path in ("config", "gradio_api/info", "gradio_api/queue/status", "gradio_api/file=/tmp/a"):
        assert Asked(private, "GET", f"/{path}").status == 401, path
    for path in ("call/presets", "call/v2/stylize", "run/presets", "queue/join", "upload"):
        assert Asked(private, "POST", f"/gradio_api/{path}", {"data": ["stylize"]}).status == 401, path
    assert Asked(private, "POST", "/gradio_api/mcp/", {}).status in (404, 405)
    assert "MCP is off, as agents can't give a password" in private.log.read_text()
    assert Asked(private, "GET", "/health").status == 200


def test_with_the_password_it_is_the_page(private: Server) -> None:
    with logged_in(private, "secret:word").open(f"{private.url}/config", timeout=SLOW) as answer:
        assert json.load(answer)["title"] == "Gramarye"
    from gradio_client import Client

    client = Client(private.url, auth=("ann", "secret:word"), verbose=False)
    assert set(client.predict("stylize", api_name="/presets")) >= {"fast", "balanced"}
    client.close()


def require_a_bucket(status: Callable[[], int], burst: int, per_second: float) -> set[int]:
    """That there is an end after so many calls at once, and as many more as came in during the time that they took.

    Returns what was answered before.
    """
    answers, began = list[int](), time.monotonic()
    while (answer := status()) != 429:
        answers.append(answer)
        assert len(answers) <= burst + per_second * (time.monotonic() - began)
    assert len(answers) >= burst
    return set(answers)


def test_guesses_end_soon_for_one_address_and_for_no_other(private: Server) -> None:
    def guess() -> int:
        with pytest.raises(urllib.error.HTTPError) as caught:
            logged_in(private, "guess", forwarded="9.9.9.9")
        caught.value.close()
        return caught.value.code

    assert require_a_bucket(guess, burst=10, per_second=0.1) == {400}
    logged_in(private, "secret:word", forwarded="1.1.1.1")


def test_the_name_of_the_proxy_is_the_pages(private: Server) -> None:
    assert Asked(private, "GET", "/health", Host="art.example").status == 200
    assert Asked(private, "GET", "/health", Host="evil.example").status == 421
    posted = {"Host": "127.0.0.1", "Origin": "https://art.example"}
    assert Asked(private, "POST", "/gradio_api/cancel", {}, **posted).status != 403
    posted = {"Host": "127.0.0.1", "Origin": "https://other.example", "X_Forwarded_Host": "other.example"}
    assert Asked(private, "POST", "/gradio_api/cancel", {}, **posted).status != 403


def test_calls_of_one_address_are_counted_as_the_proxy_sees_it(private: Server) -> None:
    def status(forwarded: str) -> int:
        answer = Asked(private, "POST", "/gradio_api/cancel", {}, X_Forwarded_For=forwarded)
        assert (answer.status == 429) == (int(answer.headers.get("Retry-After", 0)) >= 1)
        return answer.status

    claimed = cycle(("5.5.5.5, 7.7.7.7", "6.6.6.6, 7.7.7.7"))
    require_a_bucket(lambda: status(next(claimed)), burst=60, per_second=1)
    assert status("7.7.7.7, 5.5.5.5") != 429


def test_addresses_of_this_machine_are_not_fetched_even_where_others_are(private: Server) -> None:
    cookies = {"Cookie": cookie(private)}
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        ours.listen()
        ours.settimeout(0.2)
        port = ours.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0"):
            told = called(private, {"content": f"http://{host}:{port}/a.png", "style": None}, **cookies)
            assert "is no address of the public web" in told or "can't be fetched" in told
        with pytest.raises(TimeoutError):
            ours.accept()


def test_the_copied_call_names_the_proxy_and_has_a_place_for_the_password(private: Server) -> None:
    headers = {
        "Cookie": cookie(private), "X-Forwarded-Proto": "https", "X-Forwarded-Host": "art.example",
        "X-Forwarded-For": "8.8.4.4",
    }  # fmt: skip
    page = Page(private, json.loads(Asked(private, "GET", "/config", **headers).text), headers=headers)
    paint = next(event for event in page.config["dependencies"] if event["api_name"] == "_paint")
    sizes = [part["id"] for part in page.config["components"] if part["props"].get("label") == "Size"]
    values = [32 if part in sizes else value for part, value in zip(paint["inputs"], page.values(paint), strict=True)]
    told = "".join(page.messages(paint, values))
    assert r"Client(\"https://art.example/\", auth=(\"name\", \"password\"))" in told
    assert "secret" not in told


def cookie(server: Server) -> str:
    """What a browser sends that is logged in."""
    form = urlencode({"username": "ann", "password": "secret:word"}).encode()
    kind = "application/x-www-form-urlencoded"
    login = Asked(server, "POST", "/login", form, Content_Type=kind, X_Forwarded_For="8.8.4.4")
    return "; ".join(text.partition(";")[0] for text in login.headers.get_all("Set-Cookie", []))
