"""Which hosts a request may name, and pages of which origins may send."""

from __future__ import annotations

import pytest

from nst.ui.served_names import ServedNames


@pytest.fixture(autouse=True)
def no_space(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SPACE_HOST", "GRADIO_ROOT_PATH"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:7860", "localhost.:80", "127.0.0.1:7860", "[::1]:7860", "10.0.0.3", "[fe80::1%25eth0]:1"],
)
def test_this_machine_and_numbers_are_served(host: str) -> None:
    assert ServedNames().has(host)


@pytest.mark.parametrize("host", ["", "evil.example", "evil.example:7860", "127.0.0.1.evil.example", "[", "a@b:x"])
def test_other_names_are_not(host: str) -> None:
    assert not ServedNames().has(host)


def test_the_host_that_is_listened_on_and_those_that_are_added_are_served() -> None:
    names = ServedNames(["art.example", "https://tunnel.example:8443/x"], host="studio.lan")
    assert all(map(names.has, ("studio.lan:7860", "art.example", "ART.example:443", "tunnel.example")))
    names.add("https://abc.gradio.live")
    assert names.has("abc.gradio.live")
    names.add("")
    assert not names.has("")


def test_who_listens_everywhere_has_the_names_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Studio.office.example")
    names = ServedNames(host="0.0.0.0")
    assert all(map(names.has, ("studio", "studio.local:7860", "studio.office.example")))
    assert not ServedNames(host="127.0.0.1").has("studio")


def test_a_space_is_reached_through_one_proxy_by_whatever_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_HOST", "someone-gramarye.hf.space")
    assert ServedNames().has("someone-gramarye.hf.space")
    names = ServedNames(on_space=True)
    assert names.has("10.20.30.40:7860")
    assert names.has("internal-name")
    for origin in ("https://someone-gramarye.hf.space", "https://huggingface.co", "https://x.static.hf.space"):
        assert names.may_send(origin, ["internal-name"])
    for origin in ("https://evil.example", "https://hf.space.evil.example", "https://evilhuggingface.co", "null"):
        assert not names.may_send(origin, ["internal-name"])


def test_a_page_may_send_to_the_host_that_it_came_from_and_to_no_other_port() -> None:
    names = ServedNames()
    assert names.may_send("http://localhost:7860", ["localhost:7860"])
    assert names.may_send("https://art.example", ["127.0.0.1:7860", "ART.example"])
    for origin in ("http://localhost:8000", "http://evil.example", "null", "", "http://127.0.0.1:7860"):
        assert not names.may_send(origin, ["localhost:7860"])


def test_a_name_that_was_added_may_send_from_any_port_or_from_the_one_that_was_said() -> None:
    names = ServedNames(["art.example", "tools.example:6274"])
    assert names.may_send("https://art.example", ["localhost:7860"])
    assert names.may_send("http://art.example:99", ["localhost:7860"])
    assert names.may_send("http://tools.example:6274", ["localhost:7860"])
    assert not names.may_send("http://tools.example:80", ["localhost:7860"])
