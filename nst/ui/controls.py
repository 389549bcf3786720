"""Controls made from the fields of `Recipe`: the few main ones, and all others in an accordion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import gradio as gr

from ..errors import RecipeError
from ..nearest_preset import changes, nearest_preset
from ..recipe import PRESETS, SETTINGS, PresetName, Recipe, setting, settings_of
from ..setting import Setting
from ..task import TASKS, TaskName
from .languages import ENGLISH, Words, said

SHARED_BY_PRESETS = tuple(name for name in SETTINGS if len({getattr(r, name) for r in PRESETS.values()}) == 1)
"""Settings on which all presets agree: choosing a preset leaves them as the visitor has set them."""


class Controls:
    """The recipe of one task as components.  `draw_main` and `draw_others` put them into the current Gradio context."""

    def __init__(self, task: TaskName, start: Recipe | None = None) -> None:
        """start: what the components show at first, default that of `DEFAULT_PRESET`."""
        self.task = task
        self.names = settings_of(task)
        self.start = start or Recipe.preset(task=task)
        self.preset = gr.Radio(
            [(said(f"preset.{name}"), name) for name in PRESETS], value=nearest_preset(self.start, task),
            label=said("controls.preset"), info=said("controls.preset_help"), render=False, elem_classes="presets",
        )  # fmt: skip
        self._components = {name: self._component(name) for name in self.names}

    def __getitem__(self, name: str) -> gr.components.Component:
        """The component of a setting."""
        return self._components[name]

    @property
    def components(self) -> list[gr.components.Component]:
        """Preset first, then one for each setting; the order of `recipe`'s values."""
        return [self.preset, *self._components.values()]

    def draw_main(self) -> None:
        """Draw the few that most visitors want."""
        self.preset.render()
        self._draw(TASKS[self.task].main_settings)

    def draw_others(self) -> None:
        """Draw all the others, group by group."""
        others = [name for name in self.names if name not in TASKS[self.task].main_settings]
        for group in dict.fromkeys(setting(name).group for name in others):
            gr.Markdown(f"#### {said(f'group.{group.lower()}')}")
            self._draw([name for name in others if setting(name).group == group])
        changed = [self._components[name] for name in self._set_by_presets]
        self.preset.input(None, self.preset, changed, js=self.choice_js, api_visibility="private")

    def recipe(self, values: Sequence[Any]) -> Recipe:
        """The recipe that the components' values say; RecipeError names what is wrong with them."""
        return Recipe.preset(task=self.task, **{
            name: _required(name, value) for name, value in zip(self.names, values[1:], strict=True)
        })  # fmt: skip

    def values(self, recipe: Recipe) -> list[Any]:
        """What the components show for a recipe; the preset is left blank where it is none of them."""
        preset = nearest_preset(recipe, self.task)
        is_preset = set(changes(recipe, self.task, preset)) <= set(SHARED_BY_PRESETS)
        return [preset if is_preset else None, *(_shown(recipe, name) for name in self.names)]

    def choose(self, preset: PresetName) -> list[Any]:
        """What a click on a preset changes; all else is left alone, as the visitor may be changing it just now."""
        recipe = Recipe.preset(preset, self.task)
        return [_shown(recipe, name) for name in self._set_by_presets]

    @property
    def choice_js(self) -> str:
        """`choose` in the browser: on the way to the server and back, a quick click on Paint would be faster."""
        return f"preset => ({json.dumps({preset: self.choose(preset) for preset in PRESETS})})[preset]"

    @property
    def _set_by_presets(self) -> list[str]:
        return [name for name in self.names if name not in SHARED_BY_PRESETS]

    def _draw(self, names: Sequence[str]) -> None:
        """Choices of layers and checkboxes take a line each, the others stand side by side."""
        wide = [name for name in names if isinstance(self._components[name], (gr.CheckboxGroup, gr.Checkbox))]
        for name in wide:
            self._components[name].render()
        with gr.Row():
            for name in names:
                if name not in wide:
                    self._components[name].render()

    def _component(self, name: str) -> gr.components.Component:
        about, value = setting(name), _shown(self.start, name)
        info = said(f"setting.{name}.help")
        options: dict[str, Any] = {"label": said(f"setting.{name}.label"), "value": value, "render": False}
        if name == "strength":
            return gr.Slider(about.low, about.high, step=1, info=info, **options)
        if isinstance(value, bool):
            return gr.Checkbox(info=info, **options)
        if _is_choice_of_layers(about):
            return gr.CheckboxGroup(list(about.choices or ()), info=info, **options)
        if about.many:
            return gr.Textbox(info=said(partial(_help_with_range, name)), **options)
        if about.choices:
            return gr.Radio(
                [(said(f"choice.{name}.{choice}"), choice) for choice in about.choices], info=info, **options
            )
        return gr.Number(info=said(partial(_help_with_range, name)), step=128 if name == "size" else 1, **options)


def _help_with_range(name: str, words: Words) -> str:
    return words("controls.allowed", help=words(f"setting.{name}.help"), allowed=words.sentence(setting(name).allowed))


def _is_choice_of_layers(about: Setting) -> bool:
    return about.many and bool(about.choices)


def _shown(recipe: Recipe, name: str) -> Any:
    """A setting's value as its component wants it: numbers in a row are a text."""
    value, about = recipe.to_json()[name], setting(name)
    return ", ".join(f"{number:g}" for number in value) if about.many and not about.choices else value


def _required(name: str, value: Any) -> Any:
    if value is None:
        raise RecipeError(f"{ENGLISH(f'setting.{name}.label')} is empty: allowed is {setting(name).allowed}.")
    return value
