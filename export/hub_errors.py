"""The Hub's refusals and failures, as one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .space_files import SpaceError

_REASONS = {
    401: "the Hub does not know who you are: log in with `hf auth login`, or set HF_TOKEN to a token that may write.",
    402: "it costs more than the account has: choose other hardware, or add a payment method on the Hub.",
    403: "your token may not do that: it needs the right to write, and {name} must be yours or your organization's.",
    404: "there is no such account, or your token may not see it: check the name {name}.",
    409: "the name {name} is taken by something else: choose another.",
    413: "it is larger than the account's quota admits.",
    429: "too many requests; try again in a few minutes.",
}
"""HTTP status -> what it means here."""


@contextmanager
def explained(name: str, failure: str) -> Iterator[None]:
    """Errors of the Hub's client as a SpaceError.

    name: the Space's.  failure: what did not happen, such as "me/space was not published".
    """
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    try:
        yield
    except LocalTokenNotFoundError:
        raise SpaceError(f"{failure}: {_REASONS[401]}") from None
    except OfflineModeIsEnabled:
        raise SpaceError(f"{failure}: HF_HUB_OFFLINE is set.") from None
    except HfHubHTTPError as error:
        meaning = _REASONS.get(error.response.status_code, f"the Hub answered {error.response.status_code}.")
        own_words = f" The Hub says: {error.server_message}" if error.server_message else ""
        raise SpaceError(f"{failure}: {meaning.format(name=name)}{own_words}") from None
    except Exception as error:
        if not _is_of_the_connection(error):
            raise
        raise SpaceError(f"{failure}: the Hub can't be reached ({type(error).__name__}).") from None


def _is_of_the_connection(error: Exception) -> bool:
    """Judged by the class's name, as the Hub's client uses httpx in some versions and httpx2 in others."""
    return isinstance(error, OSError) or "TransportError" in {kind.__name__ for kind in type(error).__mro__}
