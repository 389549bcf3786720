"""What people type out of habit: options of other programs, and ours with a slip in them."""

from __future__ import annotations

import difflib
from collections.abc import Collection

_STEPS = "--first-steps at the coarsest scale and --last-steps at the full size"
_CONTENT = "the first file, without an option"
_STYLE = "the files after the content, without an option"
_COLORS = "--colors luminance, or --colors match"
_CHECKPOINTS = "--keep-every for pictures, --checkpoint-every for checkpoints"
_BATCH = "gramarye batch, which takes folders"

PAINTING_HABITS = {
    "--iterations": _STEPS,
    "--num-iterations": _STEPS,
    "--steps": _STEPS,
    "--num-steps": _STEPS,
    "--epochs": _STEPS,
    "--max-iter": _STEPS,
    "--initial-iterations": "--first-steps",
    "--content": _CONTENT,
    "--content-image": _CONTENT,
    "--style": _STYLE,
    "--styles": _STYLE,
    "--style-image": _STYLE,
    "--style-images": _STYLE,
    "--output-image": "--output",
    "--image-size": "--size",
    "--img-size": "--size",
    "--max-size": "--size",
    "--end-scale": "--size",
    "--width": "--size, for the long side",
    "--height": "--size, for the long side",
    "--min-scale": "--start-size",
    "--original-colors": _COLORS,
    "--preserve-color": _COLORS,
    "--preserve-colors": _COLORS,
    "--content-layers": "--content-taps",
    "--style-layers": "--style-taps",
    "--style-blend-weights": "--style-blend",
    "--style-weights": "--style-blend",
    "--blend": "--style-blend",
    "--lr": "--learning-rate",
    "--step-size": "--learning-rate",
    "--avg-decay": "--average",
    "--random-seed": "--seed",
    "--save-iter": "--keep-every, or --preview-every",
    "--save-every": "--keep-every, or --preview-every",
    "--checkpoint-iterations": _CHECKPOINTS,
    "--save-video": "--time-lapse",
    "--video": "--time-lapse",
    "--gif": "--time-lapse",
    "--content-dir": _BATCH,
    "--style-dir": _BATCH,
    "--input-dir": _BATCH,
    "--output-dir": _BATCH,
    "--gpu": "--device cuda",
    "--cuda": "--device cuda",
    "--devices": "--device",
    "--cpu": "--device cpu",
    "--no-cuda": "--device cpu",
    "--fp16": "--precision bf16",
    "--half": "--precision bf16",
}
"""Option of neural-style, its descendants and crowsonkb/style-transfer-pytorch -> what to use here."""

_ONE_PICTURE = (
    _CONTENT,
    _STYLE,
    _BATCH,
    "--output",
    "--style-blend",
    "--time-lapse",
    "--keep-every, or --preview-every",
    _CHECKPOINTS,
)
"""Advice that a batch has no option for."""

BATCH_HABITS = {option: advice for option, advice in PAINTING_HABITS.items() if advice not in _ONE_PICTURE} | {
    "--content-image": "--content",
    "--content-images": "--content",
    "--content-dir": "--content",
    "--content-folder": "--content",
    "--contents": "--content",
    "--input": "--content",
    "--input-dir": "--content",
    "--input-images": "--content",
    "--inputs": "--content",
    "--images": "--content",
    "--style-image": "--style",
    "--style-images": "--style",
    "--style-dir": "--style",
    "--style-folder": "--style",
    "--styles": "--style",
    "--output": "--out",
    "--output-dir": "--out",
    "--output-folder": "--out",
    "--output-image": "--out",
    "--out-dir": "--out",
    "--outdir": "--out",
    "--save-dir": "--out",
    "--style-blend": "gramarye stylize, as a batch paints in each style alone",
    "--resume": "the same command again, which goes on where it was",
    "--skip-existing": "nothing, as what is there already stays",
    "--overwrite": "another folder as --out, as what is there already stays",
}
"""Option of other programs that paint many pictures -> what `gramarye batch` has."""

_IN_A_BATCH_ALONE = ("--out-dir", "--outdir", "--out", "--resume", "--skip-existing", "--overwrite", "--output")

GRID_HABITS = {option: advice for option, advice in BATCH_HABITS.items() if option not in _IN_A_BATCH_ALONE} | {
    **dict.fromkeys(("--output-dir", "--output-folder", "--out-dir", "--outdir", "--save-dir"), "--cells"),
    "--out": "--output",
    "--output-image": "--output",
    "--style-blend": "gramarye stylize, as a series paints in each style alone",
    "--grid": "--vary",
    "--sweep": "--vary",
    "--values": "--vary",
}
"""Option of other programs that paint a series -> what `gramarye grid` has."""

SERVING_HABITS = {
    "--server-name": "--host",
    "--listen": "--host 0.0.0.0",
    "--server-port": "--port",
    "--gpu": "--device cuda",
    "--cuda": "--device cuda",
    "--cpu": "--device cpu",
}
"""Option of other programs with a page -> what to use here."""


HABITS: dict[str, dict[str, str]] = {"batch": BATCH_HABITS, "grid": GRID_HABITS, "serve": SERVING_HABITS, "export": {}}
"""Command -> its habits, where they are not those of painting."""


def foreign_option(arguments: Collection[str], own: Collection[str], habits: dict[str, str]) -> str | None:
    """A sentence on the first argument that is an option of another program, None if there is none.

    own: the options that the command has, which are never foreign.  Also found are those with one dash, of which
    argparse would make others (``-output_image x`` is -o with the value ``utput_image``).
    """
    for argument in arguments:
        if argument == "--":
            return None
        written = argument.partition("=")[0]
        name = _in_our_spelling(written)
        if written.startswith("-") and written not in own and name in habits:
            return f"there is no option {written} here: use {habits[name]}"
    return None


def nearest_option(arguments: Collection[str], own: Collection[str]) -> str | None:
    """The option of ours that was probably meant by the first of these that is one; None if nothing is like it."""
    for argument in arguments:
        if argument.startswith("-"):
            names = [option.lstrip("-") for option in own if option.startswith("--")]
            meant = difflib.get_close_matches(_in_our_spelling(argument.partition("=")[0]).lstrip("-"), names, n=1)
            return f"--{meant[0]}" if meant else None
    return None


def _in_our_spelling(option: str) -> str:
    return "--" + option.lstrip("-").lower().replace("_", "-")
