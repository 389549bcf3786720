"""The command line: `python -m nst stylize CONTENT STYLE -o OUT`, `reconstruct`, `synthesize`, and `replay OUT`.

Its options are made from the fields of `Recipe`.  An error is one line on stderr and exit code 2; Ctrl-C saves
the image as it is and exits with 130.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import NstError, RecipeError
from ..recipe import INPUTS, OPTIONAL_INPUTS, PRESETS, SETTINGS, Recipe, check, setting, settings_of
from ..version import VERSION

if TYPE_CHECKING:
    from ..painting.optimize import Progress
    from ..painting.painting import Run
    from ..pictures.picture import Picture

REFRESH = 0.2
"""Seconds between two looks at the losses for the progress bar: each look waits for the device."""

_ABOUT = {
    "stylize": "Paint the content image in the style of the style image.",
    "reconstruct": "Recover the image from its feature maps, from noise: what do the chosen layers keep?",
    "synthesize": "Make a texture with the style's Gram matrices, from noise: what do they hold?",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        options = _parser().parse_args(arguments)
        return _run(options)
    except NstError as error:
        _say(f"error: {error}")
        return 2
    except KeyboardInterrupt:
        _say("Stopped before the first step: nothing was written.")
        return 130


def _run(options: argparse.Namespace) -> int:
    warnings.filterwarnings("ignore", module=r"PIL\.")  # a photo's damaged EXIF block is no news to its owner
    return _replay(options) if options.task == "replay" else _make(options)


def _make(options: argparse.Namespace) -> int:
    recipe = _recipe(options)
    from nst.network.build import ensure_model

    from ..painting import painting as tasks
    from ..painting.backbone import Backbone
    from ..pictures.reading import load_image
    from ..pictures.writing import check_output

    check_output(options.output)
    given = {role: getattr(options, role) for role in INPUTS[options.task]}
    pictures = [[*map(load_image, paths)] if isinstance(paths, list) else load_image(paths) for paths in given.values()]
    more = {"mask": load_image(options.mask)} if getattr(options, "mask", None) else {}
    backbone = Backbone.open(ensure_model(say=_say), options.device, options.precision)
    _say(str(backbone))
    task: Callable[..., Run] = getattr(tasks, options.task)
    run = task(*pictures, recipe, **more, init_image=options.init_image, backbone=backbone)
    return _paint(run, options)


def _replay(options: argparse.Namespace) -> int:
    from nst.network.build import ensure_model

    from ..painting.backbone import Backbone
    from ..painting.replay import Record, compare, usual_places
    from ..pictures.reading import load_image
    from ..pictures.writing import check_output

    check_output(options.output)
    then = load_image(options.picture)
    record = Record.of(then)
    inputs = record.find(getattr(options, "inputs", None) or usual_places(options.picture))
    compute = record.compute(options.device, options.precision)
    backbone = Backbone.open(ensure_model(say=_say), str(compute.device), compute.precision)
    _say(str(backbone))
    run = record.run(inputs, backbone)
    for difference in record.differences(compute):
        _say(f"note: {difference}, so that single strokes can go elsewhere.")
    code = _paint(run, options)
    if code == 0:
        _say(f"{options.output} and {options.picture} are {compare(_picture(run), then)}.")
    return code


def _paint(run: Run, options: argparse.Namespace) -> int:
    """Do a run, show it, save what it gives; returns the exit code."""
    from ..pictures.writing import save_image

    preview = options.output.with_name(f"{options.output.stem}.preview{options.output.suffix}")
    stopped = False
    try:
        for progress in _watched(run, options.quiet):
            if options.preview_every and progress.iteration % options.preview_every == 0:
                save_image(_picture(run), preview)
    except KeyboardInterrupt:
        if run.latest is None:
            raise
        stopped = True
    save_image(_picture(run), options.output)
    preview.unlink(missing_ok=True)
    assert run.latest is not None
    how = f"stopped at step {run.latest.iteration} of {run.latest.iterations}" if stopped else "done"
    _say(f"{options.output}: {how} in {run.latest.seconds:.1f} s.")
    return 130 if stopped else 0


def _picture(run: Run) -> Picture:
    picture = run.snapshot()
    assert picture is not None
    return picture


def _recipe(options: argparse.Namespace) -> Recipe:
    changes = {name: getattr(options, name) for name in SETTINGS if hasattr(options, name)}
    if options.init_image is not None and changes.setdefault("init", "image") != "image":
        raise RecipeError(f"--init-image and --init {changes['init']} exclude each other: give one of them.")
    return Recipe.preset(options.preset, options.task, **changes)


def _watched(run: Run, quiet: bool) -> Iterator[Progress]:
    """The run itself, shown on stderr as it goes: a bar on a terminal, a line per scale elsewhere."""
    from tqdm import tqdm

    bar_format = "{percentage:3.0f}%|{bar}| {desc}"
    with tqdm(total=1.0, bar_format=bar_format, disable=True if quiet else None, dynamic_ncols=True) as bar:
        shown, counted = time.perf_counter(), 0
        for progress in run:
            now = time.perf_counter()
            last = progress.step == progress.steps
            if bar.disable and last and not quiet:
                _say(f"{progress}, {progress.seconds:.1f} s")
            elif not bar.disable and (now - shown >= REFRESH or last):
                rate = (progress.iteration - counted) / (now - shown)
                shown, counted = now, progress.iteration
                losses, (width, height) = progress.losses(), progress.size
                bar.n = progress.done
                bar.set_description_str(
                    f"{width}x{height} ({progress.scale}/{progress.scales}), {rate:.1f} it/s, "
                    f"{_clock(progress.seconds_left)} left, content {losses.content:.3g}, style {losses.style:.3g}"
                )
            yield progress


def _clock(seconds: float) -> str:
    return f"{int(seconds + 0.5) // 60}:{int(seconds + 0.5) % 60:02d}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class _Parser(argparse.ArgumentParser):
    """Wrong options end as every other error does: one line, exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise RecipeError(f"{message} ({self.prog} --help shows all options)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m nst", description="Neural style transfer after Gatys et al. 2015.")
    parser.add_argument("--version", action="version", version=f"pastiche {VERSION}")
    commands = parser.add_subparsers(dest="task", required=True, metavar="{stylize,reconstruct,synthesize,replay}")
    for task, about in _ABOUT.items():
        command = commands.add_parser(
            task, help=about, description=about, formatter_class=argparse.ArgumentDefaultsHelpFormatter
        )
        for role in INPUTS[task]:
            several: dict[str, Any] = {"nargs": "+", "help": "the style image, or several to be mixed"}
            command.add_argument(
                role,
                metavar=role.upper(),
                type=Path,
                default=argparse.SUPPRESS,
                **(several if role == "style" else {"help": f"the {role} image"}),
            )
        if "mask" in OPTIONAL_INPUTS[task]:
            command.add_argument(
                "--mask",
                metavar="FILE",
                type=Path,
                help="white where the (first) style goes; where it is black, the other styles go or the content stays",
            )
        command.add_argument("--preset", choices=tuple(PRESETS), default="balanced", help="the recipe to start from")
        command.add_argument(
            "--init-image", metavar="FILE", type=Path, help="start from this image (sets --init image)"
        )
        _add_run_options(command, Path("out.png"))
        _add_recipe_options(command, task)
    _add_replay(commands)
    return parser


