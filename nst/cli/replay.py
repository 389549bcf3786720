"""`gramarye replay`: a picture made again from the recipe that is embedded in it."""

from __future__ import annotations

import argparse
from pathlib import Path

from .loading import uncollected
from .on_the_way import picture_of
from .options import add_run_options, require_compute_names
from .output import outputs_of, require_no_input, require_places
from .session import carry_out
from .signals import exiting
from .terminal import say


def add_options(parser: argparse.ArgumentParser) -> None:
    """The picture, where its inputs are, and the options of every run."""
    parser.add_argument("picture", metavar="PICTURE", type=Path, help="a picture made with Gramarye, as first saved")
    parser.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="*",
        type=Path,
        default=argparse.SUPPRESS,
        help="what it was made of, in any order, or the folders of it (default: the picture's folder, this one, and "
        "the examples)",
    )
    add_run_options(parser, Path("again.png"))


def run(options: argparse.Namespace) -> int:
    """Make it again, say how alike both are, and return the exit code."""
    require_compute_names(options)
    require_places(options, [options.picture])
    with exiting(), uncollected():
        from ..network.build import ensure_model
        from ..painting.backbone import Backbone
        from ..painting.provenance import Provenance
        from ..painting.replay import compute_of, describe_difference, find_inputs, repaint, usual_places
        from ..pictures.reading import load_image
        from ..pictures.writing import check_output
    for option, output in outputs_of(options).items():
        check_output(output, options.dpi if option == "-o" else None)
    original = load_image(options.picture)
    provenance = Provenance.of(original)
    places: list[Path] = getattr(options, "inputs", None) or usual_places(options.picture)
    names = [Path(name).name for name, _ in provenance.inputs.values()]
    require_no_input(options, (path for place in places for path in (place, *(place / name for name in names))))
    inputs = find_inputs(provenance, places)
    compute = compute_of(provenance, options.device, options.precision)
    backbone = Backbone.open(ensure_model(say=say), str(compute.device), compute.precision)
    say(str(backbone))
    painting = repaint(provenance, inputs, backbone)
    for difference in provenance.differences(compute):
        say(f"note: {difference}, so that single strokes can go elsewhere.")
    exit_code = carry_out(painting, options)
    if exit_code == 0:
        likeness = describe_difference(picture_of(painting), original)
        say(f"{options.output} and {options.picture} are {likeness}.")
    return exit_code
