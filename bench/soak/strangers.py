"""Clients that use the API as it is not meant: they vanish, send what makes no sense, or send too much.

By hand, as `gradio_client` would not send it.  All of it goes to the app that the soak has started, on this machine.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import struct
import time
import uuid
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from .tally import Tally
from .visitors import LONG, SHORT, VISIT_SECONDS, encoded, is_for_now, picture

META = {"_type": "gradio.FileData"}
API = "/gradio_api"
TIMEOUT = 60.0
MAX_UPLOAD = 50 * 2**20
"""What the page takes of one file, in bytes."""

LONG_ANSWER = 10_000
"""Characters.  An answer that is longer repeats what was sent."""


@dataclass(frozen=True)
class Answer:
    """status: of HTTP.  text: all of it, of a stream too."""

    status: int
    text: str

    @property
    def accepted(self) -> bool:
        return "event: complete" in self.text or '"success":true' in self.text

    @property
    def wordless(self) -> bool:
        """True where it refuses, but says nothing that one could act on."""
        return len(self.text.strip()) < 10 or "data: null" in self.text or '"error": null' in self.text


class Stranger:
    """Somebody at the app's address, who sends pictures of his own."""

    def __init__(self, url: str, tally: Tally, chance: random.Random) -> None:
        self.address = urlsplit(url).netloc
        self.tally = tally
        self.chance = chance

    def send(self, method: str, route: str, body: bytes = b"", kind: str = "application/json") -> Answer:
        connection = http.client.HTTPConnection(self.address, timeout=TIMEOUT)
        try:
            connection.request(method, API + route, body or None, {"Content-Type": kind})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode(errors="replace"))
        finally:
            connection.close()

    def upload(self, data: bytes | None = None, name: str = "a.png") -> dict[str, Any]:
        """A file as the API wants it named.  data: default a new picture."""
        self.tally.uploaded()
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        body = head.encode() + (data or encoded(picture(self.chance))) + f"\r\n--{boundary}--\r\n".encode()
        answer = self.send("POST", "/upload", body, f"multipart/form-data; boundary={boundary}")
        if answer.status != 200:
            raise OSError(f"an upload of {len(body)} bytes got {answer.status}: {answer.text[:200]}")
        return {"path": json.loads(answer.text)[0], "meta": META}

    def call(self, body: bytes, endpoint: str = "stylize") -> Answer:
        """What is answered to a call: its stream, or the refusal to begin one."""
        begun = self.send("POST", f"/call/v2/{endpoint}", body)
        if begun.status != 200:
            return begun
        return self.send("GET", f"/call/{endpoint}/{json.loads(begun.text)['event_id']}")

    def stylize(self, **changes: Any) -> Answer:
        """A right call, but for these changes."""
        return self.call(self.body(**changes))

    def body(self, settings: Mapping[str, Any] = SHORT, **changes: Any) -> bytes:
        images = {role: self.upload() for role in ("content", "style") if role not in changes}
        return json.dumps({**images, **settings, **changes}).encode()


def vanish(url: str, tally: Tally, chance: random.Random) -> None:
    """Somebody who is cut off while the picture grows, or who never listens at all."""
    stranger = Stranger(url, tally, chance)
    begun = stranger.send("POST", "/call/v2/stylize", stranger.body(LONG))
    if begun.status != 200:
        if is_for_now(begun.text):
            tally.end("vanishing", "asked to come again")
        else:
            tally.wrong("vanishing", f"{begun.status} {begun.text}")
        return
    tally.accepted()
    if chance.random() < 0.1:
        tally.end("vanishing", "never listened")
        return
    host, port = stranger.address.split(":")
    with socket.create_connection((host, int(port)), timeout=TIMEOUT) as line:
        event = json.loads(begun.text)["event_id"]
        line.sendall(f"GET {API}/call/stylize/{event} HTTP/1.1\r\nHost: {stranger.address}\r\n\r\n".encode())
        heard, wanted = b"", chance.randint(1, 12)
        while heard.count(b"event: ") < wanted and b"event: error" not in heard and (more := line.recv(65536)):
            heard += more
        if chance.random() < 0.5:  # as when a cable is pulled: no goodbye, but a reset
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if b"event: error" not in heard:
        tally.end("vanishing", "vanished")
    elif is_for_now(heard.decode(errors="replace")):
        tally.end("vanishing", "asked to come again")
    else:
        tally.wrong("vanishing", heard[-300:].decode(errors="replace"))


Request = Callable[[Stranger], Answer]