def _add_replay(commands: Any) -> None:
    about = "Make a picture again from the recipe that is embedded in it."
    command = commands.add_parser(
        "replay", help=about, description=about, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    command.add_argument("picture", metavar="PICTURE", type=Path, help="a picture that was made here, as first saved")
    command.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="*",
        type=Path,
        default=argparse.SUPPRESS,
        help="what it was made of, in any order, or the folders of it (default: the picture's folder, this one, and "
        "the examples)",
    )
    _add_run_options(command, Path("again.png"))


def _add_run_options(command: argparse.ArgumentParser, output: Path) -> None:
    command.add_argument("-o", "--output", metavar="OUT", type=Path, default=output, help="the result")
    command.add_argument("--device", default="auto", help="auto, cuda, cuda:N, mps or cpu")
    command.add_argument("--precision", default="auto", help="auto, bf16 or fp32")
    command.add_argument(
        "--preview-every",
        metavar="STEPS",
        type=_count,
        default=0,
        help="save OUT.preview every so many steps; 0: never",
    )
    command.add_argument("--quiet", action="store_true", help="show no progress", default=False)


def _add_recipe_options(command: argparse.ArgumentParser, task: str) -> None:
    group = command.add_argument_group(
        "recipe", "Each changes one setting of the preset; the defaults shown are those of balanced."
    )
    shown = Recipe.preset(task=task)
    for name in settings_of(task):
        facts, default = setting(name), getattr(shown, name)
        option, words = "--" + name.replace("_", "-"), facts.help.replace("%", "%%")
        if isinstance(default, bool):
            kind: dict[str, Any] = {"action": argparse.BooleanOptionalAction}
        else:
            kind = {"type": _converter(name), "metavar": name.rpartition("_")[2].upper()}
            words += f"; {facts.allowed}"
        parts = default if isinstance(default, tuple) else (default,)
        text = ",".join(f"{part:.4g}" if isinstance(part, float) else str(part) for part in parts)
        command_help = f"{words} (default: {text})"
        group.add_argument(option, dest=name, default=argparse.SUPPRESS, help=command_help, **kind)


def _converter(name: str) -> Callable[[str], Any]:
    """Text from the command line to the setting's type; the error says what is allowed."""

    def convert(text: str) -> Any:
        value: Any = text
        if not setting(name).choices and not setting(name).many:
            try:
                value = float(text) if "." in text or "e" in text.lower() else int(text)
            except ValueError:
                pass
        try:
            return check(name, value)
        except RecipeError as error:
            raise argparse.ArgumentTypeError(str(error)) from None  # argparse swallows other errors' words

    return convert


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of steps from 0")
    return int(text)
