"""The page as a whole, as it is sent to browsers."""

from __future__ import annotations

import asyncio
import json

from nst.serving.local import LocalWorker
from nst.ui.page import build


def test_its_description_is_plain_data(worker: LocalWorker) -> None:
    """Gradio copies it whole for each visitor, and with a function in it what that is bound to: once, the network.

    `gr.HTML` takes a name of one of its own parameters for an event, and so for a function, where its script has that
    name in quotes.
    """

    async def described() -> str:
        return json.dumps(build(worker).config)

    assert json.loads(asyncio.run(described()))["components"]
