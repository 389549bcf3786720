"""Who sends a request: the address of a visitor, also where a proxy stands in between."""

from __future__ import annotations

import ipaddress
from typing import Any

import gradio as gr
from starlette.datastructures import Headers

KEY = "gramarye.visitor"
"""Where a request's scope keeps what `visitor_address` found."""


def visitor_address(scope: Any, *, behind_proxy: bool) -> str | None:
    """The address of whoever sent a request, as far as one machine has it; None for this machine itself, or unknown.

    Of IPv6 it is the network of 64 bits, of which one visitor has all addresses.
    behind_proxy: a proxy appends to X-Forwarded-For what it sees, so its last public address is the visitor's; what
    stands before that was sent by the visitor, who may say anything.
    """
    if behind_proxy:
        seen = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    else:
        seen = [scope["client"][0]] if scope.get("client") else []
    addresses = [address for text in seen if (address := _parsed(text)) is not None]
    public = [address for address in addresses if address.is_global]
    if not addresses:
        return None
    sender = (public or addresses)[-1]
    if sender.is_loopback:
        return None
    return str(ipaddress.ip_network((sender, 64), strict=False)) if sender.version == 6 else str(sender)


def comes_from_here(scope: Any) -> bool:
    """True for a request that this machine itself makes, as the end of a tunnel does for those at the other end.

    Of one that comes from loopback with X-Forwarded-For, uvicorn shows what stands there in the place of the client,
    with port 0, which no connection has.
    """
    if not scope.get("client"):
        return False
    host, port = scope["client"]
    address = _parsed(host)
    return port == 0 or (address is not None and address.is_loopback) or host == (scope.get("server") or [None])[0]


def visitor_of(request: gr.Request) -> str:
    """What one visitor's requests have in common: the address, or on this machine itself the session."""
    scope = request.request.scope if request.request is not None else {}
    return str(scope.get(KEY) or request.session_hash)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
