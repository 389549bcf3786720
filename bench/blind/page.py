"""The page that shows one pair after another, and the server on this machine that it comes from."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from .trials import KINDS, PLACES, SIDES, Trial
from .votes import Votes

MAX_BODY = 1000
"""Bytes of a vote."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 16px sans-serif; margin: 1em; text-align: center; background: #777; color: #fff }}
img {{ max-width: 48vw; max-height: 70vh; margin: 2px }}
.made-of img {{ max-height: 18vh }}
button {{ font: inherit; padding: .5em 2em; margin: .5em }}
</style></head><body><h1>{title}</h1>{body}</body></html>"""

_FORM = """<form method="post" action="/vote"><input type="hidden" name="trial" value="{number}">
<button name="side" value="left" data-key="ArrowLeft">← left</button>
<button name="side" value="none" data-key="ArrowDown">↓ neither</button>
<button name="side" value="right" data-key="ArrowRight">right →</button></form>
<script>addEventListener("keydown", event => {{
  const button = document.querySelector(`[data-key="${{event.key}}"]`);
  if (button && !event.repeat) {{ event.preventDefault(); button.click(); }}
}});</script>"""


@dataclass(frozen=True)
class Session:
    """What the page shows.  examples: holds content/ and style/, or None to show the pictures alone."""

    trials: Sequence[Trial]
    votes: Votes
    examples: Path | None = None

    def page(self) -> str:
        """HTML of the next pair, or of the result."""
        trial = self.votes.next(self.trials)
        if trial is None:
            result = escape(str(self.votes.tally(self.trials)))
            return _PAGE.format(title="All pairs are decided", body=f"<p>{result}</p><p>Ctrl-C ends the command.</p>")
        shown = "".join(_image(trial, kind) for kind in KINDS if trial.original(kind, self.examples))
        body = f'<div class="made-of">{shown}</div>' if shown else ""
        body += _image(trial, "left") + _image(trial, "right") + _FORM.format(number=trial.number)
        return _PAGE.format(title=f"Pair {trial.number} of {len(self.trials)}: which do you choose?", body=body)

    def file(self, number: int, what: str) -> Path | None:
        """Of a pair's "left", "right", "content" or "style"; None where there is none."""
        if not 1 <= number <= len(self.trials):
            return None
        trial = self.trials[number - 1]
        files: dict[str, Path | None] = {place: trial.picture(place) for place in PLACES}
        files |= {kind: trial.original(kind, self.examples) for kind in KINDS}
        return files.get(what)

    def vote(self, number: str, side: str) -> None:
        """Only for the pair that is next: a page that was sent twice, or an old one, changes nothing."""
        trial = self.votes.next(self.trials)
        for known in SIDES:
            if trial and (number, side) == (str(trial.number), known):
                self.votes.cast(trial, known)


class Handler(BaseHTTPRequestHandler):
    """GET / and /picture/NUMBER/WHAT, POST /vote."""

    def __init__(self, session: Session, *rest: Any) -> None:
        self._session = session
        super().__init__(*rest)

    def do_GET(self) -> None:
        """The page or a picture."""
        parts = self.path.strip("/").split("/")
        if parts == [""]:
            return self._send("text/html; charset=utf-8", self._session.page().encode())
        file = None
        if len(parts) == 3 and parts[0] == "picture" and parts[1].isdecimal():
            file = self._session.file(int(parts[1]), parts[2])
        if file is None:
            return self.send_error(HTTPStatus.NOT_FOUND)
        return self._send(mimetypes.guess_type(file.name)[0] or "application/octet-stream", file.read_bytes())

    def do_POST(self) -> None:
        """A vote."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/vote" or not length.isdecimal() or int(length) > MAX_BODY:
            return self.send_error(HTTPStatus.BAD_REQUEST)
        fields = parse_qs(self.rfile.read(int(length)).decode(errors="replace"))
        self._session.vote(fields.get("trial", [""])[0], fields.get("side", [""])[0])
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        return self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal is for the result."""

    def _send(self, kind: str, content: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")  # another comparison may be at the same address tomorrow
        self.end_headers()
        self.wfile.write(content)


def server_of(session: Session, port: int = 0) -> ThreadingHTTPServer:
    """On the loopback address; port 0 is any free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, session))


def _image(trial: Trial, what: str) -> str:
    return f'<img src="/picture/{trial.number}/{what}" alt="{what}">'
