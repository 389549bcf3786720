"""The Hub's refusals and failures, as one sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from nst.errors import NstError


class HubError(NstError):
    """The Hub refuses, can't be reached, or can't have what is meant for it; the message says why and what to do."""


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


def require_name(name: str, what: str) -> None:
    """HubError unless a name is OWNER/NAME.  what: such as "Space"."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise HubError(f"A {what}'s name is OWNER/NAME, not {name!r}.")


@contextmanager
def explained(name: str, failure: str) -> Iterator[None]:
    """Errors of the Hub's client as a HubError.

    name: OWNER/NAME.  failure: what did not happen, such as "me/space was not published".
    """
    try:
        yield
    except Exception as error:
        for known in (
            error,
            error.__cause__,
        ):  # what fails while a large file is uploaded is the cause of another error
            if known is not None and (reason := _reason(known, name)):
                raise HubError(f"{failure}: {reason}") from None
        raise


def _reason(error: BaseException, name: str) -> str:
    """Why, and what to do; empty for what is no error of the Hub's client."""
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    if isinstance(error, LocalTokenNotFoundError):
        return _REASONS[401]
    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set."
    if isinstance(error, HfHubHTTPError):
        meaning = _REASONS.get(error.response.status_code, f"the Hub answered {error.response.status_code}.")
        own_words = f" The Hub says: {error.server_message}" if error.server_message else ""
        return meaning.format(name=name) + own_words
    return f"the Hub can't be reached ({type(error).__name__})." if _is_of_the_connection(error) else ""


def _is_of_the_connection(error: BaseException) -> bool:
    """Judged by the class's name, as the Hub's client uses httpx in some versions and httpx2 in others."""
    return isinstance(error, OSError) or "TransportError" in {kind.__name__ for kind in type(error).__mro__}
