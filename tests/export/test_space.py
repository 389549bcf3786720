"""Publishing as a Space, to a stand-in of the Hub that plays along or does not."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from export.hub_errors import HubError
from export.space import Space, chosen_deletions
from export.space_files import ROOT, space_files
from tests.export.hub_stand_in import HubStandIn, StoredSpace

NAME = "me/gramarye"
MODEL = "models/vgg16_bn.onnx"


@pytest.fixture
def hub() -> Iterator[HubStandIn]:
    hub = HubStandIn()
    yield hub
    hub.close()


@pytest.fixture
def stored(hub: HubStandIn) -> StoredSpace:
    """A Space that is there already, with an uploaded model and a file that nobody here knows."""
    space = StoredSpace(sdk="gradio", private=False)
    space.files |= {MODEL: b"uploaded", "notes.md": b"theirs", "app.py": b"older"}
    hub.spaces[NAME] = space
    return space


def publish(
    hub: HubStandIn | str, *options: str, token: str | None = "hf_good", stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    """`python -m export.space` with a Hub, as a process of its own, as its client reads the address only once."""
    url = hub if isinstance(hub, str) else hub.url
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment |= {"HF_ENDPOINT": url, "HF_HOME": "/nonexistent", "HF_HUB_DISABLE_TELEMETRY": "1"}
    if token:
        environment["HF_TOKEN"] = token
    command = [sys.executable, "-m", "export.space", *options]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdin=stdin, capture_output=True, text=True, timeout=120, check=False
    )


def at_a_terminal(hub: HubStandIn, answer: str, *options: str) -> subprocess.CompletedProcess[str]:
    """The same with a person who has typed an answer already."""
    controller, terminal = pty.openpty()
    try:
        os.write(controller, answer.encode())
        return publish(hub, *options, stdin=terminal)
    finally:
        os.close(controller)
        os.close(terminal)


def our_files() -> dict[str, bytes]:
    return {name: (ROOT / name).read_bytes() for name in space_files().sizes}


# A dry run


def test_a_dry_run_lists_files_and_settings_and_changes_nothing(hub: HubStandIn) -> None:
    run = publish(hub, "--push", NAME, "--private", "--hardware", "zero-a10g", "--dry-run")
    assert run.returncode == 0
    assert re.search(r"^ +[\d,]+  nst/recipe\.py$", run.stdout, re.M)
    assert "sdk: gradio" in run.stdout
    assert f"to: {NAME} on {hub.url}, private if it is new; hardware: zero-a10g" in run.stdout
    assert run.stdout.endswith("deletions: none, as there is no such Space yet, or it is hidden from you\n")
    assert all(request.startswith("GET ") for request in hub.requests)
    assert hub.spaces == {}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], [f"keeps: {MODEL}", "asks whether to delete: notes.md"]),
        (["--prune"], [f"deletes: {MODEL}", "deletes: notes.md"]),
    ],
)
def test_a_dry_run_lists_what_would_be_deleted(
    hub: HubStandIn, stored: StoredSpace, options: list[str], expected: list[str]
) -> None:
    before = dict(stored.files)
    run = publish(hub, "--push", NAME, "--dry-run", *options)
    assert run.returncode == 0
    assert run.stdout.splitlines()[-2:] == expected
    assert (stored.files, stored.commits) == (before, 0)


@pytest.mark.parametrize("reachable", [True, False])
def test_a_dry_run_that_cannot_ask_the_hub_says_so(hub: HubStandIn, stored: StoredSpace, reachable: bool) -> None:
    hub.refuse = {"/tree": 418}
    run = publish(hub if reachable else "http://127.0.0.1:9", "--push", NAME, "--dry-run")
    assert run.returncode == 0
    why = "the Hub answered 418." if reachable else "the Hub can't be reached (TimeoutError)."
    assert f"deletions: unknown, as {NAME} can't be looked at: {why}" in run.stdout


# A push


def test_a_space_is_created_brought_up_to_date_and_then_left_alone(hub: HubStandIn) -> None:
    run = publish(hub, "--push", NAME, "--private", "--hardware", "cpu-basic")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == f"{hub.url}/spaces/{NAME}"
    space = hub.spaces[NAME]
    assert (space.sdk, space.private, space.hardware, space.commits) == ("gradio", True, "cpu-basic", 1)
    assert space.messages == ["Gramarye, from its repository"]
    assert space.files == {".gitattributes": b""} | our_files()

    space.files["app.py"] = b"changed"
    assert publish(hub, "--push", NAME).returncode == 0
    assert space.files["app.py"] == (ROOT / "app.py").read_bytes()
    assert space.commits == 2

    assert publish(hub, "--push", NAME).returncode == 0
    assert space.commits == 2  # nothing had changed


def test_without_a_terminal_nothing_is_deleted_and_that_is_said(hub: HubStandIn, stored: StoredSpace) -> None:
    run = publish(hub, "--push", NAME)
    assert run.returncode == 0, run.stderr
    assert f"Kept on the Space, though not in this project (--prune deletes them): {MODEL}, notes.md" in run.stdout
    assert stored.files == {".gitattributes": b"", MODEL: b"uploaded", "notes.md": b"theirs"} | our_files()


def test_prune_deletes_all_that_is_not_here(hub: HubStandIn, stored: StoredSpace) -> None:
    run = publish(hub, "--push", NAME, "--prune")
    assert run.returncode == 0, run.stderr
    assert stored.files == {".gitattributes": b""} | our_files()


@pytest.mark.parametrize(("answer", "deleted"), [("y\n", True), ("yes\n", True), ("\n", False), ("n\n", False)])
def test_at_a_terminal_a_yes_deletes_but_never_the_uploaded_model(
    hub: HubStandIn, stored: StoredSpace, answer: str, deleted: bool
) -> None:
    run = at_a_terminal(hub, answer, "--push", NAME)
    assert run.returncode == 0, run.stderr
    assert "On the Space, but not in this project:\n  notes.md\nDelete 1 there? [y/N] " in run.stdout
    assert ("notes.md" in stored.files) == (not deleted)
    assert stored.files[MODEL] == b"uploaded"
    assert stored.files["app.py"] == (ROOT / "app.py").read_bytes()


def test_nobody_is_asked_about_the_model_alone() -> None:
    assert list(chosen_deletions([MODEL], prune=False, ask=lambda _: pytest.fail("somebody was asked"))) == []


# Failures


@pytest.mark.parametrize(
    ("refuse", "token", "expected"),
    [
        ({}, None, "the Hub does not know who you are: log in with `hf auth login`"),
        ({}, "hf_wrong", "the Hub does not know who you are: log in with `hf auth login`"),
        ({"/repos/create": 403}, "hf_good", f"your token may not do that: it needs the right to write, and {NAME}"),
        ({"/commit/": 403}, "hf_good", "your token may not do that"),
        ({"/hardware": 402}, "hf_good", "it costs more than the account has: choose other hardware"),
        ({"/commit/": 413}, "hf_good", "it is larger than the account's quota admits."),
        ({"/preupload": 409}, "hf_good", f"the name {NAME} is taken by something else"),
    ],
)
def test_each_failure_is_one_clear_sentence(
    hub: HubStandIn, refuse: dict[str, int], token: str | None, expected: str
) -> None:
    hub.refuse = refuse
    run = publish(hub, "--push", NAME, "--hardware", "t4-small", token=token)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert run.stderr.startswith(f"error: {NAME} was not published: ")
    assert expected in run.stderr


def test_no_network_is_said() -> None:
    run = publish("http://127.0.0.1:9", "--push", NAME)
    assert run.returncode == 2
    assert run.stderr == f"error: {NAME} was not published: the Hub can't be reached (ConnectError).\n"


@pytest.mark.parametrize("name", ["gramarye", "me/", "me/my space", "a/b/c"])
def test_a_name_without_owner_is_refused(name: str) -> None:
    with pytest.raises(HubError, match=f"A Space's name is OWNER/NAME, not '{name}'"):
        Space(name)
