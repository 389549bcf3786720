"""The Python that is offered for copying is Python, and says what differs from the preset."""

from __future__ import annotations

import ast

from nst.recipe import SETTINGS, Recipe
from nst.ui.snippet import client_call, recipe_text


def test_the_call_is_python_that_rebuilds_the_recipe() -> None:
    recipe = Recipe.preset("fast", size=700, upscale=True, style_taps=("conv1", "conv9"), border="zeros")
    code = client_call("https://me-gramarye.hf.space", "stylize", recipe, {"content": 'my "cat".png', "style": "ö.jpg"})
    call = next(
        n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and ast.unparse(n.func) == "client.predict"
    )
    given = {str(k.arg): k.value for k in call.keywords}
    assert ast.literal_eval(given["content"].args[0]) == 'my "cat".png'  # type: ignore[attr-defined]
    settings = {k: ast.literal_eval(v) for k, v in given.items() if k not in ("content", "style", "api_name")}
    assert Recipe.preset(settings.pop("preset"), "stylize", **settings) == recipe
    assert ast.literal_eval(given["api_name"]) == "/stylize"
    assert "'" not in code.replace("'s", "")


def test_where_a_password_is_asked_for_the_call_has_a_place_for_it() -> None:
    names = {"content": "a.png", "style": "b.png"}
    assert "auth" not in client_call("https://a.example/", "stylize", Recipe(), names)
    code = client_call("https://a.example/", "stylize", Recipe(), names, asks_for_password=True)
    assert 'client = Client("https://a.example/", auth=("name", "password"))\n' in code


def test_the_recipe_is_json_with_one_setting_a_line() -> None:
    recipe = Recipe.preset("article", style_taps=("conv1", "conv9"))
    text = recipe_text(recipe)
    assert Recipe.from_json(text) == recipe
    assert len(text.splitlines()) == len(SETTINGS) + 2
