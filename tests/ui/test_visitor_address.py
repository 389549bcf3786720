"""Who sends a request, with and without a proxy in between."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nst.ui.visitor_address import KEY, comes_from_here, visitor_address, visitor_of


def scope(client: str, *forwarded: str) -> dict[str, Any]:
    return {"client": (client, 1), "headers": [(b"x-forwarded-for", value.encode()) for value in forwarded]}


@pytest.mark.parametrize(
    ("client", "sender"),
    [
        ("9.9.9.9", "9.9.9.9"),
        ("192.168.0.7", "192.168.0.7"),
        ("::ffff:9.9.9.9", "9.9.9.9"),
        ("2606:4700:1:2:3:4:5:6", "2606:4700:1:2::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        ("unix", None),
    ],
)
def test_without_a_proxy_it_is_who_connects(client: str, sender: str | None) -> None:
    assert visitor_address(scope(client, "8.8.8.8"), behind_proxy=False) == sender


@pytest.mark.parametrize(
    ("forwarded", "sender"),
    [
        (["8.8.8.8"], "8.8.8.8"),
        (["1.1.1.1, 8.8.8.8"], "8.8.8.8"),  # what stands first, the visitor may have sent
        (["1.1.1.1", "8.8.8.8, 10.0.0.9"], "8.8.8.8"),  # a second proxy, in the network of the first
        (["192.168.0.7"], "192.168.0.7"),
        (["nonsense"], None),
        ([], None),
    ],
)
def test_behind_a_proxy_it_is_the_last_public_address_that_it_saw(forwarded: list[str], sender: str | None) -> None:
    assert visitor_address(scope("10.0.0.1", *forwarded), behind_proxy=True) == sender


@pytest.mark.parametrize(
    ("client", "is_here"),
    [
        (("127.0.0.1", 5000), True),
        (("::1", 5000), True),
        (("8.8.8.8", 0), True),  # as uvicorn shows it
        (("192.168.0.2", 5000), True),
        (("192.168.0.7", 5000), False),
        (("9.9.9.9", 5000), False),
        (None, False),
    ],
)
def test_a_tunnel_ends_on_this_machine(client: tuple[str, int] | None, is_here: bool) -> None:
    assert comes_from_here({"client": client, "server": ("192.168.0.2", 7860)}) == is_here


def test_on_this_machine_a_visitor_is_a_session() -> None:
    def request(found: str | None) -> Any:
        return SimpleNamespace(request=SimpleNamespace(scope={KEY: found}), session_hash="abc")

    assert visitor_of(request("9.9.9.9")) == "9.9.9.9"
    assert visitor_of(request(None)) == "abc"
