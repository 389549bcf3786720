"""`gramarye serve`: the studio in a browser, and its API."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from functools import partial

from ..ui.address import free_address
from ..ui.gradio_stubs import without_stubs
from ..ui.hosting import Hosting
from ..ui.upload_folder import own_folder, remove_own
from .loading import uncollected
from .options import add_compute_options, add_engine_options, count, engine_of, require_compute_names
from .proxies import spare_loopback
from .signals import Interrupted, exiting
from .terminal import say

STOPPED = "Stopped."


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where it is served and to whom, and what one painting may take."""
    parser.add_argument("--host", default=argparse.SUPPRESS, help="address to listen on (default: this machine alone)")
    parser.add_argument(
        "--port",
        type=_port,
        default=argparse.SUPPRESS,
        help="port; 0: any that is free (default: the first free one from 7860)",
    )
    parser.add_argument("--share", action="store_true", help="make a temporary public link as well")
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=argparse.SUPPRESS,
        help="a name under which the page is reached as well, and whose pages may call it; more than once for more "
        "(also NST_ALLOWED_HOSTS)",
    )
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="believe what X-Forwarded-For, -Host and -Proto say: only behind a proxy that sets them",
    )
    parser.add_argument(
        "--fetch-urls",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="take images by their address on the public web as well (also NST_FETCH_URLS; default: no)",
    )
    parser.add_argument(
        "--mcp",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="serve agents as well (default: if its package is here)",
    )
    parser.add_argument("--browser", action=argparse.BooleanOptionalAction, default=_has_screen(), help="open the page")
    add_compute_options(parser)
    add_engine_options(parser)
    parser.add_argument(
        "--queue",
        metavar="JOBS",
        type=count("number of jobs"),
        default=argparse.SUPPRESS,
        help="how many paintings may wait for the device (default: 8)",
    )
    parser.add_argument(
        "--room", dest="queue", type=count("number of jobs"), default=argparse.SUPPRESS, help=argparse.SUPPRESS
    )
    parser.add_argument(
        "--max-seconds",
        metavar="S",
        type=count("number of seconds", 1),
        default=argparse.SUPPRESS,
        help="refuse paintings that would take longer (default: 600 where others can reach it; else all are taken)",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until a signal ends it, and return 0."""
    require_compute_names(options)
    engine = engine_of(options)
    hosting = Hosting.chosen(
        getattr(options, "allow_host", ()),
        behind_proxy=options.behind_proxy,
        fetches_urls=getattr(options, "fetch_urls", None),
    )
    address = free_address(getattr(options, "host", None), getattr(options, "port", None))
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported: the page asks no other host
    say_here = partial(say, stream=sys.stdout)
    for sentence in spare_loopback(os.environ, address.host):
        say_here(sentence)
    try:
        with own_folder() as folder:
            with exiting(STOPPED, exit_code=0, clean_up=partial(remove_own, folder)), uncollected(), without_stubs():
                from ..ui.launch import serve
            serve(
                address,
                folder,
                device=options.device,
                precision=options.precision,
                engine=engine,
                capacity=getattr(options, "queue", None),
                seconds=getattr(options, "max_seconds", None),
                share=options.share,
                browser=options.browser,
                wants_mcp=getattr(options, "mcp", None),
                hosting=hosting,
                say=say_here,
            )
    except Interrupted:
        say_here(STOPPED)
        gc.freeze()  # Python looks through all that is loaded once more at its end, which takes seconds
    return 0


def _port(text: str) -> int:
    if not (text.isdecimal() and text.isascii()):
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a port: 1 to 65535, or 0 for any that is free")
    return int(text)


def _has_screen() -> bool:
    on_linux = sys.platform.startswith("linux")
    return not on_linux or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
