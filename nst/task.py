"""What stylize, reconstruct and synthesize are: one table that command line, page, API, recipe and replay read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

TaskName = Literal["stylize", "reconstruct", "synthesize"]

Role = Literal[
    "content", "style", "style_2", "style_3", "style_4",
    "mask", "init_image", "style_mask", "style_2_mask", "style_3_mask", "style_4_mask", "importance",
]  # fmt: skip

STYLE_ROLES: tuple[Role, ...] = ("style", "style_2", "style_3", "style_4")
"""What the style images of one picture are called, in their order; the first must be given."""

STYLE_MASK_ROLES: tuple[Role, ...] = ("style_mask", "style_2_mask", "style_3_mask", "style_4_mask")
"""What their masks are called, in the same order; each goes with its style alone."""

MASKED_ROLES: Mapping[Role, Role] = MappingProxyType(
    {"mask": "content", "importance": "content", **dict(zip(STYLE_MASK_ROLES, STYLE_ROLES, strict=True))}
)
"""What says something of the places of an image -> that image."""

ROLE_HELP: Mapping[Role, str] = MappingProxyType(
    {
        "content": "the content image",
        "style": "the style image",
        "style_2": "a second style image, to be mixed in, or for where the mask is black",
        "style_3": "a third style image",
        "style_4": "a fourth style image",
        "mask": "white where the (first) style goes; where it is black, the other styles go or the content stays",
        "importance": "white where the content is to be kept more, black where it may go",
        "init_image": "the image to start from (sets init to image)",
        "style_mask": "white where the (first) style image is meant; what is black in it is not taken on",
        "style_2_mask": "white where the second style image is meant",
        "style_3_mask": "white where the third style image is meant",
        "style_4_mask": "white where the fourth style image is meant",
    }
)
"""What each image that can be given is for."""


def role_name(role: str) -> str:
    """What a role is called: "style 2", "init image"."""
    return role.replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One of the article's problems.

    verb: what its button says.  summary: one sentence.  inputs: the images that it is made of, of which it matches the
    losses of the same names; optional_inputs: those that may be given as well.  changes: what it changes in a preset;
    defaults: what it changes in one that has the usual value there.  ignored: the settings that mean nothing to it.
    main_settings: those that most people want.
    """

    name: TaskName
    verb: str
    summary: str
    inputs: tuple[Role, ...]
    optional_inputs: tuple[Role, ...]
    main_settings: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[Role, ...]:
        """All images that it can be given."""
        return (*self.inputs, *self.optional_inputs)


TASKS: Mapping[TaskName, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            Task(
                name="stylize",
                verb="Paint",
                summary="Paint the content image in the style of the style image: content loss plus style loss.",
                inputs=("content", "style"),
                optional_inputs=(*STYLE_ROLES[1:], "mask", "init_image", *STYLE_MASK_ROLES, "importance"),
                main_settings=("size", "strength"),
            ),
            Task(
                name="reconstruct",
                verb="Reconstruct",
                summary="Recover an image from its feature maps, from noise: content loss alone. What do layers keep?",
                inputs=("content",),
                optional_inputs=("init_image",),
                main_settings=("content_taps", "size"),
                changes={"style_weight": 0.0, "content_weight": 1.0, "tv_weight": 0.0, "init": "random"},
                ignored=(
                    "strength",
                    "colors",
                    "style_scale",
                    "style_blend",
                    "style_weight",
                    "style_taps",
                    "style_statistic",
                    "style_falloff",
                    "content_focus",
                    "auto_focus",
                    "content_target",
                ),
            ),
            Task(
                name="synthesize",
                verb="Synthesize",
                summary="Make a texture in a style, from noise: style loss alone. What does a Gram matrix hold?",
                inputs=("style",),
                optional_inputs=(*STYLE_ROLES[1:], "init_image", *STYLE_MASK_ROLES),
                main_settings=("style_taps", "size"),
                changes={"content_weight": 0.0, "style_weight": 1.0, "init": "random"},
                defaults={"border": "wrap"},
                ignored=(
                    "strength",
                    "colors",
                    "content_weight",
                    "content_taps",
                    "content_focus",
                    "auto_focus",
                    "content_target",
                ),
            ),
        )
    }
)
