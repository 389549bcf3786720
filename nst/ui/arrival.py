"""What a visitor comes with: a link's settings, and the secret by which a reloaded page finds its painting again.

A tab of the browser makes the secret up, keeps it as long as it is open, and sends it with its paintings and when it
comes back.  It is in no address, and no log.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from functools import partial
from typing import Any

import gradio as gr

from ..task import TASKS, TaskName
from .link import LONGEST
from .returning import RESULT_SECONDS, Returns
from .visits import Updates

Arrive = Callable[..., AsyncGenerator[Updates]]

_SECRET = "gramarye-tab"
_BEGUN = "gramarye-begun-"
"""Names under which a tab of a browser keeps its secret, and when it has begun a painting of a task."""

_ARRIVE = """() => {
    const kept = name => { try { return sessionStorage.getItem(name); } catch { return null; } };
    let secret = kept('SECRET') ?? '';
    if (!/^[0-9a-f]{32}$/.test(secret)) {
        const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
        secret = bytes.map(byte => byte.toString(16).padStart(2, '0')).join('');
        try { sessionStorage.setItem('SECRET', secret); } catch { /* then nothing is found again */ }
    }
    const linked = LINKED;
    const when = task => Date.now() - Number(kept('BEGUN' + task) ?? 0);
    const tasks = TASKS.filter(task => when(task) < KEPT).sort((one, other) => when(one) - when(other));
    if (linked) tasks.splice(0, tasks.length, linked, ...tasks.filter(task => task !== linked));
    const press = id => new Promise(done => {
        let tries = 100;
        const look = () => {
            const button = document.getElementById(id);
            if (button) button.click();
            button || !tries-- ? done() : setTimeout(look, 100);
        };
        look();
    });
    const open = async () => {
        for (const task of tasks) await press('arrive-' + task);
        if (tasks.length) await press('open-' + tasks[0]);
    };
    open();
    return secret;
}"""

_LINKED = """(() => {
    const named = new URLSearchParams(location.search);
    if (![...named.keys()].some(name => !name.startsWith('__'))) return '';
    return TASKS.includes(named.get('task')) ? named.get('task') : 'stylize';
})()"""

_BRING = """() => {
    const isLinked = LINKED === 'THIS';
    if (isLinked && performance.getEntriesByType('navigation')[0]?.type === 'navigate')
        return ['', location.search.slice(0, LONGEST)];
    let secret = '';
    try { secret = sessionStorage.getItem('SECRET') ?? ''; } catch { /* nothing is found again */ }
    return [secret, isLinked ? location.search.slice(0, LONGEST) : ''];
}"""
"""Who follows a link wants that, and who reloads the page it has opened wants what was painted since."""


class Arrival:
    """Draws what nobody sees in the current Gradio context: fields for the secret and a link's query, and buttons for
    each task, which the page presses by itself when it is loaded and there may be something to show.
    """

    def __init__(self, returns: Returns) -> None:
        self.returns = returns
        self.secret = gr.Textbox(visible="hidden", show_label=False, container=False)
        self._query = gr.Textbox(visible="hidden", show_label=False, container=False)
        self._buttons = {task: gr.Button(task, visible="hidden", elem_id=f"arrive-{task}") for task in TASKS}
        self._openers = {task: gr.Button(task, visible="hidden", elem_id=f"open-{task}") for task in TASKS}

    def connect(self, task: TaskName, arrive: Arrive, outputs: list[Any]) -> None:
        """Have a tab of the page show what a visitor comes with.  arrive: of the request, the secret and the query."""
        self._buttons[task].click(
            arrive, [self.secret, self._query], outputs, js=_filled(_BRING).replace("THIS", task),
            concurrency_limit=None, show_progress="hidden", api_visibility="private",
        )  # fmt: skip

    def draw(self, page: gr.Blocks, opened: Mapping[TaskName, Updates]) -> None:
        """Have the page look for it; when all that it may fill in is drawn.

        opened: by task, what brings its tab to the front.  (On a phone, tabs that do not fit are in a menu and can't be
        pressed.)
        """
        for task, updates in opened.items():
            self._openers[task].click(
                partial(_as_they_are, updates), None, list(updates), queue=False, show_progress="hidden",
                api_visibility="private",
            )  # fmt: skip
        page.load(None, None, self.secret, js=_filled(_ARRIVE), api_visibility="private")


def begun_js(task: TaskName, then: str) -> str:
    """What a browser does when a painting is begun: it keeps in mind that there is one, and does something else."""
    keep = f"try {{ sessionStorage.setItem('{_BEGUN}{task}', Date.now()); }} catch {{ /* it is not found again */ }}"
    return f"() => {{ {keep} ({then})(); return []; }}"


def _as_they_are(updates: Updates) -> Updates:
    return updates


def _filled(code: str) -> str:
    tasks, kept = json.dumps(list(TASKS)), str(int(2 * RESULT_SECONDS * 1000))
    code = code.replace("LINKED", _LINKED).replace("LONGEST", str(LONGEST + 1))
    return code.replace("SECRET", _SECRET).replace("BEGUN", _BEGUN).replace("TASKS", tasks).replace("KEPT", kept)
