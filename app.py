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
    from nst.ui.files import own_folder

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

    from export.build import ensure_model
    from nst.backbone import Backbone
    from nst.engine import ROOM, Engine
    from nst.ui.files import keep_swept
    from nst.ui.page import LAUNCH, build
    from nst.version import VERSION

    backbone = Backbone.open(ensure_model(say=_say), options.device, options.precision)
    _say(str(backbone))
    engine = Engine(backbone, room=ROOM if options.room is None else options.room)

    def health() -> dict[str, object]:
        return {"status": "ok", "version": VERSION, "backbone": str(backbone), **engine.load}

    page = build(engine)
    page.launch(
        server_name=options.host,
        server_port=options.port,
        share=options.share,
        inbrowser=options.browser,
        prevent_thread_lock=True,
        app_kwargs={"routes": [APIRoute("/health", health)]},
        **LAUNCH,
    )
    keep_swept(folder)
    try:
        engine.work()
    finally:
        engine.close()
        page.close(verbose=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Pastiche: neural style transfer in a browser.")
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1, on a Space all)")
    parser.add_argument("--port", type=int, help="port (default: the first free one from 7860)")
    parser.add_argument("--share", action="store_true", help="make a temporary public link as well")
    parser.add_argument("--browser", action=argparse.BooleanOptionalAction, default=_has_screen(), help="open the page")
    parser.add_argument("--device", default="auto", help="auto, cuda, cuda:N, mps or cpu (default: auto)")
    parser.add_argument("--precision", default="auto", help="auto, bf16 or fp32 (default: auto)")
    parser.add_argument("--room", type=_room, help="how many jobs may wait (default: that of nst.engine)")
    return parser


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
