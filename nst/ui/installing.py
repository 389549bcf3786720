"""What a browser needs to install the page as an app: a manifest and icons, which are the same for everybody.

Name and description are English, whatever the page speaks.
In the place of Gradio's routes, which name no colors, and draw an icon of as many pixels as anybody says.
"""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response

from .icon import SIZES, icon_png

NAME, DESCRIPTION = "Gramarye", "Your photograph, in the manner of a painting."
THEME_COLOR, BACKGROUND = "#4f46e5", "#ffffff"

_KEPT = {"Cache-Control": "max-age=86400"}


def manifest() -> dict[str, Any]:
    """The web app manifest.  All addresses in it are relative to it, so that it holds behind any proxy."""
    return {
        "name": NAME,
        "short_name": NAME,
        "description": DESCRIPTION,
        "id": "./",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "theme_color": THEME_COLOR,
        "background_color": BACKGROUND,
        "icons": [
            {"src": f"pwa_icon/{size}", "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
            for size in SIZES[1:]
        ],
    }


def installing_routes() -> list[APIRoute]:
    """Routes that answer before Gradio's own, when the app has them before those."""

    async def answer_manifest() -> Response:
        return JSONResponse(manifest(), media_type="application/manifest+json")

    def answer_icon(size: int = SIZES[-1]) -> Response:
        if size not in SIZES:
            raise HTTPException(404, f"There is no icon of {size} px: choose {', '.join(map(str, SIZES))}.")
        return Response(icon_png(size), media_type="image/png", headers=_KEPT)

    def answer_favicon() -> Response:
        return answer_icon(SIZES[0])

    answers: dict[str, Any] = {
        "/manifest.json": answer_manifest, "/pwa_icon": answer_icon, "/pwa_icon/{size}": answer_icon,
        "/favicon.ico": answer_favicon,
    }  # fmt: skip
    return [APIRoute(path, answer, methods=["GET", "HEAD"]) for path, answer in answers.items()]
