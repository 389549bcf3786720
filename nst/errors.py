"""Every mistake that a user or a machine can make, as one small tree.

    NstError
    |-- ImageError        an image that can't be read or can't be used
    |-- RecipeError       a setting that is unknown, out of range or of the wrong type
    |-- DeviceError       a device or precision that this machine does not have
    |-- ModelError        the model file is missing, damaged or not this project's
    |-- WeightsError      pretrained weights could not be had, or are not what they claim to be
    |-- OutOfMemoryError  the picture is too large for this machine's memory
    |-- CostError         the run would take more time or memory than is allowed here
    |-- DivergedError     the optimization diverged to values that are not finite
    |-- OutputError       the result can't be written
    |-- CheckpointError   a checkpoint that is damaged, or of another run
    |-- EngineError       what computes is unknown, not installed, out of reach, or has died
    |-- AddressError      a host or port at which the page can't be served
    |-- UsageError        a command line that can't be understood
    |-- BusyError         too many others are waiting for the device already
    `-- ClosedError       the program is being stopped

Each message is one sentence or two: what came, what is allowed, what to do.  The command line and
the page print it as it is, without a traceback.  A bug of our own is never an NstError.

What came may have been made to mislead or to flood whoever reads the message: `shown` and `shown_name` write it.
"""

from __future__ import annotations

import unicodedata

SHOWN_CHARACTERS = 200
"""How much of what came a message repeats."""

_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of controls, formats, surrogates and line breaks: they steer a terminal or turn text around."""


def shown(value: object) -> str:
    """A value as code would write it, short enough for a message; of one that can't be written, its type."""
    try:
        return shown_name(repr(value))
    except (ValueError, RecursionError):  # an integer of more than 4300 digits; lists in lists in lists
        return f"of type {type(value).__name__} and too large to show"


def shown_name(text: str) -> str:
    """Text that a stranger wrote, such as the name of a file, as one short line that only shows what it is."""
    return printable(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…")


def printable(text: str) -> str:
    """The text with what would steer a terminal or turn text around written out, as ``\\x1b``."""
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSEEN else char for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


class NstError(Exception):
    """Base of all errors that are meant to be read by the user."""


class ImageError(NstError):
    """An image that can't be read or can't be used."""


class RecipeError(NstError, ValueError):
    """A setting that is unknown, out of range or of the wrong type."""


class DeviceError(NstError):
    """A device or precision that this machine does not have."""


class ModelError(NstError):
    """The model file is missing, damaged or not one of this project's."""


class WeightsError(NstError):
    """Pretrained weights could not be had, or are not what they claim to be."""


class OutOfMemoryError(NstError):
    """The picture is too large for this machine's memory."""


class CostError(NstError):
    """The run would take more time or memory than is allowed here."""


class DivergedError(NstError):
    """The optimization diverged to values that are not finite."""


class OutputError(NstError):
    """The result can't be written."""


class CheckpointError(NstError):
    """A checkpoint that is damaged, or of another run."""


class EngineError(NstError):
    """What computes is unknown, not installed, out of reach, or has died."""


class AddressError(NstError):
    """A host or port at which the page can't be served."""


class UsageError(NstError):
    """A command line that can't be understood."""


class BusyError(NstError):
    """Too many others are waiting for the device already."""


class ClosedError(NstError):
    """The program is being stopped."""
