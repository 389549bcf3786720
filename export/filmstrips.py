"""Make the filmstrips of the page's panel "Layers" anew: `python -m export.filmstrips [NAME...]`.

What a tap keeps of a picture: reconstructions from one tap each, and textures from the taps up to each.  A strip is
one WebP of pictures side by side; `examples/layers/layers.json` says what it is made of and how near each picture is
to the original.  NAME is an example's.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from nst.learn.filmstrips import KINDS, Kind, filmstrip_paintings, original_at
from nst.locations import EXAMPLES
from nst.network.build import ensure_model
from nst.pictures.reading import load_image

NAMES = {
    "content": ("colosseum", "chelsea", "city_at_dusk"),
    "style": ("starry_night", "van_gogh_bouquet", "turner_venice"),
}
SIZE = 160
"""Pixels of a picture's long side."""

STEPS = 90
QUALITY = 85
FOLDER = EXAMPLES / "layers"


def make(kind: Kind, name: str) -> Path:
    """Compute one example's pictures, write them as one strip, and note their figures."""
    picture = load_image(EXAMPLES / kind / f"{name}.jpg")
    original = original_at(picture, SIZE)
    frames, facts = [], []
    for step in filmstrip_paintings(kind, picture, SIZE, STEPS):
        frame = step.frame_of(step.painting.result(), original)
        frames.append(frame.rgb)
        facts.append({"label": frame.label, **frame.metrics._asdict()})
    path = FOLDER / f"{name}.webp"
    Image.fromarray(np.concatenate(frames, axis=1)).save(path, quality=QUALITY, method=6)
    _note(name, {"kind": kind, "digest": picture.digest, "frames": facts})
    return path


def _note(name: str, facts: dict[str, object]) -> None:
    path = FOLDER / "layers.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known[name] = facts
    path.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


def main() -> None:
    """Make all strips, or those that are named."""
    allowed = [name for names in NAMES.values() for name in names]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(allowed))
    chosen = set(parser.parse_args().names)
    if unknown := chosen - set(allowed):
        parser.error(f"there is no {', '.join(sorted(unknown))}: choose from {', '.join(allowed)}")
    ensure_model()
    FOLDER.mkdir(exist_ok=True)
    for kind in KINDS:
        for name in NAMES[kind]:
            if not chosen or name in chosen:
                print(make(kind, name), flush=True)


if __name__ == "__main__":
    main()
