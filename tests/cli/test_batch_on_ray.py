"""A batch on Ray: the same pictures as of one process, and nothing is left running whatever ends it."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from nst.cli.main import main
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from tests.cli.support import QUICK, start, wait_for
from tests.conftest import smooth_picture
from tests.ray_processes import Marked, needs_ray
from tests.waiting import SLOW, until

pytestmark = needs_ray

BATCH = ["batch", "--content", "photos", "--style", "paintings", "--out", "out"]
RAY = ["--engine", "ray", "--workers", "2"]


@pytest.fixture
def marked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Marked]:
    """Three photographs and a painting in the working folder, and what is started there."""
    for seed, name in enumerate(("photos/ant", "photos/bee", "photos/cat", "paintings/stars")):
        Path(name).parent.mkdir(exist_ok=True)
        save_image(smooth_picture(48, 40 + 4 * (seed % 2), seed=seed), f"{name}.png")
    marked = Marked()
    for name, value in marked.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield marked
    until(lambda: not marked.alive(), marked.alive)


def test_the_pictures_are_those_of_one_process(marked: Marked) -> None:
    Path("photos/dog.png").write_text("no picture")
    process = start(*BATCH, *QUICK, *RAY)
    told = process.communicate(timeout=SLOW)[1].splitlines()
    assert process.returncode == 2
    assert re.search(r" on 2 workers on Ray \(cpu in (bf16|fp32), \d+ threads? each\)$", told[0])
    lines = [line for line in told if ": note: " not in line]
    assert sorted(re.sub(r"^\d/4 |: .*", "", line) for line in lines[1:5]) == sorted(
        ["ant-stars", "bee-stars", "cat-stars", "dog-stars"]
    )
    assert lines[5].startswith("4 of 4: 3 painted, 0 done before, 1 failed in ")
    assert "3 pictures here; 1 failed." in Path("out/index.html").read_text()
    pictures = {path.name: load_image(path).to_pil().tobytes() for path in Path("out").glob("*.png")}
    Path("out").rename("of_ray")
    again = start(*BATCH, *QUICK)
    again.communicate(timeout=SLOW)
    assert {path.name: load_image(path).to_pil().tobytes() for path in Path("out").glob("*.png")} == pictures


def test_stopped_it_goes_on_there_and_leaves_no_process(marked: Marked) -> None:
    endless = ["--size", "48", "--start-size", "0", "--first-steps", "10000", "--tolerance", "0", "--device", "cpu"]
    process = start(*BATCH, *endless, *RAY)
    wait_for("out/thumbnails", process)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=SLOW)[1].splitlines()
    assert process.returncode == 130
    assert told[-2].startswith("0 of 3: 0 painted, 0 done before, 0 failed")
    assert told[-1] == "Stopped: the same command goes on from here."
    assert list(Path("out").glob("*.png")) == []


@pytest.mark.parametrize(
    ("options", "variable", "sentence"),
    [
        (["--engine", "rya"], "", "There is no engine 'rya': choose local or ray, with --engine or in NST_ENGINE."),
        ([], "slurm", "There is no engine 'slurm': choose local or ray"),
        (["--workers", "2"], "", "--workers is for the engine ray: add --engine ray, or leave it out."),
        (["--ray-address", "a:1"], "local", "--ray-address is for the engine ray"),
        (["--workers", "0"], "ray", "'0' is not a number of workers from 1"),
    ],
)
def test_a_wrong_engine_is_one_sentence(
    options: list[str],
    variable: str,
    sentence: str,
    marked: Marked,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NST_ENGINE", variable)
    assert main([*BATCH, *options, *QUICK]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1


def test_an_address_where_no_cluster_is_is_one_sentence_in_time(
    marked: Marked, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nst.serving.ray_cluster.REACH_SECONDS", 3.0)
    assert main([*BATCH, *QUICK, "--engine", "ray", "--ray-address", "127.0.0.1:1"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: No Ray cluster can be joined at '127.0.0.1:1' (no answer in 3 s)")
    assert "Without --ray-address one is started on this machine." in told
    assert told.count("\n") == 1


def test_an_address_of_a_client_is_refused(marked: Marked, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BATCH, *QUICK, "--engine", "ray", "--ray-address", "ray://127.0.0.1:10001"]) == 2
    assert "run this on a machine that is a part of the cluster, with HOST:PORT or auto." in capsys.readouterr().err
