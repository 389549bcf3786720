"""Publishing the model file, to a stand-in of the Hub, from which strangers read it back."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest

from export.hub_errors import HubError
from export.hub_model import HubModel, main
from export.model_facts import ModelFacts
from nst.network.model import open_model
from tests.export.hub_stand_in import HubStandIn

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # of the Hub's client, at an upload

NAME = "me/features"
FILE = "vgg16.onnx"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubStandIn]:
    """The stand-in plays the Hub for its own client.

    Large files go there by Git LFS, the way of the client where the Hub's newer protocol is not there.
    """
    hub = HubStandIn()
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", hub.token)
    yield hub
    huggingface_hub.close_session()
    hub.close()


@pytest.fixture(scope="module")
def facts(random_model: Path) -> ModelFacts:
    return ModelFacts.read(random_model)


def stranger(hub: HubStandIn, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of somebody who has the folder, and the stand-in for the Hub."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTHONPATH"))}
    environment |= {"HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token, "HF_HOME": str(folder / "hub")}
    environment |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def publish(model: Path, *options: str) -> int:
    return main([NAME, "--model", str(model), "--random", *options])


# To the Hub and back


def test_what_is_published_can_be_used_by_what_its_card_says(
    hub: HubStandIn, random_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(random_model, "--private") == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{hub.url}/{NAME}"
    model = hub.models[NAME]
    assert model.private
    assert model.messages == ["Gramarye's model file and its card"]
    assert set(model.files) == {".gitattributes", "README.md", "LICENSE", FILE}
    assert model.files[FILE] == random_model.read_bytes()
    assert hub.spaces == {}

    card = model.files["README.md"].decode()
    code = re.search(r"^```python\n(.*?)^```\n\n```\n(.*?)^```$", card, re.MULTILINE | re.DOTALL)
    shell = re.search(r"^```sh\n(.*?)^```$", card, re.MULTILINE | re.DOTALL)
    assert code is not None
    assert shell is not None
    run = stranger(hub, tmp_path, "-c", code[1])
    assert (run.returncode, run.stdout) == (0, code[2]), run.stderr
    run = stranger(hub, tmp_path, "-m", "huggingface_hub.cli.hf", *shlex.split(shell[1].splitlines()[0])[1:])
    assert run.returncode == 0, run.stderr
    assert open_model(tmp_path / "models" / FILE).digest == open_model(random_model).digest


def test_what_is_there_already_is_not_committed_again(hub: HubStandIn, random_model: Path) -> None:
    assert publish(random_model) == 0
    assert publish(random_model) == 0
    model = hub.models[NAME]
    assert len(model.messages) == 1
    model.files["README.md"] = b"another card"
    assert publish(random_model) == 0
    assert len(model.messages) == 2
    assert model.files["README.md"].startswith(b"---\n")


def test_a_dry_run_writes_the_files_and_asks_nobody(
    hub: HubStandIn, random_model: Path, facts: ModelFacts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "there" / "all"
    assert publish(random_model, "--dry-run", str(folder)) == 0
    names = ("README.md", "LICENSE", FILE)
    assert capsys.readouterr().out.splitlines() == [str(folder / name) for name in names]
    assert (folder / FILE).read_bytes() == random_model.read_bytes()
    assert (folder / "README.md").read_text() == HubModel.of(NAME, facts, random=True).texts["README.md"]
    assert hub.requests == []


# Failures


def test_random_weights_are_refused_unless_asked_for(
    random_model: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([NAME, "--model", str(random_model), "--dry-run", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "has random weights (seeded random numbers, seed 0), which paint nothing: make it with" in said
    assert said.endswith("or say --random.\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["features", "me/", "a/b/c"])
def test_a_name_without_owner_is_refused(facts: ModelFacts, name: str) -> None:
    with pytest.raises(HubError, match=f"A model's name is OWNER/NAME, not '{name}'"):
        HubModel.of(name, facts, random=True)


def test_a_folder_that_can_not_be_written_is_an_error(facts: ModelFacts, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HubError, match=r"file/under can't be written: Not a directory\."):
        HubModel.of(NAME, facts, random=True).write(tmp_path / "file" / "under")


@pytest.mark.parametrize(
    ("refuse", "said"),
    [
        ({"/repos/create": 403}, "your token may not do that"),
        ({"/uploads/": 413}, "it is larger than the account's quota admits."),
    ],
)
def test_a_refusal_of_the_hub_is_one_clear_sentence(
    hub: HubStandIn, random_model: Path, refuse: dict[str, int], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.refuse = refuse
    assert publish(random_model) == 2
    assert f"error: {NAME} was not published: {said}" in capsys.readouterr().err
