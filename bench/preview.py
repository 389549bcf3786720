"""What watching a run costs: `python -m bench.preview`.

The same run, with the same seed, in turn (a) alone and (b) through the page's API with a client that reads every
preview, in one process on one machine.  Prints the ratio of the medians and writes it to bench/results/, named for the
machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from nst.locations import EXAMPLES
from nst.painting.backbone import Backbone
from nst.painting.painting import stylize
from nst.recipe import Recipe
from nst.serving.local import LocalWorker
from nst.ui.page import LAUNCH, build

from .results import save_results

T = TypeVar("T")

CONTENT, STYLE = EXAMPLES / "content" / "colosseum.jpg", EXAMPLES / "style" / "starry_night.jpg"

CLIENT = """
import json, sys, uuid
from pathlib import Path
from urllib.request import Request, urlopen

url, *paths, size, rounds = sys.argv[1:]

def upload(path):
    mark = uuid.uuid4().hex
    head = f'--{mark}\\r\\nContent-Disposition: form-data; name="files"; filename="{Path(path).name}"\\r\\n\\r\\n'
    body = head.encode() + Path(path).read_bytes() + f"\\r\\n--{mark}--\\r\\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    return {"path": json.load(urlopen(Request(url + "gradio_api/upload", body, kind)))[0],
            "meta": {"_type": "gradio.FileData"}}

content, style = map(upload, paths)
for _ in range(int(rounds)):
    sys.stdin.readline()
    body = {"content": content, "style": style, "preset": "fast", "size": int(size)}
    kind = {"Content-Type": "application/json"}
    request = Request(url + "gradio_api/call/v2/stylize", json.dumps(body).encode(), kind)
    event = json.load(urlopen(request))["event_id"]
    images = {}
    for line in urlopen(url + f"gradio_api/call/stylize/{event}"):
        if line.startswith(b"data: [") and (image := json.loads(line[6:])[0]):
            if image["url"] not in images:
                images[image["url"]] = len(urlopen(image["url"]).read())
            progress = json.loads(line[6:])[1]
    print(json.dumps({"seconds": progress["seconds"], "previews": len(images) - 1}), flush=True)
"""
"""A light one, as it shares the cores here: it reads the stream and fetches every image, as a browser does."""


def measure(worker: LocalWorker, url: str, size: int, rounds: int) -> dict[str, Any]:
    """Seconds of the run alone and watched, alternating; one warm-up of each is not counted."""
    command = [sys.executable, "-c", CLIENT, url, str(CONTENT), str(STYLE), str(size), str(rounds + 1)]
    alone, watched, previews = [], [], []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        for _ in range(rounds + 1):
            run = stylize(CONTENT, STYLE, Recipe.preset("fast", size=size), backbone=worker.backbone)
            worker.submit(run, interval=float("inf"), filmed=False).wait()
            assert run.latest is not None
            alone.append(run.latest.seconds)
            client.stdin.write("go\n")
            line = client.stdout.readline()
            if not line:
                raise RuntimeError("The client that was to watch has ended.")
            told = json.loads(line)
            watched.append(told["seconds"])
            previews.append(told["previews"])
    a, b, seen = (statistics.median(figures[1:]) for figures in (alone, watched, previews))
    return {"size": size, "rounds": rounds, "alone_s": a, "watched_s": b, "ratio": b / a, "previews_per_s": seen / b}


def main() -> None:
    """Compute on this thread, measure from another, print and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    worker = LocalWorker(Backbone.open())
    _, url, _ = build(worker).launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    rows = while_working(worker, lambda: [measure(worker, url, size, options.rounds) for size in options.sizes])
    for row in rows:
        print({key: round(value, 3) for key, value in row.items()})
    save_results("preview", str(worker.backbone), rows)


def while_working(worker: LocalWorker, call: Callable[[], T]) -> T:
    """What another thread's call gives, or its exception, while this thread computes; the worker is closed then."""

    def call_and_close() -> T:
        try:
            return call()
        finally:
            worker.close()

    with ThreadPoolExecutor(1) as other:
        answer = other.submit(call_and_close)
        worker.work()
    return answer.result()


if __name__ == "__main__":
    main()
