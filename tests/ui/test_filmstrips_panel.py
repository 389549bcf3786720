"""The filmstrips that come with the program."""

from __future__ import annotations

from nst.locations import EXAMPLES
from nst.pictures.reading import load_image
from nst.taps import ARTICLE_STYLE_TAPS
from nst.ui.filmstrips_panel import frames_of, ready_strips


def test_the_strips_in_the_repository_are_whole_and_small() -> None:
    strips = ready_strips()
    assert len(strips) == 6
    for name, strip in strips.items():
        assert load_image(EXAMPLES / strip["kind"] / f"{name}.jpg").digest == strip["digest"]
        frames = list(frames_of(name))
        assert len(frames) == len(ARTICLE_STYLE_TAPS)
        assert len({frame.rgb.shape for frame in frames}) == 1
        if strip["kind"] == "content":  # the deeper the layer, the less of the pixels it keeps
            assert frames[0].metrics.psnr > 25
            assert frames[-1].metrics.psnr < 15
    assert sum(path.stat().st_size for path in (EXAMPLES / "layers").iterdir()) < 1_500_000
