"""Stylize, reconstruct and synthesize from the command line."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from nst.cli.main import main
from nst.pictures.picture import Picture
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import Recipe
from nst.serving import host
from tests.cli.support import QUICK, STYLIZE
from tests.conftest import smooth_picture


@pytest.fixture(autouse=True)
def _working_folder(folder: Path) -> None:
    """All of these run in it."""


def provenance_of(path: str) -> dict[str, Any]:
    provenance = load_image(path).provenance
    assert provenance is not None
    return provenance


@pytest.mark.parametrize(
    ("task", "inputs", "size"),
    [
        ("stylize", ["content.png", "style.png"], (48, 40)),
        ("reconstruct", ["content.png"], (48, 40)),
        ("synthesize", ["style.png"], (32, 48)),
    ],
)
def test_each_task_writes_its_picture(task: str, inputs: list[str], size: tuple[int, int]) -> None:
    assert main([task, *inputs, "-o", "result.png", *QUICK, "--seed", "5", "--quiet"]) == 0
    picture = load_image("result.png")
    assert (picture.width, picture.height) == size
    assert picture.provenance is not None
    recipe = Recipe.from_json(picture.provenance["recipe"])
    assert (picture.provenance["task"], recipe.seed, recipe.first_steps) == (task, 5, 3)


def test_the_output_is_out_png_when_none_is_named_and_takes_the_place_of_an_older_one() -> None:
    Path("out.png").write_text("older")
    assert main([*STYLIZE, *QUICK]) == 0
    assert load_image("out.png").width == 48


def test_it_says_network_device_losses_and_where_the_picture_is(capsys: pytest.CaptureFixture[str]) -> None:
    main([*STYLIZE, *QUICK])
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("vgg16 (random) (seeded random numbers, seed 0) on cpu in ")
    assert re.match(r"scale 1/1 48x40 step 3/3: content [\d.e+-]+, style [\d.e+-]+, [\d.]+ s$", told[1])
    assert re.match(r"out.png: done in [\d.]+ s\.$", told[-1])


def test_a_preset_can_be_changed_option_by_option() -> None:
    arguments = ["--preset", "article", "--style-taps", "conv4,conv1", "--optimizer", "adam", "--upscale", *QUICK]
    assert main([*STYLIZE, *arguments, "--quiet"]) == 0
    expected = Recipe.preset(
        "article", size=48, start_size=0, first_steps=3, style_taps=("conv1", "conv4"), optimizer="adam", upscale=True
    )
    assert Recipe.from_json(provenance_of("out.png")["recipe"]) == expected


def test_an_init_image_sets_the_init() -> None:
    assert main([*STYLIZE, *QUICK, "--init-image", "style.png"]) == 0
    assert provenance_of("out.png")["recipe"]["init"] == "image"
    assert set(provenance_of("out.png")["inputs"]) == {"content", "style", "init_image"}


def test_what_is_important_can_be_given_and_found() -> None:
    rgb = torch.zeros(1, 3, 40, 48)
    rgb[..., :24] = 1
    save_image(Picture(rgb), "faces.png")
    assert main([*STYLIZE, *QUICK, "--importance", "faces.png", "--content-focus", "20", "--auto-focus"]) == 0
    made = provenance_of("out.png")
    assert set(made["inputs"]) == {"content", "style", "importance"}
    assert (made["recipe"]["content_focus"], made["recipe"]["auto_focus"]) == (20, True)


def test_several_styles_are_said_and_mixed(capsys: pytest.CaptureFixture[str]) -> None:
    save_image(smooth_picture(40, 40, seed=3), "other.png")
    assert main([*STYLIZE, "other.png", "--style-blend", "1,2", *QUICK]) == 0
    assert capsys.readouterr().err.splitlines()[0] == "1 content image: content.png; 2 styles: style.png, other.png"
    assert main(["synthesize", "style.png", "other.png", "content.png", *QUICK]) == 0
    assert capsys.readouterr().err.splitlines()[0] == "3 styles: style.png, other.png, content.png"
    assert set(provenance_of("out.png")["inputs"]) == {"style", "style_2", "style_3"}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of a command that must not begin its work."""
    before = {path: path.read_bytes() for path in Path().iterdir()}
    assert main([*arguments, *QUICK]) == 2
    assert {path: path.read_bytes() for path in Path().iterdir()} == before
    lines = capsys.readouterr().err.splitlines()
    assert len([line for line in lines if line.startswith("error: ")]) == 1
    return lines[-1]


