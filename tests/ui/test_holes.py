"""What strangers send by hand, as no browser and no client would, while the app runs in another process."""

from __future__ import annotations

import json
import os
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from PIL import Image

from nst.pictures.writing import save_image
from tests.conftest import smooth_picture
from tests.ui.by_hand import META, QUICK, Page, called, error_in, form, page_of, sent, uploaded
from tests.ui.conftest import Server

REFUSED = "The request names a file that was not uploaded here"
NOT_FETCHED = "Images are not fetched from addresses here"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 40\n%%EndComments\n0 0 40 40 rectfill\nshowpage\n%%EOF\n"


@dataclass(frozen=True)
class Target(Page):
    """An app to send things to.  programs: the folder of what looks like Ghostscript and ffmpeg."""

    programs: Path

    @property
    def uploads(self) -> Path:
        """The folder in which Gradio keeps uploads."""
        (folder,) = self.server.files.iterdir()
        return folder / "files"

    def started(self, program: str) -> bool:
        return (self.programs / f"{program}.started").exists()

    def stylized(self, content: Any, style: Any) -> str:
        """What /stylize answers for two images."""
        return called(self.server, {"content": content, "style": style, **QUICK})

    def post(self, route: str, body: dict[str, Any]) -> Any:
        return json.loads(sent(self.server, route, json.dumps(body).encode(), "application/json"))

    def upload(self, name: str, data: bytes) -> str:
        """The path that an uploaded file gets."""
        return str(uploaded(self.server, name, data)["path"])


