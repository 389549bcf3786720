"""The title of the browser's tab: how far a painting is, and that it is done until the visitor looks at it."""

from __future__ import annotations

from .languages import Words, words_js

_FOLLOW = """() => {
    const title = document.title, {done, under_way} = WORDS;
    const fill = (words, percent) => words.replace('{title}', title).replace('{percent}', percent);
    let was_running = false, is_unseen = false;
    const is_looking = () => document.visibilityState === 'visible' && document.hasFocus();
    const look = () => {
        const running = document.querySelector('.status[data-state=running]');
        if (running) is_unseen = false;
        else if (was_running && document.querySelector('.status[data-state=done]')) is_unseen = !is_looking();
        else if (is_looking()) is_unseen = false;
        was_running = Boolean(running);
        const bar = running?.querySelector('[role=progressbar]');
        document.title = bar ? fill(under_way, bar.ariaValueNow) : is_unseen ? fill(done) : title;
    };
    setInterval(look, 500);
}"""


def title_js() -> str:
    """What the page does in the browser when it is loaded."""
    return _FOLLOW.replace("WORDS", words_js(_words))


def _words(words: Words) -> dict[str, str]:
    """With places for what the browser knows."""
    return {
        "done": words("browser_title.done", title="{title}"),
        "under_way": words("browser_title.under_way", title="{title}", percent="{percent}"),
    }
