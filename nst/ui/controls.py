"""Controls made from the fields of `Recipe`: the few main ones, and all others in an accordion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from ..errors import RecipeError
from ..recipe import PRESETS, SETTINGS, Recipe, setting, settings_of
from .snippet import changes, nearest_preset

MAIN = {
    "stylize": ("size", "strength"),
    "reconstruct": ("content_taps", "size"),
    "synthesize": ("style_taps", "size"),
}

KEPT = tuple(name for name in SETTINGS if len({getattr(recipe, name) for recipe in PRESETS.values()}) == 1)
"""Settings on which all presets agree: choosing a preset leaves them as the visitor has set them."""


class Controls:
    """The recipe of one task as components.  `main` and `others` draw them, in the current Gradio context."""

    def __init__(self, task: str, start: Recipe | None = None) -> None:
        """start: what the components show at first, default the preset "balanced"."""
        self.task = task
        self.names = settings_of(task)
        self.start = start or Recipe.preset(task=task)
        self.preset = gr.Radio(
            list(PRESETS), value="balanced", label="Preset", render=False, info=f"Sets all but {_listed(KEPT)}"
        )
        self._components = {name: self._component(name) for name in self.names}

    def __getitem__(self, name: str) -> gr.components.Component:
        """The component of a setting."""
        return self._components[name]

    @property
    def components(self) -> list[gr.components.Component]:
        """Preset first, then one for each setting; the order of `recipe`'s values."""
        return [self.preset, *self._components.values()]

    def main(self) -> None:
        """Draw the few that most visitors want."""
        self.preset.render()
        self._draw(MAIN[self.task])

    def others(self) -> None:
        """Draw all the others, group by group."""
        rest = [name for name in self.names if name not in MAIN[self.task]]
        for group in dict.fromkeys(setting(name).group for name in rest):
            gr.Markdown(f"#### {group}")
            self._draw([name for name in rest if setting(name).group == group])
        changed = [self._components[name] for name in self._of_presets]
        self.preset.input(
            self.choose, self.preset, changed, queue=False, api_visibility="private", show_progress="hidden"
        )

    def recipe(self, values: Sequence[Any]) -> Recipe:
        """The recipe that the components' values say; RecipeError names what is wrong with them."""
        return Recipe.preset(task=self.task, **{
            name: _checked(name, value) for name, value in zip(self.names, values[1:], strict=True)
        })  # fmt: skip

    def values(self, recipe: Recipe) -> list[Any]:
        """What the components show for a recipe; the preset is left blank where it is none of them."""
        preset = nearest_preset(recipe, self.task)
        known = set(changes(recipe, self.task, preset)) <= set(KEPT)
        return [preset if known else None, *(_shown(recipe, name) for name in self.names)]

    def choose(self, preset: str) -> list[Any]:
        """What a click on a preset changes; all else is left alone, as the visitor may be changing it just now."""
        recipe = Recipe.preset(preset, self.task)
        return [_shown(recipe, name) for name in self._of_presets]

    @property
    def _of_presets(self) -> list[str]:
        return [name for name in self.names if name not in KEPT]

    def _draw(self, names: Sequence[str]) -> None:
        """Choices of layers take a line each, the others stand side by side."""
        for name in names:
            if setting(name).many and setting(name).choices:
                self._components[name].render()
        with gr.Row():
            for name in names:
                if not (setting(name).many and setting(name).choices):
                    self._components[name].render()

    def _component(self, name: str) -> gr.components.Component:
        facts, value = setting(name), _shown(self.start, name)
        label, words = name.replace("_", " ").capitalize(), facts.help[0].upper() + facts.help[1:]
        options: dict[str, Any] = {"label": label, "value": value, "render": False}
        if name == "strength":
            return gr.Slider(facts.low, facts.high, step=1, info=words, **options)
        if isinstance(value, bool):
            return gr.Checkbox(info=words, **options)
        if facts.many and facts.choices:
            return gr.CheckboxGroup(list(facts.choices), info=words, **options)
        if facts.many:
            return gr.Textbox(info=f"{words}; {facts.allowed}", **options)
        if facts.choices:
            return gr.Radio(list(facts.choices), info=words, **options)
        return gr.Number(info=f"{words}; {facts.allowed}", step=128 if name == "size" else 1, **options)


def _shown(recipe: Recipe, name: str) -> Any:
    """A setting's value as its component wants it: numbers in a row are a text."""
    value, facts = recipe.to_json()[name], setting(name)
    return ", ".join(f"{number:g}" for number in value) if facts.many and not facts.choices else value


def _listed(names: Sequence[str]) -> str:
    words = [name.replace("_", " ") for name in names]
    return " and ".join((", ".join(words[:-1]), words[-1]))


def _checked(name: str, value: Any) -> Any:
    if value is None:
        raise RecipeError(f"{name.replace('_', ' ').capitalize()} is empty: allowed is {setting(name).allowed}.")
    return value
