"""What one picture of many can fail of while the others go on, and what is let go of then."""

from __future__ import annotations

from ..errors import CostError, DivergedError, EngineError, ImageError, NstError, OutOfMemoryError
from ..painting.backbone import Backbone
from ..painting.shortage import release

TOLERATED = (ImageError, CostError, OutOfMemoryError, DivergedError, EngineError)


def let_go(error: NstError, backbone: Backbone) -> None:
    """Free what a painting that failed still holds; where memory ran short, also the targets that are kept."""
    release(error)
    if isinstance(error, OutOfMemoryError):
        backbone.targets.forget()
