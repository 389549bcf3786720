"""How much memory and time it takes to read the largest pictures that are allowed, by format.

    python -m bench.reading

Each is made, and read, by a process of its own; what is reported is how much its peak of memory grew by reading.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from nst.pictures.reading import load_image

from .resident import peak_bytes

KINDS: dict[str, tuple[int, int, str]] = {
    # format, and how it is saved -> width, height and mode
    "JPEG": (18_250, 13_690, "RGB"),
    "JPEG of a phone": (12_000, 9_000, "RGB"),
    "JPEG progressive": (9_459, 9_459, "RGB"),
    "PNG": (9_459, 9_459, "RGBA"),
    "PNG 16 bits": (9_459, 9_459, "I;16"),
    "TIFF floats": (9_459, 9_459, "F"),
    "TIFF": (9_459, 9_459, "CMYK"),
    "WEBP": (7_070, 7_070, "RGB"),
    "AVIF": (8_000, 8_000, "RGB"),
    "HEIF": (8_000, 8_000, "RGB"),
}
OPTIONS = {
    "JPEG progressive": {"progressive": True, "subsampling": 0},
    "PNG": {"compress_level": 1},
    "PNG 16 bits": {"compress_level": 1},
    "WEBP": {"method": 0, "quality": 50},
    "AVIF": {"speed": 10, "quality": 30},
    "HEIF": {"quality": 20},
}


def make(kind: str, path: Path) -> None:
    """A file of smooth noise."""
    width, height, mode = KINDS[kind]
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 80, 4), dtype=np.uint8))
    gray = mode in ("F", "I;16")
    image = noise.convert("L" if gray else mode).resize((width, height), Image.Resampling.BICUBIC)
    if gray:
        values = np.asarray(image)
        image = Image.fromarray(values.astype(np.uint16) * 257 if mode == "I;16" else values.astype(np.float32) / 255)
    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    image.save(path, kind.split(maxsplit=1)[0], **OPTIONS.get(kind, {}))


def measure(path: Path) -> None:
    """Print the bytes by which reading raised the peak, and the seconds it computed."""
    Image.new("RGB", (32, 32)).save(small := path.with_suffix(".small.png"))
    load_image(small)  # what is only loaded once
    before, began = peak_bytes(), time.process_time()
    load_image(path)
    print(f"{(peak_bytes() - before) / 1e6:5.0f} MB {time.process_time() - began:5.1f} s")


def main() -> None:
    """A line for each."""
    if len(sys.argv) > 2:
        (make(sys.argv[1], Path(sys.argv[2])) if sys.argv[1] in KINDS else measure(Path(sys.argv[2])))
        return
    with tempfile.TemporaryDirectory() as folder:
        for kind, (width, height, mode) in KINDS.items():
            path = Path(folder) / "picture"
            for job in (kind, "measure"):
                command = [sys.executable, "-m", "bench.reading", job, str(path)]
                said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            print(f"{kind:18} {width}x{height} {mode:5} {said.strip()}", flush=True)


if __name__ == "__main__":
    main()
