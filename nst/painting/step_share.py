"""How far a step is that takes long: one in bands, which of a poster is minutes."""

from __future__ import annotations


class StepShare:
    """Set by the run after each band, read from any thread by whoever waits.

    made: the share of the step that is being made, 0 to 1; 0 between two steps, and for a step in one piece.
    """

    def __init__(self) -> None:
        self.made = 0.0
