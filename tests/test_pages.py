"""Large pages are asked for as the user says, else by every program."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nst.cli.main import main
from nst.pages import ASKED_BY, take_large_pages
from tests.conftest import unset


@pytest.fixture
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    unset(monkeypatch, ASKED_BY)
    return monkeypatch


@pytest.mark.usefixtures("nothing_said")
def test_large_pages_are_asked_for() -> None:
    take_large_pages()
    assert os.environ[ASKED_BY] == "1"


def test_what_the_user_has_said_stays(nothing_said: pytest.MonkeyPatch) -> None:
    nothing_said.setenv(ASKED_BY, "0")
    take_large_pages()
    assert os.environ[ASKED_BY] == "0"


@pytest.mark.usefixtures("nothing_said")
def test_a_command_asks_for_them() -> None:
    assert main(["reconstruct", "missing.png"]) == 2
    assert os.environ[ASKED_BY] == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="PyTorch asks for large pages on Linux alone")
def test_pytorch_still_knows_the_variable() -> None:
    import torch

    libraries = Path(torch.__file__).parent.glob("lib/libc10*")
    assert any(ASKED_BY.encode() in library.read_bytes() for library in libraries)
