"""What a generator yields reaches a page whole, for which Gradio 6.31 has no option.

Of each value Gradio sends but how it differs from the one before, and its script makes those edits in the very object
that was shown before, or still waits to be.  Where two yields come close together and the browser is not done with the
first, that one loses all that the second has not got: a picture is painted and never shown.
"""

from __future__ import annotations

from typing import Any

import gradio as gr


def send_whole_values(page: gr.Blocks) -> None:
    """Have every output that a yield changes replaced, and the others left as they are."""
    handle_as_gradio = page.handle_streaming_diffs

    def handle_whole(
        block_fn: Any, data: list[Any], session_hash: Any, run: Any, final: bool, simple_format: bool = False
    ) -> list[Any]:
        sent = list(page.pending_diff_streams.get(session_hash, {}).get(run, ()))
        values = handle_as_gradio(block_fn, data, session_hash, run, final, simple_format=True)
        if final or simple_format or not sent:
            return values
        return [_edits(old, new) for old, new in zip(sent, values, strict=True)]

    page.handle_streaming_diffs = handle_whole  # type: ignore[method-assign]


def _edits(old: Any, new: Any) -> list[Any]:
    """As Gradio's clients read them: what to do, the path to where, and with what."""
    return [] if old == new else [["replace", [], new]]
