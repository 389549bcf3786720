"""A disk without space: what an upload is answered, and that the app goes on."""

from __future__ import annotations

import errno

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nst.errors import OutputError
from nst.ui.full_disk import SENTENCE, answer_full_disk, is_full_disk


def app() -> FastAPI:
    """One in which a route has no space left, as Gradio's for uploads, and others that fail or work."""
    app = FastAPI(exception_handlers={OSError: answer_full_disk})

    @app.get("/full")
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    @app.get("/forbidden")
    def forbidden() -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    @app.get("/health")
    def health() -> str:
        return "ok"

    return app


def test_no_space_is_one_sentence_and_the_app_goes_on() -> None:
    client = TestClient(app())
    answer = client.get("/full")
    assert (answer.status_code, answer.json()) == (507, {"detail": SENTENCE})
    assert client.get("/health").json() == "ok"


def test_any_other_error_is_what_it_was() -> None:
    with pytest.raises(PermissionError):
        TestClient(app()).get("/forbidden")


def test_what_could_not_be_written_for_another_reason_is_no_full_disk() -> None:
    assert not is_full_disk(OutputError("no"))
    assert not is_full_disk(ValueError())
