"""A picture fetched from the web for a visitor, where the host allows it: from public addresses alone, and bounded.

Each name is resolved once, and what comes of it is both looked at and connected to: a second time it could be another.
The time that there is ends every wait, of which a slow site can have as many as it likes: for a name, for a connection,
for each piece of a line of a header.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from ..errors import ImageError, shown

REDIRECTS = 5
CHUNK = 1 << 16
REDIRECTING = (301, 302, 303, 307, 308)

_RESOLVERS = ThreadPoolExecutor(8, thread_name_prefix="looking up names")
"""A name that nobody answers for can only be waited for elsewhere: the system has no end for it but its own."""

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""IPv6 networks whose addresses stand for IPv4 ones, which may be private."""


def is_public(ip: Ip) -> bool:
    """True for an address of the public web: not of this machine, of a network behind it, or of many at once."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(ip.ipv4_mapped)
        if any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast


@dataclass(frozen=True)
class Fetcher:
    """Fetches files by http and https.  most: bytes of one.  seconds: for one, with all redirects.

    may_ask: whether an address of the network may be asked for anything.
    """

    most: int = 50_000_000
    seconds: float = 30.0
    may_ask: Callable[[Ip], bool] = is_public

    def fetch(self, url: str) -> tuple[str, bytes]:
        """The name that a file has in its address, and what is in it; ImageError where it can't be had."""
        ends_at = time.monotonic() + self.seconds
        try:
            for _ in range(REDIRECTS + 1):
                parts = _parts(url)
                with closing(self._connection(parts, ends_at)) as connection:
                    query = f"?{parts.query}" if parts.query else ""
                    connection.request("GET", f"{parts.path or '/'}{query}", headers={"Host": parts.netloc})
                    response = connection.getresponse()
                    if response.status in REDIRECTING and (target := response.headers.get("Location")):
                        url = urljoin(url, target)
                        continue
                    if response.status != http.client.OK:
                        raise ImageError(f"{shown(url)} answers {response.status}: give the address of a picture.")
                    return unquote(parts.path).rpartition("/")[2], self._read(response, url)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ImageError(f"{shown(url)} can't be fetched: {type(error).__name__}.") from None
        raise ImageError(f"{shown(url)} leads from one address to the next: give the last one.")

    def _connection(self, parts: SplitResult, ends_at: float) -> http.client.HTTPConnection:
        name, is_secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        ips = _resolved(name, port, ends_at)
        if not all(map(self.may_ask, ips)):
            raise ImageError(f"{shown(parts.geturl())} is no address of the public web, and no other is asked.")
        plain = socket.create_connection((str(ips[0]), port), timeout=_left(ends_at))
        try:
            plain.settimeout(_left(ends_at))
            sock = ssl.create_default_context().wrap_socket(plain, server_hostname=name) if is_secure else plain
        except BaseException:
            plain.close()
            raise
        connection = http.client.HTTPConnection(name, port)
        connection.sock = _TimedSocket(sock, ends_at)
        return connection

    def _read(self, response: http.client.HTTPResponse, url: str) -> bytes:
        read = bytearray()
        while chunk := response.read1(CHUNK):
            read += chunk
            if len(read) > self.most:
                raise ImageError(f"{shown(url)} is larger than {self.most // 1_000_000} MB: give a smaller picture.")
        return bytes(read)


class _TimedSocket:
    """As much of a socket as `http.client` uses, with what is left of the time as the timeout of every wait."""

    def __init__(self, sock: socket.socket, ends_at: float) -> None:
        self._sock = sock
        self._ends_at = ends_at

    def sendall(self, data: Any) -> None:
        self.wait_no_longer()
        self._sock.sendall(data)

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(_TimedFile(self, self._sock.makefile("rb", buffering=0)))

    def close(self) -> None:
        self._sock.close()

    def wait_no_longer(self) -> None:
        self._sock.settimeout(_left(self._ends_at))


class _TimedFile(io.RawIOBase):
    """What comes in at a socket, which stays open as long as this does."""

    def __init__(self, sock: _TimedSocket, file: io.RawIOBase) -> None:
        self._sock = sock
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.wait_no_longer()
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


def _resolved(name: str, port: int, ends_at: float) -> list[Ip]:
    looking = _RESOLVERS.submit(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM)
    try:
        found = looking.result(_left(ends_at))
    finally:
        looking.cancel()  # where its turn has not come
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _parts(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ImageError(f"{shown(url)} is no address of the web that a picture could be fetched from.")
    return parts


def _left(ends_at: float) -> float:
    """Seconds that are left; TimeoutError, which is an OSError, if none are."""
    seconds = ends_at - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
