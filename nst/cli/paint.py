"""`gramarye stylize`, `reconstruct` and `synthesize`: a picture from pictures, after a recipe."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import RecipeError
from ..task import ROLE_HELP, STYLE_MASK_ROLES, STYLE_ROLES, TASKS, TaskName
from .checkpoints import CheckpointFile, add_checkpoint_options
from .loading import uncollected
from .options import (
    Once,
    add_recipe_options,
    add_run_options,
    recipe_of,
    require_compute_names,
    unusual_weights,
)
from .output import outputs_of, require_places
from .session import carry_out
from .signals import exiting
from .terminal import say

NO_MASK = "none"
"""What --style-mask says of a style that has none, if one behind it does."""


def add_options(parser: argparse.ArgumentParser, task: TaskName) -> None:
    """The task's images, the options of every run, and the recipe's."""
    for role in TASKS[task].inputs:
        several = role == "style"
        parser.add_argument(
            role,
            metavar=role.upper(),
            type=Path,
            nargs="+" if several else None,
            default=argparse.SUPPRESS,
            help=ROLE_HELP[role] + (f", or up to {len(STYLE_ROLES)} to be mixed" if several else ""),
        )
    for role in TASKS[task].optional_inputs:
        if role not in (*STYLE_ROLES, *STYLE_MASK_ROLES):
            option = "--" + role.replace("_", "-")
            parser.add_argument(
                option, metavar="FILE", type=Path, action=Once, default=argparse.SUPPRESS, help=ROLE_HELP[role]
            )
    if "style" in TASKS[task].inputs:
        parser.add_argument(
            "--style-mask",
            metavar="FILE",
            type=_mask_file,
            action="append",
            default=argparse.SUPPRESS,
            help=f"{ROLE_HELP['style_mask']}; once for each of several styles, in their order, {NO_MASK} for one that "
            "has no mask",
        )
    add_run_options(parser, Path("out.png"))
    add_checkpoint_options(parser)
    add_recipe_options(parser, task)


def run(options: argparse.Namespace) -> int:
    """Paint, and return the exit code."""
    require_compute_names(options)
    recipe, paths = recipe_of(options), input_paths(options)
    require_places(options, paths.values(), recipe if options.resume else None)
    checkpoints = CheckpointFile.asked_for(options, paths.values())
    for note in (*_several_styles(paths), *(f"note: {weight}." for weight in unusual_weights(options))):
        say(note)
    with exiting(), uncollected():
        from ..network.build import ensure_model
        from ..painting.backbone import Backbone
        from ..painting.painting import painting_of
        from ..painting.scene import side_to_read
        from ..pictures.reading import load_image
        from ..pictures.writing import check_output
    for option, output in outputs_of(options).items():
        check_output(output, options.dpi if option == "-o" else None)
    pictures = {role: load_image(path, side_to_read(recipe)) for role, path in paths.items()}
    backbone = Backbone.open(ensure_model(say=say), options.device, options.precision)
    say(str(backbone))
    painting = painting_of(options.task, pictures, recipe, backbone)
    if checkpoints:
        checkpoints.begin(painting, resume=options.resume)
    return carry_out(painting, options, checkpoints)


def input_paths(options: argparse.Namespace) -> dict[str, Path]:
    """Role -> file, of all images that were given.

    Raises RecipeError for more styles than can be mixed, and for more masks than styles.
    """
    styles: list[Path] = getattr(options, "style", [])
    masks: list[Path | None] = getattr(options, "style_mask", [])
    if len(styles) > len(STYLE_ROLES):
        raise RecipeError(f"There are {len(styles)} styles, but at most {len(STYLE_ROLES)} can be mixed.")
    if len(masks) > len(styles):
        raise RecipeError(
            f"--style-mask came {len(masks)} times for {len(styles)} styles: give it at most once for each, in their "
            "order."
        )
    files: dict[str, Path | None] = {**vars(options), "style_mask": None}
    files |= zip(STYLE_ROLES, styles, strict=False)
    files |= zip(STYLE_MASK_ROLES, masks, strict=False)
    return {role: path for role in TASKS[options.task].roles if (path := files.get(role)) is not None}


def _mask_file(text: str) -> Path | None:
    return None if text == NO_MASK else Path(text)


def _several_styles(paths: dict[str, Path]) -> list[str]:
    """What was understood, where a line of files might have meant something else."""
    pairs = zip(STYLE_ROLES, STYLE_MASK_ROLES, strict=True)
    styles = [
        f"{paths[style]} (mask {paths[mask]})" if mask in paths else str(paths[style])
        for style, mask in pairs
        if style in paths
    ]
    if len(styles) < 2:
        return []
    content = f"1 content image: {paths['content']}; " if "content" in paths else ""
    return [f"{content}{len(styles)} styles: {', '.join(styles)}"]
