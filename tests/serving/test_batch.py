"""A batch: every pair once, what is there stays, and one that fails stops no other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from torch import Tensor

from nst.errors import CostError, DivergedError, OutOfMemoryError, OutputError, RecipeError
from nst.network.extractor import Extractor
from nst.painting.backbone import Backbone
from nst.painting.optimize import LiveProgress
from nst.painting.painting import Painting, stylize
from nst.painting.provenance import Provenance
from nst.painting.targets import Targets
from nst.pictures.reading import load_image
from nst.pictures.writing import save_image
from nst.recipe import Border, Pooling, Recipe
from nst.serving import batch as module
from nst.serving.batch import Batch, Result
from nst.serving.cost import Cost
from nst.serving.limits import Limits
from nst.serving.pairs import pair_up
from tests.conftest import smooth_picture

RECIPE = Recipe(size=48, start_size=0, first_steps=3)
CONTENTS = [Path("cat.png"), Path("dog.png")]
STYLES = [Path("waves.png"), Path("stars.png")]
OUT = Path("out")
NAMES = ["cat-waves", "dog-waves", "cat-stars", "dog-stars"]


@pytest.fixture(autouse=True)
def _inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two contents of different shape and two styles."""
    monkeypatch.chdir(tmp_path)
    for seed, path in enumerate((*CONTENTS, *STYLES)):
        save_image(smooth_picture(48, 40 - 4 * seed, seed=seed), path)


def batch(backbone: Backbone, recipe: Recipe = RECIPE, limits: Limits | None = None) -> Batch:
    return Batch(pair_up(CONTENTS, STYLES, OUT), recipe, backbone, limits=limits)


def states(results: Iterable[Result]) -> list[str]:
    return [result.state for result in results]


def written() -> dict[str, int]:
    """When each picture that is there was written."""
    return {path.stem: path.stat().st_mtime_ns for path in OUT.glob("*.png")}


def test_each_pair_is_painted_as_stylize_paints_it(backbone: Backbone) -> None:
    results = list(batch(backbone).results())
    assert [result.pair.name for result in results] == NAMES
    assert states(results) == ["painted"] * 4
    assert all(result.seconds > 0 for result in results)
    alone = stylize("dog.png", "stars.png", RECIPE, backbone=backbone).result()
    picture = load_image("out/dog-stars.png")
    assert picture.to_pil().tobytes() == alone.to_pil().tobytes()
    made = Provenance.of(picture)
    assert (made.task, made.recipe, made.is_complete) == ("stylize", RECIPE, True)
    assert {role: name for role, (name, _) in made.inputs.items()} == {"content": "dog.png", "style": "stars.png"}


