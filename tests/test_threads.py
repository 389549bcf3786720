"""How OpenMP's threads wait: as the user says, else soon asleep; and that it is said before PyTorch is loaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nst.threads import SPINS, WAITING, share_cores
from tests.conftest import unset

ROOT = Path(__file__).parent.parent


@pytest.fixture
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    unset(monkeypatch, *WAITING)
    return monkeypatch


@pytest.mark.usefixtures("nothing_said")
def test_threads_are_soon_asleep() -> None:
    share_cores()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert os.environ["GOMP_SPINCOUNT"] == str(SPINS)


@pytest.mark.parametrize("name", WAITING)
def test_what_the_user_has_said_stays_and_nothing_is_added(name: str, nothing_said: pytest.MonkeyPatch) -> None:
    nothing_said.setenv(name, "300000")
    share_cores()
    assert {name: os.environ.get(name) for name in WAITING} == dict.fromkeys(WAITING) | {name: "300000"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PyTorch has another OpenMP, which shows it otherwise")
@pytest.mark.parametrize(
    ("command", "variables"),
    [
        (["-m", "nst", "reconstruct", "missing.png"], {}),
        (["app.py", "--help"], {"SPACES_ZERO_GPU": "1", "SPACES_ZERO_DEVICE_API_URL": "http://127.0.0.1:9"}),
    ],
    ids=["gramarye", "app.py on ZeroGPU"],
)
def test_a_command_says_so_before_pytorch_is_loaded(
    command: list[str], variables: dict[str, str], nothing_said: pytest.MonkeyPatch
) -> None:
    """PyTorch's own OpenMP is asked what it understood."""
    for name, value in {**variables, "OMP_DISPLAY_ENV": "VERBOSE"}.items():
        nothing_said.setenv(name, value)
    told = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False).stderr
    assert re.findall(r"OMP_WAIT_POLICY = '(\w+)'", told) == ["PASSIVE"]
    assert re.findall(r"GOMP_SPINCOUNT = '(\d+)'", told) == [str(SPINS)]
