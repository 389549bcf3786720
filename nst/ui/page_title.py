"""The title of the browser's tab: how far a painting is, and that it is done until the visitor looks at it."""

from __future__ import annotations

import json

DONE = "Done · {title}"
UNDER_WAY = "{percent}% · {title}"

_FOLLOW = """() => {
    const title = document.title, fill = (words, percent) =>
        words.replace('{title}', title).replace('{percent}', percent);
    let was_running = false, is_unseen = false;
    const is_looking = () => document.visibilityState === 'visible' && document.hasFocus();
    const look = () => {
        const running = document.querySelector('.status[data-state=running]');
        if (running) is_unseen = false;
        else if (was_running && document.querySelector('.status[data-state=done]')) is_unseen = !is_looking();
        else if (is_looking()) is_unseen = false;
        was_running = Boolean(running);
        const bar = running?.querySelector('[role=progressbar]');
        document.title = bar ? fill(UNDER_WAY, bar.ariaValueNow) : is_unseen ? fill(DONE) : title;
    };
    setInterval(look, 500);
}"""


def title_js() -> str:
    """What the page does in the browser when it is loaded."""
    return _FOLLOW.replace("UNDER_WAY", json.dumps(UNDER_WAY)).replace("DONE", json.dumps(DONE))
