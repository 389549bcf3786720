"""The settings of the Space, in Spaces.yaml and on top of the README."""

from __future__ import annotations

import re

import pytest
import yaml
from huggingface_hub import metadata_load

from export.front_matter import settings, with_front_matter
from export.space_files import ROOT


@pytest.fixture(scope="module")
def stated() -> dict[str, str]:
    stated: dict[str, str] = yaml.safe_load(settings())
    return stated


def test_the_readme_has_the_settings_on_top(stated: dict[str, str]) -> None:
    assert metadata_load(ROOT / "README.md") == stated


def test_the_front_matter_is_replaced_and_the_rest_left_alone() -> None:
    rest = "# Title\n\n---\n\nA rule, and a\n---\nlower one.\n"
    once = with_front_matter(rest, "title: A\n")
    assert once == f"---\ntitle: A\n---\n\n{rest}"
    assert with_front_matter(once, "title: A\n") == once
    assert with_front_matter(once, "title: B\nsdk: gradio\n") == f"---\ntitle: B\nsdk: gradio\n---\n\n{rest}"


def test_the_settings_say_what_the_requirements_install(stated: dict[str, str]) -> None:
    pinned = dict(re.findall(r"^([\w-]+)(?:\[.*\])?==(\S+?);?(?: |$)", (ROOT / "requirements.txt").read_text(), re.M))
    assert stated["title"] == "Gramarye"
    assert stated["sdk_version"] == pinned["gradio"]
    assert pinned["torch"] == "2.11.0"  # the newest that ZeroGPU has
    assert stated["python_version"] == "3.12"
    assert len(stated["short_description"]) <= 60
    assert (ROOT / stated["app_file"]).is_file()
    assert (ROOT / stated["thumbnail"]).is_file()
