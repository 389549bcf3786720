"""What every request passes before Gradio sees it: for whom, from where, how often, how much; and headers of answers.

SECURITY.md says what each of them protects from.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import shown_name
from .page_address import KEY as BEHIND_PROXY
from .rate_limit import RateLimit
from .refusal import RefusedError
from .request_body import Patience, RequestBody
from .served_names import ServedNames
from .visitor_address import KEY, comes_from_here, visitor_address

UPLOAD_BYTES = 50_000_000
"""Of one upload."""

FORM_BYTES = 100_000
"""What a form adds to the file in it."""

JSON_BYTES = 1_000_000
"""Of a call: settings, and the names of uploads."""

AGENT_BYTES = 24_000_000
"""Of an agent's call, which has its pictures within it."""

DRAINED_BYTES = 256_000_000
DRAINING_SECONDS = 10.0

SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing."""

_UPLOAD = re.compile(r"/gradio_api/upload/?$")
_AGENT = re.compile(r"/gradio_api/mcp(/|$)")
_CALL = re.compile(r"/gradio_api/(call|run|api|queue)/")
_LOGIN = re.compile(r"/login/?$")
_FOREIGN_FILE = re.compile(r"/gradio_api/file[=/][\x00-\x20]*[a-z][a-z0-9+.-]+:", re.IGNORECASE)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rules:
    """What a `Guard` goes by.

    names: under which the page is served.  behind_proxy: X-Forwarded-For, -Host and -Proto are a proxy's own.
    tunnelled: they are a tunnel's own in requests of this machine, and anybody's in others.
    on_space: pages of Hugging Face may embed it, and bring a script of theirs.
    calls: uploads and calls of one address; a visitor in a hurry sends about ten for a painting.
    logins: guesses of a password from one address, also this machine's own.
    """

    names: ServedNames
    behind_proxy: bool = False
    tunnelled: bool = False
    on_space: bool = False
    calls: RateLimit = field(default_factory=lambda: RateLimit(burst=60, per_second=1.0))
    logins: RateLimit = field(default_factory=lambda: RateLimit(burst=10, per_second=0.1))
    patience: Patience = field(default_factory=Patience)

    def believes(self, scope: Scope) -> bool:
        """Whether what a request says of where it comes from is true."""
        return self.behind_proxy or (self.tunnelled and comes_from_here(scope))

    @property
    def headers(self) -> dict[str, str]:
        """Of every answer: nothing is taken for what it does not say it is, and no other site shows the page.

        Gradio writes styles and scripts into its page, and compiles what `js=` says.
        """
        if self.on_space:
            policy = "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
        else:
            policy = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'"
        return {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Content-Security-Policy": f"{policy}; object-src 'none'; base-uri 'self'; form-action 'self'",
        }


class Guard:
    """ASGI middleware: refuses in one sentence what `Rules` and Gradio itself can't take, and bounds every body."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules
        self._headers = rules.headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, headers = str(scope["path"]), Headers(scope=scope)
        body = RequestBody(receive, most_bytes(path), self._rules.patience)
        answer = _Answer(send, body, self._headers)
        scope[BEHIND_PROXY] = believes = self._rules.believes(scope)
        scope[KEY] = visitor_address(scope, behind_proxy=believes)
        try:
            self._check(scope, path, headers)
            if _length(headers) > most_bytes(path):
                body.refuse_size()
            await self._app(scope, body, answer)
        except RefusedError as refusal:
            await self._refuse(refusal, scope, body, answer)
        except Exception as error:
            if body.refusal is None and (answer.began or not _CALL.search(path)):
                raise
            await self._refuse(body.refusal or _not_understood(error), scope, body, answer)
        else:
            if body.refusal is not None:  # which the app has put into words of its own
                await self._refuse(body.refusal, scope, body, answer)

    def _check(self, scope: Scope, path: str, headers: Headers) -> None:
        """Raises a RefusedError for a request that need not be read."""
        hosts = [headers.get("host", "")]
        if not self._rules.names.has(hosts[0]):
            raise RefusedError(
                421,
                f"This page is not served as {shown_name(hosts[0])}: whoever hosts it can add that name by "
                "--allow-host or NST_ALLOWED_HOSTS.",
            )
        if _FOREIGN_FILE.search(path):
            raise RefusedError(404, "Files of other addresses are not served here.")
        if scope["method"] in SAFE:
            return
        if self._rules.believes(scope) and (forwarded := headers.get("x-forwarded-host")):
            hosts += [host.strip() for host in forwarded.split(",")]
        self._check_origin(headers.get("origin"), hosts)
        self._check_rate(scope[KEY], path)

    def _check_origin(self, origin: str | None, hosts: Iterable[str]) -> None:
        if origin is not None and not self._rules.names.may_send(origin, hosts):
            raise RefusedError(
                403,
                f"Pages of {shown_name(origin)} may send nothing here: whoever hosts this page can allow it by "
                "--allow-host or NST_ALLOWED_HOSTS.",
            )

    def _check_rate(self, visitor: str | None, path: str) -> None:
        """This machine itself may call as often as it likes, but not guess a password."""
        if _LOGIN.search(path):
            seconds = self._rules.logins.wait(visitor or "this machine")
        else:
            seconds = self._rules.calls.wait(visitor) if visitor else 0
        if seconds:
            whole = math.ceil(seconds)
            raise RefusedError(
                429, f"Too many requests came from your address: try again in {whole} s.", {"Retry-After": str(whole)}
            )

    async def _refuse(self, refusal: RefusedError, scope: Scope, body: RequestBody, answer: _Answer) -> None:
        if answer.began:
            return  # nothing can be said any more: the connection ends
        _log.warning("refused with %d: %s", refusal.status, refusal.sentence)
        if scope["method"] not in SAFE:
            await body.drain(DRAINING_SECONDS, DRAINED_BYTES)
        response = refusal.response(in_words=bool(_UPLOAD.search(scope["path"])))
        await response(scope, body, answer.own)


class _Answer:
    """An ASGI `send` that adds headers, and lets nothing through once the body is refused."""

    def __init__(self, send: Send, body: RequestBody, headers: dict[str, str]) -> None:
        self.began = False
        self._send = send
        self._body = body
        self._headers = headers

    async def __call__(self, message: Message) -> None:
        """From the app."""
        if self._body.refusal is None or self.began:
            await self.own(message)

    async def own(self, message: Message) -> None:
        """From the guard itself."""
        if message["type"] == "http.response.start":
            self.began = True
            MutableHeaders(scope=message).update(self._headers)
        await self._send(message)


def most_bytes(path: str) -> int:
    """The bytes that the body of a request to a route may have."""
    if _UPLOAD.search(path):
        return UPLOAD_BYTES + FORM_BYTES
    return AGENT_BYTES if _AGENT.search(path) else JSON_BYTES


def _length(headers: Headers) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _not_understood(error: Exception) -> RefusedError:
    """What is said where Gradio fails at a call before anything of it is carried out."""
    return RefusedError(
        400,
        f"The call can't be understood ({type(error).__name__}: {shown_name(str(error))}): /gradio_api/info lists what "
        "can be called, and with what.",
    )
