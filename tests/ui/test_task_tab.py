"""The words of a tab that are made from the table of tasks."""

from __future__ import annotations

import pytest

from nst.task import TASKS, TaskName
from nst.ui.task_tab import OPTIONAL_ROWS, optional_title


@pytest.mark.parametrize(
    ("task", "title"),
    [
        ("stylize", "More styles, masks, importance, init image"),
        ("reconstruct", "Init image"),
        ("synthesize", "More styles, masks, init image"),
    ],
)
def test_what_may_be_given_as_well_is_named(task: TaskName, title: str) -> None:
    assert optional_title(TASKS[task].optional_inputs) == title


def test_every_optional_image_has_its_place() -> None:
    placed = [role for row in OPTIONAL_ROWS for role in row]
    assert len(placed) == len(set(placed))
    assert set(placed) == {role for task in TASKS.values() for role in task.optional_inputs}
