from __future__ import annotations

from pathlib import Path

import pytest

from bench.resident import ACCOUNT, peak_bytes, resident_bytes


@pytest.mark.parametrize("account", [ACCOUNT, Path("missing")])
def test_a_peak_is_in_bytes_wherever_it_is_read(account: Path) -> None:
    """A process that has PyTorch loaded takes hundreds of megabytes: in KiB it would be less than one."""
    assert 5e7 < peak_bytes(account) < 5e10


def test_the_kernel_counts_in_kib(tmp_path: Path) -> None:
    (account := tmp_path / "status").write_text("Name:\tpython\nVmHWM:\t     300 kB\nVmRSS:\t     200 kB\n")
    assert (peak_bytes(account), resident_bytes("VmRSS", account)) == (307_200, 204_800)
