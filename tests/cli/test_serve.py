"""`gramarye serve`: what its options mean, and mistakes that are said before anything is loaded."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from nst.cli.main import main
from nst.cli.parser import parse
from nst.serving.queue import CAPACITY
from tests.cli.support import ROOT


def test_help_names_the_queues_own_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert f"how many paintings may wait for the device (default: {CAPACITY})" in told
    assert "--room" not in told


def test_the_queue_goes_by_its_former_name_too() -> None:
    assert parse(["serve", "--queue", "3"]).queue == parse(["serve", "--room", "3"]).queue == 3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--queue", "-1"], "'-1' is not a number of jobs from 0"),
        (["--max-seconds", "0"], "'0' is not a number of seconds from 1"),
        (["--max-seconds", "²"], "'²' is not a number of seconds from 1"),
        (["--port", "65536"], "The port 65536 is out of range: 1 to 65535, or 0 for any that is free"),
        (["--port", "-1"], "'-1' is not the number of a port"),
        (["--port", "http"], "'http' is not the number of a port"),
        (["--host", "not an address"], "The host 'not an address' is no address of this machine"),
        (["--host", "203.0.113.7"], "The host '203.0.113.7' is no address of this machine"),
        (["--device", "tpu"], "The device 'tpu' is unknown"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *options]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert sentence in told
    assert told.count("\n") == 1


def test_a_taken_port_is_said_before_anything_is_loaded() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code = (
            f"import sys; from nst.cli.main import main; code = main(['serve', '--port', '{port}']);"
            "print(code, {'torch', 'gradio'} & set(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "2 set()\n"
    assert done.stderr == (f"error: The port {port} at 127.0.0.1 is taken: use another, or 0 for any that is free.\n")


def test_a_folder_for_temporary_files_that_cannot_be_written_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", "/proc/nowhere")
    assert main(["serve", "--port", "0"]) == 2
    assert capsys.readouterr().err.startswith("error: Temporary files can't be written to '/proc/nowhere' (")
