"""Which engine is chosen, by options and by the environment."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nst.errors import EngineError
from nst.serving import engine as module
from nst.serving.engine import LOCAL, Engine
from tests.conftest import unset


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    unset(monkeypatch, "NST_ENGINE", "RAY_ADDRESS")


@pytest.fixture
def with_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: object())


def test_it_is_this_process_unless_somebody_says_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    assert Engine.chosen() == LOCAL == Engine("local", None, None)


@pytest.mark.usefixtures("with_ray")
def test_an_option_counts_more_than_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_ENGINE", "ray")
    assert Engine.chosen() == Engine("ray")
    assert Engine.chosen("local") == LOCAL
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    assert Engine.chosen(workers=3) == Engine("ray", "head:6379", 3)
    assert Engine.chosen(address="other:6379") == Engine("ray", "other:6379")


@pytest.mark.parametrize("name", ["rya", "RAY", "\x1b[2J", "x" * 1000])
def test_an_unknown_one_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for option, variable in ((name, ""), (None, name)):
        monkeypatch.setenv("NST_ENGINE", variable)
        with pytest.raises(EngineError, match="choose local or ray, with --engine or in NST_ENGINE") as raised:
            Engine.chosen(option)
        assert len(str(raised.value)) < 400
        assert "\x1b" not in str(raised.value)


def test_one_that_is_not_installed_says_how_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(EngineError, match=r"The engine ray is not installed: pip install 'gramarye\[ray\]'"):
        Engine.chosen("ray")


def test_ray_is_imported_by_nobody_who_has_not_chosen_it() -> None:
    code = (
        "import sys, nst.cli.serve, nst.cli.batch, nst.serving.batch, nst.serving.host, nst.serving.ray_worker;"
        "from nst.serving.engine import Engine; Engine.chosen(); print('ray' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"
