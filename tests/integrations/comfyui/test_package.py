"""The folder as ComfyUI and its registry find it."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from nst.version import VERSION
from tests.integrations.comfyui.comfy_stand_in import ComfyStandIn, load_custom_node
from tests.integrations.comfyui.conftest import FOLDER
from tests.integrations.comfyui.test_settings import inputs_of, untouched

WORKFLOWS = sorted((FOLDER / "example_workflows").glob("*.json"))

THEIRS = {"LoadImage": (("IMAGE", "MASK"), 2), "SaveImage": ((), 1)}
"""ComfyUI's own nodes in the workflows: type -> outputs, and how many widgets they have."""


def test_every_node_keeps_the_contract(nodes: dict[str, Any]) -> None:
    for name, node in nodes.items():
        assert name.startswith("Gramarye")  # the names of all nodes of an installation share one table
        assert callable(getattr(node(), node.FUNCTION))
        assert node.CATEGORY
        assert node.DESCRIPTION
        assert len(node.RETURN_TYPES) == len(node.RETURN_NAMES) == len(node.OUTPUT_TOOLTIPS)
        for _, said in inputs_of(node).values():
            assert said["tooltip"]
        json.dumps(node.INPUT_TYPES(), allow_nan=False)  # the page gets it as JSON


def test_every_node_has_a_name_to_be_shown(comfy: ComfyStandIn, nodes: dict[str, Any], installed: Path) -> None:
    module = sys.modules[str(installed).replace(".", "_x_")]
    assert set(module.NODE_DISPLAY_NAME_MAPPINGS) == set(nodes)


def test_without_nst_the_import_says_what_to_do(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="nst is not installed for the Python that runs ComfyUI: run"):
        load_custom_node(installed)
    del sys.modules[str(installed).replace(".", "_x_")]


def test_the_registry_finds_what_it_asks_for() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert re.fullmatch(r"[A-Za-z](?:[._-]?[A-Za-z0-9])*", project["project"]["name"])
    assert set(project["project"]) >= {"description", "license", "requires-python"}
    assert "Repository" in project["project"]["urls"]
    assert set(project["tool"]["comfy"]) == {"PublisherId", "DisplayName"}


# The example workflows, in the format in which ComfyUI's page saves them


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_has_nodes_that_exist_with_all_their_widgets(nodes: dict[str, Any], path: Path) -> None:
    ours = 0
    for node in json.loads(path.read_text())["nodes"]:
        if node["type"] in THEIRS:
            outputs, widgets = THEIRS[node["type"]]
            assert len(node["widgets_values"]) == widgets
        else:
            ours += 1
            kind = nodes[node["type"]]
            outputs, inputs = kind.RETURN_TYPES, inputs_of(kind)
            assert node["widgets_values"] == list(untouched(kind).values())
            assert [entry["type"] for entry in node["inputs"]] == [inputs[entry["name"]][0] for entry in node["inputs"]]
        assert [entry["type"] for entry in node.get("outputs", [])] == list(outputs)
    assert ours


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_connects_what_fits(path: Path) -> None:
    workflow = json.loads(path.read_text())
    nodes = {node["id"]: node for node in workflow["nodes"]}
    assert workflow["version"] == 0.4
    assert workflow["last_node_id"] == max(nodes)
    assert workflow["last_link_id"] == max(link[0] for link in workflow["links"])
    for link, source, output, target, entry, kind in workflow["links"]:
        given, taken = nodes[source]["outputs"][output], nodes[target]["inputs"][entry]
        assert (given["type"], taken["type"]) == (kind, kind)
        assert link in given["links"]
        assert taken["link"] == link


def test_there_is_a_workflow() -> None:
    assert WORKFLOWS
