"""Pictures from tensors, Pillow images and paths."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nst.pictures.picture import Picture
from nst.pictures.reading import as_picture, load_image
from nst.pictures.writing import save_image
from tests.pictures.support import EXIF_ORIENTATION, HEIGHT, LOSSY, PROVENANCE, WIDTH, encoded, same, smooth, stored


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensors_become_pictures(dtype: torch.dtype) -> None:
    tensor = torch.rand(3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0)).to(dtype).requires_grad_()
    for given in (tensor, tensor[None]):
        picture = as_picture(given, "mine")
        assert (picture.rgb.dtype, picture.name, picture.rgb.requires_grad) == (torch.float32, "mine", False)
        assert torch.equal(picture.rgb[0], tensor.detach().float())


def test_a_picture_does_not_change_with_the_tensor_it_was_made_of() -> None:
    tensor = torch.zeros(1, 3, HEIGHT, WIDTH)
    picture = as_picture(tensor)
    tensor += 1
    same(picture.rgb, 0)


def test_a_picture_stays_itself_and_a_path_may_be_text(content: Picture, tmp_path: Path) -> None:
    assert as_picture(content) is content
    path = save_image(content, str(tmp_path / "content.png"))
    assert as_picture(str(path)).digest == as_picture(path).digest == load_image(path).digest


def test_the_callers_pillow_image_is_left_as_it_is(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    data = encoded(Image.fromarray(stored(smooth(), 6)), "JPEG", exif=exif, **LOSSY["JPEG"])
    image = Image.open(io.BytesIO(data))
    same(as_picture(image).rgb, smooth(), steps=6)
    assert image.size == (HEIGHT, WIDTH)
    assert image.getexif()[EXIF_ORIENTATION] == 6
    assert image.info["exif"] == Image.open(io.BytesIO(data)).info["exif"]


def test_the_digest_tells_pictures_apart_by_shape_and_values() -> None:
    rgb = torch.rand(1, 3, 20, 24, generator=torch.Generator().manual_seed(0))
    nearly = rgb.clone()
    nearly[0, 2, 19, 23] += 1e-6
    digests = [Picture(x).digest for x in (rgb, nearly, rgb.reshape(1, 3, 24, 20), rgb.flip(3), rgb.flip(1))]
    assert len(set(digests)) == 5
    assert Picture(rgb.clone(), name="other", provenance=PROVENANCE).digest == digests[0]
    assert Picture(rgb.contiguous(memory_format=torch.channels_last)).digest == digests[0]


def test_to_pil_rounds_to_the_nearest_byte() -> None:
    ramp = torch.linspace(0, 1, WIDTH * HEIGHT).reshape(1, 1, HEIGHT, WIDTH)
    image = Picture(ramp.repeat(1, 3, 1, 1), 1 - ramp).to_pil()
    assert (image.mode, image.size) == ("RGBA", (WIDTH, HEIGHT))
    expected = np.floor(ramp[0, 0].double().numpy() * 255 + 0.5)
    assert np.array_equal(np.asarray(image)[..., 0], expected)
    assert np.array_equal(np.asarray(image)[..., 3], np.floor((1 - ramp[0, 0]).double().numpy() * 255 + 0.5))
    assert Picture(ramp.repeat(1, 3, 1, 1)).to_pil().mode == "RGB"


def test_a_picture_says_what_it_is(content: Picture) -> None:
    assert repr(content) == "Picture(picture 1, 48x40)"
    made = Picture(content.rgb, content.rgb[:, :1], "result", PROVENANCE)
    assert repr(made) == "Picture(result, 48x40, alpha, stylize)"
    assert repr(Picture(content.rgb, provenance={"by": "hand"})) == "Picture(picture, 48x40, None)"
