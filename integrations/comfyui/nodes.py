"""The nodes, as ComfyUI's contract has them: one for each task of `nst.task`, and one that only says a recipe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from nst.errors import RecipeError
from nst.recipe import SETTINGS, PresetName, Recipe, check, settings_of
from nst.task import MASKED_ROLES, ROLE_HELP, TASKS, TaskName

from .settings import Input, preset_input, recipe_input, recipe_of, setting_inputs

if TYPE_CHECKING:
    from torch import Tensor

CATEGORY = "image/Gramarye"

Inputs = dict[str, dict[str, Input]]
"""What `INPUT_TYPES` returns: "required" and "optional", each of inputs by name."""


class _Checked:
    """What ComfyUI leaves to nodes to check, as it is no number in a range and no choice."""

    @classmethod
    def VALIDATE_INPUTS(
        cls,
        content_taps: str | None = None,
        style_taps: str | None = None,
        style_blend: str | None = None,
        recipe: str | None = None,
    ) -> str | bool:
        """True, or what is wrong; None is given for what comes from another node, and checked when it is here."""
        texts = {"content_taps": content_taps, "style_taps": style_taps, "style_blend": style_blend}
        try:
            for name, text in texts.items():
                if text is not None:
                    check(name, text)
            if recipe is not None:
                Recipe.from_json(recipe)
        except RecipeError as error:
            return str(error)
        return True


class _PaintingNode(_Checked):
    """A task as a node: its images and main settings, then what else it can be given and told."""

    task: ClassVar[TaskName]

    CATEGORY = CATEGORY
    FUNCTION = "paint"
    RETURN_TYPES = ("IMAGE", "STRING")
    RETURN_NAMES = ("image", "recipe")
    OUTPUT_TOOLTIPS = (
        "the painted pictures, one for each of the batch",
        "the recipe that they were painted by, as JSON",
    )

    @classmethod
    def INPUT_TYPES(cls) -> Inputs:
        about = TASKS[cls.task]
        others = [name for name in settings_of(cls.task) if name not in about.main_settings]
        return {
            "required": {
                **_image_inputs(about.inputs),
                "preset": preset_input(),
                **setting_inputs(about.main_settings, cls._usual()),
            },
            "optional": {
                **_image_inputs(about.optional_inputs),
                "recipe": recipe_input(),
                **setting_inputs(others, cls._usual(), advanced=True),
            },
        }

    @classmethod
    def _usual(cls) -> Recipe:
        """Has the defaults of this task."""
        return Recipe.preset(task=cls.task)

    def paint(self, preset: PresetName, recipe: str | None = None, **inputs: Any) -> tuple[Tensor, str]:
        """The painted pictures (BxHxWx3) and their recipe.  inputs: images by role, and values of settings.

        An image to start from sets `init` where its widget does not, as on the command line.
        Raises NstError for what can't be painted, and what ComfyUI raises when it is interrupted.
        """
        from .images import as_image, as_runs
        from .painting import paint

        images: dict[str, Tensor] = {
            role: inputs[role] for role in TASKS[self.task].roles if inputs.get(role) is not None
        }
        settings = {name: inputs[name] for name in settings_of(self.task) if name in inputs}
        base = Recipe.preset(preset, self.task) if recipe is None else Recipe.from_json(recipe)
        chosen = recipe_of(base, self._usual(), settings)
        if "init_image" in images and chosen.init == base.init:
            chosen = chosen.changed(init="image")
        return as_image(paint(self.task, as_runs(images), chosen)), json.dumps(chosen.to_json())


def _image_inputs(roles: tuple[str, ...]) -> dict[str, Input]:
    return {
        role: ("MASK" if role in MASKED_ROLES else "IMAGE", {"tooltip": help})
        for role, help in ROLE_HELP.items()
        if role in roles
    }


class Stylize(_PaintingNode):
    """A content in a style."""

    task = "stylize"
    DESCRIPTION = TASKS[task].summary


class Reconstruct(_PaintingNode):
    """A content from its feature maps."""

    task = "reconstruct"
    DESCRIPTION = TASKS[task].summary


class Synthesize(_PaintingNode):
    """A texture in a style."""

    task = "synthesize"
    DESCRIPTION = TASKS[task].summary


class RecipeNode(_Checked):
    """A recipe, for several nodes at once."""

    CATEGORY = CATEGORY
    FUNCTION = "write"
    RETURN_TYPES = ("STRING",)
    RETURN_NAMES = ("recipe",)
    OUTPUT_TOOLTIPS = ("the recipe as JSON, for the input of this name of Gramarye's other nodes",)
    DESCRIPTION = "Every setting of a painting, as a recipe that several nodes can share."

    @classmethod
    def INPUT_TYPES(cls) -> Inputs:
        tasks = list(TASKS)
        task: Input = (tasks, {"default": tasks[0], "tooltip": "what it is for, as presets differ in that"})
        return {
            "required": {"task": task, "preset": preset_input()},
            "optional": setting_inputs(SETTINGS, Recipe()),
        }

    def write(self, task: TaskName, preset: PresetName, **settings: Any) -> tuple[str]:
        """The recipe.  Raises RecipeError."""
        return (json.dumps(recipe_of(Recipe.preset(preset, task), Recipe(), settings).to_json()),)


NODE_CLASS_MAPPINGS = {
    "GramaryeStylize": Stylize,
    "GramaryeReconstruct": Reconstruct,
    "GramaryeSynthesize": Synthesize,
    "GramaryeRecipe": RecipeNode,
}

NODE_DISPLAY_NAME_MAPPINGS = {
    "GramaryeStylize": "Stylize (Gramarye)",
    "GramaryeReconstruct": "Reconstruct (Gramarye)",
    "GramaryeSynthesize": "Synthesize (Gramarye)",
    "GramaryeRecipe": "Recipe (Gramarye)",
}
