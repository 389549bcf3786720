"""The command line of `gramarye`: which commands there are, and what is said of a line that makes no sense."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import NoReturn

from ..errors import UsageError
from ..task import TASKS
from ..version import VERSION
from . import paint
from .habits import HABITS, PAINTING_HABITS, foreign_option, nearest_option

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        **{task.name: task.summary for task in TASKS.values()},
        "batch": "Paint many photographs in many styles, each in each, into a folder; what is there already stays.",
        "grid": "Paint one photograph in several styles, or over values of one or two settings, as one sheet.",
        "replay": "Make a picture again from the recipe that is embedded in it.",
        "serve": "Open the studio in a browser, and serve its API.",
        "export": "Write the model file from pretrained weights, and prove that it is right.",
    }
)
"""Name -> what it does.  The file of that name beside this one has its options; the tasks share `paint`."""


class Parser(argparse.ArgumentParser):
    """Wrong options end as every other error does: in one line, and with exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} ({self.prog} --help shows all options)")

    @property
    def own_options(self) -> list[str]:
        """All options that it has, as they are typed."""
        return list(self._option_string_actions)  # argparse has no public list of them


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command, with its name, or the task that it serves, as `task`, and what carries it out as `run`.

    Raises UsageError, and SystemExit after --help and --version.
    """
    parser = Parser(prog="gramarye", description="Neural style transfer after Gatys et al. 2015.")
    parser.add_argument("--version", action="version", version=f"gramarye {VERSION}")
    commands = parser.add_subparsers(dest="task", required=True, metavar=f"{{{','.join(COMMANDS)}}}")
    chosen = next((argument for argument in arguments if not argument.startswith("-")), None)
    asked = parser
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, description=summary, formatter_class=argparse.ArgumentDefaultsHelpFormatter
        )
        if name == chosen:
            _add_options(command, name)
            asked = command
    habits = HABITS.get(chosen or "", PAINTING_HABITS)
    if foreign := foreign_option(arguments, asked.own_options, habits):
        asked.error(foreign)
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        meant = nearest_option(unknown, asked.own_options)
        asked.error(f"unrecognized arguments: {' '.join(unknown)}" + (f"; did you mean {meant}?" if meant else ""))
    return options


def _add_options(command: Parser, name: str) -> None:
    """Only of the command that was asked for, as that loads its file."""
    for task in TASKS:
        if task == name:
            paint.add_options(command, task)
            command.set_defaults(run=paint.run)
            return
    module = import_module(f".{name}", __package__)
    module.add_options(command)
    command.set_defaults(run=module.run)