@pytest.fixture(scope="module")
def target(server: Server, programs: Path) -> Target:
    """An app on a machine that has Ghostscript and ffmpeg, or what looks like them."""
    return Target(server, page_of(server).config, programs)


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture that nobody uploaded."""
    return save_image(smooth_picture(32, 32, seed=1), tmp_path_factory.mktemp("secret") / "secret.png")


@pytest.mark.parametrize("meta", [{}, {"meta": META}, {"meta": {}}, {"meta": META, "is_stream": True}])
@pytest.mark.parametrize(
    "way", ["as it is", "by ..", "by a link", "relative", "as an address", "by a link to its folder"]
)
def test_a_picture_that_was_not_uploaded_is_not_read(target: Target, secret: Path, way: str, meta: Any) -> None:
    link = target.uploads / f"{uuid.uuid4().hex}.png"
    path = {
        "as it is": str(secret),
        "by ..": f"{target.uploads}/../../../{secret.parent.name}/{secret.name}",
        "by a link": str(link),
        "relative": os.path.relpath(secret, Path(__file__).parent.parent.parent),
        "as an address": f"file://{secret}",
        "by a link to its folder": f"{link}/{secret.name}",
    }[way]
    if "link" in way:
        link.symlink_to(secret.parent if "folder" in way else secret)
    uploaded = {"path": target.upload("a.png", secret.read_bytes()), "meta": META}
    answer = target.stylized({"path": path, **meta}, uploaded)
    assert REFUSED in answer
    assert "event: complete" not in answer


def test_a_picture_that_was_uploaded_is_read(target: Target, secret: Path) -> None:
    """As clients of old send it, without `meta`, as well."""
    path = target.upload("a.png", secret.read_bytes())
    assert "event: complete" in target.stylized({"path": path}, {"path": path, "meta": META})


def test_the_pictures_of_the_page_can_be_sent_back(target: Target) -> None:
    """A picture that an example gives, and those that the page opens with: it is their copies that are sent."""
    pick = next(event for event in target.config["dependencies"] if event["api_name"] == "pick")
    session = uuid.uuid4().hex
    chosen = {"data": [], "fn_index": pick["id"], "session_hash": session, "event_data": {"index": 0, "value": None}}
    target.post("queue/join", chosen)
    with urllib.request.urlopen(
        f"{target.server.url}/gradio_api/queue/data?session_hash={session}", timeout=60
    ) as lines:
        line = next(line for line in lines if b'"process_completed"' in line)
    picked, *_ = json.loads(line.removeprefix(b"data: "))["output"]["data"]
    values = (component["props"].get("value") for component in target.config["components"])
    opening = [value for value in values if isinstance(value, dict) and "path" in value]
    checks = [pair for pair in target.events("image") if pair[0]["api_name"] == "check_upload"]
    check, place = checks[0]
    assert len(opening) > 3
    for value in (picked, *opening):
        assert '"success":true' in target.heard(check, place, value)


@pytest.mark.parametrize("kind", ["image", "imageslider", "imageeditor", "file", "radio", "api", "html"])
def test_no_component_says_anything_of_a_file_that_was_not_uploaded(target: Target, secret: Path, kind: str) -> None:
    """However deep it is in what is sent, and whether or not there is such a file."""
    event, place = target.events(kind)[0]
    answers = set()
    for path in (secret, secret.with_name("missing.png"), Path("/etc/passwd")):
        file = {"path": str(path), "orig_name": "a.svg"}
        full = {"image": file, "video": file, "background": file, "layers": [file], "composite": file}
        for value in (file, file | {"meta": META}, [file, file], [[full]], full):
            answers.add(error_in(target.heard(event, place, value)))
    (answer,) = answers
    assert REFUSED in answer


def test_no_event_takes_a_file_that_was_not_uploaded(target: Target, secret: Path) -> None:
    """Public or private, in its last input, which for most is an image."""
    events = {event["id"]: (event, place) for event, place in target.events()}
    assert len(events) > 60
    for event, place in events.values():
        assert REFUSED in error_in(target.heard(event, place, {"path": str(secret)})), event["api_name"]
        assert NOT_FETCHED in error_in(target.heard(event, place, [{"url": "http://127.0.0.1:1/a.png"}])), event


@pytest.mark.parametrize("route", ["component_server", "component_server/"])
def test_nobody_can_call_the_methods_of_a_component(target: Target, route: str) -> None:
    editor = next(part["id"] for part in target.config["components"] if part["type"] == "imageeditor")
    answer = {"fn_name": "accept_blobs", "component_id": str(editor), "session_hash": "a", "id": "a", "type": "layer"}
    with pytest.raises(HTTPError, match="404"):
        sent(target.server, route, *form("a.png", b"x", field="file", index="1000000", **answer))


def test_nobody_can_start_ffmpeg(target: Target) -> None:
    with pytest.raises(HTTPError, match="404"):
        sent(target.server, "process_recording", *form("a.mp4", b"x", field="video", remove_segment_start="0"))
    assert not target.started("ffmpeg")


def test_an_eps_file_by_another_name_starts_no_ghostscript(target: Target) -> None:
    file = {"path": target.upload("a.png", EPS), "orig_name": "a.png", "meta": META}
    editors = target.events("imageeditor")
    assert editors
    for event, place in editors:
        answer = target.heard(event, place, {"background": None, "layers": [file], "composite": None})
        assert '"success":false' in answer
    assert not target.started("gs")


def test_the_pictures_of_a_slider_are_handed_on_unopened(target: Target, tmp_path: Path) -> None:
    """An EPS file by another name, and a large picture in a small file."""
    Image.new("1", (9459, 9459)).save(tmp_path / "a.png")
    sliders = target.events("imageslider")
    assert sliders
    for data in (EPS, (tmp_path / "a.png").read_bytes()):
        file = {"path": target.upload("a.png", data), "orig_name": "a.png", "meta": META}
        for event, place in sliders:
            answer = json.loads(target.heard(event, place, [file, file]).removeprefix("data: "))
            assert answer["output"]["data"][-1]["path"] == file["path"]
    assert not target.started("gs")


def test_the_mask_editor_opens_no_more_than_it_would_send(target: Target, tmp_path: Path) -> None:
    """A large picture in a small file, as a layer, and as what lies below it."""
    Image.new("1", (9459, 9459)).save(tmp_path / "a.png")
    file = {"path": target.upload("a.png", (tmp_path / "a.png").read_bytes()), "orig_name": "a.png", "meta": META}
    editors = target.events("imageeditor")
    assert editors
    for event, place in editors:
        answer = target.heard(event, place, {"background": file, "layers": [file] * 3, "composite": file})
        assert "What was painted is 9459x9459 px, and a side may have 4096 px" in error_in(answer)


def test_a_format_that_the_product_does_not_read_is_not_decoded_for_gradio(target: Target) -> None:
    file = {"path": target.upload("a.ppm", b"P6 20 20 255 " + bytes(1200)), "orig_name": "a.ppm", "meta": META}
    editors = target.events("imageeditor")
    assert editors
    for event, place in editors:
        answer = target.heard(event, place, {"background": None, "layers": [file], "composite": None})
        assert '"success":false' in answer
        assert "Nothing is painted" not in answer
