"""ComfyUI as far as a node meets it: its modules, how it imports a folder, and how it checks and runs a node.

Written after ComfyUI's `comfy/utils.py`, `comfy/model_management.py`, `nodes.py` and `execution.py`.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

Preview = tuple[str, Any, int]


class InterruptProcessingException(BaseException):
    """What ends the run of a graph that the user has interrupted; no `except Exception` catches it."""


class ComfyStandIn:
    """modules: "comfy" and its submodules by name.

    updates: (value, total, preview) of each call of a progress bar.  interrupted: whether the user has said so.
    interrupt_after: so many updates from now.  bar_interrupts: whether the bar raises then, as ComfyUI's does.
    free: bytes on any device; asked_to_free: what `free_memory` was called with.
    """

    def __init__(self) -> None:
        self.updates: list[tuple[float, float, Preview | None]] = []
        self.interrupted = False
        self.interrupt_after = -1
        self.bar_interrupts = True
        self.free = 1e12
        self.asked_to_free: list[tuple[float, torch.device]] = []
        self.modules = {name: ModuleType(name) for name in ("comfy", "comfy.utils", "comfy.model_management")}
        comfy, utils, management = self.modules.values()
        vars(utils)["ProgressBar"] = self._bar_class()
        vars(management).update(
            InterruptProcessingException=InterruptProcessingException,
            processing_interrupted=lambda: self.interrupted,
            throw_exception_if_processing_interrupted=self.throw,
            get_free_memory=lambda dev=None, torch_free_too=False: self.free,
            free_memory=lambda memory_required, device, keep_loaded=(): self.asked_to_free.append(
                (memory_required, device)
            ),
        )
        vars(comfy).update(utils=utils, model_management=management)

    def throw(self) -> None:
        if self.interrupted:
            self.interrupted = False
            raise InterruptProcessingException

    def _bar_class(self) -> type:
        comfy = self

        class ProgressBar:
            def __init__(self, total: float, node_id: str | None = None) -> None:
                self.total, self.current = total, 0.0

            def update_absolute(self, value: float, total: float | None = None, preview: Preview | None = None) -> None:
                self.total = self.total if total is None else total
                self.current = min(value, self.total)
                comfy._hook(self.current, self.total, preview)

            def update(self, value: float) -> None:
                self.update_absolute(self.current + value)

        return ProgressBar

    def _hook(self, value: float, total: float, preview: Preview | None) -> None:
        self.updates.append((value, total, preview))
        self.interrupted = self.interrupted or len(self.updates) == self.interrupt_after
        if self.bar_interrupts:
            self.throw()


def load_custom_node(folder: Path) -> ModuleType:
    """As ComfyUI imports a folder of `custom_nodes/`; what is in `sys.modules` then is the caller's to remove."""
    name = str(folder).replace(".", "_x_")
    spec = importlib.util.spec_from_file_location(name, folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def faults_of(node: Any, inputs: dict[str, Any]) -> list[str]:
    """What ComfyUI has against these inputs before it runs anything; tensors stand for links to other nodes."""
    checked_by_node, faults = [], []
    validate: Callable[..., str | bool] | None = getattr(node, "VALIDATE_INPUTS", None)
    if validate is not None:
        checked_by_node = inspect.getfullargspec(validate).args
        is_true = validate(**{name: value for name, value in inputs.items() if name in checked_by_node})
        faults += [] if is_true is True else [str(is_true)]
    kinds = node.INPUT_TYPES()
    faults += [f"{name} is missing" for name in kinds["required"] if name not in inputs]
    for name, (kind, said) in {**kinds["required"], **kinds.get("optional", {})}.items():
        if name not in inputs or name in checked_by_node:
            continue
        value = inputs[name]
        if isinstance(kind, list) and value not in kind:
            faults.append(f"{name}: {value!r} is not in {kind}")
        elif kind in ("INT", "FLOAT") and not said["min"] <= {"INT": int, "FLOAT": float}[kind](value) <= said["max"]:
            faults.append(f"{name}: {value} is not in {said['min']} to {said['max']}")
    return faults


def run(node: Any, **inputs: Any) -> tuple[Any, ...]:
    """The outputs of a node, run as ComfyUI runs it: by its names alone, and without gradients."""
    assert faults_of(node, inputs) == []
    with torch.inference_mode():
        outputs = getattr(node(), node.FUNCTION)(**inputs)
    assert len(outputs) == len(node.RETURN_TYPES)
    return tuple(outputs)
