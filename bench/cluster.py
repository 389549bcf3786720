"""Several painters on Ray beside the engine of one process, and what a killed one costs: `python -m bench.cluster`.

Sixteen pictures by the local engine with all cores and with one thread; by two painters of one thread each; and by two
of whom one is killed with SIGKILL midway.  Each picture must be that of the local engine with as many threads, and none
may begin anew.  Then how soon a painting is over that is stopped in its steps, and before its first one.  Wants a quiet
machine.  Writes bench/results/cluster-MACHINE.json.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from itertools import product
from typing import Any

import torch

from nst.locations import EXAMPLES
from nst.network.build import ensure_model
from nst.pages import take_large_pages
from nst.painting.backbone import Backbone
from nst.painting.painting import Painting, stylize
from nst.pictures.reading import load_image
from nst.recipe import Recipe
from nst.serving.engine import Engine
from nst.serving.job import Job
from nst.serving.local import LocalWorker
from nst.serving.ray_worker import RayWorker
from nst.serving.worker import Worker
from nst.threads import share_cores

from .results import save_results

CONTENTS = ("chelsea", "colosseum", "otters", "casa_mila")
STYLES = ("starry_night", "van_gogh_bouquet", "turner_venice", "seurat_grande_jatte")

WORKERS = 2
CHECKPOINT_SECONDS = 0.5
"""Between two checkpoints: small pictures take some seconds, so more often than at work."""

LONG = Recipe(size=512, start_size=0, first_steps=10_000, tolerance=0.0)
GLANCE = 0.002


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--cancels", type=int, default=8)
    options = parser.parse_args()
    share_cores()
    take_large_pages()
    model, rows = ensure_model(), list[dict[str, Any]]()
    recipe = Recipe.preset("fast", size=options.size, tolerance=0.0)

    def note(**row: Any) -> None:
        rows.append(row)
        print(row, flush=True)

    backbone = Backbone.open(model)
    cores = torch.get_num_threads()
    with closing(LocalWorker(backbone, capacity=16).start()) as local:
        seconds, _ = painted(local, paintings(recipe, backbone))
        note(how=f"local, {cores} threads", size=options.size, **throughput(seconds, 16))
    torch.set_num_threads(1)
    backbone.targets.forget()
    with closing(LocalWorker(backbone, capacity=16).start()) as local:
        local.ask(lambda: torch.set_num_threads(1)).result()
        seconds, jobs = painted(local, paintings(recipe, backbone))
        note(how="local, 1 thread", **throughput(seconds, 16))
    expected = [pixels(job) for job in jobs]

    began = time.perf_counter()
    engine = Engine("ray", workers=WORKERS)
    with closing(RayWorker.open(model, "cpu", "auto", engine, capacity=16, every=CHECKPOINT_SECONDS)) as workers:
        note(how="start", on=str(workers), seconds=round(time.perf_counter() - began, 1))
        painted(workers, paintings(recipe, workers.backbone)[:WORKERS])
        for kills in (0, 1):
            killer = (lambda jobs: kill_one(workers, jobs)) if kills else None
            seconds, jobs = painted(workers, paintings(recipe, workers.backbone), killer)
            how = f"ray, {WORKERS} painters of 1 thread, {kills} killed"
            note(how=how, **throughput(seconds, 16), **told(jobs, expected))
        for how, after_first in (("stopped in a step", True), ("stopped before the first step", False)):
            note(how=how, size=LONG.size, **stopped(workers, options.cancels, after_first=after_first))
        on = str(workers)
    print(save_results("cluster", on, rows))


def paintings(recipe: Recipe, backbone: Backbone) -> list[Painting]:
    """Sixteen, each of another content or in another style."""
    pictures = [
        (load_image(EXAMPLES / "content" / f"{content}.jpg"), load_image(EXAMPLES / "style" / f"{style}.jpg"))
        for content, style in product(CONTENTS, STYLES)
    ]
    return [stylize(content, style, recipe, backbone=backbone) for content, style in pictures]


def painted(
    worker: Worker, paintings: list[Painting], meanwhile: Callable[[list[Job]], None] | None = None
) -> tuple[float, list[Job]]:
    """Seconds until all are done, and their jobs."""
    began = time.perf_counter()
    jobs = [worker.submit(painting, filmed=False) for painting in paintings]
    if meanwhile:
        meanwhile(jobs)
    for job in jobs:
        job.wait()
    return time.perf_counter() - began, jobs


def throughput(seconds: float, pictures: int) -> dict[str, Any]:
    """In pictures a minute."""
    return {"pictures": pictures, "seconds": round(seconds, 1), "per_minute": round(60 * pictures / seconds, 2)}


def kill_one(workers: RayWorker, jobs: list[Job]) -> None:
    """Kill the painter of a job that has a checkpoint, when a third of all are done."""
    while sum(job.finished for job in jobs) < len(jobs) // 3:
        time.sleep(GLANCE)
    while True:
        for job in jobs:
            painter = workers.painter_of(job)
            if painter and not job.finished and workers.resumes_at(job):
                os.kill(painter.pid, signal.SIGKILL)
                return
        time.sleep(GLANCE)


def told(jobs: list[Job], expected: list[bytes]) -> dict[str, Any]:
    """How many are as the local engine's, and where those went on that had to."""
    resumed = [after for job in jobs for after in job.resumed_after]
    return {
        "equal": sum(job.state == "done" and pixels(job) == right for job, right in zip(jobs, expected, strict=True)),
        "resumed_after": resumed,
        "begun_anew": resumed.count(0),
    }


def pixels(job: Job) -> bytes:
    """As its file holds them; nothing where there is no picture."""
    return b"" if job.picture is None else job.picture.to_pil().tobytes()


def stopped(workers: RayWorker, times: int, *, after_first: bool) -> dict[str, Any]:
    """Seconds from the wish to stop until its painter is free, the median and the most."""
    seconds = []
    for _ in range(times):
        job = workers.submit(paintings(LONG, workers.backbone)[0], filmed=False)
        while not (job.snapshot if after_first else workers.painter_of(job)):
            time.sleep(GLANCE)
        began = time.perf_counter()
        job.stop()
        while workers.painter_of(job):
            time.sleep(GLANCE)
        seconds.append(time.perf_counter() - began)
    return {
        "times": times,
        "median_seconds": round(statistics.median(seconds), 3),
        "most_seconds": round(max(seconds), 3),
    }


if __name__ == "__main__":
    main()
