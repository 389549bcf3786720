"""The calls that README and docs/api.md show, made to a running app."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.documents import BLOCKS, ROOT, Block
from tests.ui.conftest import Server

CLIENT = [block for block in BLOCKS if "gradio_client" in block.text]
CURL = [block for block in BLOCKS if block.language == "sh" and "curl" in block.text]


def test_both_ways_are_shown() -> None:
    assert {block.name.partition(":")[0] for block in CLIENT} == {"README.md", "docs/api.md"}
    assert len(CURL) == 1


@pytest.mark.parametrize("block", CLIENT, ids=[block.name for block in CLIENT])
def test_python_gives_a_picture(
    block: Block,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    variables: dict[str, object] = {}
    exec(block.text.replace("http://127.0.0.1:7860", server.url).replace("size=256", "size=32"), variables)
    progress = variables["progress"]
    assert isinstance(progress, dict)
    if "/grid" in block.text:
        pictures = variables["pictures"]
        assert isinstance(pictures, list)
        assert len(pictures) == 4
        path = pictures[0]
        with Image.open(str(variables["sheet"])) as sheet:
            assert sheet.width > 512
    else:
        path = variables["path"]
    assert isinstance(path, str)
    assert progress["state"] == "done"
    assert np.asarray(Image.open(path)).shape == (21, 32, 3)
    if "submit" in block.text:
        assert "running 1 " in capsys.readouterr().out
    variables["client"].close()  # type: ignore[attr-defined]


def test_curl_gives_a_stream_that_ends_with_the_picture(server: Server) -> None:
    script = CURL[0].text.replace("http://127.0.0.1:7860", server.url).replace('"size": 256', '"size": 32')
    done = subprocess.run(["bash", "-euc", script], check=True, capture_output=True, text=True, cwd=ROOT)
    assert "event: complete" in done.stdout
    assert '"state": "done"' in done.stdout
