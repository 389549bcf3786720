"""`python -m tests.serving.forked_paintings MODEL`: a ZeroGPU Space with an empty page, whose worker paints a little.

Prints a line of JSON about it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .without_gpu import without_gpu

LENT_STEPS, LOCAL_STEPS = 20, 5
STOPPED_STEPS = 3000
"""More than are computed before somebody stops it, and what still fits into the seconds that are lent."""


def main() -> None:
    """A painting on a lent GPU, the same without one, one that is stopped, and one that is too small for a GPU."""
    without_gpu()
    import gradio as gr
    import numpy as np
    from spaces.zero.torch.patching import tensor_packs

    from nst.network.device import choose
    from nst.network.model import open_model
    from nst.painting.backbone import Backbone
    from nst.painting.painting import Painting, stylize
    from nst.recipe import Recipe
    from nst.serving.limits import Limits
    from nst.serving.speed import Speed
    from nst.serving.zero_gpu import ZeroGpuWorker
    from tests.conftest import smooth_picture
    from tests.serving.support import close_after

    path = Path(sys.argv[1])
    worker = ZeroGpuWorker(path, here=Limits(LOCAL_STEPS, Speed(start=0, step=1, operations=1e30)))
    with gr.Blocks() as page:
        gr.Markdown("Nothing is here.")
    page.launch(prevent_thread_lock=True, quiet=True)
    content, style = smooth_picture(48, 40, seed=1), smooth_picture(40, 44, seed=2)

    def painting(steps: int, backbone: Backbone = worker.backbone) -> Painting:
        return stylize(content, style, Recipe(start_size=0, first_steps=steps, tolerance=0), backbone=backbone)

    lent = worker.submit(painting(LENT_STEPS))
    lent.wait()
    stopped = worker.submit(painting(STOPPED_STEPS), interval=0)
    while not stopped.snapshot and not stopped.wait(0.01):
        pass
    stopped.stop()
    stopped.wait()
    local = worker.submit(painting(LOCAL_STEPS))
    close_after(local, worker)
    worker.work()
    page.close(verbose=False)

    without_fork = painting(LENT_STEPS, Backbone.of(open_model(path), choose("cpu", "bf16"))).result()
    assert lent.picture is not None
    outcome = {
        "promised": sum(pack.total_size for pack in tensor_packs),
        "errors": [str(job.error) for job in (lent, stopped, local) if job.error],
        "states": [lent.state, stopped.state, local.state],
        "iterations": [job.snapshot.progress.iteration for job in (lent, stopped, local) if job.snapshot],
        "same": np.array_equal(np.asarray(lent.picture.to_pil()), np.asarray(without_fork.to_pil())),
    }
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