def test_a_fifth_style_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "There are 5 styles, but at most 4" in refused(capsys, "stylize", "content.png", *["style.png"] * 5)


@pytest.mark.parametrize("blend", ["1,0", "0,1"])
def test_a_mask_with_a_style_that_counts_nothing_is_refused(capsys: pytest.CaptureFixture[str], blend: str) -> None:
    mask = torch.zeros(1, 3, 40, 48)
    mask[..., :24] = 1
    save_image(Picture(mask), "mask.png")
    told = refused(capsys, *STYLIZE, "content.png", "--mask", "mask.png", "--style-blend", blend)
    assert f"error: style_blend is {blend}, but with a mask the first style goes where it is white" in told


def mask_file(name: str) -> str:
    """A mask of the styles here, which are 40x44, white in its upper half."""
    mask = torch.zeros(1, 3, 44, 40)
    mask[..., :22, :] = 1
    save_image(Picture(mask), name)
    return name


def test_masks_go_with_their_styles_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    masks = ["--style-mask", "none", "--style-mask", mask_file("none.png")]
    assert main([*STYLIZE, "style.png", *masks, *QUICK]) == 0
    assert capsys.readouterr().err.splitlines()[0] == (
        "1 content image: content.png; 2 styles: style.png, style.png (mask none.png)"
    )
    assert list(provenance_of("out.png")["inputs"]) == ["content", "style", "style_2", "style_2_mask"]
    assert main(["replay", "out.png"]) == 0
    assert "are the same, bit for bit" in capsys.readouterr().err


def test_a_texture_is_made_of_a_part_of_its_style() -> None:
    assert main(["synthesize", "style.png", "--style-mask", mask_file("mask.png"), *QUICK, "--quiet"]) == 0
    assert list(provenance_of("out.png")["inputs"]) == ["style", "style_mask"]


def test_more_masks_than_styles_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    masks = ["--style-mask", mask_file("mask.png"), "--style-mask", "none"]
    assert "--style-mask came 2 times for 1 styles" in refused(capsys, *STYLIZE, *masks)


def test_adam_alone_paints_and_what_ends_above_its_start_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    steps = ["--size", "48", "--start-size", "0", "--first-steps", "10", "--device", "cpu", "--optimizer", "adam"]
    assert main([*STYLIZE, *steps]) == 0
    assert "note:" not in capsys.readouterr().err
    assert main([*STYLIZE, *steps, "--learning-rate", "1"]) == 0
    assert "note: The loss of a scale was higher at its end than at its start" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("inputs", "output"),
    [
        ([], "content.png"),
        ([], "style.png"),
        (["third.png"], "third.png"),
        (["--mask", "third.png"], "third.png"),
        (["--style-mask", "third.png"], "third.png"),
        (["--importance", "third.png"], "third.png"),
        (["--init-image", "third.png"], "third.png"),
    ],
)
def test_an_output_that_is_an_input_is_refused(
    capsys: pytest.CaptureFixture[str], inputs: list[str], output: str
) -> None:
    save_image(smooth_picture(48, 40, seed=3), "third.png")
    told = refused(capsys, *STYLIZE, *inputs, "-o", os.path.abspath(output))
    assert f"{output}' is an input, and the picture would take its place: name another file with -o." in told


@pytest.mark.parametrize("option", ["--mask", "--importance", "--init-image", "-o"])
def test_of_two_files_for_one_option_none_wins(capsys: pytest.CaptureFixture[str], option: str) -> None:
    told = refused(capsys, *STYLIZE, option, "a.png", option, "b.png")
    assert "it can be given only once, and came with 'b.png' again" in told


