"""What strangers send, sent to the running app by gradio_client: each file gives a picture or one sentence, soon."""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.pictures.corpus import File, corpus
from tests.ui.conftest import Server

EACH = 5
"""Files of each kind of trouble: about one in ten of all, in a fifth of a second each."""

QUICK = {"size": 32, "first_steps": 1, "start_size": 0}


@dataclass(frozen=True)
class Outcome:
    """sentence: why there is no picture, empty where there is one.  seconds: of computing, in the server."""

    file: File
    sentence: str
    seconds: float


def sample() -> list[File]:
    """Of each kind `EACH`, from its first to its last, but for names that no client can put into a request."""
    by_kind: dict[str, list[File]] = defaultdict(list)
    for file in corpus():
        if not re.search("[\ud800-\udfff]", file.name):
            by_kind[file.kind].append(file)
    return [file for files in by_kind.values() for file in files[:: -(-len(files) // EACH)]]


@pytest.fixture(scope="module")
def outcomes(server: Server, tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    folder = tmp_path_factory.mktemp("corpus")
    client = Client(server.url, verbose=False, download_files=False)
    try:
        return [outcome_of(file, folder, client, server) for file in sample()]
    finally:
        client.close()


def outcome_of(file: File, folder: Path, client: Client, server: Server) -> Outcome:
    (path := folder / file.name).write_bytes(file.data)
    sentence, before = "", seconds_of(server)
    try:
        client.predict(handle_file(path), **QUICK, api_name="/reconstruct")
    except AppError as error:
        sentence = str(error)
    return Outcome(file, sentence, seconds_of(server) - before)


def seconds_of(server: Server) -> float:
    """What the server has computed so far, which does not depend on what else the machine does; elsewhere the time."""
    if sys.platform != "linux":
        return time.monotonic()
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_each_kind_of_trouble_is_sent(outcomes: list[Outcome]) -> None:
    assert min(Counter(outcome.file.kind for outcome in outcomes).values()) >= 3
    assert len(outcomes) > 55


def test_each_file_is_painted_or_refused_in_a_sentence(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        sentence, expected = outcome.sentence, outcome.file.expected
        if sentence:
            assert re.fullmatch(r"[^\x00-\x1f\x7f]{15,600}\.", sentence), outcome.file.name
            assert not re.search(r"Error|Exception|Traceback|Something went wrong|/tmp", sentence), sentence
            assert expected != "picture" or " px" in sentence, sentence  # too thin to be painted
        else:
            assert expected != "refused", outcome.file.name


def test_no_file_takes_ten_seconds(outcomes: list[Outcome]) -> None:
    assert max((outcome.seconds, outcome.file.name) for outcome in outcomes) < (10, "")


@pytest.fixture(scope="module", autouse=True)
def _server_goes_on(server: Server) -> Iterator[None]:
    before = len(server.log.read_text())
    yield
    assert server.health()["status"] == "ok"
    assert "failed" not in server.log.read_text()[before:]
