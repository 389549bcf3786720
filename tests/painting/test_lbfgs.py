"""L-BFGS against PyTorch's own, step for step."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from nst.painting.lbfgs import LBFGS

Function = Callable[[Tensor], Tensor]


def rosenbrock(x: Tensor) -> Tensor:
    return (100 * (x[1:] - x[:-1].square()).square() + (1 - x[:-1]).square()).sum()


def waves(x: Tensor) -> Tensor:
    """With negative curvature in places, where a pair must be left out."""
    return (x.square() * 0.05 + x.cos() * 2 + (x.roll(1) * x).sin()).sum()


def quadratic(x: Tensor) -> Tensor:
    return (torch.linspace(1, 30, len(x), dtype=x.dtype) * x.square()).sum()


def ours(function: Function, start: Tensor, steps: int, memory: int) -> list[float]:
    x, values = start.clone().requires_grad_(), []
    optimizer = LBFGS(x, 0.5, memory)
    for _ in range(steps):
        value = function(x)
        values.append(value.item())
        optimizer.step(torch.autograd.grad(value, x)[0])
    return values


def pytorchs(function: Function, start: Tensor, steps: int, memory: int) -> list[float]:
    x, values = start.clone().requires_grad_(), []
    optimizer = torch.optim.LBFGS([x], lr=0.5, max_iter=1, history_size=memory, tolerance_grad=0, tolerance_change=-1e9)

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = function(x)
        value.backward()
        values.append(value.item())
        return value

    for _ in range(steps):
        optimizer.step(closure)
    return values


@pytest.mark.parametrize("memory", [3, 8, 100])
@pytest.mark.parametrize("function", [rosenbrock, waves, quadratic])
def test_its_steps_are_those_of_pytorch(function: Function, memory: int) -> None:
    start = torch.randn(40, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    expected = pytorchs(function, start, 30, memory)
    assert ours(function, start, 30, memory) == pytest.approx(expected, rel=1e-6)
    assert expected[-1] < expected[0]


def test_a_pair_without_curvature_is_left_out() -> None:
    x = torch.linspace(0.1, 1, 5, dtype=torch.float64).requires_grad_()
    seen = []
    optimizer = LBFGS(x, 1.0, 4)
    for _ in range(12):
        value = waves(x)
        gradient = torch.autograd.grad(value, x)[0]
        seen.append((x.detach().clone(), gradient))
        optimizer.step(gradient)
    pairs = itertools.pairwise(seen)
    assert any((b[0] - a[0]) @ (b[1] - a[1]) <= 0 for a, b in pairs)
    assert all(bool(torch.isfinite(at).all()) for at, _ in seen)
