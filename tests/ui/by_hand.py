"""Requests as no browser and no client sends them, written by hand."""

from __future__ import annotations

import http.client
import json
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from tests.ui.conftest import Server

META = {"_type": "gradio.FileData"}
QUICK = {"size": 32, "first_steps": 1, "start_size": 0, "strength": 0}
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
JSON = {"Content-Type": "application/json"}


class Asked:
    """The answer to a request: its status, its headers, its text."""

    def __init__(self, server: Server, method: str, path: str, body: Any = None, **headers: str) -> None:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        try:
            named = {key.replace("_", "-"): value for key, value in headers.items()}
            connection.request(method, path, data, (JSON if data else {}) | named)
            response = connection.getresponse()
            self.status, self.headers, self.text = (
                response.status,
                response.headers,
                response.read().decode(errors="replace"),
            )
        finally:
            connection.close()


def called(server: Server, body: dict[str, Any], task: str = "stylize", **headers: str) -> str:
    """What the stream of a call says, or the answer to the call itself where it does not come to that."""
    joined = Asked(server, "POST", f"/gradio_api/call/v2/{task}", body, **headers)
    if joined.status != 200:
        return joined.text
    event = json.loads(joined.text)["event_id"]
    return Asked(server, "GET", f"/gradio_api/call/{task}/{event}", **headers).text


def form(name: str, data: bytes, field: str, **fields: str) -> tuple[bytes, str]:
    """The body and the content type of a form with a file and some words."""
    answer = "".join(f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{fields[key]}\r\n' for key in fields)
    file = f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return (answer + file).encode() + data + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def sent(server: Server, route: str, body: bytes, kind: str, headers: Mapping[str, str] = NO_HEADERS) -> bytes:
    """The answer to a POST; an HTTPError where its status is one of an error."""
    request = urllib.request.Request(f"{server.url}/gradio_api/{route}", body, {"Content-Type": kind, **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return bytes(answer.read())


def uploaded(server: Server, name: str, data: bytes) -> dict[str, Any]:
    """A file that was uploaded, as a call names it."""
    (path,) = json.loads(sent(server, "upload", *form(name, data, field="files")))
    return {"path": path, "orig_name": name, "meta": META}


@dataclass(frozen=True)
class Page:
    """The page of a running app, all of whose events, public and private, can be sent things.

    config: what the browser is told of its components and events.  headers: of every request, for one with a password.
    """

    server: Server
    config: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    def events(self, kind: str = "") -> list[tuple[dict[str, Any], int]]:
        """Every event that Python handles, with each of its inputs that is a component of this kind, or of any."""
        kinds = {component["id"]: component["type"] for component in self.config["components"]}
        return [
            (event, place)
            for event in self.config["dependencies"]
            if event["backend_fn"]
            for place, component in enumerate(event["inputs"])
            if kind in ("", kinds[component])
        ]

    def values(self, event: dict[str, Any]) -> list[Any]:
        """What the inputs of an event have when the page opens."""
        props = {component["id"]: component["props"] for component in self.config["components"]}
        return [props[component].get("value") for component in event["inputs"]]

    def heard(self, event: dict[str, Any], place: int, value: Any) -> str:
        """What is answered to an event of which one input has this value, and the others none."""
        data = [None] * len(event["inputs"])
        data[place] = value
        return self.messages(event, data)[-1]

    def messages(self, event: dict[str, Any], data: list[Any]) -> list[str]:
        """All that an event answers to these values of its inputs, up to its end."""
        session = uuid.uuid4().hex
        body = {"data": data, "fn_index": event["id"], "session_hash": session}
        sent(self.server, "queue/join", json.dumps(body).encode(), "application/json", self.headers)
        messages: list[str] = []
        address = f"{self.server.url}/gradio_api/queue/data?session_hash={session}"
        with urllib.request.urlopen(urllib.request.Request(address, headers=dict(self.headers)), timeout=60) as lines:
            for line in lines:
                messages.append(line.decode())
                if '"process_completed"' in messages[-1]:
                    return messages
        raise AssertionError(f"{event['api_name']} has no end: {messages[-3:]}")


def page_of(server: Server) -> Page:
    return Page(server, json.loads(Asked(server, "GET", "/config").text))


def error_in(line: str) -> str:
    """The words in a message that says that an event is over; empty where it went well."""
    return str(json.loads(line.removeprefix("data: "))["output"].get("error", ""))