def _private_event(stranger: Stranger) -> Answer:
    """One of the page's own events with a file that nobody uploaded, in any of its inputs."""
    config = json.loads(_page_config(stranger.address))
    event = stranger.chance.choice([e for e in config["dependencies"] if e["backend_fn"] and e["inputs"]])
    data: list[Any] = [None] * len(event["inputs"])
    data[stranger.chance.randrange(len(data))] = {"path": "/etc/passwd"}
    session = uuid.uuid4().hex
    body = json.dumps({"data": data, "fn_index": event["id"], "session_hash": session}).encode()
    joined = stranger.send("POST", "/queue/join", body)
    return joined if joined.status != 200 else stranger.send("GET", f"/queue/data?session_hash={session}")


@cache
def _page_config(address: str) -> str:
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT)
    try:
        connection.request("GET", "/config")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


BAD: Mapping[str, Request] = MappingProxyType(
    {
        "an unknown preset": lambda s: s.stylize(preset="fsat"),
        "text for a number": lambda s: s.stylize(size="large"),
        "a list for a number": lambda s: s.stylize(size=[64]),
        "a number that no float holds": lambda s: s.stylize(style_blend=[10**400]),
        "infinity": lambda s: s.stylize(content_weight=float("inf")),
        "not a number": lambda s: s.stylize(strength=float("nan")),
        "a size out of range": lambda s: s.stylize(size=5),
        "a choice that is none": lambda s: s.stylize(init={"a": 1}),
        "no content": lambda s: s.stylize(content=None),
        "a path that was not uploaded": lambda s: s.stylize(content={"path": "/etc/passwd", "meta": META}),
        "the same without meta": lambda s: s.stylize(style={"path": "/etc/passwd"}),
        "a path as plain text": lambda s: s.stylize(content="/etc/passwd"),
        "a list for a file": lambda s: s.stylize(content=[[[]]]),
        "a file that is cut off": lambda s: s.stylize(content=s.upload(encoded(picture(s.chance))[:60])),
        "text as a picture": lambda s: s.stylize(style=s.upload(b"this is no picture", "notes.png")),
        "an SVG": lambda s: s.stylize(style=s.upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg")),
        "an unknown setting": lambda s: s.stylize(colour="red"),
        "no JSON": lambda s: s.call(b'{"content": '),
        "a list as the whole": lambda s: s.call(b"[1, 2, 3]"),
        "nothing": lambda s: s.call(b"{}"),
        "an endpoint that is none": lambda s: s.call(b"{}", "nothing"),
        "an event of the page": _private_event,
    }
)
"""What makes no sense, by its name: each is to be refused in words."""


def send_nonsense(url: str, tally: Tally, chance: random.Random) -> None:
    """Somebody who sends something that makes no sense."""
    _expect_refusal("nonsense", BAD, url, tally, chance)


def _bomb(stranger: Stranger) -> dict[str, Any]:
    """A PNG of a few kilobytes that has 900 megapixels."""
    return stranger.upload(_bomb_file())


@cache
def _bomb_file(side: int = 30_000) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _huge_upload(stranger: Stranger) -> Answer:
    try:
        stranger.upload(bytes(MAX_UPLOAD + 1_000_000))
    except (ConnectionError, TimeoutError) as closed:
        return Answer(413, f"The connection was closed: {closed}")
    except OSError as refusal:
        return Answer(413, str(refusal))
    return Answer(200, "event: complete")


HUGE: Mapping[str, Request] = MappingProxyType(
    {
        "a picture of 900 megapixels": lambda s: s.stylize(content=_bomb(s)),
        "hours of work": lambda s: s.stylize(size=4096, upscale=True, first_steps=10000, last_steps=10000),
        "a setting of 5 MB": lambda s: s.stylize(preset="fast" * 1_250_000),
        "a file of over 50 MB": _huge_upload,
    }
)
"""What is too much, by its name: each is to be refused in words."""


def send_too_much(url: str, tally: Tally, chance: random.Random) -> None:
    """Somebody who sends or wants more than there is."""
    _expect_refusal("too much", HUGE, url, tally, chance)


def _expect_refusal(kind: str, requests: Mapping[str, Request], url: str, tally: Tally, chance: random.Random) -> None:
    name = chance.choice(list(requests))
    began = time.monotonic()
    answer = requests[name](Stranger(url, tally, chance))
    if answer.accepted:
        tally.wrong(kind, f"{name} was taken: {answer.text[:200]}")
    elif time.monotonic() - began > VISIT_SECONDS:
        tally.wrong(kind, f"{name} was answered only after {time.monotonic() - began:.0f} s")
    elif answer.wordless:
        tally.wrong(kind, f"{name} was refused without a word: {answer.status} {answer.text!r}")
    elif len(answer.text) > LONG_ANSWER:
        tally.wrong(kind, f"{name} was refused with {len(answer.text)} characters")
    else:
        tally.end(kind, "refused")
