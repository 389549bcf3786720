"""The Hub's HTTP API, as far as publishing a Space or a model and reading that model need it, on this machine."""

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


@dataclass(kw_only=True)
class StoredModel:
    """What the Hub knows of a model."""

    private: bool
    files: dict[str, bytes] = field(default_factory=lambda: {".gitattributes": b""})
    messages: list[str] = field(default_factory=list)

    @property
    def commits(self) -> int:
        return len(self.messages)


@dataclass(kw_only=True)
class StoredSpace(StoredModel):
    """What the Hub knows of a Space."""

    sdk: str
    hardware: str | None = None


class HubStandIn:
    """spaces, models: name -> what is there.  refuse: part of an address -> the HTTP status that it is answered with.

    large: how a file's name ends that is uploaded by itself and only named in the commit, as with Git LFS.
    """

    large = ".onnx"

    def __init__(self, token: str = "hf_good") -> None:
        self.token = token
        self.spaces: dict[str, StoredSpace] = {}
        self.models: dict[str, StoredModel] = {}
        self.uploads: dict[str, bytes] = {}
        self.refuse: dict[str, int] = {}
        self.requests: list[str] = []
        self._server = LocalServer(self._answer)
        self.url, self.close = self._server.url, self._server.close

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.requests.append(f"{handler.command} {path}")
        status, answer = self._status(handler, path), {"error": "Refused by the stand-in."}
        if status == 200 and (file := self._resolved(path)) is not None:
            digest = hashlib.sha256(file).hexdigest()
            send(handler, 200, file, ETag=f'"{digest}"', X_Linked_Etag=f'"{digest}"', X_Repo_Commit=COMMIT)
            return
        if status == 200:
            status, answer = self._act(path, body)
        code = {"X_Error_Code": "RepoNotFound"} if status == 404 else {}
        send(handler, status, json.dumps(answer).encode(), Content_Type="application/json", **code)

    def _status(self, handler: BaseHTTPRequestHandler, path: str) -> int:
        is_signed = path.startswith("/uploads/")  # whoever has such an address may write there
        if not is_signed and handler.headers.get("Authorization") != f"Bearer {self.token}":
            return 401
        return next((status for part, status in self.refuse.items() if part in path), 200)

    def _resolved(self, path: str) -> bytes | None:
        match = re.fullmatch(r"/([^/]+/[^/]+)/resolve/main/(.+)", path)
        return self.models[match[1]].files.get(match[2]) if match and match[1] in self.models else None

    def _act(self, path: str, body: bytes) -> tuple[int, Any]:
        if path == "/api/repos/create":
            return self._create(json.loads(body))
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if path.startswith("/uploads/"):
            self.uploads[path.rpartition("/")[2]] = body
            return 200, {}
        if path.endswith(".git/info/lfs/objects/batch"):
            return 200, {"objects": [self._where_to(wanted) for wanted in json.loads(body)["objects"]]}
        match = re.fullmatch(
            r"/api/(spaces|models)/([^/]+/[^/]+)(?:/(revision|tree|preupload|commit|hardware).*)?", path
        )
        stored: dict[str, Any] = self.spaces if match and match[1] == "spaces" else self.models
        if match is None or match[2] not in stored:
            return 404, {"error": f"{path} is not known here."}
        return 200, self._act_on(match[2], stored[match[2]], match[3], body)

    def _where_to(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Of a file that is not here yet, the address to which it is to be uploaded."""
        here = wanted["oid"] in self.uploads
        return wanted | ({} if here else {"actions": {"upload": {"href": f"{self.url}/uploads/{wanted['oid']}"}}})

    def _act_on(self, name: str, repo: Any, what: str | None, body: bytes) -> Any:
        """repo: a StoredModel or StoredSpace."""
        if what == "tree":
            return [
                {"type": "file", "path": name, "oid": _blob(data), "size": len(data)}
                for name, data in repo.files.items()
            ]
        if what == "preupload":
            return {"files": [self._mode(repo, file["path"]) for file in json.loads(body)["files"]]}
        if what == "commit":
            return self._commit(name, repo, body)
        if what == "hardware":
            repo.hardware = json.loads(body)["flavor"]
            return {"stage": "BUILDING", "hardware": {"current": None, "requested": repo.hardware}}
        return {"id": name, "sha": COMMIT}

    def _create(self, wanted: dict[str, Any]) -> tuple[int, Any]:
        name = f"{wanted['organization']}/{wanted['name']}" if wanted.get("organization") else wanted["name"]
        is_space = wanted.get("type") == "space"
        stored: dict[str, Any] = self.spaces if is_space else self.models
        url = {"url": f"{self.url}/spaces/{name}" if is_space else f"{self.url}/{name}"}
        if name in stored:
            return 409, {"error": "You already created this repo", **url}
        private = bool(wanted.get("private")) or wanted.get("visibility") == "private"
        stored[name] = StoredSpace(sdk=wanted["sdk"], private=private) if is_space else StoredModel(private=private)
        return 200, {**url, "name": name, "id": name}

    def _commit(self, name: str, repo: StoredModel, body: bytes) -> dict[str, Any]:
        for line in map(json.loads, body.decode().splitlines()):
            value = line["value"]
            if line["key"] == "header":
                repo.messages.append(value["summary"])
            elif line["key"] == "file":
                repo.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                repo.files[value["path"]] = self.uploads[value["oid"]]
            elif line["key"] == "deletedFile":
                del repo.files[value["path"]]
        return {"success": True, "commitOid": COMMIT, "commitUrl": f"{self.url}/{name}/commit/{COMMIT}"}

    def _mode(self, repo: StoredModel, path: str) -> dict[str, Any]:
        is_large = path.endswith(self.large)
        oid = hashlib.sha256(repo.files[path]).hexdigest() if is_large and path in repo.files else None
        known = {"oid": oid or _blob(repo.files[path])} if path in repo.files else {}
        return {"path": path, "uploadMode": "lfs" if is_large else "regular", "shouldIgnore": False, **known}


def _blob(data: bytes) -> str:
    """Git's name for a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
