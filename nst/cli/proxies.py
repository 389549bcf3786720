"""Proxies that the environment names: the page is on this machine, and never asked for through one."""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib.util import find_spec

LOOPBACK = ("localhost", "127.0.0.1", "::1")
NAMES = ("http_proxy", "https_proxy", "all_proxy")


def spare_loopback(environment: MutableMapping[str, str], host: str) -> list[str]:
    """Leave this machine out of what is asked through a proxy.

    host: what the page listens on.  Gradio asks its own address when it starts, by httpx, which fails at its import for
    a proxy that it can't use.  Such variables are removed; returns a sentence for each of them.
    """
    exempt = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    hosts = [*filter(None, (name.strip() for name in exempt.split(","))), *LOOPBACK, host.strip("[]")]
    environment["no_proxy"] = environment["NO_PROXY"] = ",".join(dict.fromkeys(hosts))
    useless = [name for name in environment if name.lower() in NAMES and not _is_usable(environment[name])]
    for name in useless:
        del environment[name]
    return [f"The proxy in {name} is left aside, as it is neither http nor https." for name in useless]


def _is_usable(proxy: str) -> bool:
    """True for a proxy that httpx can use here; without a scheme, it takes it for http."""
    scheme = proxy.partition("://")[0].lower() if "://" in proxy else "http"
    return scheme in ("http", "https") or (scheme in ("socks5", "socks5h") and find_spec("socksio") is not None)
