"""Device and precision: what is asked for, what the machine has."""

import pytest
import torch

from nst.errors import DeviceError
from nst.network.device import available, choose


def pretend(monkeypatch: pytest.MonkeyPatch, cuda: bool = False, mps: bool = False, bf16: bool = False) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2 * cuda)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0) if bf16 else (7, 5))
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": bf16})


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_auto_prefers_cuda_then_mps_then_the_cpu(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str
) -> None:
    pretend(monkeypatch, cuda, mps)
    assert choose().device.type == expected == available()[0]


@pytest.mark.parametrize(("bf16", "expected"), [(True, "bf16"), (False, "fp32")])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_auto_takes_bf16_where_the_hardware_has_it(
    monkeypatch: pytest.MonkeyPatch, device: str, bf16: bool, expected: str
) -> None:
    pretend(monkeypatch, cuda=True, bf16=bf16)
    assert choose(device).precision == expected


def test_mps_computes_in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, mps=True, bf16=True)
    assert choose("mps").dtype == torch.float32


def test_both_can_be_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, cuda=True)
    chosen = choose("cuda:1", "bf16")
    assert (chosen.device, chosen.dtype) == (torch.device("cuda:1"), torch.bfloat16)
    assert choose("cpu", "fp32").dtype == torch.float32


@pytest.mark.parametrize(
    ("device", "precision", "message"),
    [
        ("gpu", "auto", "The device 'gpu' is unknown: use one of auto, cuda, mps, cpu or cuda:N."),
        ("mps", "auto", "This machine has no device 'mps': it has cuda, cpu."),
        ("cuda:7", "auto", "This machine has no device 'cuda:7'"),
        ("cpu", "fp16", "The precision 'fp16' is unknown: use one of auto, bf16, fp32."),
    ],
)
def test_what_is_not_here_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, device: str, precision: str, message: str
) -> None:
    pretend(monkeypatch, cuda=True)
    with pytest.raises(DeviceError, match=message):
        choose(device, precision)
