"""A process that reads the whole corpus and says what came of each file; run by test_corpus.py.

python -m tests.pictures.read_corpus FOLDER    prints a line of JSON for each file, then one with the peak of memory
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from bench.resident import peak_bytes
from nst.errors import ImageError
from nst.pictures.reading import load_image
from tests.pictures.corpus import corpus
from tests.pictures.support import encoded, flat

STARTS_A_PROGRAM = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn")
_touched: list[str] = []
_watched: list[Path] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: programs that are started, and files that are opened, but for the one that is being read."""
    if not _watched:
        return
    if event in STARTS_A_PROGRAM or event.startswith("socket."):
        _touched.append(event)
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.fsdecode(arguments[0])
        if path != str(_watched[0]) and not path.endswith((".py", ".pyc", ".so")):
            _touched.append(f"open {path}")


def main(folder: Path) -> None:
    """Read all of it."""
    warnings.simplefilter("ignore")
    files = list(corpus())
    for file in files:
        (folder / file.name).write_bytes(file.data)
    (folder / "first.png").write_bytes(encoded(flat("RGB", 0), "PNG"))
    load_image(folder / "first.png")
    sys.addaudithook(_note)
    before = peak_bytes()
    for file in files:
        path = folder / file.name
        _touched.clear()
        _watched[:] = [path]
        began = time.process_time()
        answer = {"name": file.name, "expected": file.expected, "kind": file.kind} | _read(path)
        _watched.clear()
        print(json.dumps(answer | {"seconds": time.process_time() - began, "touched": list(_touched)}), flush=True)
    print(json.dumps({"grown": peak_bytes() - before}))


def _read(path: Path) -> dict[str, Any]:
    try:
        picture = load_image(path)
    except ImageError as error:
        return {"came": "refused", "sentence": str(error)}
    except BaseException as error:
        return {"came": f"{type(error).__name__}: {error}"}
    bands = [picture.rgb, *([] if picture.alpha is None else [picture.alpha])]
    inside = all(bool(((band >= 0) & (band <= 1)).all()) for band in bands)
    json.dumps(picture.provenance)
    return {"came": "picture" if inside else "a picture outside 0 to 1", "size": [picture.width, picture.height]}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
