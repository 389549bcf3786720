"""How a run is asked to end, from any thread."""

from __future__ import annotations


class Stopped(Exception):  # noqa: N818  # as StopIteration: it is no error
    """Ends a run that has been asked to stop; never leaves `nst.painting.painting.Painting`."""


class StopSignal:
    """Set by whoever waits for a run, looked at by the run wherever it is about to do something long."""

    def __init__(self) -> None:
        self.is_set = False

    def set(self) -> None:
        """Ask the run to end soon; it can't be taken back."""
        self.is_set = True

    def check(self) -> None:
        """Raises Stopped when the signal is set."""
        if self.is_set:
            raise Stopped
