"""What the documentation says is true: its code runs, its commands parse, and what it names exists."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from nst.cli.parser import COMMANDS, parse
from nst.recipe import PRESETS, SETTINGS, Recipe, setting
from nst.task import TASKS
from tests.documents import BLOCKS, DOCUMENTS, ROOT, Block, Document, commands

MADE = {"models/vgg16_bn.onnx"}
"""What is named and not in git, as it is made here."""

FLOW = next(block for block in BLOCKS if block.name.startswith("CONTRIBUTING") and not block.language)
VENV_COMMANDS = [block for block in BLOCKS if "-m venv" in block.text]


def names(things: tuple[Document, ...] | list[Block]) -> list[str]:
    return [thing.name for thing in things]


PYTHON = [block for block in BLOCKS if block.language == "python" and "gradio_client" not in block.text]


@pytest.mark.parametrize("block", PYTHON, ids=names(PYTHON))
def test_python_prints_what_is_said(
    block: Block, random_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_MODEL", str(random_model))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(block.text, {})
    assert printed.getvalue() == block.printed


def test_every_block_of_code_is_of_a_kind_that_is_tested() -> None:
    untested = [block for block in BLOCKS if block.language not in ("python", "sh", "json")]
    assert names(untested) == names([*VENV_COMMANDS, FLOW])  # by tests/test_readme.py, and below


def test_commands_of_gramarye_parse() -> None:
    lines = [arguments for _, text in commands() if (arguments := arguments_of_gramarye(text))]
    assert len(lines) > 20
    for arguments in lines:
        with contextlib.suppress(SystemExit):  # after --help; a mistake is a UsageError, which quotes it
            parse(arguments)


def arguments_of_gramarye(text: list[str]) -> list[str]:
    """What follows the command under any of its names; nothing for other commands."""
    if text[:2] == ["python", "app.py"]:
        return ["serve", *text[2:]]
    return text[1:] if text[0] == "gramarye" else text[3:] if text[1:3] == ["-m", "nst"] else []


def test_commands_of_the_project_have_the_options_that_are_named() -> None:
    modules = [(where, text) for where, text in commands() if re.match(r"-m (export|bench)\b", " ".join(text[1:3]))]
    assert len(modules) > 10
    for where, (_python, _m, module, *arguments) in modules:
        path = ROOT / Path(*module.split("."))
        source = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__main__.py"
        assert source.is_file(), where
        source = ROOT / "nst" / "cli" / "export.py" if module == "export" else source  # which has its options
        for option in (argument for argument in arguments if argument.startswith("-")):
            assert f'"{option}"' in source.read_text(), f"{where}: {module} {option}"


def test_other_commands_are_those_of_known_files() -> None:
    for where, text in commands():
        program, *arguments = text
        if program.startswith("scripts/"):
            assert set(arguments) <= set(re.findall(r"--[a-z]+", (ROOT / program).read_text())), where
        elif program == "docker":
            assert " ".join(text) in (ROOT / "Dockerfile").read_text(), where
        elif program == "ln":  # of a folder of a clone
            assert (ROOT / text[2].removeprefix("/path/to/gramarye/")).is_dir(), where
        elif program in ("pip", ".venv/bin/pip"):
            assert arguments[0] in ("install", "wheel"), where
        elif program == "ray":
            assert arguments[0] == "start", where
        else:
            assert program == "gramarye" or text[:2] == ["python", "app.py"] or text[1] == "-m", where


def test_the_blocks_for_a_shell_are_sound() -> None:
    for block in BLOCKS:
        if block.language == "sh":
            done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{block.name}: {done.stderr}"


def test_json_parses() -> None:
    blocks = [block for block in BLOCKS if block.language == "json"]
    assert blocks
    for block in blocks:
        assert isinstance(json.loads(block.text), dict)


def test_every_option_that_is_named_exists(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            parse([command, "--help"])
    known = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    for path in (*ROOT.glob("export/*.py"), *ROOT.glob("bench/**/*.py"), *ROOT.glob("scripts/*"), ROOT / "Dockerfile"):
        known |= set(re.findall(r"--[a-z][a-z-]+", path.read_text()))
    named = {
        option
        for document in DOCUMENTS
        for span in document.spans
        if span.startswith("--")
        for option in re.findall(r"--[a-z][a-z-]+", span)
    }
    assert len(named) > 20
    assert named <= known


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_links_lead_somewhere(document: Document) -> None:
    for link in document.links:
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (document.path.parent / path).resolve() if path else document.path
        assert target.exists(), link
        assert not anchor or anchor in Document(target).anchors, link


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_pictures_say_what_they_show(document: Document) -> None:
    assert "![](" not in document.prose
    assert all('alt="' in tag for tag in re.findall(r"<img [^>]*>", document.prose))


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_file_and_module_that_is_named_exists(document: Document) -> None:
    folders = "nst|export|tests|models|examples|bench|docs|scripts|integrations|\\.ci|\\.github"
    for span in document.spans:
        is_file = re.fullmatch(rf"(?:{folders})/[\w./-]*|[\w.-]+\.(?:py|md|yaml|toml|txt|lock)", span)
        if is_file and span not in MADE | {"__init__.py"}:
            assert (ROOT / span).exists(), span
        if re.fullmatch(r"nst(\.\w+)+", span):
            module, _, name = span.rpartition(".")
            assert (ROOT / Path(*span.split(".")).with_suffix(".py")).exists() or hasattr(import_module(module), name)


def test_the_data_flow_names_files_of_the_package() -> None:
    modules = re.findall(r"\b[a-z]+\.[a-z_]+\b", FLOW.text)
    assert len(modules) == len(FLOW.text.splitlines())
    assert [name for name in modules if not (ROOT / "nst" / Path(*name.split("."))).with_suffix(".py").exists()] == []


def test_the_table_of_settings_is_the_recipes() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    groups: dict[str, list[str]] = {}
    for name in SETTINGS:
        about = setting(name)
        row = f"| `{name}` | {_shown(getattr(Recipe(), name))} | {about.allowed} | {about.help} |"
        groups.setdefault(about.group, []).append(row)
    for group, rows in groups.items():
        table = "\n".join([f"### {group}", "", "| setting | default | allowed | |", "|---|---|---|---|", *rows, ""])
        assert table in page, f"docs/settings.md should say:\n{table}"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def test_every_preset_command_and_task_has_its_words() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text()
    assert all(f"| `{name}` |" in page for name in PRESETS)
    assert all(f"\ngramarye {name}" in page for name in (*COMMANDS, *TASKS))


def test_the_extras_are_those_of_the_package() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    page = (ROOT / "docs" / "install.md").read_text()
    assert re.findall(r"^\| `([\w-]+)` \|", page.split("| extra |")[1].split("\n\n")[0], re.MULTILINE) == list(extras)


def test_the_name_that_it_had_before_comes_only_with_what_still_works() -> None:
    naming = {document.name for document in DOCUMENTS if "pastiche" in document.text.lower()}
    assert naming <= {"docs/install.md", "models/README.md"}


def test_contributing_is_one_page() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 110
