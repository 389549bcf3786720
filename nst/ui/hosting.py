"""To whom the page is served: what the host of it decides, as options of `gramarye serve` and as variables."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import UsageError

YES = ("1", "true", "yes", "on")


@dataclass(frozen=True)
class Hosting:
    """What the host of a page decides.

    allowed_hosts: names under which the page is reached beside those that it knows, and whose pages may send to it.
    behind_proxy: what a proxy says of a visitor, in X-Forwarded-For, X-Forwarded-Host and X-Forwarded-Proto, is true.
    fetches_urls: images may be given by their address on the web.
    account: (name, password) that visitors need, None for an open page.
    """

    allowed_hosts: tuple[str, ...] = ()
    behind_proxy: bool = False
    fetches_urls: bool = False
    account: tuple[str, str] | None = None

    @property
    def others_come(self) -> bool:
        """True where the host says that the page has another name or a proxy, which may let others in at loopback."""
        return self.behind_proxy or bool(self.allowed_hosts)

    @classmethod
    def chosen(
        cls,
        allowed_hosts: Sequence[str] = (),
        *,
        behind_proxy: bool = False,
        fetches_urls: bool | None = None,
        variables: Mapping[str, str] = os.environ,
    ) -> Hosting:
        """As options say, and NST_ALLOWED_HOSTS, NST_FETCH_URLS and NST_AUTH, which no process list shows.

        fetches_urls: None to have the variable decide.  Raises UsageError.
        """
        named = [name.strip() for name in variables.get("NST_ALLOWED_HOSTS", "").split(",")]
        if fetches_urls is None:
            fetches_urls = variables.get("NST_FETCH_URLS", "").lower() in YES
        return cls(
            tuple(dict.fromkeys(filter(None, (*allowed_hosts, *named)))),
            behind_proxy,
            fetches_urls,
            _account(variables.get("NST_AUTH", "")),
        )


def _account(text: str) -> tuple[str, str] | None:
    """From `name:password`, whose password is not repeated in what is said of it."""
    if not text:
        return None
    name, colon, password = text.partition(":")
    if not (name and colon and password):
        raise UsageError("NST_AUTH is not of the form name:password: set it to both, or unset it for an open page.")
    return name, password
