"""The words of a tab that are made from the table of tasks."""

from __future__ import annotations

import pytest

from nst.task import TASKS, TaskName
from nst.ui.task_tab import optional_title


@pytest.mark.parametrize(
    ("task", "title"),
    [
        ("stylize", "More styles, mask, importance, init image"),
        ("reconstruct", "Init image"),
        ("synthesize", "More styles, init image"),
    ],
)
def test_what_may_be_given_as_well_is_named(task: TaskName, title: str) -> None:
    assert optional_title(TASKS[task].optional_inputs) == title
