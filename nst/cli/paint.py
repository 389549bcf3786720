"""`gramarye stylize`, `reconstruct` and `synthesize`: a picture from pictures, after a recipe."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import RecipeError
from ..task import ROLE_HELP, STYLE_ROLES, TASKS, TaskName
from .options import (
    Once,
    add_recipe_options,
    add_run_options,
    recipe_of,
    require_compute_names,
    unusual_weights,
)
from .output import Preview, require_no_input
from .session import carry_out
from .signals import exiting
from .terminal import say


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
        if role not in STYLE_ROLES:
            option = "--" + role.replace("_", "-")
            parser.add_argument(
                option, metavar="FILE", type=Path, action=Once, default=argparse.SUPPRESS, help=ROLE_HELP[role]
            )
    add_run_options(parser, Path("out.png"))
    add_recipe_options(parser, task)


def run(options: argparse.Namespace) -> int:
    """Paint, and return the exit code."""
    require_compute_names(options)
    recipe, paths = recipe_of(options), input_paths(options)
    require_no_input(options.output, paths.values())
    if options.preview_every:
        Preview(options.output).require_free()
    for note in (*_several_styles(paths), *(f"note: {weight}." for weight in unusual_weights(options))):
        say(note)
    with exiting():
        from ..network.build import ensure_model
        from ..painting.backbone import Backbone
        from ..painting.painting import painting_of
        from ..pictures.reading import load_image
        from ..pictures.writing import check_output
    check_output(options.output)
    pictures = {role: load_image(path) for role, path in paths.items()}
    backbone = Backbone.open(ensure_model(say=say), options.device, options.precision)
    say(str(backbone))
    return carry_out(painting_of(options.task, pictures, recipe, backbone), options)


def input_paths(options: argparse.Namespace) -> dict[str, Path]:
    """Role -> file, of all images that were given.  Raises RecipeError for more styles than can be mixed."""
    paths: dict[str, Path] = {}
    for role in TASKS[options.task].roles:
        given = getattr(options, role, None)
        if isinstance(given, list):
            if len(given) > len(STYLE_ROLES):
                raise RecipeError(f"There are {len(given)} styles, but at most {len(STYLE_ROLES)} can be mixed.")
            paths |= zip(STYLE_ROLES, given, strict=False)
        elif given is not None:
            paths[role] = given
    return paths


def _several_styles(paths: dict[str, Path]) -> list[str]:
    """What was understood, where a line of files might have meant something else."""
    styles = [paths[role] for role in STYLE_ROLES if role in paths]
    if len(styles) < 2:
        return []
    content = f"1 content image: {paths['content']}; " if "content" in paths else ""
    return [f"{content}{len(styles)} styles: {', '.join(map(str, styles))}"]
