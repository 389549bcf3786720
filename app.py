"""The studio in a browser: `python app.py`.  Finds or exports the model, opens the page, and serves the API."""

from __future__ import annotations

import argparse
import os
import sys

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported: the page asks no other host


def main() -> int:
    """Parse the options, wire the parts together, serve until Ctrl-C."""
    options = _parser().parse_args()

    from fastapi.routing import APIRoute

    from export.build import ensure_model
    from nst.backbone import Backbone
    from nst.engine import Engine
    from nst.errors import NstError
    from nst.ui.page import LAUNCH, build
    from nst.version import VERSION

    try:
        backbone = Backbone.open(ensure_model(say=_say), options.device, options.precision)
    except NstError as error:
        _say(f"error: {error}")
        return 2
    _say(str(backbone))
    engine = Engine(backbone, room=options.room)

    def health() -> dict[str, object]:
        return {"status": "ok", "version": VERSION, "backbone": str(backbone), **engine.load}

    build(engine).launch(
        server_name=options.host,
        server_port=options.port,
        share=options.share,
        inbrowser=options.browser,
        prevent_thread_lock=True,
        app_kwargs={"routes": [APIRoute("/health", health)]},
        **LAUNCH,
    )
    try:
        engine.work()
    except KeyboardInterrupt:
        _say("Stopped.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Pastiche: neural style transfer in a browser.")
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1, on a Space all)")
    parser.add_argument("--port", type=int, help="port (default: the first free one from 7860)")
    parser.add_argument("--share", action="store_true", help="make a temporary public link as well")
    parser.add_argument("--browser", action=argparse.BooleanOptionalAction, default=_has_screen(), help="open the page")
    parser.add_argument("--device", default="auto", help="auto, cuda, cuda:N, mps or cpu (default: auto)")
    parser.add_argument("--precision", default="auto", help="auto, bf16 or fp32 (default: auto)")
    parser.add_argument("--room", type=int, default=8, help="how many jobs may wait (default: 8)")
    return parser


def _has_screen() -> bool:
    on_linux = sys.platform.startswith("linux")
    return not on_linux or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
