"""A link that opens the page with the settings of a result, and with its pictures where they are examples.

It is a query, `?task=stylize&preset=fast&strength=60&content=colosseum&style=starry_night`: what differs from a preset,
in the names and ranges of recipes, and examples by the names of their files.  Nothing in it names any other file.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ..errors import RecipeError
from ..nearest_preset import changes, nearest_preset
from ..pictures.picture import Picture
from ..pictures.reading import load_image
from ..recipe import DEFAULT_PRESET, PRESETS, SETTINGS, Recipe, settings_of
from ..setting import require_known
from ..task import STYLE_ROLES, TASKS, Role, TaskName, role_name
from .examples import example_files
from .languages import Words

LONGEST = 3000
"""Characters of a link that is read; those that are made have a few hundred."""

YOURS = "yours"
"""Stands for a picture that is no example: whoever opens the link brings one."""


@dataclass(frozen=True)
class Linked:
    """What a link says.  images: role -> path of an example.  wanted: the roles whose pictures are to be brought."""

    recipe: Recipe
    images: dict[Role, str]
    wanted: tuple[Role, ...]

    def caption(self, task: TaskName, words: Words) -> str:
        """What is said of it on the page."""
        verb = words(f"task.{task}.verb")
        if not self.wanted:
            return words("link.came", verb=verb)
        pictures = words("page.and").join(words(f"role.{role}.name") for role in self.wanted)
        return words("link.bring", pictures=pictures, verb=verb)


def link_query(task: TaskName, recipe: Recipe, inputs: Mapping[str, Picture | None]) -> str:
    """The link's query, with its question mark.  inputs: role -> picture, None for one that is not there any more."""
    preset = nearest_preset(recipe, task)
    settings = {name: _text(value) for name, value in changes(recipe, task, preset).items()}
    images: dict[str, str] = {
        role: (picture and _example_name(role, picture)) or YOURS for role, picture in inputs.items()
    }
    return f"?{urlencode({'task': task, 'preset': preset, **settings, **images}, safe=',')}"


def read_link(query: str, task: TaskName) -> Linked | None:
    """What a query says to the tab of a task; None where nothing in it is meant for the page.

    Raises RecipeError for what no recipe can be.  Names that are like none of ours, as those that sites append for
    themselves, are passed over.
    """
    if len(query) > LONGEST:
        raise RecipeError(f"The link has {len(query)} characters, and {LONGEST} are the most.")
    try:
        given = dict(parse_qsl(query.removeprefix("?"), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise RecipeError("The link has more than 100 parts.") from None
    roles, settings = TASKS[task].roles, settings_of(task)
    known = ("task", "preset", *settings, *roles)
    for name in list(given):
        if name in known:
            continue
        if name in SETTINGS or difflib.get_close_matches(name[:40], known, n=1, cutoff=0.8):
            require_known(name, known, "setting in the link")
        del given[name]
    if not given:
        return None
    require_known(given.get("task", task), tuple(TASKS), "task")
    changed = {name: _value(name, given[name]) for name in settings if name in given}
    recipe = Recipe.preset(_preset(given.get("preset", DEFAULT_PRESET)), task, **changed)
    images = {role: _example_path(role, given[role]) for role in roles if given.get(role, YOURS) != YOURS}
    return Linked(recipe, images, tuple(role for role in roles if given.get(role) == YOURS))


def _preset(name: str) -> Any:
    return require_known(name, tuple(PRESETS), "preset")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ",".join(map(_text, value))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _value(name: str, text: str) -> Any:
    """The value that a text stands for; what stands for none is left to the recipe, which says what is allowed."""
    default: object = SETTINGS[name].default
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(text, text)
    if isinstance(default, (int, float)):
        try:
            return int(text) if text.lstrip("-").isdecimal() else float(text)
        except ValueError:
            return text
    return text


def _examples(role: str) -> dict[str, Path]:
    """Name -> file of the examples for a role."""
    kind = "style" if role in STYLE_ROLES else role
    return {path.stem: path for path in example_files(kind)} if kind in ("content", "style") else {}


def _example_path(role: Role, name: str) -> str:
    examples = _examples(role)
    return str(examples[require_known(name, (*examples, YOURS), f"example of a {role_name(role)}")])


def _example_name(role: str, picture: Picture) -> str | None:
    """The example that a picture is, None for any other."""
    stem = Path(picture.name).stem
    path = _examples(role).get(stem)
    return stem if path is not None and _digest(path) == picture.digest else None


@cache
def _digest(path: Path) -> str:
    return load_image(path).digest
