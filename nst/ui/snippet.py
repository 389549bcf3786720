"""What a result was made with, as text to be read and copied: its recipe, and the Python that makes it again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..nearest_preset import changes, nearest_preset
from ..recipe import Recipe
from ..task import TaskName


def recipe_text(recipe: Recipe) -> str:
    """JSON with one setting a line."""
    lines = (f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in recipe.to_json().items())
    return "{\n" + ",\n".join(lines) + "\n}"


def client_call(
    server: str, task: TaskName, recipe: Recipe, inputs: Mapping[str, str], *, asks_for_password: bool = False
) -> str:
    """Code for gradio_client.  server: a URL or a Space's name; inputs: role -> file name.

    asks_for_password: whoever runs it fills in account and password, which nobody is shown.
    """
    account = ', auth=("name", "password")' if asks_for_password else ""
    preset = nearest_preset(recipe, task)
    lines = [f"    {role}=handle_file({_literal(name)})," for role, name in inputs.items()]
    lines += [f"    preset={_literal(preset)},"]
    lines += [f"    {name}={_literal(value)}," for name, value in changes(recipe, task, preset).items()]
    return "\n".join(
        [
            "from gradio_client import Client, handle_file",
            "",
            f"client = Client({_literal(server)}{account})",
            "image, progress = client.predict(",
            *lines,
            f'    api_name="/{task}",',
            ")",
        ]
    )


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (str, list)) else repr(value)
