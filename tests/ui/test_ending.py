"""A signal while one painting is computed and another waits, and visitors listen to both."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from nst.pictures.writing import save_image
from tests.conftest import smooth_picture
from tests.ui.conftest import serving
from tests.waiting import SLOW, until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_paints_and_who_waits_are_told_and_the_server_ends(
    number: signal.Signals, random_model: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    save_image(smooth_picture(48, 32, seed=1), picture)
    with serving(tmp_path, "--no-mcp", NST_MODEL=str(random_model)) as server:
        clients = [Client(server.url, verbose=False) for _ in range(2)]
        jobs = [
            client.submit(
                handle_file(picture), handle_file(picture),
                size=128, upscale=True, first_steps=10_000, start_size=0, tolerance=0, api_name="/stylize",
            )
            for client in clients
        ]  # fmt: skip
        server.until(lambda health: (health["running"], health["waiting"]) == (1, 1))
        until(lambda: all(job.outputs() for job in jobs))  # who hears the first word hears the last one too
        server.process.send_signal(number)
        for job in jobs:
            with pytest.raises(AppError, match="the server is closing"):
                job.result(timeout=SLOW)
        assert server.process.wait(SLOW) == 0
        assert server.log.read_text().rstrip().endswith("Stopped.")
        assert "Traceback" not in server.log.read_text()
        assert list(server.files.iterdir()) == []
