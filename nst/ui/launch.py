"""The studio put together and served: worker, page, routes, MCP, and the loop that computes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import gradio as gr
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from ..errors import AddressError
from ..network.build import ensure_model
from ..serving.engine import LOCAL, Engine
from ..serving.host import on_space, open_worker
from ..serving.worker import Worker
from ..version import VERSION
from . import mcp
from .address import Address
from .full_disk import answer_full_disk
from .gradio_gaps import (
    answer_agents_briefly,
    await_requests,
    brief_about_sharing,
    closing_routes,
    decode_only_readable,
    end_streams,
    give_agents_every_output,
    refuse_wrong_bodies,
    sure_of_being_reached,
)
from .guard import Guard, Rules
from .hosting import Hosting
from .installing import installing_routes
from .page import LAUNCH, build
from .page_language import PageLanguage
from .served_names import ServedNames
from .upload_folder import keep_swept
from .web_address import Fetcher

FAREWELL_SECONDS = 2.0
"""How long those who wait can still be told that the worker has failed, before the process ends."""

Say = Callable[[str], None]

OPEN_TO_ALL = Hosting()


def serve(
    address: Address,
    folder: Path,
    *,
    device: str = "auto",
    precision: str = "auto",
    engine: Engine = LOCAL,
    capacity: int | None = None,
    seconds: float | None = None,
    share: bool = False,
    browser: bool = False,
    wants_mcp: bool | None = None,
    hosting: Hosting = OPEN_TO_ALL,
    say: Say = print,
) -> None:
    """Serve the page and the API, and compute on the calling thread, until an exception ends it.

    folder: what `own_folder` gave.  device to seconds: as `open_worker` has them.  share: make a public link as well.
    browser: open the page.  wants_mcp: serve agents too; default: if the package for it is here.
    hosting: under which names, and to whom.
    Raises ModelError, WeightsError, DeviceError, EngineError, AddressError.
    """
    decode_only_readable()
    public = share or hosting.others_come or not address.is_loopback
    worker = open_worker(ensure_model(say=say), device, precision, capacity, seconds, public=public, engine=engine)
    say(str(worker))
    page = build(worker, Fetcher() if hosting.fetches_urls else None)
    try:
        has_mcp = _has_mcp(wants_mcp, hosting, say)
        _launch(page, worker, address, hosting, share=share, browser=browser, has_mcp=has_mcp)
        keep_swept(folder)
        worker.work()
    except Exception:
        if worker.failed:
            time.sleep(FAREWELL_SECONDS)
        raise
    finally:
        worker.close()
        end_streams(page)
        page.close(verbose=False)


def _launch(
    page: gr.Blocks,
    worker: Worker,
    address: Address,
    hosting: Hosting,
    *,
    share: bool,
    browser: bool,
    has_mcp: bool,
) -> None:
    names = ServedNames(hosting.allowed_hosts, host=address.host, on_space=on_space())
    rules = Rules(names, behind_proxy=hosting.behind_proxy or on_space(), tunnelled=share, on_space=on_space())
    try:
        with brief_about_sharing(share), sure_of_being_reached():
            _, _, link = page.launch(
                server_name=address.host,
                server_port=address.port,
                share=share,
                inbrowser=browser,
                prevent_thread_lock=True,
                auth=hosting.account,
                app_kwargs={
                    "routes": [_health_route(worker), *installing_routes(), *closing_routes()],
                    "middleware": [Middleware(Guard, rules), Middleware(PageLanguage)],
                    "exception_handlers": {RequestValidationError: refuse_wrong_bodies, OSError: answer_full_disk},
                },
                mcp_server=has_mcp,
                **LAUNCH,
            )
    except OSError as error:
        if error.errno is not None:  # as the system's have one; Gradio's word for a port that is taken has none
            raise
        raise AddressError(f"The port {address.port} at {address.host} was taken meanwhile: use another.") from None
    names.add(link or "")
    await_requests(page)
    if has_mcp:
        give_agents_every_output(page)
        answer_agents_briefly(page)


def _health_route(worker: Worker) -> APIRoute:
    """Whether it is well, and how much it has to do: what a machine that watches the page asks for."""

    def health() -> dict[str, object]:
        return {
            "status": "failed" if worker.failed else "ok",
            "version": VERSION,
            "backbone": str(worker),
            **worker.load(),
        }

    return APIRoute("/health", health)


def _has_mcp(wanted: bool | None, hosting: Hosting, say: Say) -> bool:
    """Whether agents are served: unless that is not wanted, or can't be, which is said if it is wanted."""
    if wanted is False:
        return False
    if hosting.account:  # which Gradio does not ask agents for
        if wanted:
            say("MCP is off, as agents can't give a password: unset NST_AUTH to serve them.")
        return False
    if wanted and not mcp.is_installed():
        say(f"MCP is off, as its package is not installed: pip install '{mcp.EXTRA}'")
    return mcp.is_installed()
