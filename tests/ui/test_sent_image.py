"""Images as a request gives them: what is taken for one, and from where."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from nst.errors import ImageError
from nst.ui.sent_image import as_file, local_file, require_uploaded

PNG = b"\x89PNG and so on"


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of uploads, which is the test's own."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


@pytest.mark.parametrize("path", ["\0", "", "/", "uploads/../secret.png"])
def test_no_way_leads_out_of_the_folder_of_uploads(path: str) -> None:
    with pytest.raises(ImageError, match="not uploaded here"):
        require_uploaded(path)


@pytest.mark.parametrize("key", ["path", "url"])
@pytest.mark.parametrize("prefix", ["data:image/png;base64,", "DATA:image/png;charset=x;BASE64,"])
def test_a_data_url_becomes_an_upload(uploads: Path, key: str, prefix: str) -> None:
    file = local_file({key: prefix + base64.b64encode(PNG).decode()}, None)
    path = Path(file["path"])
    assert path.read_bytes() == PNG
    assert path.parent.parent == uploads
    assert path.suffix == ".png"


@pytest.mark.parametrize("url", ["data:image/png;base64,?", "data:", "data:image/png;base64,AAA"])
def test_a_damaged_data_url_is_said(url: str) -> None:
    with pytest.raises(ImageError, match="data: URL"):
        local_file({"path": url}, None)


@pytest.mark.parametrize(
    "file",
    [
        {"path": "http://example.com/a.png"},
        {"path": " HTTPS://example.com/a.png"},
        {"path": "\thttp://127.0.0.1:22", "meta": {"_type": "gradio.FileData"}},
        {"path": None, "url": "http://example.com/a.png"},
        {"path": "", "url": "http://example.com/a.png"},
        {"url": "http:example.com"},
    ],
)
def test_an_address_is_not_fetched_unless_the_host_allows_it(file: dict[str, Any]) -> None:
    with pytest.raises(ImageError, match=r"not fetched from addresses here.*--fetch-urls"):
        local_file(file, None)


def test_an_upload_keeps_its_path_and_loses_the_address_that_nobody_needs(uploads: Path) -> None:
    (uploads / "a.png").write_bytes(PNG)
    file = {"path": str(uploads / "a.png"), "url": "http://10.0.0.1/gradio_api/file=a.png"}
    assert local_file(file, None) == {"path": str(uploads / "a.png"), "url": None}


@pytest.mark.parametrize("value", ["cat.jpg", "", 7, 1.5, True, [], ["cat.jpg"], {}, {"file": "cat.jpg"}, "x" * 10_000])
def test_what_is_no_file_is_told_how_to_send_one(value: Any) -> None:
    with pytest.raises(ImageError, match=r"An image is wanted where .*handle_file") as caught:
        as_file(value)
    assert len(str(caught.value)) < 400


def test_an_image_may_be_left_out_or_given_by_a_url_alone() -> None:
    assert as_file(None) is None
    assert as_file("data:image/png;base64,AAAA")["path"] == "data:image/png;base64,AAAA"
