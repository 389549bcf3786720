"""The page's HTML in the visitor's language before Gradio's browser side begins, for which `launch(head=...)` is late.

What is put in says which language it is, to screen readers and to Gradio, which else goes by the browser's and knows
"zh-CN" but not "zh"; and it translates what Gradio leaves: captions of galleries, which stay markers, and the names
of its own buttons and the titles of its messages, which are English.
"""

from __future__ import annotations

import json

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .languages import COOKIE, LANGUAGES, language_of

BEGIN = b'<script type="module"'
"""Where Gradio's browser side begins."""

YEAR = 365 * 24 * 3600
"""Seconds for which a browser remembers the choice."""

SCRIPT = """<script>((tag, gradio) => {
    Object.defineProperty(navigator, 'language', {get: () => tag});
    Object.defineProperty(navigator, 'languages', {get: () => [tag]});

    const texts = gradio_config.i18n_translations?.[tag] ?? {};
    const said = text => text?.startsWith('__i18n__') ? texts[JSON.parse(text.slice(8)).key] : text;
    for (const {type, props} of gradio_config.components)
        if (type === 'gallery') for (const item of props.value ?? []) item.caption = said(item.caption);

    document.addEventListener('click', ({target}) => {
        const language = target.closest?.('[data-language]')?.dataset.language;
        if (!language) return;
        const framed = window.top !== window && location.protocol === 'https:';
        const secure = location.protocol === 'https:' ? '; secure' : '';
        const where = framed ? '; samesite=none; partitioned' : '; samesite=lax';
        document.cookie = `%s=${language}; path=/; max-age=%d${secure}${where}`;
        location.reload();
    });

    const names = ['aria-label', 'title'];
    const own = text => {
        if (gradio[text]) return gradio[text];
        for (const english in gradio) {
            const [before, after] = english.split('{}');
            if (after === '' && text.startsWith(before)) return gradio[english].replace('{}', text.replace(before, ''));
        }
    };
    const translate = element => {
        const title = element.matches('.toast-title') && element.firstChild;
        if (title) title.data = own(title.data.trim()) ?? title.data;
        for (const name of names) {
            const text = element.getAttribute(name), translated = text && own(text);
            if (translated) element.setAttribute(name, translated);
        }
    };
    if (Object.keys(gradio).length) new MutationObserver(changes => {
        for (const {type, target, addedNodes} of changes) {
            if (type === 'attributes') translate(target);
            for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE)
                [node, ...node.querySelectorAll('[aria-label], [title], .toast-title')].forEach(translate);
        }
    }).observe(document, {childList: true, subtree: true, attributes: true, attributeFilter: names});
})(%s, %s)</script>
"""
"""A cookie in the frame of another site's page is kept for that site alone, as browsers keep no other there."""


class PageLanguage:
    """ASGI middleware that adds to Gradio's page, and hands on all else as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or "/gradio_api/" in scope["path"]:
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Page(send, language_of(HTTPConnection(scope))))


class _Page:
    """An ASGI `send` that gathers a page of HTML and sends it in a language."""

    def __init__(self, send: Send, language: str) -> None:
        self._send = send
        self._language = language
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = in_language(self._body, self._language)
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(body))
        headers.add_vary_header("Cookie, Accept-Language")
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def in_language(page: bytes, language: str) -> bytes:
    """Gradio's page as it is to reach the browser.  language: as its file is named."""
    words = LANGUAGES[language]
    script = SCRIPT % (COOKIE, YEAR, json.dumps(words.tag), json.dumps(dict(words.gradio)))
    page = page.replace(b'lang="en"', f'lang="{words.tag}"'.encode(), 1)
    return page.replace(BEGIN, script.encode() + BEGIN, 1)


def switch_html(language: str) -> str:
    """All languages by their own names, those that are not spoken now as buttons."""
    names = " / ".join(
        f'<span aria-current="true">{words("page.language")}</span>'
        if words.language == language
        else f'<button lang="{words.tag}" data-language="{words.language}">{words("page.language")}</button>'
        for words in LANGUAGES.values()
    )
    return f'<nav aria-label="{LANGUAGES[language]("page.languages")}">{names}</nav>'
