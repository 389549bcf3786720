"""How a picture was made, as JSON inside its own file: a text chunk of a PNG, or EXIF in the other formats."""

from __future__ import annotations

import json
from typing import Any

from PIL import Image, PngImagePlugin

KEY = "gramarye"
"""Under which text chunk of a PNG, and as which EXIF "Software" in other formats, the provenance stands."""

_KEYS = (KEY, "pastiche")
"""The second is what this project was called before 0.3: pictures made then still load and replay."""

_MAX_METADATA = 60_000  # characters, in every format; a JPEG has no room for more
_MAX_BRACKETS = 200  # they bound how deep JSON is nested: a stranger's must not be too deep to be written again
_EXIF_DESCRIPTION, EXIF_ORIENTATION, _EXIF_SOFTWARE = 0x010E, 0x0112, 0x0131


def embedded(kind: str, provenance: dict[str, Any]) -> dict[str, Any]:
    """Options of `Image.save` that write the provenance; none where it is too long.

    kind: Pillow's name of the format.
    """
    text = json.dumps(provenance)
    if len(text) > _MAX_METADATA:
        return {}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt(KEY, text)
        return {"pnginfo": info}
    exif = Image.Exif()
    exif[_EXIF_DESCRIPTION] = text
    exif[_EXIF_SOFTWARE] = KEY
    return {"exif": exif}


def read_provenance(image: Image.Image) -> dict[str, Any] | None:
    """What `save_image` embedded, or None; metadata of other programs is none of ours."""
    text = next((image.info[key] for key in _KEYS if key in image.info), None)
    if text is None and exif_value(image, _EXIF_SOFTWARE) in _KEYS:
        text = exif_value(image, _EXIF_DESCRIPTION)
    if not isinstance(text, str) or len(text) > _MAX_METADATA or text.count("[") + text.count("{") > _MAX_BRACKETS:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    known = isinstance(value, dict) and isinstance(value.get("recipe"), dict) and isinstance(value.get("task"), str)
    return value if known else None


def exif_value(image: Image.Image, tag: int) -> Any:
    """The value of an EXIF tag; None where there is none, and where the EXIF block is damaged."""
    try:
        return image.getexif().get(tag)
    except Exception:  # Pillow's plugins raise whatever their format's parser raises
        return None