def test_what_is_there_is_not_painted_again(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    list(batch(backbone).results())
    before = written()
    Path("out/cat-stars.png").unlink()
    results = list(batch(backbone).results())
    assert states(results) == ["done before", "done before", "painted", "done before"]
    assert {name: time for name, time in written().items() if before[name] != time}.keys() == {"cat-stars"}
    monkeypatch.setattr(module, "stylize", None)
    assert states(batch(backbone).results()) == ["done before"] * 4


def test_a_picture_is_known_wherever_its_inputs_lie(backbone: Backbone) -> None:
    list(batch(backbone).results())
    Path("moved").mkdir()
    for path in CONTENTS:
        path.rename("moved" / path)
    pairs = pair_up(sorted(Path("moved").iterdir()), STYLES, OUT)
    assert states(Batch(pairs, RECIPE, backbone).results()) == ["done before"] * 4


@pytest.mark.parametrize("change", ["recipe", "network", "unfinished"])
def test_an_earlier_picture_of_the_same_two_is_painted_anew(backbone: Backbone, change: str) -> None:
    list(batch(backbone).results())
    before = written()
    if change == "recipe":
        again = batch(backbone, RECIPE.changed(seed=5))
    elif change == "network":
        again = batch(replace(backbone, model=replace(backbone.model, digest="another")))
    else:
        painting = stylize("cat.png", "waves.png", RECIPE, backbone=backbone)
        next(painting)
        picture = painting.snapshot()
        assert picture is not None
        save_image(picture, "out/cat-waves.png")
        again = batch(backbone)
    results = list(again.results())
    painted = ["cat-waves"] if change == "unfinished" else NAMES
    assert [result.pair.name for result in results if result.state == "painted"] == painted
    assert [name for name in NAMES if written()[name] != before[name]] == painted


@pytest.mark.parametrize("kind", ["text", "picture", "of others", "texture", "dangling link", "folder"])
def test_any_other_file_stays_and_the_rest_go_on(backbone: Backbone, kind: str) -> None:
    OUT.mkdir()
    there = Path("out/dog-waves.png")
    if kind == "text":
        there.write_text("mine")
    elif kind == "picture":
        save_image(smooth_picture(48, 40, seed=9), there)
    elif kind == "of others":
        save_image(stylize("cat.png", "waves.png", RECIPE, backbone=backbone).result(), there)
    elif kind == "texture":
        picture = stylize("dog.png", "waves.png", RECIPE, backbone=backbone).result()
        assert picture.provenance is not None
        save_image(replace(picture, provenance={**picture.provenance, "task": "synthesize"}), there)
    elif kind == "dangling link":
        there.symlink_to("nowhere.png")
    else:
        there.mkdir()
    before = there.lstat()
    results = list(batch(backbone).results())
    assert states(results) == ["painted", "failed", "painted", "painted"]
    assert "'out/dog-waves.png' is another file than a picture of these two, and stays" in str(results[1].error)
    assert results[1].culprit == there
    assert (there.lstat().st_ino, there.lstat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_that_comes_while_its_picture_is_painted_stays(backbone: Backbone) -> None:
    def watch(painting: Painting) -> Iterator[LiveProgress]:
        yield from painting
        Path("out/cat-waves.png").write_text("mine")

    first = next(batch(backbone).results(watch))
    assert (first.state, "written by somebody else meanwhile" in str(first.error)) == ("failed", True)
    assert Path("out/cat-waves.png").read_text() == "mine"


def test_a_bad_file_fails_in_each_of_its_pairs_and_alone(backbone: Backbone) -> None:
    Path("cat.png").write_text("no picture")
    results = list(batch(backbone).results())
    assert states(results) == ["failed", "painted", "failed", "painted"]
    [sentence] = {str(result.error) for result in results if result.error}
    assert sentence.startswith("cat.png is not an image that can be read here, or damaged: use one of JPEG, PNG,")
    assert [result.culprit for result in results] == [Path("cat.png"), None, Path("cat.png"), None]


@pytest.mark.parametrize("error", [DivergedError("It diverged."), OutOfMemoryError("It is too large.")])
def test_what_fails_while_it_is_painted_stops_no_other(backbone: Backbone, error: Exception) -> None:
    def watch(painting: Painting) -> Iterator[LiveProgress]:
        if painting.inputs["content"].name == "cat.png":
            raise error
        yield from painting

    results = list(batch(backbone).results(watch))
    assert states(results) == ["failed", "painted", "failed", "painted"]
    assert [str(result.error) for result in results if result.error] == [str(error)] * 2


def test_a_failure_holds_nothing_of_what_was_in_memory(backbone: Backbone) -> None:
    def watch(painting: Painting) -> Iterator[LiveProgress]:
        raise OutOfMemoryError("It is too large.") from RuntimeError("not enough memory")

    for result in batch(backbone).results(watch):
        assert result.error is not None
        assert (result.error.__traceback__, result.error.__cause__, result.error.__context__) == (None, None, None)


def test_what_takes_more_than_is_allowed_is_refused_and_the_rest_go_on(backbone: Backbone) -> None:
    save_image(smooth_picture(16, 16, seed=1), "dog.png")
    small = max(Cost.of(stylize("dog.png", style, RECIPE, backbone=backbone)).bytes for style in STYLES)
    results = list(batch(backbone, limits=Limits(bytes=small)).results())
    assert states(results) == ["failed", "painted", "failed", "painted"]
    assert all(isinstance(result.error, CostError) for result in results if result.error)


def test_the_memory_of_kept_targets_is_given_to_a_picture_that_needs_it(backbone: Backbone) -> None:
    own = replace(backbone, targets=Targets(backbone.extractor, "own"))
    stylize("dog.png", "stars.png", RECIPE, backbone=own).result()
    kept = own.targets.used_bytes
    needed = max(Cost.of(stylize(path, "waves.png", RECIPE, backbone=own)).bytes for path in CONTENTS)
    assert states(batch(own, limits=Limits(bytes=needed + 0.9 * kept)).results()) == ["painted"] * 4
    assert states(batch(own, limits=Limits(bytes=needed)).results()) == ["done before"] * 4


class Counting:
    """An extractor that remembers the sizes of what it has looked at, (width, height)."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        self.sizes: list[tuple[int, int]] = []

    def __call__(
        self, image: Tensor, taps: Collection[str], border: Border = "zeros", pooling: Pooling = "max"
    ) -> dict[str, Tensor]:
        self.sizes.append((image.shape[3], image.shape[2]))
        return self._extractor(image, taps, border, pooling)


def test_targets_of_a_style_are_computed_once_whatever_the_shape_of_the_contents(backbone: Backbone) -> None:
    """Two scales, whose long sides are those of the styles, and each input is looked at once at each of them."""
    sizes = {"cat.png": (64, 56), "dog.png": (48, 64), "waves.png": (80, 80), "stars.png": (80, 60)}
    for seed, (path, size) in enumerate(sizes.items()):
        save_image(smooth_picture(*size, seed=seed), path)
    counting = Counting(backbone.extractor)
    own = replace(backbone, targets=Targets(counting, "counted"))
    recipe = Recipe(size=64, start_size=40, scale_step=1.5, first_steps=2, last_steps=2)
    assert states(batch(own, recipe).results()) == ["painted"] * 4
    seen = {"cat": [(43, 38), (64, 56)], "dog": [(32, 43), (48, 64)]}
    seen |= {"waves": [(43, 43), (64, 64)], "stars": [(43, 32), (64, 48)]}
    assert sorted(counting.sizes) == sorted(size for both in seen.values() for size in both)


def test_it_stops_without_a_trace_of_the_picture_in_work_and_goes_on_there(backbone: Backbone) -> None:
    first = batch(backbone)

    def watch(painting: Painting) -> Iterator[LiveProgress]:
        for progress in painting:
            yield progress
            if painting.inputs["content"].name == "dog.png":
                first.stop()

    assert [result.pair.name for result in first.results(watch)] == ["cat-waves"]
    before = written()
    assert list(before) == ["cat-waves"]
    assert "3 still to be painted" in Path("out/index.html").read_text()
    assert states(batch(backbone).results()) == ["done before", "painted", "painted", "painted"]
    assert written()["cat-waves"] == before["cat-waves"]


def test_stopped_between_two_pictures_it_paints_no_more(backbone: Backbone) -> None:
    stopped = batch(backbone)
    results = []
    for result in stopped.results():
        results.append(result)
        stopped.stop()
    assert states(results) == ["painted"]
    assert list(batch(backbone).results())


def test_a_signal_to_stop_after_the_last_step_loses_nothing(backbone: Backbone) -> None:
    stopped = batch(backbone)

    def watch(painting: Painting) -> Iterator[LiveProgress]:
        yield from painting
        stopped.stop()

    assert states(stopped.results(watch)) == ["painted"]
    assert list(written()) == ["cat-waves"]


def test_a_full_disk_ends_it(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OutputError("'out/cat-waves.png' can't be written: No space left on device.")

    monkeypatch.setattr(module, "save_image", full)
    with pytest.raises(OutputError, match="No space left"):
        list(batch(backbone).results())
    assert written() == {}


def test_a_folder_is_made_and_one_that_can_not_be_is_refused(backbone: Backbone) -> None:
    Batch(pair_up(CONTENTS, STYLES, Path("new/folder")), RECIPE, backbone)
    assert Path("new/folder").is_dir()
    with pytest.raises(OutputError, match=r"The folder 'cat.png' can't be made"):
        Batch(pair_up([Path("p/cat.png")], [Path("p/waves.png")], Path("cat.png")), RECIPE, backbone)


def test_somebody_elses_page_is_not_replaced(backbone: Backbone) -> None:
    OUT.mkdir()
    Path("out/index.html").write_text("<p>mine</p>")
    with pytest.raises(OutputError, match="would take the place of a page that no batch wrote"):
        batch(backbone)
    assert Path("out/index.html").read_text() == "<p>mine</p>"


def test_there_is_no_image_to_start_from(backbone: Backbone) -> None:
    with pytest.raises(RecipeError, match="init is image, but a batch has none to start from"):
        batch(backbone, RECIPE.changed(init="image"))
