"""The styles of a series: examples and uploads, as many as one likes, shown as small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from ..errors import ImageError, RecipeError
from ..pictures.picture import fit
from ..pictures.writing import write_image
from ..serving.axes import MOST_CELLS
from .examples import THUMBNAIL, example_files, gallery, name_of_examples, thumbnail, title
from .friendly import friendly
from .image_input import check_upload
from .languages import Words, said, words_of
from .readers import read_for
from .sent_image import require_uploaded
from .uploads import load_upload

NO_LIST = "The styles are no list of files: reload the page."

_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class ChosenStyles:
    """Draws itself in the current Gradio context.

    paths: the component with the files, which it hands on as a list.  changed: fires when they are others.
    """

    def __init__(self, opening: Sequence[str]) -> None:
        """opening: examples that are chosen when the page opens."""
        self._examples = example_files("style")
        gr.Markdown(said("series.styles"))
        examples = gallery(self._examples, label=said(partial(name_of_examples, "style")))
        gr.Markdown(said("series.leave"))
        files = [Path(path) for path in opening]
        self.chosen = gallery(files, label=said("series.chosen"), elem_id="chosen-styles")
        self.paths = gr.JSON(list(opening), visible=False)
        own = gr.UploadButton(
            said("series.own_styles"), file_count="multiple", file_types=["image"], size="sm", type="filepath"
        )
        outputs = [self.paths, self.chosen]
        examples.select(self._take_or_leave, self.paths, outputs, **_PRIVATE)
        self.chosen.select(self._leave, self.paths, outputs, **_PRIVATE)
        own.upload(self._add, [own, self.paths], outputs, **_PRIVATE)
        self.changed = self.paths.change

    async def _take_or_leave(self, event: gr.SelectData, paths: Any, request: gr.Request) -> tuple[Any, Any]:
        with friendly():
            known, path = style_files(paths), str(self._examples[event.index])
            left = [other for other in known if other != path]
            return await _updates(request, left if len(left) < len(known) else [*known, path])

    async def _leave(self, event: gr.SelectData, paths: Any, request: gr.Request) -> tuple[Any, Any]:
        with friendly():
            known = style_files(paths)
            return await _updates(request, [path for i, path in enumerate(known) if i != event.index])

    async def _add(self, files: list[str] | None, paths: Any, request: gr.Request) -> tuple[Any, Any]:
        with friendly():
            added = [require_uploaded(path) for path in files or ()]
            known = style_files([*style_files(paths), *added])
            for i in range(len(known) - len(added), len(known)):
                known[i] = str(await read_for(request, check_upload, known[i]))
            return await _updates(request, known)


def style_files(paths: Any) -> list[str]:
    """The files that a page sends back: examples of this program and uploads.

    Raises ImageError for any other, RecipeError for too many of them.
    """
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise ImageError(NO_LIST)
    if len(paths) > MOST_CELLS:
        raise RecipeError(f"{len(paths)} styles are too many for one series: {MOST_CELLS} are the most.")
    return [served_file(path) for path in paths]


def served_file(path: str) -> str:
    """A path that may be opened: an example of this program, or an upload.  Raises ImageError."""
    is_example = Path(path) in (*example_files("style"), *example_files("content"))
    return path if is_example else require_uploaded(path)


async def _updates(request: gr.Request, paths: list[str]) -> tuple[Any, Any]:
    return paths, [await read_for(request, _shown, path, words_of(request)) for path in paths]


def _shown(path: str, words: Words) -> tuple[Image.Image | str, str]:
    """A thumbnail and its name; that of an upload is made once, and lies beside it."""
    file = Path(path)
    if file in example_files("style"):
        return thumbnail(file), title(file, words)
    if not (small := file.with_name(f"{file.stem[:60]}.thumbnail.jpg")).exists():
        picture = load_upload(file)
        image = picture.to_pil().convert("RGB").resize(fit((picture.width, picture.height), THUMBNAIL))
        write_image(image, small, "JPEG", quality=88)
    return str(small), file.name
