"""Make the filmstrips of the page's panel "Layers" again: `python -m export.filmstrips [NAME...]`.

What a tap keeps of a picture: reconstructions from one tap each, and textures from the taps up to each.  A strip is
one WebP of pictures side by side; `examples/layers/layers.json` says what it is made of and how near each picture is
to the original.  NAME is an example's.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from nst.learn.filmstrips import Kind, filmstrip_paintings, original_at
from nst.locations import EXAMPLES
from nst.network.build import ensure_model
from nst.pictures.reading import load_image
from nst.pictures.writing import write_image, write_whole

from .making import make_named

KINDS: dict[str, Kind] = {
    "colosseum": "content",
    "chelsea": "content",
    "city_at_dusk": "content",
    "starry_night": "style",
    "van_gogh_bouquet": "style",
    "turner_venice": "style",
}
"""Example -> whether it is reconstructed as a content or made a texture as a style."""

SIZE = 160
"""Pixels of a picture's long side."""

STEPS = 90
QUALITY = 85
FOLDER = EXAMPLES / "layers"


def make(name: str, folder: Path = FOLDER) -> Path:
    """Compute one example's pictures, write them as one strip, and note their figures."""
    ensure_model()
    kind = KINDS[name]
    picture = load_image(EXAMPLES / kind / f"{name}.jpg")
    original = original_at(picture, SIZE)
    panels, figures = [], []
    for strip in filmstrip_paintings(kind, picture, SIZE, STEPS):
        frame = strip.frame_of(strip.painting.result(), original)
        panels.append(frame.rgb)
        figures.append({"label": frame.label, **frame.metrics._asdict()})
    folder.mkdir(exist_ok=True)
    strip_image = Image.fromarray(np.concatenate(panels, axis=1))
    path = write_image(strip_image, folder / f"{name}.webp", "WEBP", quality=QUALITY, method=6)
    _note(folder / "layers.json", name, {"kind": kind, "digest": picture.digest, "frames": figures})
    return path


def _note(path: Path, name: str, figures: dict[str, object]) -> None:
    all_figures = json.loads(path.read_text()) if path.exists() else {}
    all_figures[name] = figures
    write_whole(path, (json.dumps(dict(sorted(all_figures.items())), indent=1) + "\n").encode())


if __name__ == "__main__":
    sys.exit(make_named(__doc__, KINDS, make))
