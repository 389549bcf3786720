"""How machines are divided among workers."""

from __future__ import annotations

import pytest

from nst.errors import DeviceError, EngineError
from nst.serving.shares import Machine, Shares, shares_of

SMALL, LARGE, CARDS = Machine(2, 0, 8e9), Machine(16, 0, 64e9), Machine(32, 4, 256e9)
HEAD = Machine(0, 0, 8e9)


@pytest.mark.parametrize(
    ("machines", "workers", "device", "expected"),
    [
        ([SMALL], None, "auto", Shares(1, 2, 0, 1)),
        ([LARGE], None, "auto", Shares(8, 2, 0, 8)),
        ([SMALL, LARGE], None, "auto", Shares(9, 2, 0, 9)),
        ([Machine(16, 0, 7e9)], None, "auto", Shares(3, 2, 0, 3)),  # 2 GB each
        ([Machine(1, 0, 8e9)], None, "auto", Shares(1, 1, 0, 1)),
        ([SMALL], 2, "auto", Shares(2, 1, 0, 2)),
        ([LARGE], 3, "auto", Shares(3, 5, 0, 3)),
        ([SMALL, SMALL], 1, "auto", Shares(1, 2, 0, 1)),  # none spans two machines
        ([Machine(3, 0, 8e9)] * 3, 4, "auto", Shares(4, 1, 0, 4)),  # with 2 cores each there would be room for three
        ([SMALL], 5, "auto", Shares(5, 1, 0, 2)),  # the others wait for machines
        ([CARDS], None, "auto", Shares(4, 8, 1, 4)),
        ([HEAD, CARDS, SMALL], None, "cuda", Shares(4, 8, 1, 4)),
        ([CARDS], 6, "auto", Shares(6, 8, 1, 4)),
        ([CARDS], None, "cpu", Shares(16, 2, 0, 16)),
    ],
)
def test_a_worker_has_a_gpu_or_a_share_of_a_machines_cores(
    machines: list[Machine], workers: int | None, device: str, expected: Shares
) -> None:
    assert shares_of(machines, workers, device) == expected


def test_what_no_machine_has_is_told() -> None:
    with pytest.raises(DeviceError, match="No machine of the cluster has a GPU for the device 'cuda': use auto or cpu"):
        shares_of([SMALL], None, "cuda")
    with pytest.raises(EngineError, match="No machine of the cluster has a core"):
        shares_of([HEAD])
