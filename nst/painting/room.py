"""How a painting is made to fit the memory there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ..pictures.picture import Size, area_of
from ..taps import STAGES

HISTORY = 20
"""Steps that L-BFGS remembers, each as large as two images: pictures are as good as with 100."""


@dataclass(frozen=True)
class Room:
    """What a run does without.

    whole: pixels up to which a scale is painted in one piece, larger ones in bands (see `nst.network.bands`); None: all
    in one piece.  kept_from: the network's stage, from 0, whose maps and those behind it stay from the way there to the
    way back; `len(STAGES)`: none.  band: bytes that the maps of one may occupy, if not what suits the picture.
    history: steps that L-BFGS remembers.  half: in half precision.
    """

    whole: int | None = None
    kept_from: int = len(STAGES)
    band: int | None = None
    history: int = HISTORY
    half: bool = False

    @property
    def precision(self) -> torch.dtype | None:
        """In which L-BFGS remembers; None: in that of the pixels."""
        return torch.bfloat16 if self.half else None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Room:
        """What `asdict` gave, of whatever origin.  Raises ValueError."""
        room = cls(**{name: values[name] for name in ("whole", "kept_from", "band", "history", "half")})
        numbers = [number for number in (room.whole, room.band) if number is not None]
        sound = all(isinstance(number, int) and number >= 0 for number in (*numbers, room.kept_from, room.history))
        if not (sound and 1 <= room.history <= HISTORY and isinstance(room.half, bool)):
            raise ValueError(values)
        return room

    def divides(self, size: Size) -> bool:
        """True for a scale that is painted in bands."""
        return self.whole is not None and area_of(size) > self.whole


EVERYTHING = Room()
"""Nothing is done without."""
