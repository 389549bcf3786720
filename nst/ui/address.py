"""Where the page is to be served: a host of this machine and a port that is free, tried before anything is loaded."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from contextlib import suppress
from dataclasses import dataclass

from ..errors import AddressError

FIRST_PORT = 7860
PORTS = 100
"""How many ports from the first are tried, as Gradio does, where none is asked for."""

LAST_PORT = 65535


@dataclass(frozen=True)
class Address:
    """host: a name or number, IPv6 in brackets.  port: 1 to 65535."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """True where this machine alone can reach it."""
        with suppress(OSError, ValueError):
            number = socket.getaddrinfo(self.host.strip("[]"), None)[0][4][0]
            return ipaddress.ip_address(str(number).partition("%")[0]).is_loopback
        return False


def free_address(host: str | None = None, port: int | None = None) -> Address:
    """The address asked for, if the page can be served there.

    host: default GRADIO_SERVER_NAME, else this machine alone.  port: 0 for any that is free; default: the first free
    one from GRADIO_SERVER_PORT, or from `FIRST_PORT`.  Raises AddressError.
    """
    host = (host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1").strip("[]")
    first = FIRST_PORT
    if port is None and (named := os.environ.get("GRADIO_SERVER_PORT", "")).isdecimal():
        first = int(named)
    wanted = range(first, first + PORTS) if port is None else range(port, port + 1)
    ports = range(max(0, wanted.start), min(wanted.stop, LAST_PORT + 1))
    if not ports:
        raise AddressError(f"The port {wanted.start} is out of range: 1 to {LAST_PORT}, or 0 for any that is free.")
    for candidate in ports:
        try:
            free = _bound(host, candidate)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                refusal = error
                continue
            raise _no_address(host) from None
        except ValueError:  # a name that no network can know
            raise _no_address(host) from None
        return Address(f"[{host}]" if ":" in host else host, free)
    raise _no_port(host, ports, refusal)


def _bound(host: str, port: int) -> int:
    """The number of the port, once it has been held for a moment; OSError where it can't be."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as trial:
        if os.name != "nt":  # where it means something else: to share a port that is in use
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)
        number: int = trial.getsockname()[1]
        return number


def _no_address(host: str) -> AddressError:
    return AddressError(
        f"The host {host!r} is no address of this machine: use 127.0.0.1 to serve this machine alone, or 0.0.0.0 for "
        "all that can reach it."
    )


def _no_port(host: str, ports: range, refusal: OSError) -> AddressError:
    if len(ports) > 1:
        return AddressError(f"No port from {ports[0]} to {ports[-1]} is free at {host}: name another.")
    if refusal.errno == errno.EACCES:
        return AddressError(f"The port {ports[0]} is kept for administrators: use one from 1024.")
    return AddressError(f"The port {ports[0]} at {host} is taken: use another, or 0 for any that is free.")
