"""The card says what is in the model file, in the metadata that the Hub expects."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from export.hub_errors import HubError
from export.model_card import FLAG_HELP, Rights, file_name, model_card
from export.model_facts import ModelFacts
from nst.cli.parser import parse


@pytest.fixture(scope="module")
def facts(random_model: Path) -> ModelFacts:
    return ModelFacts.read(random_model)


def of_backbone(facts: ModelFacts, backbone: str, source: str = "somewhere") -> ModelFacts:
    """The same as if the weights were those of another network."""
    return replace(facts, model=replace(facts.model, backbone=backbone, source=source))


def metadata(card: str) -> dict[str, Any]:
    match = re.match(r"---\n(.*?)\n---\n", card, re.DOTALL)
    assert match is not None
    loaded: dict[str, Any] = yaml.safe_load(match[1])
    return loaded


# Metadata


@pytest.mark.parametrize(("backbone", "base"), [("vgg16_bn", "timm/vgg16_bn.tv_in1k"), ("vgg16", "timm/vgg16.tv_in1k")])
def test_torchvisions_weights_have_its_license_and_the_model_that_they_are_of(
    facts: ModelFacts, backbone: str, base: str
) -> None:
    theirs = of_backbone(facts, backbone)
    rights = Rights.of(theirs)
    said = metadata(model_card("me/features", theirs, rights))
    assert (said["license"], said["base_model"], said["datasets"]) == ("bsd-3-clause", base, ["imagenet-1k"])
    assert (said["library_name"], said["pipeline_tag"]) == ("onnx", "image-feature-extraction")
    assert {backbone, "neural-style-transfer"} <= set(said["tags"])
    assert rights.text is not None
    assert rights.text.startswith("BSD 3-Clause License")
    assert "Soumith Chintala" in rights.text
    assert file_name(theirs) == f"{backbone}.onnx"


def test_random_weights_are_of_no_other_model(facts: ModelFacts) -> None:
    rights = Rights.of(facts)
    said = metadata(model_card("me/features", facts, rights))
    assert said["license"] == "mit"
    assert "random-weights" in said["tags"]
    assert not {"base_model", "datasets"} & set(said)
    assert rights.text is not None
    assert rights.text.startswith("MIT License")


def test_of_other_weights_somebody_has_to_say_the_license(facts: ModelFacts) -> None:
    unknown = of_backbone(facts, "vgg16 (unknown weights)")
    with pytest.raises(
        HubError, match=r"is vgg16 \(unknown weights\), and nobody knows their license: say it with --l"
    ):
        Rights.of(unknown)
    rights = Rights.of(unknown, "cc-by-4.0")
    card = model_card("me/features", unknown, rights)
    assert metadata(card)["license"] == "cc-by-4.0"
    assert "Whoever published this model says that they are under the license `cc-by-4.0`." in card
    assert (rights.text, rights.base_model) == (None, None)


def test_a_license_that_is_known_is_not_changed(facts: ModelFacts) -> None:
    with pytest.raises(HubError, match=r"These weights are under bsd-3-clause, not mit: leave out --license\."):
        Rights.of(of_backbone(facts, "vgg16_bn"), "mit")
    assert Rights.of(of_backbone(facts, "vgg16_bn"), "bsd-3-clause").license == "bsd-3-clause"


# Text


def test_the_text_has_every_fact(facts: ModelFacts) -> None:
    source = "Hugging Face Hub timm/vgg16_bn.tv_in1k, sha256 0123"
    trained = of_backbone(facts, "vgg16_bn", source)
    card = model_card("me/features", trained, Rights.of(trained))
    assert "\n# features\n" in card
    for tap in facts.taps:
        assert f"| `{tap.name}` | relu" in card
        assert f" | {tap.channels} | {'as the image' if tap.stride == 1 else f'1/{tap.stride} of the image'}" in card
    for flag in facts.flags:
        assert f"| `{flag}`, optional |" in card
    for fact in (facts.sha256, facts.model.digest, source, f"{facts.bytes:,}", f"{facts.opset}, {facts.ir_version}"):
        assert fact in card
    assert "batch norm is folded into the convolutions" in card
    assert "there is no batch norm" in model_card("me/features", facts, Rights.of(facts))
    assert "(0.485, 0.456, 0.406)" in card
    assert re.search(r"1409\.1556.*1508\.06576", card, re.DOTALL)


def test_every_optional_input_has_its_words(facts: ModelFacts) -> None:
    assert set(facts.flags) == set(FLAG_HELP)


def test_the_command_for_gramarye_parses(facts: ModelFacts) -> None:
    shell = re.search(r"^```sh\n(.*?)^```$", model_card("me/x", facts, Rights.of(facts)), re.MULTILINE | re.DOTALL)
    assert shell is not None
    download, paint = map(shlex.split, shell[1].splitlines())
    assert download == ["hf", "download", "me/x", "vgg16.onnx", "--local-dir", "models"]
    assert paint[:2] == ["NST_MODEL=models/vgg16.onnx", "gramarye"]
    parse(paint[2:])
