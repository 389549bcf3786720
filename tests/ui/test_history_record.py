"""What the history in a browser is told of a painting, and what comes back of what it sends."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from PIL import Image

from nst.errors import ImageError, RecipeError
from nst.locations import EXAMPLES
from nst.painting.backbone import Backbone
from nst.painting.painting import painting_of
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving.job import Job
from nst.task import ROLE_HELP, TASKS
from nst.ui.history_panel import MEGABYTES, PICTURES, SCRIPTS, script, texts
from nst.ui.history_record import made_of, paths_in, record_of
from nst.ui.languages import TAGS
from nst.ui.upload_folder import KEEP_HOURS
from tests.conftest import smooth_picture


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of uploads, which is the test's own."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


@pytest.fixture
def inputs(uploads: Path) -> dict[str, str]:
    return {
        role: str(save_image(smooth_picture(48, 32, seed=i), uploads / f"{role}.png"))
        for i, role in enumerate(("content", "style"))
    }


def made_picture(uploads: Path, **metadata: Any) -> str:
    picture = smooth_picture(24, 16, seed=5)
    return str(save_image(type(picture)(picture.rgb, provenance=metadata), uploads / "made.png"))


def file(path: str) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def test_a_record_is_plain_json_of_what_was_painted(backbone: Backbone, inputs: dict[str, str], uploads: Path) -> None:
    recipe = Recipe.preset("fast", size=32)
    job = Job(painting_of("stylize", inputs, recipe, backbone))
    losses: Any = SimpleNamespace(content=0.5, style=0.25)
    progress = SimpleNamespace(iteration=3, iterations=66)
    job.snapshot = SimpleNamespace(progress=progress, losses=losses)  # type: ignore[assignment]
    result = uploads / "content-style.png"
    result.touch()
    Path(inputs["style"]).unlink()  # as a sweep may have done
    made = json.loads(json.dumps(record_of(job, "one", result, {**inputs, "mask": None}, "fast")))["made"]
    assert made.pop("id")
    assert made == {
        "task": "stylize",
        "name": "content-style.png",
        "preset": "fast",
        "recipe": json.loads(json.dumps(recipe.to_json())),
        "losses": {"content": 0.5, "style": 0.25},
        "steps": [3, 66],
        "picture": file(str(result)),
        "inputs": {
            "content": {
                "name": "content.png", "digest": load_image(inputs["content"]).digest, "file": file(inputs["content"])
            },
            "style": {"name": "style.png", "digest": job.painting.inputs["style"].digest, "file": None},
        },
    }  # fmt: skip


def test_what_comes_back_is_what_was_sent(inputs: dict[str, str], uploads: Path) -> None:
    recipe = Recipe.preset("fast", size=24)
    path = made_picture(uploads, task="stylize", recipe=recipe.to_json(), inputs={})
    sent = {"restore": {"picture": file(path), "inputs": {role: file(at) for role, at in inputs.items()}}}
    made = made_of(*paths_in(sent))
    assert (made.task, made.recipe, made.path, made.inputs) == ("stylize", recipe, path, inputs)
    assert made.link == "?task=stylize&preset=fast&size=24&content=yours&style=yours"
    with Image.open(made.before) as before:
        assert before.size == (24, 16)  # the content at the picture's size


def test_inputs_that_were_not_kept_are_missing(uploads: Path) -> None:
    path = made_picture(uploads, task="synthesize", recipe=Recipe.preset(task="synthesize").to_json(), inputs={})
    assert made_of(path, {}).inputs == {}


def test_the_link_to_what_comes_back_names_examples_and_what_was_not_kept(uploads: Path) -> None:
    inputs = {role: {"name": role, "digest": "0", "size": [32, 32]} for role in ("content", "style")}
    path = made_picture(uploads, task="stylize", recipe=Recipe(strength=60).to_json(), inputs=inputs)
    (otters := uploads / "otters.jpg").write_bytes((EXAMPLES / "content" / "otters.jpg").read_bytes())
    made = made_of(path, {"content": str(otters)})
    assert made.link == "?task=stylize&preset=balanced&strength=60&content=otters&style=yours"


@pytest.mark.parametrize(
    "sent", [None, "text", [], {}, {"restore": None}, {"restore": {"picture": {}, "inputs": {}}}, {"restore": []}]
)
def test_anything_else_is_refused(sent: Any) -> None:
    with pytest.raises(ImageError, match="no picture of the history"):
        paths_in(sent)


def test_files_of_the_server_are_refused(tmp_path: Path, inputs: dict[str, str]) -> None:
    elsewhere = str(save_image(smooth_picture(16, 16, seed=1), tmp_path / "secret.png"))
    for picture, content in ((elsewhere, inputs["content"]), (inputs["content"], elsewhere)):
        with pytest.raises(ImageError, match="was not uploaded here"):
            paths_in({"restore": {"picture": file(picture), "inputs": {"content": file(content)}}})


def test_a_picture_without_a_recipe_and_a_damaged_input_are_named(inputs: dict[str, str], uploads: Path) -> None:
    with pytest.raises(RecipeError, match=r"content\.png holds no recipe"):
        made_of(inputs["content"], {})
    path = made_picture(uploads, task="stylize", recipe=Recipe().to_json(), inputs={})
    (damaged := uploads / "damaged.png").write_bytes(b"no picture")
    with pytest.raises(gr.Error, match=r"damaged\.png is not an image"):
        made_of(path, {"content": str(damaged)})


def test_the_browser_is_handed_all_bounds_and_the_names_of_all_languages() -> None:
    handed = json.loads(json.dumps(texts()))
    assert handed["bounds"]["bytes"] == MEGABYTES * 1_000_000
    assert (handed["bounds"]["pictures"], handed["bounds"]["hours"]) == (PICTURES, KEEP_HOURS)
    assert handed["languages"].keys() == set(TAGS.values())
    for tag, verb in (("en", "Paint"), ("zh-CN", "作画")):
        about = handed["languages"][tag]["about"]
        assert set(about["roles"]) == set(ROLE_HELP)
        assert set().union(*handed["settings"].values()) <= set(about["labels"])
        assert about["verbs"]["stylize"] == verb


USED = re.compile(r"\bwords(?:\.(\w+)|\[`(\w+)\$\{[^`]+\}`\])")
"""`words.title`, and of words[`title_${entry.task}`] how it begins."""


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    used = USED.findall(script())
    whole, begun = ({each[i] for each in used} - {""} for i in (0, 1))
    for language in texts()["languages"].values():
        words = set(language["words"])
        assert whole <= words
        assert {word for word in words - whole if not word.startswith(tuple(begun))} == set()
    ends = {"title_": set(TASKS), "settings_": set(TASKS), "task_": set(TASKS), "loss_": {"content", "style"}}
    assert ends.keys() | {"kept_"} == begun
    for beginning, known in ends.items():
        assert {word.removeprefix(beginning) for word in words if word.startswith(beginning)} == known


def test_every_file_of_the_script_is_run_and_nothing_is_read_as_html() -> None:
    assert {file.name for file in files("nst.ui").joinpath("history_js").iterdir()} == {
        f"{name}.js" for name in SCRIPTS
    }
    for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://", "https://"):
        assert name not in script().replace("http://www.w3.org/2000/svg", "")
