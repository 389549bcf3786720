"""A picture fetched from the web for a visitor, where the host allows it: from public addresses alone, and bounded.

Each name is resolved once, and what comes of it is both looked at and connected to: a second time it could be another.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from ..errors import ImageError

REDIRECTS = 5
CHUNK = 1 << 16
REDIRECTING = (301, 302, 303, 307, 308)

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
                        raise ImageError(f"{_shown(url)} answers {response.status}: give the address of a picture.")
                    return unquote(parts.path).rpartition("/")[2], self._read(response, url, ends_at)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ImageError(f"{_shown(url)} can't be fetched: {type(error).__name__}.") from None
        raise ImageError(f"{_shown(url)} leads from one address to the next: give the last one.")

    def _connection(self, parts: SplitResult, ends_at: float) -> http.client.HTTPConnection:
        name, is_secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        ips = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        if not all(map(self.may_ask, ips)):
            raise ImageError(f"{_shown(parts.geturl())} is no address of the public web, and no other is asked.")
        plain = socket.create_connection((str(ips[0]), port), timeout=_left(ends_at))
        try:
            sock = ssl.create_default_context().wrap_socket(plain, server_hostname=name) if is_secure else plain
        except BaseException:
            plain.close()
            raise
        connection = http.client.HTTPConnection(name, port)
        connection.sock = sock
        return connection

    def _read(self, response: http.client.HTTPResponse, url: str, ends_at: float) -> bytes:
        read = bytearray()
        while chunk := response.read1(CHUNK):
            read += chunk
            if len(read) > self.most:
                raise ImageError(f"{_shown(url)} is larger than {self.most // 1_000_000} MB: give a smaller picture.")
            _left(ends_at)
        return bytes(read)


def _parts(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ImageError(f"{_shown(url)} is no address of the web that a picture could be fetched from.")
    return parts


def _left(ends_at: float) -> float:
    """Seconds that are left; TimeoutError, which is an OSError, if none are."""
    seconds = ends_at - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _shown(url: str) -> str:
    return repr(url if len(url) <= 100 else f"{url[:100]}…")
