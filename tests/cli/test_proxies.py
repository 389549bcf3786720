"""Proxies that the environment names, and a page that is on this machine."""

from __future__ import annotations

import pytest

from nst.cli.proxies import spare_loopback


def test_this_machine_is_left_out_beside_what_was_left_out_before() -> None:
    environment = {"no_proxy": "intern.example", "http_proxy": "http://proxy.example:3128"}
    assert spare_loopback(environment, "[::]") == []
    assert environment["no_proxy"] == environment["NO_PROXY"] == "intern.example,localhost,127.0.0.1,::1,::"
    assert environment["http_proxy"] == "http://proxy.example:3128"


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "https_proxy"])
@pytest.mark.parametrize("proxy", ["socks4://127.0.0.1:1", "nonsense://x"])
def test_a_proxy_that_nothing_here_can_use_is_left_aside_and_said(name: str, proxy: str) -> None:
    environment = {name: proxy, "HTTP_PROXY": "proxy.example:3128"}
    assert spare_loopback(environment, "127.0.0.1") == [
        f"The proxy in {name} is left aside, as it is neither http nor https."
    ]
    assert name not in environment
    assert "HTTP_PROXY" in environment
