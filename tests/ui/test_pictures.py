"""Example files, uploads and names."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest
from PIL import Image

from nst.errors import ImageError, RecipeError
from nst.locations import EXAMPLES
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import INPUTS, Recipe
from nst.ui.page import OPENING
from nst.ui.pictures import (
    PREVIEW,
    check_upload,
    download_name,
    gallery_files,
    image_input,
    save_preview,
    shown_file,
    thumbnail,
    title,
)
from nst.ui.task_tab import recipe_of
from tests.conftest import smooth_picture


def test_every_example_has_words_of_its_own() -> None:
    files = [path for kind in ("content", "style") for path in gallery_files(kind)]
    titles = [title(path) for path in files]
    assert len(set(titles)) == len(files) >= 14
    assert all(title(path) != path.stem.replace("_", " ") for path in files)  # it comes from CREDITS.md
    assert title(EXAMPLES / "style" / "starry_night.jpg") == "Vincent van Gogh, The Starry Night, 1889"


def test_finished_examples_say_what_they_were_made_of() -> None:
    files = gallery_files("finished")
    assert len(files) >= 6
    for path in files:
        made = load_image(path).provenance
        assert made is not None
        stems = [Path(facts["name"]).stem for facts in made["inputs"].values()]
        assert path.stem == "-".join(stems)
        assert all((EXAMPLES / role / facts["name"]).exists() for role, facts in made["inputs"].items())
        recipe = recipe_of(path, "stylize")
        assert path != OPENING or recipe == Recipe()  # so that Paint makes the same again
    assert max(path.stat().st_size for path in files) < 300_000


def test_a_picture_without_a_recipe_or_of_another_task_is_refused(tmp_path: Path) -> None:
    picture = smooth_picture(32, 32, seed=1)
    with pytest.raises(RecipeError, match=r"plain.png holds no recipe: only pictures that were made here do"):
        recipe_of(save_image(picture, tmp_path / "plain.png"), "stylize")
    made = {"task": "synthesize", "recipe": Recipe().to_json(), "inputs": {}}
    other = save_image(Picture(picture.rgb, provenance=made), tmp_path / "other.png")
    with pytest.raises(RecipeError, match=r"other.png was made with 'synthesize'"):
        recipe_of(other, "stylize")
    assert recipe_of(other, "synthesize") == Recipe()


def test_uploads_are_checked_and_shown_in_a_format_that_browsers_know(tmp_path: Path) -> None:
    picture = smooth_picture(40, 32, seed=1)
    png = str(save_image(picture, tmp_path / "a.png"))
    assert check_upload(png) == png
    assert check_upload(None) is None
    shown = check_upload(str(save_image(picture, tmp_path / "b.tiff")))
    assert shown == str(tmp_path / "b.png")
    assert load_image(shown).digest == load_image(tmp_path / "b.tiff").digest
    (tmp_path / "c.jpg").write_bytes(b"no image")
    with pytest.raises(ImageError, match=r"c.jpg is not an image"):
        check_upload(str(tmp_path / "c.jpg"))


def test_an_input_hands_on_the_uploaded_file_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradio.data_classes import ImageData

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    upload = str(tmp_path / "uploads" / "anything.jpg")
    component = image_input("Content")
    assert component.preprocess(None) is None
    assert component.preprocess(ImageData(path=upload, orig_name="broken.jpg")) == upload
    with pytest.raises(gr.Error, match="not uploaded here"):
        component.preprocess(ImageData(path=str(tmp_path / "anything.jpg")))


def test_previews_keep_the_size_of_the_result(tmp_path: Path) -> None:
    small = smooth_picture(32, 16, seed=1).rgb
    with Image.open(save_preview(small, (64, 32), tmp_path / "a.jpg")) as image:
        assert (image.format, image.size) == ("JPEG", (64, 32))
    with Image.open(save_preview(small, (4 * PREVIEW, 2 * PREVIEW), tmp_path / "b.jpg")) as image:
        assert image.size == (PREVIEW, PREVIEW // 2)


def test_thumbnails_are_small() -> None:
    assert max(thumbnail(EXAMPLES / "content" / "colosseum.jpg").size) == 200


@pytest.mark.parametrize(
    ("names", "task", "expected"),
    [
        (("colosseum.jpg", "starry_night.jpg"), "stylize", "colosseum-starry_night.png"),
        (("my cat (1).png",), "synthesize", "my_cat_1-synthesize.png"),
        (("../../etc/passwd", "été.jpg"), "stylize", "passwd-été.png"),
        (("….png",), "reconstruct", "reconstruct.png"),
        (("🎨.jpg", "!!!.png"), "stylize", "pastiche.png"),
        (("猫" * 90 + ".jpg", "b.png"), "stylize", "猫" * 60 + ".png"),
    ],
)
def test_downloads_are_named_for_their_inputs(names: tuple[str, ...], task: str, expected: str) -> None:
    rgb = smooth_picture(16, 16, seed=1).rgb
    inputs = {role: Picture(rgb, name=name) for role, name in zip(INPUTS[task], names, strict=True)}
    inputs["mask"] = Picture(rgb, name="mask.png")
    assert download_name(inputs, task) == expected


def test_the_same_picture_shown_twice_is_in_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that none is written while it is read; each in Gradio's own folder, which it serves as it is."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "files"))
    image = Image.new("RGB", (20, 10), "red")
    first, second = (Path(shown_file(image, "mask.png")) for _ in range(2))
    assert first != second
    assert first.name == second.name == "mask.png"
    assert first.parent.parent == second.parent.parent == tmp_path / "files"
    assert gr.Image(interactive=False).move_resource_to_block_cache(first) == str(first)
    with Image.open(first) as found:
        assert found.size == (20, 10)
        assert found.getpixel((3, 3)) == (255, 0, 0)
