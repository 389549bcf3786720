"""The measurement of textures, with random networks and figures that are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.ledger import Ledger, Row
from bench.measure import measure
from bench.textures import CANDIDATES, SHOWN, TEXTURES, USUAL, TextureAssignment, assigned, sheet, table, texture_path
from export.sheets import GAP
from nst.locations import EXAMPLES
from nst.painting.backbone import Backbone
from nst.pictures.reading import load_image
from nst.recipe import Recipe, settings_of
from tests.bench.test_measure import ConstantJudge

OF_THE_PICTURE = {"size", "upscale", "style_scale", "style_blend", "seed"}
"""Settings that say which picture, rather than by which means."""


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger("trial", ("size", "candidate"), folder=tmp_path)


@pytest.mark.parametrize("texture", TEXTURES)
def test_the_textures_are_square_small_files(texture: str) -> None:
    path = texture_path(texture, EXAMPLES)
    picture = load_image(path)
    assert picture.width == picture.height >= 400
    assert path.stat().st_size < 120_000
    assert f"| texture/{texture}.jpg |" in (EXAMPLES / "CREDITS.md").read_text()


def test_each_candidate_makes_each_texture_as_large_as_the_size(ledger: Ledger, backbone: Backbone) -> None:
    assignments = list(assigned(ledger, (256, 512), ["0.3", "all layers"]))
    assert [one.name for one in assignments] == [texture for texture in TEXTURES for _ in range(4)]
    assert [one.label for one in assignments[:4]] == ["0.3_256", "all_layers_256", "0.3_512", "all_layers_512"]
    assert [one.painting(EXAMPLES, backbone).size for one in assignments[:4]] == [(256, 256)] * 2 + [(512, 512)] * 2


def test_where_no_candidate_is_named_the_default_is_made_beside_that_of_before(ledger: Ledger) -> None:
    assignments = assigned(ledger, (256,), USUAL)
    assert [one.label for one in assignments][:2] == ["0.3_256", "default_256"]


@pytest.mark.parametrize("name", [name for name in CANDIDATES if name != "default"])
def test_the_other_candidates_do_not_change_with_the_defaults(name: str) -> None:
    assert set(settings_of("synthesize")) - OF_THE_PICTURE <= set(CANDIDATES[name])


def test_a_texture_is_made_judged_without_a_content_and_kept(
    tmp_path: Path, ledger: Ledger, backbone: Backbone
) -> None:
    recipe = Recipe.preset(task="synthesize", size=32, start_size=0, first_steps=1)
    row = ledger.row(recipe, size=32, candidate="default")
    assignments = [TextureAssignment("default_32", row, recipe, texture) for texture in TEXTURES]
    measure(ledger, assignments, EXAMPLES, tmp_path, open_backbone=lambda: backbone, open_judge=ConstantJudge)
    assert list(row.each) == list(TEXTURES)
    assert set(row.each["brick"]) == {*SHOWN, "seconds"}
    assert sheet(tmp_path, 32, ["default"]).size == (4 * 32 + 3 * GAP, 3 * 32 + 2 * GAP)


def test_the_table_has_a_line_for_each_size_and_candidate() -> None:
    figures = {**{name: number / 10 for number, name in enumerate(SHOWN, 1)}, "seconds": 7.0}
    rows = [
        Row({"size": size, "candidate": name}, "", {"brick": figures, "wood": dict(figures)})
        for name in ("0.3", "default")
        for size in (512, 256)
    ]
    head, _, *lines = table(rows).splitlines()
    assert head == (
        "| size | candidate | textures | style | wasserstein | patches | strangeness | omission | color | crispness "
        "| seconds |"
    )
    assert [line.split(" | ")[:2] for line in lines] == [
        ["| 256", "0.3"], ["| 256", "default"], ["| 512", "0.3"], ["| 512", "default"],
    ]  # fmt: skip
    assert lines[0].startswith("| 256 | 0.3 | 2 | 0.1 [0.1, 0.1] | 0.2 [0.2, 0.2] |")
    assert lines[0].endswith("| 0.7 [0.7, 0.7] | 7 |")
