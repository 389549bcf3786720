"""A ZeroGPU Space on a machine without a GPU.

The real `spaces` package is at work: it promises weights on CUDA, asks for seconds over HTTP, forks workers, pickles
what goes there and back.  Only what needs a GPU is left out, which is in two functions of the worker.

`python without_gpu.py` serves app.py's page so, with its options.
"""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path


def without_gpu() -> None:
    """Have `spaces` do without a GPU in this process and its workers: what was promised on CUDA comes to the CPU.

    The GPU that is not there is the kind that ZeroGPU lends.
    """
    import spaces.zero.config
    import spaces.zero.torch
    import spaces.zero.wrappers

    spaces.zero.torch.init = lambda _uuid: None
    spaces.zero.torch.move = keep_promises
    spaces.zero.wrappers.client.utils.self_cgroup_device_path = lambda: "/"
    spaces.zero.config._read_gpu_information = lambda: "Model:\tNVIDIA RTX PRO 6000 Blackwell Server Edition\n"
    spaces.zero.config.get_config.cache_clear()


def keep_promises(**_: object) -> None:
    """As `spaces.zero.torch.patching.move`: fill each promised tensor from the file of its pack, but on the CPU."""
    import torch
    from spaces.zero.torch.patching import tensor_packs

    for pack in tensor_packs:
        with open(pack.path(), "rb") as file:
            for tensor, size, padded_size in (*chain(*pack.batches), *pack.big_tensors):
                data = torch.frombuffer(bytearray(file.read(padded_size)[:size]), dtype=torch.uint8)
                kept = torch.empty(0, dtype=tensor.dtype)
                kept.set_(data.untyped_storage(), 0, tensor.shape, tensor.stride())
                for promise in pack.fakes[tensor]:
                    promise.data = kept


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))
    without_gpu()
    import app

    sys.exit(app.main())
