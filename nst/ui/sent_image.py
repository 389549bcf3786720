"""Images as a request may give them: an upload, a `data:` URL, and where the host allows it an address on the web."""

from __future__ import annotations

import base64
import binascii
import mimetypes
import os
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from gradio.utils import get_upload_folder

from ..errors import ImageError
from ..task import TASKS
from .web_address import Fetcher

NOT_UPLOADED = (
    "The request names a file that was not uploaded here: send the file to "
    "/gradio_api/upload, and name the path that comes back."
)
NOT_A_FILE = (
    "An image is wanted where {value} stands: give it as a file, by handle_file(…) of gradio_client, or as "
    '{{"path": …, "meta": {{"_type": "gradio.FileData"}}}} with the path that /gradio_api/upload answered.'
)
NOT_FETCHED = (
    "Images are not fetched from addresses here: upload the file, or give it as a data: URL. Whoever hosts this page "
    "can allow it by --fetch-urls or NST_FETCH_URLS=1."
)

_ON_THE_WEB = re.compile(r"[\x00-\x20]*https?:", re.IGNORECASE)
_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[^,;]*)*?)(;base64)?,", re.IGNORECASE)


MAX_FETCHED = max(len(task.roles) for task in TASKS.values())
"""Images that one call may give by their address: as many as a task can be given."""


def addresses_in(data: Any) -> list[str]:
    """The addresses on the web that files have in data, however deep in it."""
    found, left = [], [data]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if (address := _address(value)) and _ON_THE_WEB.match(address):
                found.append(address)
            left += value.values()
        elif isinstance(value, (list, tuple)):
            left += value
    return found


def _address(file: dict[str, Any]) -> str | None:
    """Where a file says that it is; None where something else only looks like a file."""
    address = file["path"] if isinstance(file.get("path"), str) and file["path"] else file.get("url")
    return address if isinstance(address, str) else None


def local_file(file: dict[str, Any], fetcher: Fetcher | None) -> dict[str, Any]:
    """The same file with its `path` leading into the folder of uploads; ImageError for what leads elsewhere.

    file: what calls itself a file, by a `path` or a `url`.  fetcher: None where addresses are not fetched.
    """
    address = _address(file)
    if address is None:
        return file
    if address[:5].lower() == "data:":
        name, data = _decoded(address)
    elif _ON_THE_WEB.match(address):
        if fetcher is None:
            raise ImageError(NOT_FETCHED)
        name, data = fetcher.fetch(address.strip())
    elif isinstance(file.get("path"), str) and file["path"]:
        require_uploaded(file["path"])
        return {**file, "url": None} if "url" in file else file
    else:
        return file
    path = _keep(name, data)
    return {**file, "path": path, "url": None, "orig_name": file.get("orig_name") or Path(path).name}


def as_file(value: Any) -> Any:
    """What stands for an image, as Gradio wants it; ImageError for what can't be one."""
    if isinstance(value, str) and (value[:5].lower() == "data:" or _ON_THE_WEB.match(value)):
        return {"path": value, "meta": {"_type": "gradio.FileData"}}
    if value is None or (isinstance(value, dict) and {"path", "url"} & value.keys()):
        return value
    text = repr(value) if isinstance(value, (str, int, float, bool)) else f"a {type(value).__name__}"
    raise ImageError(NOT_A_FILE.format(value=text if len(text) <= 100 else f"{text[:100]}…"))


def as_files(value: Any) -> Any:
    """As `as_file`, of several images in a list; one alone stands for a list of one."""
    return None if value is None else [as_file(each) for each in (value if isinstance(value, list) else [value])]


def require_uploaded(path: str) -> str:
    """The path, if it leads into the folder of uploads when links and `..` are followed; ImageError if elsewhere.

    The page's own pictures are there too, as Gradio copies them.  Nothing is said about what there is elsewhere: the
    answer is the same for files that exist and for those that don't.
    """
    try:
        target = Path(os.path.realpath(path))
    except ValueError:  # a path that no file system knows
        target = Path("/")
    if Path(os.path.realpath(get_upload_folder())) not in target.parents:
        raise ImageError(NOT_UPLOADED)
    return path


def _decoded(url: str) -> tuple[str, bytes]:
    """A name, and the bytes of a `data:` URL."""
    head = _DATA.match(url)
    if head is None:
        raise ImageError("A data: URL is given that can't be read: write it as data:image/png;base64,…")
    text = url[head.end() :]
    try:
        data = base64.b64decode(unquote_to_bytes(text), validate=True) if head[3] else unquote_to_bytes(text)
    except (binascii.Error, ValueError):
        raise ImageError("A data: URL is given whose base64 is damaged: encode the file again.") from None
    return f"image{mimetypes.guess_extension(head[1] or '') or ''}", data


def _keep(name: str, data: bytes) -> str:
    """A new file in the folder of uploads; returns its path."""
    folder = get_upload_folder()
    os.makedirs(folder, exist_ok=True)
    safe = re.sub(r"[^\w.-]+", "_", name).lstrip(".")[-60:] or "image"
    path = Path(tempfile.mkdtemp(dir=folder)) / safe
    path.write_bytes(data)
    return str(path)
