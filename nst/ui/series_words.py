"""What a series and its pictures are called on the page, in the visitor's language; the sheet's words are English."""

from __future__ import annotations

from typing import Any

from ..errors import shown_name
from ..recipe import setting
from ..serving.axes import STYLES, Axis, Cell, Plan, written
from .languages import Words


def axis_labels(axis: Axis, words: Words) -> list[str]:
    """What each value of an axis is called: "starry night", "strength 20"."""
    if axis.name == STYLES:
        return list(axis.labels)
    return [_setting_label(axis.name, value, words) for value in axis.values]


def cell_label(plan: Plan, cell: Cell, words: Words) -> str:
    """How a picture differs from the others: "starry night, strength 20"."""
    styles = [axis for axis in (plan.down, plan.across) if axis and axis.name == STYLES]
    changes = [_setting_label(name, value, words) for name, value in cell.changes]
    return words("page.comma").join([*(axis.labels[cell.style] for axis in styles), *changes])


def in_all(plan: Plan, content: str, words: Words) -> str:
    """What is the same in all pictures, as one sentence.  content: the name of the photograph."""
    picture = shown_name(content)
    if plan.common_style is not None:
        picture = words("examples.title", content=picture, style=shown_name(plan.common_style))
    settings = [_setting_label(name, value, words) for name, value in plan.common_settings]
    if plan.common_preset:
        settings.insert(0, f"{words('controls.preset').lower()} {words(f'preset.{plan.common_preset}')}")
    if not settings:
        return words("series.in_all", picture=picture)
    return words("series.in_all_set", picture=picture, settings=words("page.comma").join(settings))


def _setting_label(name: str, value: Any, words: Words) -> str:
    """In small letters, as on the sheet."""
    about = setting(name)
    text = words(f"choice.{name}.{value}") if about.choices and not about.many else written(value)
    return f"{words(f'setting.{name}.label').lower()} {text}"
