"""Names of devices and precisions, as people write them."""

from __future__ import annotations

import pytest

from nst.errors import DeviceError
from nst.network.device_names import PRECISIONS, require_device_name, require_precision_name


@pytest.mark.parametrize("device", ["auto", "cpu", "mps", "cuda", "cuda:0", "cuda:12"])
def test_our_own_names_pass(device: str) -> None:
    require_device_name(device)


@pytest.mark.parametrize(
    ("device", "meant"),
    [
        ("0", "cuda:0"),
        ("gpu", "cuda"),
        ("GPU:1", "cuda:1"),
        ("cuda1", "cuda:1"),
        (" CPU", "cpu"),
        ("metal", "mps"),
        ("tpu", None),
        ("cuda:01", None),
        ("cuda:99999999999", None),
        ("cuda:٣", None),
        ("cpu:0", "cpu"),
        ("-1", None),
        ("", None),
        ("cuda\n", "cuda"),
    ],
)
def test_others_are_refused_with_a_guess(device: str, meant: str | None) -> None:
    with pytest.raises(DeviceError) as caught:
        require_device_name(device)
    sentence = f"The device {device!r} is unknown: use one of auto, cuda, mps, cpu or cuda:N."
    assert str(caught.value) == (f"{sentence} Did you mean {meant!r}?" if meant else sentence)


def test_a_precision_is_one_of_ours() -> None:
    for precision in PRECISIONS:
        require_precision_name(precision)
    with pytest.raises(DeviceError, match=r"The precision 'fp16' is unknown: use one of auto, bf16, fp32\."):
        require_precision_name("fp16")