def test_a_preview_refuses_a_file_of_its_name_before_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    Path("out.preview.png").write_text("mine")
    told = refused(capsys, *STYLIZE, "--preview-every", "1")
    assert "'out.preview.png' would take the place of a file that this run did not write" in told


def test_without_a_preview_a_file_of_its_name_stays() -> None:
    Path("out.preview.png").write_text("mine")
    assert main([*STYLIZE, *QUICK]) == 0
    assert Path("out.preview.png").read_text() == "mine"


@pytest.mark.parametrize(
    "command", [STYLIZE, ["reconstruct", "content.png"], ["synthesize", "style.png"]], ids=lambda command: command[0]
)
def test_pictures_on_the_way_and_a_time_lapse_stay(command: list[str]) -> None:
    steps = ["--size", "48", "--start-size", "0", "--first-steps", "12", "--tolerance", "0", "--device", "cpu"]
    assert main([*command, *steps, "-o", "a.jpg", "--keep-every", "4", "--time-lapse", "a.webp", "--quiet"]) == 0
    made = sorted(path.name for path in Path().glob("a.*"))
    assert made == ["a.04.jpg", "a.08.jpg", "a.12.jpg", "a.jpg", "a.webp"]
    assert [provenance_of(name)["iterations"] for name in made[:3]] == [[4, 12], [8, 12], [12, 12]]
    assert load_image("a.12.jpg").to_pil().tobytes() == load_image("a.jpg").to_pil().tobytes()
    with Image.open("a.webp") as film:
        assert 1 < getattr(film, "n_frames", 1) <= 12  # frames that are the same are one


def test_what_is_kept_refuses_files_of_its_names_before_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    Path("out.2.png").write_text("mine")
    told = refused(capsys, *STYLIZE, "--keep-every", "1")
    assert "'out.2.png' would take the place of a file that this run did not write" in told


@pytest.mark.parametrize(("film", "message"), [("style.webp", "is an input"), ("out.webp", "both name 'out.webp'")])
def test_a_time_lapse_takes_the_place_of_no_input_and_not_of_the_picture(
    capsys: pytest.CaptureFixture[str], film: str, message: str
) -> None:
    save_image(load_image("style.png"), "style.webp")
    assert message in refused(capsys, "stylize", "content.png", "style.webp", "-o", "out.webp", "--time-lapse", film)


def test_a_replay_can_be_filmed() -> None:
    assert main([*STYLIZE, *QUICK, "--quiet"]) == 0
    assert main(["replay", "out.png", "--time-lapse", "film.webp", "--quiet"]) == 0
    assert Path("film.webp").is_file()


def test_a_weight_of_another_program_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*STYLIZE, "--content-weight", "1e5", "--style-weight", "3", *QUICK]) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: content_weight")]
    assert notes == [
        "note: content_weight is 100000, but balanced has 0.045: weights of other programs mean something else here."
    ]


def test_what_does_not_fit_the_memory_is_refused_before_it_begins(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine of 1 GB, 0.8 of which may be taken, 0.3 of it by the program itself."""
    monkeypatch.setattr(host, "machine_memory", lambda: 1e9)
    large = [*STYLIZE, "--size", "4096", "--upscale", "--start-size", "0", "--first-steps", "3", "--device", "cpu"]
    assert main(large) == 2
    told = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"error: This run \(4096x3413 px, 3 steps\) would take about \d+\.\d GB of memory; the limit here is 0\.5 GB: "
        r".* With --ignore-memory it is begun all the same\.",
        told[-1],
    )
    assert not Path("out.png").exists()


def test_a_reckoned_lack_of_memory_can_be_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "machine_memory", lambda: 0.0)
    assert main([*STYLIZE, *QUICK]) == 2
    assert main([*STYLIZE, *QUICK, "--ignore-memory"]) == 0
    assert main(["replay", "out.png", "--quiet"]) == 2
    assert main(["replay", "out.png", "--quiet", "--ignore-memory"]) == 0
