"""The table of tasks: every name in it is one that exists."""

from __future__ import annotations

from typing import get_args

import pytest

from nst.recipe import SETTINGS, Recipe, settings_of
from nst.task import ROLE_HELP, TASKS, Role, TaskName


@pytest.mark.parametrize("name", get_args(TaskName))
def test_a_task_names_settings_and_images_that_exist(name: TaskName) -> None:
    task = TASKS[name]
    assert task.name == name
    assert {*task.ignored, *task.changes, *task.defaults, *task.main_settings} <= set(SETTINGS)
    assert set(task.main_settings) <= set(settings_of(name))
    assert set(task.roles) <= set(get_args(Role))


def test_every_image_is_explained_and_of_use_to_a_task() -> None:
    assert set(ROLE_HELP) == set(get_args(Role)) == {role for task in TASKS.values() for role in task.roles}


@pytest.mark.parametrize("name", get_args(TaskName))
def test_what_a_task_changes_makes_a_recipe(name: TaskName) -> None:
    recipe, task = Recipe.preset(task=name), TASKS[name]
    assert all(getattr(recipe, setting) == value for setting, value in {**task.changes, **task.defaults}.items())
