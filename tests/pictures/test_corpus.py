"""What strangers send: each file of the corpus gives a picture or one clear sentence, soon and in bounded memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from nst.cli.main import main
from nst.pictures.writing import save_image
from nst.ui.image_input import check_upload
from tests.conftest import smooth_picture
from tests.pictures.corpus import File, corpus
from tests.waiting import SLOW

ROOT = Path(__file__).parents[2]
Answers = list[dict[str, Any]]

SENTENCES = 500
"""Characters that a sentence has at most, with the longest name that a file system knows."""

MOST_MEMORY = 1_000_000_000
"""Bytes that reading may add at its peak: a picture of the largest size that is decoded whole takes 0.36 GB decoded,
0.16 GB halfway to its reduced form, and 0.2 GB as floats."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What came of each file, read by a process of its own: a crash, or memory without end, ends no other test."""
    command = [sys.executable, "-m", "tests.pictures.read_corpus", str(tmp_path_factory.mktemp("corpus"))]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}  # threads that wait for each other would count as computing
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, timeout=3 * SLOW, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_there_are_enough_files_and_all_were_read(answers: Answers) -> None:
    assert len(answers) - 1 == len(list(corpus())) >= 400


def test_the_same_files_come_each_time() -> None:
    stamped = "several.avif"  # holds the time of its making
    once, again = ([file for file in corpus() if not file.name.endswith(stamped)] for _ in range(2))
    assert once == again


def test_each_file_is_a_picture_or_a_clear_sentence(answers: Answers) -> None:
    read = answers[:-1]
    assert {answer["came"] for answer in read} == {"picture", "refused"}
    for answer in read:
        assert answer["expected"] in ("either", answer["came"]), answer
        if answer["came"] == "refused":
            require_clear(answer["sentence"])
    assert min(Counter(answer["came"] for answer in read).values()) > 100


def require_clear(sentence: str) -> None:
    assert sentence.isprintable()
    assert sentence.endswith(".")
    assert len(sentence) < SENTENCES
    assert not re.search(r"Error|Exception|Traceback|BytesIO|0x[0-9a-f]{6}|None", sentence)


def test_no_file_takes_ten_seconds_of_computing(answers: Answers) -> None:
    assert max(answer["seconds"] for answer in answers[:-1]) < 10


def test_the_memory_is_bounded(answers: Answers) -> None:
    assert 0 < answers[-1]["grown"] < MOST_MEMORY


def test_no_other_file_is_opened_and_no_program_started(answers: Answers) -> None:
    assert [answer for answer in answers[:-1] if answer["touched"]] == []


def samples() -> list[Any]:
    """Of each kind the first that gives a picture, and the first that doesn't."""
    chosen: dict[tuple[str, str], File] = {}
    for file in corpus():
        if file.expected != "either" and file.name.isprintable() and len(file.data) < 1_000_000:
            chosen.setdefault((file.kind, file.expected), file)
    return [pytest.param(file, id=f"{kind}, {expected}") for (kind, expected), file in chosen.items()]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("file", samples())
def test_the_page_takes_a_picture_and_says_why_not_of_others(file: File, tmp_path: Path) -> None:
    (path := tmp_path / file.name).write_bytes(file.data)
    if file.expected == "picture":
        assert Path(str(check_upload(str(path)))).exists()
    else:
        with pytest.raises(gr.Error) as caught:
            check_upload(str(path))
        require_clear(caught.value.message)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("file", samples())
def test_the_command_line_takes_a_picture_and_says_why_not_of_others(
    file: File,
    random_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_MODEL", str(random_model))
    (tmp_path / file.name).write_bytes(file.data)
    save_image(smooth_picture(32, 32, seed=2), "style.png")
    quick = ["--size", "32", "--start-size", "0", "--first-steps", "1", "--device", "cpu", "--quiet"]
    code = main(["stylize", f"./{file.name}", "style.png", "-o", "made.png", *quick])
    said = capsys.readouterr().err.splitlines()
    assert code == (0 if file.expected == "picture" else 2)
    assert (tmp_path / "made.png").exists() == (code == 0)
    if code:
        (sentence,) = said
        require_clear(sentence.removeprefix("error: "))
