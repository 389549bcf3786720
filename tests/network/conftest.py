"""Fixtures for the network's tests: torchvision's stacks, and a local stand-in for servers."""

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
