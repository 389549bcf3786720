"""What a stranger sees first: a README that fits on a few screens, whose two commands are what they say."""

from __future__ import annotations

import re
from pathlib import Path

from export.front_matter import settings
from tests.documents import Document

ROOT = Path(__file__).parent.parent
README = Document(ROOT / "README.md")


def test_it_is_read_in_a_few_minutes() -> None:
    assert len(README.text.splitlines()) <= 150


def test_its_title_is_that_of_the_space() -> None:
    title = re.search(r"^title: (.*)$", settings(), re.MULTILINE)
    assert title is not None
    assert README.text.startswith(f"# {title[1]}\n")


def test_the_first_command_runs_the_main_job_and_the_second_the_tests() -> None:
    commands = [line for line in README.text.splitlines() if line.startswith("python3.11 -m venv")]
    assert len(commands) == 2
    assert commands[0].endswith(" app.py")
    assert commands[1].endswith(" -m pytest")
    for requirements in re.findall(r"-r (\S+)", " ".join(commands)):
        assert (ROOT / requirements).is_file()


def test_the_first_screen_has_a_picture_and_the_command() -> None:
    first_screen = "\n".join(README.text.splitlines()[:20])
    assert re.search(r"!\[.+\]\(examples/page\.webp\)", first_screen)
    assert "app.py" in first_screen


def test_the_map_shows_the_whole_house() -> None:
    wings = {f"nst/{path.parent.name}" for path in (ROOT / "nst").glob("*/__init__.py")}
    others = {"integrations/comfyui", "export", "bench", "tests", "examples", "models", "app.py", "CONTRIBUTING.md"}
    assert wings | others <= set(README.links)


def test_every_page_of_the_documentation_is_linked() -> None:
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert pages <= set(README.links)
