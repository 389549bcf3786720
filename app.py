"""The studio in a browser: `python app.py`.  Finds or exports the model, opens the page, and serves the API."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported: the page asks no other host


def main() -> int:
    """Parse the options, wire the parts together, serve until Ctrl-C."""
    options = _parser().parse_args()

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from nst.errors import NstError
    from nst.ui.upload_folder import own_folder

    try:
        with own_folder() as folder:
            _serve(options, folder)
    except NstError as error:
        _say(f"error: {error}")
        return 2
    except KeyboardInterrupt:
        _say("Stopped.")
    return 0


def _serve(options: argparse.Namespace, folder: Path) -> None:
    from fastapi.routing import APIRoute

    from nst.network.build import ensure_model
    from nst.painting.backbone import Backbone
    from nst.serving.local import LocalWorker
    from nst.serving.queue import CAPACITY
    from nst.ui import mcp
    from nst.ui.gradio_gaps import (
        brief_about_sharing,
        closing_routes,
        decode_only_readable,
        give_agents_every_output,
    )
    from nst.ui.page import LAUNCH, build
    from nst.ui.upload_folder import keep_swept
    from nst.version import VERSION

    decode_only_readable()
    path = ensure_model(say=_say)
    capacity = CAPACITY if options.room is None else options.room
    worker = LocalWorker(Backbone.open(path, options.device, options.precision), capacity=capacity)
    _say(str(worker))
    has_mcp = mcp.is_installed() and options.mcp is not False
    if options.mcp and not has_mcp:
        _say(f"MCP is off, as its package is not here: pip install '{mcp.EXTRA}'")

    def health() -> dict[str, object]:
        return {"status": "ok", "version": VERSION, "backbone": str(worker), **worker.load()}

    page = build(worker)
    with brief_about_sharing(options.share):
        page.launch(
            server_name=options.host,
            server_port=options.port,
            share=options.share,
            inbrowser=options.browser,
            prevent_thread_lock=True,
            app_kwargs={"routes": [APIRoute("/health", health), *closing_routes()]},
            mcp_server=has_mcp,
            **LAUNCH,
        )
    if has_mcp:
        give_agents_every_output(page)
    keep_swept(folder)
    try:
        worker.work()
    finally:
        worker.close()
        page.close(verbose=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Gramarye: neural style transfer in a browser.")
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1, on a Space all)")
    parser.add_argument("--port", type=int, help="port (default: the first free one from 7860)")
    parser.add_argument("--share", action="store_true", help="make a temporary public link as well")
    parser.add_argument(
        "--mcp", action=argparse.BooleanOptionalAction, help="serve agents as well (default: if its package is here)"
    )
    parser.add_argument("--browser", action=argparse.BooleanOptionalAction, default=_has_screen(), help="open the page")
    parser.add_argument("--device", default="auto", help="auto, cuda, cuda:N, mps or cpu (default: auto)")
    parser.add_argument("--precision", default="auto", help="auto, bf16 or fp32 (default: auto)")
    parser.add_argument("--room", type=_room, help="how many jobs may wait (default: that of nst.serving.engine)")
    parser.add_argument(
        "--max-seconds", type=_seconds, metavar="S", help="refuse runs that would take longer (default: on a Space 600)"
    )
    return parser


def _seconds(text: str) -> float:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 1")
    return float(text)


def _room(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of jobs from 0")
    return int(text)


def _has_screen() -> bool:
    on_linux = sys.platform.startswith("linux")
    return not on_linux or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
