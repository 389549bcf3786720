"""Publishing as a Space: its settings, its files, and a stand-in of the Hub that plays along or does not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import metadata_load

from export.space import PATTERNS, ROOT, Space, SpaceError, settings, space_files, with_front_matter
from tests.export.hub_stand_in import HubStandIn


@pytest.fixture
def hub() -> Iterator[HubStandIn]:
    hub = HubStandIn()
    yield hub
    hub.close()


def space(hub: HubStandIn | str, *options: str, token: str | None = "hf_good") -> subprocess.CompletedProcess[str]:
    """`python -m export.space` with a Hub, as a process of its own, as its client reads the address only once."""
    url = hub if isinstance(hub, str) else hub.url
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment |= {"HF_ENDPOINT": url, "HF_HOME": "/nonexistent", "HF_HUB_DISABLE_TELEMETRY": "1"}
    if token:
        environment["HF_TOKEN"] = token
    command = [sys.executable, "-m", "export.space", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_readme_has_the_settings_on_top() -> None:
    assert metadata_load(ROOT / "README.md") == settings()


def test_the_front_matter_is_replaced_and_the_rest_left_alone() -> None:
    rest = "# Title\n\n---\n\nA rule, and a\n---\nlower one.\n"
    once = with_front_matter(rest, "title: A\n")
    assert once == f"---\ntitle: A\n---\n\n{rest}"
    assert with_front_matter(once, "title: A\n") == once
    assert with_front_matter(once, "title: B\nsdk: gradio\n") == f"---\ntitle: B\nsdk: gradio\n---\n\n{rest}"


def test_the_settings_say_what_the_requirements_install() -> None:
    found = settings()
    pinned = dict(re.findall(r"^([\w-]+)(?:\[.*\])?==(\S+?);?(?: |$)", (ROOT / "requirements.txt").read_text(), re.M))
    assert found["sdk_version"] == pinned["gradio"]
    assert pinned["torch"] == "2.11.0"  # the newest that ZeroGPU has
    assert found["python_version"] == "3.12"
    assert len(found["short_description"]) <= 60
    assert (ROOT / found["app_file"]).is_file()
    assert (ROOT / found["thumbnail"]).is_file()


def test_only_what_the_space_needs_goes_there() -> None:
    files = space_files()
    assert {"app.py", "requirements.txt", "README.md", "nst/ui/page.py", "nst/network/fingerprint.json"} <= set(files)
    assert not [name for name in files if re.match(r"tests|\.|.*\.(onnx|pyc|safetensors|env)$", name)]
    assert sum(files.values()) < 10_000_000
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert set(files) <= set(tracked)
    assert all(any(ROOT.glob(pattern)) for pattern in PATTERNS)


def test_the_files_of_the_readme_go_there_too() -> None:
    shown = re.findall(r"(?:!\[[^]]*\]\((?!https:)|src=\")([\w./-]+)", (ROOT / "README.md").read_text())
    assert set(shown) <= set(space_files())


def test_a_dry_run_lists_files_and_settings_and_asks_nobody(hub: HubStandIn) -> None:
    said = space(hub, "--push", "me/pastiche", "--private", "--hardware", "zero-a10g", "--dry-run", token=None)
    assert said.returncode == 0
    assert re.search(r"^ +[\d,]+  nst/recipe\.py$", said.stdout, re.M)
    assert "sdk: gradio" in said.stdout
    assert f"to: me/pastiche on {hub.url}, private if it is new; hardware: zero-a10g" in said.stdout
    assert hub.requests == []


def test_a_space_is_created_brought_up_to_date_and_then_left_alone(hub: HubStandIn) -> None:
    said = space(hub, "--push", "me/pastiche", "--private", "--hardware", "cpu-basic")
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[-1] == f"{hub.url}/spaces/me/pastiche"
    stored = hub.spaces["me/pastiche"]
    assert (stored.sdk, stored.private, stored.hardware, stored.commits) == ("gradio", True, "cpu-basic", 1)
    assert stored.files == {".gitattributes": b""} | {name: (ROOT / name).read_bytes() for name in space_files()}

    stored.files |= {"stale.py": b"old", "app.py": b"changed"}
    assert space(hub, "--push", "me/pastiche").returncode == 0
    assert "stale.py" not in stored.files
    assert stored.files["app.py"] == (ROOT / "app.py").read_bytes()
    assert stored.commits == 2

    assert space(hub, "--push", "me/pastiche").returncode == 0
    assert stored.commits == 2  # nothing had changed


@pytest.mark.parametrize(
    ("refuse", "token", "expected"),
    [
        ({}, None, "the Hub does not know who you are: log in with `hf auth login`"),
        ({}, "hf_wrong", "the Hub does not know who you are: log in with `hf auth login`"),
        ({"/repos/create": 403}, "hf_good", "your token may not do that: it needs the right to write, and me/pastiche"),
        ({"/commit/": 403}, "hf_good", "your token may not do that"),
        ({"/hardware": 402}, "hf_good", "it costs more than the account has: choose other hardware"),
        ({"/commit/": 413}, "hf_good", "it is larger than the account's quota admits."),
        ({"/preupload": 409}, "hf_good", "the name me/pastiche is taken by something else"),
    ],
)
def test_each_failure_is_one_clear_sentence(
    hub: HubStandIn, refuse: dict[str, int], token: str | None, expected: str
) -> None:
    hub.refuse = refuse
    said = space(hub, "--push", "me/pastiche", "--hardware", "t4-small", token=token)
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert said.stderr.startswith("error: me/pastiche was not published: ")
    assert expected in said.stderr


def test_no_network_is_said() -> None:
    said = space("http://127.0.0.1:9", "--push", "me/pastiche")
    assert said.returncode == 2
    assert said.stderr.startswith("error: me/pastiche was not published: the Hub can't be reached (ConnectError).")


def test_a_name_without_owner_and_a_model_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match="A Space's name is OWNER/NAME, not 'pastiche'"):
        Space("pastiche")
    monkeypatch.setattr("export.space.ROOT", tmp_path)
    with pytest.raises(SpaceError, match=r"There is no models/vgg16_bn.onnx to upload"):
        Space("me/pastiche", with_model=True)
