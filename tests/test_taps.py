"""The names of the layers, against the architecture as it is published."""

from nst.taps import BY_NAME, LAYERS, TAPS


def test_thirteen_convolutions_in_the_widths_of_vgg16() -> None:
    assert [layer.out_channels for layer in LAYERS] == [64] * 2 + [128] * 2 + [256] * 3 + [512] * 6
    assert [layer.in_channels for layer in LAYERS] == [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512]
    assert TAPS == tuple(f"conv{i}" for i in range(1, 14))


def test_the_articles_taps_are_the_last_relu_of_each_stage() -> None:
    taps = ("conv2", "conv4", "conv7", "conv10", "conv13")
    assert [BY_NAME[tap].relu for tap in taps] == ["relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3"]
    assert [BY_NAME[tap].stride for tap in taps] == [1, 2, 4, 8, 16]


def test_a_pool_comes_before_the_first_convolution_of_each_later_stage() -> None:
    assert [layer.relu for layer in LAYERS if layer.pool] == ["relu2_1", "relu3_1", "relu4_1", "relu5_1"]
