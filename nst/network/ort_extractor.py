"""The same network on ONNX Runtime, for what needs no gradient: the targets."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import ModelError
from ..recipe import Border, Pooling

BORDER_INPUT = "replicate_border"
"""The model's second, optional input: true repeats the picture's edge outside it, false (default) puts zeros."""

POOLING_INPUT = "average_pooling"
"""Its third, optional input: true takes the mean of each 2x2 block between the stages, false (default) the maximum."""


class OrtExtractor:
    """Feature maps by ONNX Runtime: on CUDA where its provider really starts, else on the CPU.

    Raises ModelError when the file can't be run.
    """

    def __init__(self, path: Path, device: torch.device | str = "cpu") -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # as PyTorch's threads: `nst.threads`
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # which would hold for good what the largest picture needed once
        providers: list[str | tuple[str, dict[str, str]]] = ["CPUExecutionProvider"]
        if torch.device(device).type == "cuda" and "CUDAExecutionProvider" in ort.get_available_providers():
            ort.preload_dlls()
            index = str(torch.device(device).index or 0)
            providers.insert(0, ("CUDAExecutionProvider", {"device_id": index, "use_tf32": "0"}))
        try:
            self._session = ort.InferenceSession(path, options, providers=providers)
        except Exception as error:  # onnxruntime's exceptions share no base class
            raise ModelError(f"ONNX Runtime can't run {path} ({type(error).__name__}): export it again.") from None
        self._run_options = ort.RunOptions()
        self._run_options.only_execute_path_to_fetches = True

    @property
    def provider(self) -> str:
        """The execution provider that is really in use, such as "CPUExecutionProvider"."""
        name: str = self._session.get_providers()[0]
        return name

    def __call__(
        self, image: Tensor, taps: Collection[str], border: Border = "zeros", pooling: Pooling = "max"
    ) -> dict[str, Tensor]:
        """As `nst.network.extractor.Extractor`: Nx3xHxW in [0, 1] -> tap -> NxCxhxw; float32 tensors on the CPU.

        Raises ModelError for the border "wrap", which the model file does not know.
        """
        if border == "wrap":
            raise ModelError('The model file knows no border "wrap": compute these features with PyTorch.')
        names = list(taps)
        feeds = {
            "image": np.ascontiguousarray(image.detach().float().cpu().numpy()),
            BORDER_INPUT: np.array(border == "replicate"),
            POOLING_INPUT: np.array(pooling == "average"),
        }
        arrays = self._session.run(names, feeds, self._run_options)
        return {tap: torch.from_numpy(array) for tap, array in zip(names, arrays, strict=True)}
