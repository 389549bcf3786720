"""Pictures fetched from the web: from where, and how much."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest

from nst.errors import ImageError
from nst.ui.web_address import REDIRECTS, Fetcher, Ip, is_public
from tests.local_server import LocalServer


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::1",
    ],
)  # fmt: skip
def test_addresses_of_a_network_of_ones_own_are_not_public(ip: str) -> None:
    assert not is_public(ipaddress.ip_address(ip))


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8"])
def test_addresses_of_the_web_are(ip: str) -> None:
    assert is_public(ipaddress.ip_address(ip))


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A site on this machine."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        name, _, number = handler.path.lstrip("/").partition("/")
        handler.send_response({"again": 302, "away": 302, "missing": 404}.get(name, 200))
        if name == "again":
            handler.send_header("Location", f"/again/{int(number) - 1}" if int(number) > 1 else "/a%20b.png?x")
        if name == "away":
            handler.send_header("Location", f"http://{number}/")
        handler.end_headers()  # without a word of how long it is
        handler.wfile.write(b"picture" if name != "large" else b"x" * 2000)

    server = LocalServer(answer)
    yield server.url
    server.close()


def anywhere_but(*forbidden: str) -> Callable[[Ip], bool]:
    return lambda ip: str(ip) not in forbidden


@pytest.mark.parametrize("path", ["a%20b.png", "again/1", f"again/{REDIRECTS}"])
def test_a_file_is_fetched_with_its_name_also_where_it_moved_to(site: str, path: str) -> None:
    assert Fetcher(may_ask=anywhere_but()).fetch(f"{site}/{path}") == ("a b.png", b"picture")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"again/{REDIRECTS + 1}", "leads from one address to the next"),
        ("away/127.0.0.2:9", "is no address of the public web"),
        ("missing", "answers 404"),
        ("large", "is larger than 0 MB"),
    ],
)
def test_what_is_not_fetched_is_said(site: str, path: str, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        Fetcher(most=1000, may_ask=anywhere_but("127.0.0.2")).fetch(f"{site}/{path}")


@pytest.mark.parametrize("host", ["", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]"])
def test_this_machine_is_not_asked_by_any_of_its_names(site: str, host: str) -> None:
    url = site.replace("127.0.0.1", host) if host else site
    with pytest.raises(ImageError, match="is no address of the public web"):
        Fetcher().fetch(url)


@pytest.mark.parametrize(
    "url", ["ftp://8.8.8.8/a", "file:///etc/passwd", "http://", "http://a:b@8.8.8.8/", "http://[/"]
)
def test_what_is_no_address_of_the_web_is_said(url: str) -> None:
    with pytest.raises(ImageError, match=r"is no address of the web|can't be fetched"):
        Fetcher().fetch(url)


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_site_that_says_a_little_at_a_time_is_not_listened_to_for_long(part: str) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):  # as it is hung up on
            if part == "body":
                handler.send_response(200)
                handler.end_headers()
            else:
                handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
            for _ in range(600):
                handler.wfile.write(b"x")
                time.sleep(0.05)

    slow = LocalServer(answer)
    began = time.monotonic()
    with pytest.raises(ImageError, match="can't be fetched: TimeoutError"):
        Fetcher(seconds=0.5, may_ask=anywhere_but()).fetch(slow.url)
    assert time.monotonic() - began < 15  # of the 30 s that the site takes
    slow.close()


def test_a_name_that_nobody_answers_for_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr("nst.ui.web_address.socket.getaddrinfo", lambda *_, **__: answered.wait(60) and [])
    with pytest.raises(ImageError, match="can't be fetched: TimeoutError"):
        Fetcher(seconds=0.2).fetch("http://example.com/a.png")
    answered.set()


def test_time_is_up_before_anything_is_asked(site: str) -> None:
    with pytest.raises(ImageError, match="can't be fetched: TimeoutError"):
        Fetcher(seconds=0, may_ask=anywhere_but()).fetch(site)
