"""Where the page can be served."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from nst.errors import AddressError
from nst.ui import address
from nst.ui.address import Address, free_address


@pytest.fixture(autouse=True)
def _no_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIO_SERVER_NAME", raising=False)
    monkeypatch.delenv("GRADIO_SERVER_PORT", raising=False)


@contextmanager
def taken_ports(count: int = 1) -> Iterator[list[int]]:
    """Ports of this machine at which somebody listens."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
            each.listen()
        yield [each.getsockname()[1] for each in sockets]


def test_port_0_is_any_that_is_free() -> None:
    actual = free_address(port=0)
    assert actual.host == "127.0.0.1"
    with socket.socket() as mine:
        mine.bind((actual.host, actual.port))


def test_a_taken_port_is_refused_if_it_was_asked_for_and_passed_over_if_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with taken_ports() as (port,):
        with pytest.raises(AddressError, match=rf"The port {port} at 127\.0\.0\.1 is taken: use another, or 0"):
            free_address(port=port)
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
        assert free_address().port > port


def test_where_all_are_taken_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "PORTS", 1)
    with taken_ports() as (port,):
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
        with pytest.raises(AddressError, match=f"The port {port} at"):
            free_address()


def test_the_host_is_that_of_the_environment_where_none_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    assert free_address(port=0).host == "0.0.0.0"
    assert free_address("localhost", 0).host == "localhost"


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_ipv6_is_in_brackets(host: str) -> None:
    with socket.socket(socket.AF_INET6) as trial:
        try:
            trial.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
    assert free_address(host, 0).host == "[::1]"


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1", "203.0.113.7", "not an address", "x" * 300, "a..b", "nul\0", "256.256.256.256"]
)
def test_what_is_no_address_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises(AddressError, match="is no address of this machine: use 127"):
        free_address(host, 0)


@pytest.mark.parametrize("port", [-1, 65536, 10**12])
def test_a_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(AddressError, match=f"The port {port} is out of range: 1 to 65535, or 0"):
        free_address(port=port)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False)],
)
def test_it_is_known_whether_others_can_reach_it(host: str, expected: bool) -> None:
    assert Address(host, 7860).is_loopback is expected
