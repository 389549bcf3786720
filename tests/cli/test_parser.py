"""Which commands there are, and how each brings its own options."""

from __future__ import annotations

import argparse
import sys
from types import SimpleNamespace

import pytest

from nst.cli import batch, grid, paint, replay, serve
from nst.cli.main import main
from nst.cli.parser import COMMANDS, parse
from nst.task import TASKS


def test_help_lists_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert caught.value.code == 0
    assert told.startswith(
        "usage: gramarye [-h] [--version] {stylize,reconstruct,synthesize,batch,grid,replay,serve,export} ..."
    )
    assert all(f"{name} {summary}" in told for name, summary in COMMANDS.items())
    assert list(COMMANDS)[:3] == list(TASKS)


def test_each_command_is_carried_out_by_its_file() -> None:
    assert parse(["synthesize", "a"]).run is paint.run
    assert parse(["batch", "--content", "a", "--style", "b", "--out", "c"]).run is batch.run
    assert parse(["grid", "--content", "a", "--style", "b"]).run is grid.run
    assert parse(["replay", "a"]).run is replay.run
    assert parse(["serve"]).run is serve.run


def test_a_commands_file_is_loaded_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def add_options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--weights")

    def run(options: argparse.Namespace) -> int:
        return {"mine": 7}[options.weights]

    monkeypatch.setitem(sys.modules, "nst.cli.export", SimpleNamespace(add_options=add_options, run=run))
    assert main(["export", "--weights", "mine"]) == 7


def test_abbreviations_are_understood_as_long_as_they_are_clear(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(["stylize", "a", "b", "--out", "c.png", "--tv", "2"]).tv_weight == 2.0
    assert main(["stylize", "a", "b", "--first", "2", "--sty", "c"]) == 2
    assert "ambiguous option: --sty could match" in capsys.readouterr().err
