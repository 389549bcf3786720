"""Gramarye's nodes for ComfyUI: stylize, reconstruct, synthesize, and a recipe for several of them.

ComfyUI imports this folder by its path, from `custom_nodes/`; the README beside this file says how it gets there.
"""

from importlib.util import find_spec

if find_spec("nst") is None:
    raise ImportError(
        "Gramarye's package nst is not installed for the Python that runs ComfyUI: run that Python with "
        "`-m pip install FOLDER`, where FOLDER is a clone of Gramarye, and start ComfyUI again."
    )

from .nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
