"""Pixels as waves: an image written so that its coarse structure lies nearer than its fine grain.

A change of variables changes the way, not the place it leads to.  Of a picture's amplitudes the low frequencies have
the most, and those are what a new scale has to move first, while a gradient in pixels points to all of them alike (Olah
et al. 2017, "Feature Visualization", preconditioning).
"""

from __future__ import annotations

import torch
from torch import Tensor


class SpectralBasis:
    """Coordinates z of an image x with x = F^-1 A F z, where F is the Fourier transform and A = a |f|^-decay.

    f is the frequency in cycles over the long side, at least 1; a makes the mean square of A 1, so that noise is as
    strong in both.  A is real and the same for f and -f, so that z is real, and the map its own transpose.

    like: an image, NxCxHxW, whose size, device and precision the basis has.
    """

    def __init__(self, like: Tensor, decay: float) -> None:
        height, width = like.shape[2:]
        down, right = (torch.fft.fftfreq(side, dtype=torch.float64) for side in (height, width))
        cycles = torch.hypot(down[:, None], right[None]) * max(height, width)
        amplitude = cycles.clamp_min(1) ** -decay
        amplitude /= amplitude.square().mean().sqrt()
        self._size = (height, width)
        self._amplitude = amplitude[:, : width // 2 + 1].to(like)

    def coordinates(self, image: Tensor) -> Tensor:
        """x -> z."""
        return self._filtered(image, 1 / self._amplitude)

    def image(self, coordinates: Tensor) -> Tensor:
        """z -> x."""
        return self._filtered(coordinates, self._amplitude)

    def gradient(self, of_image: Tensor) -> Tensor:
        """The gradient for x -> that for z: by the transpose, which is the map itself."""
        return self._filtered(of_image, self._amplitude)

    def _filtered(self, image: Tensor, amplitude: Tensor) -> Tensor:
        filtered: Tensor = torch.fft.irfft2(torch.fft.rfft2(image) * amplitude, s=self._size)
        return filtered
