"""Under which names the page is served, and pages of which origins may send to it.

A page of another site can have its own name lead to this machine (DNS rebinding), and would be same-origin with the app
then: so requests that name an unknown host get nothing.  A browser also lets any page send to any server, though not
read the answer: so what changes anything is refused where it names another origin.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = "localhost"
EVERYWHERE = ("0.0.0.0", "::")
"""Hosts that stand for all addresses of a machine."""

SPACES = (".hf.space", ".huggingface.co")
"""Ends of the names under which Hugging Face serves Spaces, and embeds them."""


class ServedNames:
    """Names under which the page is served.

    A number for a name always passes: no page of another site can have its own name be a number.
    allowed: names that the host of the page adds, with or without a port.  host: what the page listens on.
    on_space: it is reached through Hugging Face's proxy alone, whose names for it are many.
    """

    def __init__(self, allowed: Iterable[str] = (), *, host: str = "127.0.0.1", on_space: bool = False) -> None:
        self._on_space = on_space
        self._names = {LOOPBACK, _name_in(host)} | (_own_names() if host.strip("[]") in EVERYWHERE else set())
        self._origins: set[str] = set()
        for name in (*allowed, os.environ.get("SPACE_HOST", ""), os.environ.get("GRADIO_ROOT_PATH", "")):
            self.add(name)

    def add(self, name: str) -> None:
        """A name or an address under which the page is served as well, by a proxy or a tunnel; "" for none."""
        address = name.rpartition("://")[2].partition("/")[0].lower()
        if address:
            self._names.add(_name_in(address))
            self._origins.add(address)

    def has(self, host: str) -> bool:
        """True for the header `Host` of a request that is meant for this page."""
        name = _name_in(host)
        return self._on_space or name in self._names or _is_number(name)

    def may_send(self, origin: str, hosts: Iterable[str]) -> bool:
        """True if a page of this origin may change something here.  hosts: by which the request names the page."""
        address = origin.rpartition("://")[2].lower()
        if origin == "null" or not address:
            return False
        if self._on_space and f".{_name_in(address)}".endswith(SPACES):
            return True
        return address in {host.lower() for host in hosts} or not self._origins.isdisjoint((address, _name_in(address)))


def _name_in(address: str) -> str:
    """The name in `name:port`, without brackets and in lower case; "" for nonsense."""
    try:
        return (urlsplit(f"//{address}").hostname or "").rstrip(".")
    except ValueError:
        return address.strip("[]").lower()


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _own_names() -> set[str]:
    """Those of this machine in its own network."""
    name = socket.gethostname().lower()
    return {name, name.partition(".")[0], f"{name.partition('.')[0]}.local"} - {""}
