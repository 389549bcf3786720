"""Downloads against a local server that behaves well or badly."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from nst.errors import WeightsError
from nst.network.download import download, promptly
from tests.network.stand_in import StandIn

BODY = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.mark.parametrize("known", [SHA256, SHA256[:8]], ids=["whole hash", "first digits"])
def test_a_file_comes_whole_with_a_progress_bar_on_stderr(
    server: StandIn, tmp_path: Path, known: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.body = BODY
    download(f"{server.url}/file", tmp_path / "new" / "folder" / "file.bin", known)
    assert (tmp_path / "new" / "folder" / "file.bin").read_bytes() == BODY
    out, err = capsys.readouterr()
    assert out == ""
    assert "file.bin: 100%" in err
    assert "1.02M/1.02M" in err


@pytest.mark.parametrize(
    ("behaviour", "status", "known", "why"),
    [
        ("serve", 200, "0" * 64, "does not match its SHA-256"),
        ("serve", 404, SHA256, r"the server answers 404"),
        ("serve", 500, SHA256, r"the server answers 500"),
        ("break", 200, SHA256, "does not match its SHA-256"),
        ("silent", 200, SHA256, "no answer for 0 s"),
        ("stall", 200, SHA256, "no answer for 0 s"),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_what_fails_leaves_an_older_file_and_nothing_else(
    server: StandIn, tmp_path: Path, behaviour: str, status: int, known: str, why: str
) -> None:
    server.body, server.behaviour, server.status = BODY, behaviour, status
    (tmp_path / "file").write_text("older")
    start = time.monotonic()
    with pytest.raises(WeightsError, match=rf"{server.url}/x.*{why}"):
        download(f"{server.url}/x", tmp_path / "file", known)
    assert time.monotonic() - start < 1.5
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "older"


def test_a_server_that_is_not_there_is_named(server: StandIn, tmp_path: Path) -> None:
    server.close()
    with pytest.raises(WeightsError, match=rf"^{server.url}/x can't be downloaded \(Connection refused\)\.$"):
        download(f"{server.url}/x", tmp_path / "file", SHA256)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_hangs_up_without_an_answer_is_named(tmp_path: Path) -> None:
    def hang_up() -> None:
        listener.accept()[0].close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=hang_up, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        with pytest.raises(WeightsError, match=rf"^{url} can't be downloaded \([^()]+\)\.$"):
            download(url, tmp_path / "file", SHA256)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_nothing(server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        assert len(list(tmp_path.iterdir())) == 1
        raise KeyboardInterrupt

    server.body = BODY
    monkeypatch.setattr("nst.network.download.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        download(f"{server.url}/x", tmp_path / "file", SHA256)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named_before_any_download(server: StandIn, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WeightsError, match=r"can't be downloaded \((File exists|Not a directory)\)"):
        download(f"{server.url}/x", tmp_path / "file" / "below", SHA256)
    assert server.requests == []


@pytest.mark.usefixtures("impatient")
def test_a_name_server_that_never_answers_is_given_up_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait() and [])
    start = time.monotonic()
    with pytest.raises(WeightsError, match="no answer"):
        download("http://pastiche.test/x", tmp_path / "file", SHA256)
    over.set()
    assert time.monotonic() - start < 1.5


def test_promptly_passes_on_what_the_call_returns_and_raises() -> None:
    assert promptly(lambda: 3) == 3
    with pytest.raises(KeyError, match="mine"):
        promptly(lambda: {}["mine"])
