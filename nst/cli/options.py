"""Options that commands share: those of every run, and one for each setting of a recipe."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from ..errors import RecipeError
from ..network.device_names import require_device_name, require_precision_name
from ..recipe import DEFAULT_PRESET, PRESETS, SETTINGS, Recipe, check_text, setting, settings_of
from ..serving.engine import ADDRESS_VARIABLE, ENGINES, VARIABLE, Engine
from ..task import TaskName

WEIGHTS = ("content_weight", "style_weight", "tv_weight")

FAR_FROM_USUAL = 1000.0
"""A weight so many times the preset's was surely meant for another program, whose losses have another scale."""


def add_run_options(parser: argparse.ArgumentParser, output: Path) -> None:
    """Where the picture goes, where it is computed, and what is shown meanwhile."""
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, action=Once, default=output, help="the result")
    parser.set_defaults(dpi=None)  # which no help is to show
    parser.add_argument(
        "--dpi",
        metavar="N",
        type=count("whole number of pixels for each inch", 1),
        default=argparse.SUPPRESS,
        help="write into the result how large it is to be printed, in pixels for each inch",
    )
    add_compute_options(parser)
    parser.add_argument(
        "--preview-every",
        metavar="STEPS",
        type=count("whole number of steps"),
        default=0,
        help="save OUT.preview every so many steps, which goes at the end; 0: never",
    )
    parser.add_argument(
        "--keep-every",
        metavar="STEPS",
        type=count("whole number of steps"),
        default=0,
        help="save a numbered picture every so many steps, OUT.0010 and so on, which stays; 0: never",
    )
    parser.set_defaults(time_lapse=None)  # which no help is to show
    parser.add_argument(
        "--time-lapse",
        metavar="FILE.webp",
        type=_film_file,
        action=Once,
        default=argparse.SUPPRESS,
        help="save a short film of how it came to be, as an animated WebP",
    )
    add_restraint_options(parser)


def add_restraint_options(parser: argparse.ArgumentParser) -> None:
    """What is not to be shown, and what is begun all the same."""
    parser.add_argument("--quiet", action="store_true", help="show no progress", default=False)
    parser.add_argument(
        "--ignore-memory",
        action="store_true",
        default=False,
        help="begin also what is reckoned to take more memory than there is",
    )


def add_compute_options(parser: argparse.ArgumentParser) -> None:
    """Device and precision."""
    parser.add_argument("--device", default="auto", help="auto, cuda, cuda:N, mps or cpu")
    parser.add_argument("--precision", default="auto", help="auto, bf16 or fp32")


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """What computes: this process, or workers on Ray."""
    parser.add_argument(
        "--engine",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help=f"{' or '.join(ENGINES)}: one painting at a time in this process, or several, each in a process of its "
        f"own (also {VARIABLE}; default: {ENGINES[0]})",
    )
    parser.add_argument(
        "--ray-address",
        metavar="HOST:PORT",
        default=argparse.SUPPRESS,
        help=f"the cluster of Ray to join (also {ADDRESS_VARIABLE}; default: one is started on this machine)",
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        type=count("number of workers", 1),
        default=argparse.SUPPRESS,
        help="how many workers on Ray (default: one for each GPU, or for two cores)",
    )


def engine_of(options: argparse.Namespace) -> Engine:
    """The engine that is chosen.  Raises EngineError for one that is unknown or not installed."""
    return Engine.chosen(*(getattr(options, name, None) for name in ("engine", "ray_address", "workers")))


def require_compute_names(options: argparse.Namespace) -> None:
    """DeviceError for names that no device or precision has, before anything is loaded that knows what is here."""
    require_device_name(options.device)
    require_precision_name(options.precision)


def add_recipe_options(
    parser: argparse.ArgumentParser, task: TaskName, without: Collection[str] = (), **usually: Any
) -> None:
    """The preset, and an option for each setting that matters to the task.

    without: settings that get none.  usually: settings whose default is another here, as help is to say.
    """
    parser.add_argument("--preset", choices=tuple(PRESETS), default=DEFAULT_PRESET, help="the recipe to start from")
    group = parser.add_argument_group(
        "recipe", "Each changes one setting of the preset; the defaults shown are those of " + DEFAULT_PRESET + "."
    )
    usual = Recipe.preset(task=task, **usually)
    for name in (name for name in settings_of(task) if name not in without):
        default, about = getattr(usual, name), setting(name)
        help_text = about.help.replace("%", "%%")
        if isinstance(default, bool):
            kind: dict[str, Any] = {"action": argparse.BooleanOptionalAction}
        else:
            kind = {"type": _converter(name, default), "metavar": name.rpartition("_")[2].upper()}
            help_text += f"; {about.allowed}"
        group.add_argument(
            "--" + name.replace("_", "-"),
            dest=name,
            default=argparse.SUPPRESS,
            help=f"{help_text} (default: {_written(default)})",
            **kind,
        )


def recipe_of(options: argparse.Namespace) -> Recipe:
    """The preset with what the command line changes.  Raises RecipeError."""
    changes = _changes(options)
    if hasattr(options, "init_image") and changes.setdefault("init", "image") != "image":
        raise RecipeError(f"--init-image and --init {changes['init']} exclude each other: give one of them.")
    return Recipe.preset(options.preset, options.task, **changes)


def unusual_weights(options: argparse.Namespace) -> list[str]:
    """A sentence for each weight that is allowed, but looks like one of another program."""
    changes, usual = _changes(options), Recipe.preset(options.preset, options.task)
    return [
        f"{name} is {changes[name]:g}, but {options.preset} has {getattr(usual, name):g}: "
        "weights of other programs mean something else here"
        for name in WEIGHTS
        if name in changes and changes[name] > FAR_FROM_USUAL * getattr(usual, name) > 0
    ]


class Once(argparse.Action):
    """An option that names a file and is given at most once: the last of two would win without a word."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        given: set[str] = namespace.__dict__.setdefault("given_once", set())
        if self.dest in given:
            parser.error(f"argument {option_string}: it can be given only once, and came with {str(values)!r} again")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


def count(what: str, least: int = 0) -> Callable[[str], int]:
    """A converter to whole numbers from the least one; what: as the message calls them, "number of steps"."""

    def convert(text: str) -> int:
        if not (text.isdecimal() and text.isascii()) or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a {what} from {least}")
        return int(text)

    return convert


def _film_file(text: str) -> Path:
    """The path of a time-lapse, which is written as an animated WebP alone."""
    if Path(text).suffix.lower() != ".webp":
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .webp, as a time-lapse is an animated WebP")
    return Path(text)


def _changes(options: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(options, name) for name in SETTINGS if hasattr(options, name)}


def _converter(name: str, default: Any) -> Callable[[str], Any]:
    """Text from the command line to the setting's type; the error says what is allowed, and what is usual."""
    is_number = isinstance(default, (int, float))

    def convert(text: str) -> Any:
        try:
            return check_text(name, text)
        except RecipeError as error:
            usual = f" The preset {DEFAULT_PRESET} has {_written(default)}." if is_number else ""
            raise argparse.ArgumentTypeError(f"{error}{usual}") from None  # argparse hides what other errors say

    return convert


def _written(default: Any) -> str:
    parts = default if isinstance(default, tuple) else (default,)
    return ",".join(f"{part:.4g}" if isinstance(part, float) else str(part) for part in parts)
