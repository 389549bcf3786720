"""What the history in a browser is told of a painting, and what it sends when one is to be brought back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ..errors import ImageError
from ..painting.provenance import recipe_in
from ..pictures.picture import Picture
from ..recipe import PresetName, Recipe
from ..serving.job import Job
from ..task import ROLE_HELP, TASKS, Role, TaskName
from .gradio_gaps import file_to_show
from .image_input import check_upload
from .link import link_query
from .sent_image import require_uploaded
from .uploads import load_upload


@dataclass(frozen=True)
class Made:
    """A picture that was made here, and comes back.

    path: of the picture.  before: the path of what it was made of, at its size.  inputs: role -> path; those that the
    browser could not keep are missing.  link: the query of a link that opens the page with its settings.
    """

    task: TaskName
    recipe: Recipe
    path: str
    before: str
    inputs: Mapping[Role, str]
    link: str


def record_of(
    job: Job, identity: str, result: Path, paths: Mapping[str, str | None], preset: PresetName | None
) -> dict[str, Any]:
    """A finished or stopped painting, for the browser to fetch and keep.

    identity: which painting it is, as it may be told of twice.  result: the file of its picture.  paths: the uploads
    that it was made of, of which some may be deleted by now.  preset: the one that its recipe is, if any.
    """
    assert job.snapshot is not None
    painting, progress = job.painting, job.snapshot.progress
    inputs = {
        role: {"name": picture.name, "digest": picture.digest, "file": _as_file(paths[role])}
        for role, picture in painting.inputs.items()
    }
    return {
        "made": {
            "id": identity,
            "task": painting.task,
            "name": result.name,
            "preset": preset,
            "recipe": painting.recipe.to_json(),
            "losses": {name: getattr(job.snapshot.losses, name) for name in TASKS[painting.task].inputs},
            "steps": [progress.iteration, progress.iterations],
            "picture": _as_file(result),
            "inputs": inputs,
        }
    }


def paths_in(sent: Any) -> tuple[str, dict[Role, str]]:
    """The uploaded picture, and by role what it was made of, from what the browser sends; ImageError for no such."""
    try:
        picture, inputs = sent["restore"]["picture"]["path"], sent["restore"]["inputs"]
        paths = {role: require_uploaded(inputs[role]["path"]) for role in ROLE_HELP if role in inputs}
        return require_uploaded(picture), paths
    except (KeyError, TypeError):
        raise ImageError("What is to be brought back is no picture of the history: click one there.") from None


def made_of(path: str, inputs: Mapping[Role, str]) -> Made:
    """The picture as a tab shows it, each file looked at as any upload.

    Raises ImageError for one that can't be read, RecipeError for a picture that holds no recipe.
    """
    picture = load_upload(path)
    task, recipe = recipe_in(picture)
    checked = {role: str(check_upload(inputs[role])) for role in TASKS[task].roles if role in inputs}
    embedded = (picture.provenance or {}).get("inputs") or ()
    roles = [role for role in TASKS[task].roles if role in checked or role in embedded]
    pictures: dict[str, Picture | None] = {
        role: load_upload(checked[role]) if role in checked else None for role in roles
    }
    original = (pictures.get(TASKS[task].inputs[0]) or picture).to_pil().convert("RGB")
    before = original.resize((picture.width, picture.height), Image.Resampling.LANCZOS)
    return Made(task, recipe, path, file_to_show(before, "before.jpg"), checked, link_query(task, recipe, pictures))


def _as_file(path: str | Path | None) -> dict[str, Any] | None:
    """As Gradio wants a file, which it copies to where it serves it; None where it is gone."""
    if path is None or not Path(path).is_file():
        return None
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}}
