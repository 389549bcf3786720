"""Why style transfer works, in functions on feature maps: dot product, similarity, Gram matrix, shuffling.

A feature map is a CxHxW array: C channels at H*W positions.  Its columns (one position, all channels) say what is at
a place; its rows (one channel, all positions) say where a feature is.  The article's first idea is the dot product
of two such vectors, its second the matrix of all dot products between rows.
(Gatys, Ecker and Bethge 2015, arXiv 1508.06576, equations 1 to 5.)

Everything here takes NumPy arrays and calculates in float64, so that a page can call it from any thread.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Float64 = NDArray[np.float64]


class Comparison(NamedTuple):
    """Two vectors a and b beside each other.

    dot = |a| |b| cosine; degrees: the angle between them, 0 to 180 (0 to 90 behind a ReLU, where nothing is
    negative).  cosine and degrees are NaN when a vector is all zeros, which has no direction.
    """

    dot: float
    norm_a: float
    norm_b: float
    cosine: float
    degrees: float


def compare_vectors(a: Array, b: Array) -> Comparison:
    """Dot product, lengths, cosine and angle of two vectors of the same length."""
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    dot, norm_a, norm_b = float(a @ b), float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if norm_a == 0 or norm_b == 0:
        return Comparison(dot, norm_a, norm_b, math.nan, math.nan)
    cosine = min(1.0, max(-1.0, dot / (norm_a * norm_b)))
    return Comparison(dot, norm_a, norm_b, cosine, math.degrees(math.acos(cosine)))


def similarity_map(features: Array, column: int, row: int) -> Float64:
    """Cosine between the features at one position and those at every position: CxHxW -> HxW, -1 to 1.

    1 at the position itself.  0 where a position's features are all zeros.
    """
    f = features.reshape(len(features), -1).astype(np.float64)
    lengths = np.linalg.norm(f, axis=0)
    lengths[lengths == 0] = math.inf
    at = np.ravel_multi_index((row, column), features.shape[1:])
    cosines: Float64 = (f[:, at] / lengths[at]) @ (f / lengths)
    return np.clip(cosines, -1, 1).reshape(features.shape[1:])


def gram(features: Array) -> Float64:
    """Dot products between all pairs of channels, divided by the number of positions: CxHxW -> CxC.

    Entry (i, j) is the mean over positions of channel i times channel j, as in `nst.painting.losses.gram_matrix`.
    """
    f = features.reshape(len(features), -1).astype(np.float64)
    products: Float64 = f @ f.T / f.shape[1]
    return products


def relative_distance(value: Array, target: Array) -> float:
    """Mean squared difference, as a share of the target's mean square: 0 when equal, 1 for a value of all zeros.

    Of two Gram matrices it is the style loss at a tap, of two feature maps the content loss (both relative).
    """
    target = target.astype(np.float64)
    unit = max(float(np.square(target).mean()), np.finfo(np.float64).tiny)
    return float(np.square(value - target).mean()) / unit


def shuffle_positions(features: Array, order: Array) -> Array:
    """The same columns in another order: CxHxW and a permutation of H*W numbers -> CxHxW.

    What is at each place stays whole, where it is gets lost: the content is destroyed, the Gram matrix is not.
    """
    return features.reshape(len(features), -1)[:, order].reshape(features.shape)


def shuffle_cells(image: Array, grid: tuple[int, int], order: Array) -> Array:
    """The picture with its cells in the order that `shuffle_positions` gives the positions: HxWx3 -> hxwx3.

    grid: (rows, columns) of the feature map.  Pixels at the right and lower edge that make no whole cell are left out.
    """
    (rows, columns), (high, wide) = grid, (image.shape[0] // grid[0], image.shape[1] // grid[1])
    cells = image[: rows * high, : columns * wide].reshape(rows, high, columns, wide, 3).swapaxes(1, 2)
    moved = cells.reshape(-1, high, wide, 3)[order].reshape(rows, columns, high, wide, 3)
    return moved.swapaxes(1, 2).reshape(rows * high, columns * wide, 3)


def strongest_pairs(products: Array, count: int) -> list[tuple[int, int]]:
    """Pairs (i, j), i < j, of different channels with the largest entries of a Gram matrix, the largest first.

    Each channel is in one pair at most; else a single strong channel would be in all of them.
    """
    candidates = np.triu(products.astype(np.float64), 1)
    candidates[np.tril_indices(len(candidates))] = -math.inf
    pairs: list[tuple[int, int]] = []
    while len(pairs) < min(count, len(candidates) // 2):
        i, j = map(int, np.unravel_index(np.argmax(candidates), candidates.shape))
        pairs.append((i, j))
        for k in (i, j):
            candidates[k, :] = candidates[:, k] = -math.inf
    return pairs


def strongest_places(response: Array, count: int, apart: int) -> list[tuple[int, int]]:
    """(column, row) of the largest values of an HxW map, the largest first, no two nearer than `apart` positions.

    Fewer than `count` when the map has no more places with a value above 0.
    """
    candidates = response.astype(np.float64)
    places: list[tuple[int, int]] = []
    while len(places) < count:
        row, column = map(int, np.unravel_index(np.argmax(candidates), candidates.shape))
        if candidates[row, column] <= 0:
            break
        places.append((column, row))
        candidates[max(0, row - apart + 1) : row + apart, max(0, column - apart + 1) : column + apart] = 0
    return places
