"""Fixtures for the export's tests: torchvision's stacks, and a local stand-in for servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from torch import nn

from tests.network.stand_in import StandIn
from tests.network.torchvision_reference import stack


@pytest.fixture(scope="session")
def vgg16_bn() -> nn.Sequential:
    return stack(batch_norm=True)


@pytest.fixture(scope="session")
def vgg16() -> nn.Sequential:
    return stack(batch_norm=False)


@pytest.fixture
def server() -> Iterator[StandIn]:
    standin = StandIn()
    yield standin
    standin.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are given up after 0.3 s, to save the tests' time."""
    monkeypatch.setattr("nst.network.download.PATIENCE", 0.3)
