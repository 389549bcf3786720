"""L-BFGS against PyTorch's own, step for step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from nst.painting.lbfgs import LBFGS, WIDENED

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


def by_two_loops(pairs: Sequence[tuple[Tensor, Tensor]], gradient: Tensor) -> Tensor:
    """The inverse Hessian times a gradient, by the recursion of Nocedal 1980; pairs: s and y, the oldest first."""
    direction, factors = gradient.clone(), []
    for s, y in reversed(pairs):
        factors.append(s @ direction / (s @ y))
        direction -= factors[-1] * y
    if pairs:
        s, y = pairs[-1]
        direction *= (s @ y) / (y @ y)
    for s, y in pairs:
        direction += (factors.pop() - y @ direction / (s @ y)) * s
    return direction


def test_a_pair_without_curvature_is_left_out() -> None:
    """Each move follows from the pairs with curvature alone, also right where one is left out and after that.

    It is so with an empty history and with a full one.
    """
    x = torch.linspace(0.1, 1, 5, dtype=torch.float64).requires_grad_()
    pairs: list[tuple[Tensor, Tensor]] = []
    left_out = []
    optimizer = LBFGS(x, 1.0, memory := 4)
    before = torch.autograd.grad(waves(x), x)[0]
    start = x.detach().clone()
    optimizer.step(before)
    for step in range(12):
        s, gradient = x.detach() - start, torch.autograd.grad(waves(x), x)[0]
        y, start, before = gradient - before, x.detach().clone(), gradient
        if s @ y > 0:
            pairs.append((s, y))
        else:
            left_out.append(step)
        optimizer.step(gradient)
        torch.testing.assert_close(x.detach() - start, -by_two_loops(pairs[-memory:], gradient), rtol=1e-6, atol=1e-9)
    assert 0 in left_out
    assert any(memory < step < 11 for step in left_out)


def test_what_is_remembered_in_half_precision_leads_to_the_same_place() -> None:
    """Of more numbers than are widened at a time."""
    x = torch.randn(300_000, generator=torch.Generator().manual_seed(1)).requires_grad_()
    optimizer, steepness = LBFGS(x, 1.0, 10, torch.bfloat16), torch.linspace(1, 30, len(x))
    values = []
    for _ in range(40):
        value = (steepness * x.square()).sum()
        values.append(value.item())
        optimizer.step(torch.autograd.grad(value, x)[0])
    assert len(x) > WIDENED
    assert values[-1] < 1e-6 * values[0]
