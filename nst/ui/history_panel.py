"""What a visitor has made, kept in the visitor's own browser: a panel below the tabs, and the way back into them.

The pictures, their recipes and what they were made of lie in the browser's IndexedDB as they are, as the server deletes
its files after some hours.  `history_js` keeps, shows, compares and packs them, in the browser alone.  Nothing comes
back but by Gradio's own upload, as from any visitor, and a restored recipe is the one inside the picture.

Gradio's `run_history` is not enough, and off: it keeps calls of public endpoints, of which the page makes none, as text
in localStorage, where a file is an address on the server that leads nowhere after those hours; and it knows no
favorites.  `gr.BrowserState` has localStorage too: 5 MB for a whole site.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import gradio as gr

from ..recipe import PRESETS, SETTINGS, setting, settings_of
from ..task import ROLE_HELP, TASKS, TaskName
from .friendly import friendly
from .history_record import made_of, paths_in
from .languages import Words, by_tag
from .readers import read_for
from .task_tab import TaskTab
from .upload_folder import KEEP_HOURS
from .visits import Updates

PICTURES = 48
"""That are kept at most."""

MEGABYTES = 200
"""That they and their inputs take at most; browsers give a site some hundreds at least."""

INPUT_BYTES = 8_000_000
"""Of an input that is kept as it was uploaded; of a larger one a copy is."""

REDUCED_SIDE = 2048
"""Pixels of the long side of such a copy."""

THUMBNAIL = 240
"""Pixels of a side."""

SCRIPTS = ("zip_file", "store", "pictures", "elements", "compare", "panel")
"""The files of history_js, which run as one, in this order."""

SECTION = "history."
"""How the keys of its words begin."""

_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class HistoryPanel:
    """Made before the tabs, which tell `view` what they have painted, and drawn below them by `draw`."""

    def __init__(self) -> None:
        self.view = gr.HTML(
            None, html_template="", js_on_load=script(), apply_default_css=False, render=False, elem_id="history",
            texts=texts(),
        )  # fmt: skip

    def draw(self, tabs: Mapping[TaskName, TaskTab], opened: Mapping[TaskName, Updates]) -> None:
        """Draw it in the current Gradio context.  opened: by task, what brings its tab to the front."""
        self._tabs, self._opened = tabs, opened
        self.view.render()
        shown = [part for tab in tabs.values() for part in tab.components]
        chosen = dict.fromkeys(part for parts in opened.values() for part in parts)
        self.view.submit(self._restore, self.view, [self.view, *chosen, *shown], **_PRIVATE)

    async def _restore(self, sent: Any, request: gr.Request) -> Updates:
        """A picture and its inputs, which the browser has just uploaded, in the tab that it is from."""
        with friendly():
            made = await read_for(request, made_of, *paths_in(sent))
        tab = self._tabs[made.task].show_made(made, request)
        return {self.view: {"restored": made.task}} | self._opened[made.task] | tab


def script() -> str:
    """What the browser runs for the panel, as one text."""
    folder = files(__package__) / "history_js"
    return "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


def texts() -> dict[str, Any]:
    """What the script is handed: its bounds, the settings of each task, and by language its words and names."""
    return {
        "languages": by_tag(texts_in),
        "bounds": {
            "pictures": PICTURES,
            "megabytes": MEGABYTES,
            "bytes": MEGABYTES * 1_000_000,
            "inputBytes": INPUT_BYTES,
            "reducedSide": REDUCED_SIDE,
            "thumbnail": THUMBNAIL,
            "hours": KEEP_HOURS,
        },
        "settings": {task: list(settings_of(task)) for task in TASKS},
    }


def texts_in(words: Words) -> dict[str, Any]:
    """Those of one language: the section "history", whose values the browser fills in, and what things are called."""
    choices = {name: setting(name).choices or () for name in SETTINGS if not setting(name).many}
    return {
        "words": {key.removeprefix(SECTION): text for key, text in words.templates.items() if key.startswith(SECTION)},
        "about": {
            "labels": {name: words(f"setting.{name}.label") for name in SETTINGS},
            "choices": {
                name: {choice: words(f"choice.{name}.{choice}") for choice in known} for name, known in choices.items()
            },
            "presets": {name: words(f"preset.{name}") for name in PRESETS},
            "verbs": {name: words(f"task.{name}.verb") for name in TASKS},
            "roles": {role: words(f"role.{role}.label") for role in ROLE_HELP},
        },
    }
