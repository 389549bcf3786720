"""The Hub's HTTP API, as far as publishing a Space needs it, on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.local_server import LocalServer, send

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class StoredSpace:
    """What the Hub knows of a Space."""

    sdk: str
    private: bool
    files: dict[str, bytes] = field(default_factory=lambda: {".gitattributes": b""})
    hardware: str | None = None
    messages: list[str] = field(default_factory=list)

    @property
    def commits(self) -> int:
        return len(self.messages)


class HubStandIn:
    """spaces: name -> what is there.  refuse: part of an address -> the HTTP status that it is answered with."""

    def __init__(self, token: str = "hf_good") -> None:
        self.token = token
        self.spaces: dict[str, StoredSpace] = {}
        self.refuse: dict[str, int] = {}
        self.requests: list[str] = []
        self._server = LocalServer(self._answer)
        self.url, self.close = self._server.url, self._server.close

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.requests.append(f"{handler.command} {path}")
        status, answer = self._status(handler, path), {"error": "Refused by the stand-in."}
        if status == 200:
            status, answer = self._act(path, body)
        code = {"X_Error_Code": "RepoNotFound"} if status == 404 else {}
        send(handler, status, json.dumps(answer).encode(), Content_Type="application/json", **code)

    def _status(self, handler: BaseHTTPRequestHandler, path: str) -> int:
        if handler.headers.get("Authorization") != f"Bearer {self.token}":
            return 401
        return next((status for part, status in self.refuse.items() if part in path), 200)

    def _act(self, path: str, body: bytes) -> tuple[int, Any]:
        if path == "/api/repos/create":
            return self._create(json.loads(body))
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        match = re.fullmatch(r"/api/spaces/([^/]+/[^/]+)(?:/(revision|tree|preupload|commit|hardware).*)?", path)
        if match is None or match[1] not in self.spaces:
            return 404, {"error": f"{path} is not known here."}
        return 200, self._act_on(match[1], self.spaces[match[1]], match[2], body)

    def _act_on(self, name: str, space: StoredSpace, what: str | None, body: bytes) -> Any:
        if what == "tree":
            return [
                {"type": "file", "path": name, "oid": _blob(data), "size": len(data)}
                for name, data in space.files.items()
            ]
        if what == "preupload":
            return {"files": [_mode(space, file["path"]) for file in json.loads(body)["files"]]}
        if what == "commit":
            return self._commit(name, space, body)
        if what == "hardware":
            space.hardware = json.loads(body)["flavor"]
            return {"stage": "BUILDING", "hardware": {"current": None, "requested": space.hardware}}
        return {"id": name, "sha": COMMIT}

    def _create(self, wanted: dict[str, Any]) -> tuple[int, Any]:
        name = f"{wanted['organization']}/{wanted['name']}" if wanted.get("organization") else wanted["name"]
        url = {"url": f"{self.url}/spaces/{name}"}
        if name in self.spaces:
            return 409, {"error": "You already created this space repo", **url}
        assert wanted["type"] == "space"
        private = bool(wanted.get("private")) or wanted.get("visibility") == "private"
        self.spaces[name] = StoredSpace(wanted["sdk"], private)
        return 200, {**url, "name": name, "id": name}

    def _commit(self, name: str, space: StoredSpace, body: bytes) -> dict[str, Any]:
        for line in map(json.loads, body.decode().splitlines()):
            value = line["value"]
            if line["key"] == "header":
                space.messages.append(value["summary"])
            elif line["key"] == "file":
                space.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "deletedFile":
                del space.files[value["path"]]
        return {"success": True, "commitOid": COMMIT, "commitUrl": f"{self.url}/spaces/{name}/commit/{COMMIT}"}


def _mode(space: StoredSpace, path: str) -> dict[str, Any]:
    known = {"oid": _blob(space.files[path])} if path in space.files else {}
    return {"path": path, "uploadMode": "regular", "shouldIgnore": False, **known}


def _blob(data: bytes) -> str:
    """Git's name for a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
