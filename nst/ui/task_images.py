"""The images that a task is given: those that it needs with examples beside them, and those that need not be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import gradio as gr

from ..task import MASKED_ROLES, STYLE_MASK_ROLES, STYLE_ROLES, Role, Task
from .drop import FIELD, offered, recipe_offer
from .examples import example_files, gallery, name_of_examples
from .image_input import check_upload, image_input
from .languages import Words, said
from .mask_painter import MaskPainter
from .readers import in_turn
from .visits import Updates

OPTIONAL_ROWS: tuple[tuple[Role, ...], ...] = (
    ("mask", "style_mask"),
    ("style_2", "style_2_mask"),
    ("style_3", "style_3_mask"),
    ("style_4", "style_4_mask"),
    ("importance", "init_image"),
)
"""How the images that need not be given lie beside one another: a style beside its mask."""

_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class TaskImages:
    """Draws them in the current Gradio context.

    opening: role -> file of what is there at first.  needed, optional: role -> component, once they are drawn.
    offer: a button that is seen where the first image holds a recipe.
    """

    def __init__(self, task: Task, opening: Mapping[Role, str]) -> None:
        self._task = task
        self.opening = opening
        self.needed: dict[Role, gr.Image] = {}
        self.optional: dict[Role, gr.Image] = {}

    def draw_needed(self) -> None:
        """Those without which nothing is painted, side by side."""
        with gr.Row():
            for role in self._task.inputs:
                self.needed[role] = self._draw(role)

    def draw_optional(self, init: gr.components.Component) -> None:
        """The others.  init: the setting that an image to start from changes."""
        roles, drawn = self._task.optional_inputs, dict[Role, gr.Image]()
        with gr.Accordion(said(partial(optional_title, roles)), open=False):
            for row in OPTIONAL_ROWS:
                if not (shown := [role for role in row if role in roles]):
                    continue
                with gr.Row():
                    for role in shown:
                        with gr.Column(min_width=150):
                            drawn[role] = image_input(said(f"role.{role}.label"), height=160)
                            gr.Markdown(said(f"role.{role}.help"))
                for role in shown:
                    if role in MASKED_ROLES:
                        lies_on = MASKED_ROLES[role]
                        MaskPainter({**self.needed, **drawn}[lies_on], lies_on, drawn[role], role)
        self.optional = {role: drawn[role] for role in roles}
        for role, image in self.optional.items():
            if role == "init_image":
                image.upload(in_turn(_check_init_image), image, [image, init], **_PRIVATE)
            else:
                image.upload(in_turn(check_upload), image, image, **_PRIVATE)

    @property
    def all(self) -> dict[Role, gr.Image]:
        """Role -> component, in the order of the task's roles."""
        return {**self.needed, **self.optional}

    @property
    def first(self) -> gr.Image:
        """The one that a picture is dropped for."""
        return self.needed[self._task.inputs[0]]

    def filled_with(self, paths: Mapping[Role, str]) -> Updates:
        """These images and no others, of which none was dropped."""
        images: Updates = {image: paths.get(role) for role, image in self.all.items()}
        return images | {self.offer: gr.update(visible=False)}

    def _draw(self, role: Role) -> gr.Image:
        is_first = role == self._task.inputs[0]
        with gr.Column(min_width=150):
            image = image_input(
                said(f"role.{role}.label"), value=self.opening[role], height=240, buttons=["fullscreen"],
                elem_classes=FIELD if is_first else None,
            )  # fmt: skip
            if is_first:
                self.offer = recipe_offer()
                image.upload(in_turn(offered), image, self.offer, **_PRIVATE)
                image.clear(lambda: gr.update(visible=False), None, self.offer, queue=False, **_PRIVATE)
            files = example_files(role)
            examples = gallery(files, columns=4, label=said(partial(name_of_examples, role)))

        def pick(event: gr.SelectData) -> Updates:
            offer: Updates = {self.offer: gr.update(visible=False)} if is_first else {}
            return {image: str(files[event.index])} | offer

        examples.select(pick, None, [image, self.offer] if is_first else [image], **_PRIVATE)
        image.upload(in_turn(check_upload), image, image, **_PRIVATE)
        return image


def optional_title(roles: Sequence[Role], words: Words) -> str:
    """What optional inputs a task has: "More styles, masks, importance, init image"."""
    masks = ("mask", *STYLE_MASK_ROLES)
    kinds = {"more_styles": STYLE_ROLES, "masks": masks, "importance": ("importance",), "init_image": ("init_image",)}
    names = words("page.comma").join(words(f"tab.{name}") for name, kind in kinds.items() if set(roles) & set(kind))
    return names[0].upper() + names[1:]


def _check_init_image(path: str | None) -> tuple[str | None, str]:
    """An init image, and the setting that it asks for."""
    return check_upload(path), "image"
