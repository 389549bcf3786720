"""ComfyUI's images and masks as nst takes them, and back.

An IMAGE is BxHxWxC floats, a MASK BxHxW, both from 0 to 1 and on the CPU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from nst.errors import ImageError
from nst.pictures.picture import Picture
from nst.task import role_name


def as_runs(inputs: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
    """Of batches by role the images of each painting by role, 3xHxW: the i-th of one batch with the i-th of the others.

    A batch of one image goes with all of the others'.  Raises ImageError for batches of other lengths, and for tensors
    that are neither IMAGE nor MASK.
    """
    batches = {role: _images(role, tensor) for role, tensor in inputs.items()}
    count = max(map(len, batches.values()))
    for role, batch in batches.items():
        if len(batch) not in (1, count):
            longest = next(other for other, images in batches.items() if len(images) == count)
            raise ImageError(
                f"{role_name(role)} is a batch of {len(batch)} images, but {role_name(longest)} one of {count}: "
                f"give {role_name(role)} 1 image, for all of them, or {count}."
            )
    return [{role: batch[i % len(batch)] for role, batch in batches.items()} for i in range(count)]


def as_image(pictures: Sequence[Picture]) -> Tensor:
    """Pictures of one size as one IMAGE: BxHxWx3."""
    return torch.cat([picture.rgb for picture in pictures]).movedim(1, 3).contiguous()


def _images(role: str, tensor: Tensor) -> list[Tensor]:
    """Each image of a batch, 3xHxW; a mask is gray, and a fourth channel left out.

    Values outside 0 to 1, which a node that resizes may leave, are cut off.
    """
    if tensor.dim() == 3:
        tensor = tensor[..., None].expand(*tensor.shape, 3)
    if tensor.dim() != 4 or tensor.shape[3] not in (3, 4) or not len(tensor):
        shape = "x".join(map(str, tensor.shape))
        raise ImageError(
            f"{role_name(role)} is a tensor of {shape}: connect an IMAGE (BxHxWx3) or, where one is asked for, a MASK "
            "(BxHxW)."
        )
    return list(tensor[..., :3].movedim(3, 1).clamp(0, 1))
