"""What a visitor comes with: the secret of a tab of the browser, by which a reloaded page finds its painting again.

The tab makes the secret up, keeps it as long as it is open, and sends it with its paintings and when it comes back.  It
is in no address, and no log.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

import gradio as gr

from ..task import TASKS, TaskName
from .returning import RESULT_SECONDS, Returns
from .visits import Updates

ComeBack = Callable[..., AsyncGenerator[Updates]]

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
    const when = task => Date.now() - Number(kept('BEGUN' + task) ?? 0);
    const tasks = TASKS.filter(task => when(task) < KEPT).sort((one, other) => when(one) - when(other));
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
        if (!tasks.length || tasks[0] === 'stylize') return;
        await press('subproblems-button');
        await press(tasks[0] + '-button');
    };
    open();
    return secret;
}"""

_BRING = """() => [sessionStorage.getItem('SECRET') ?? '']"""


class Arrival:
    """Draws two things that nobody sees in the current Gradio context: a field for the secret, and a button for each
    task, which the page presses by itself when it is loaded and there may be a painting to find.
    """

    def __init__(self, returns: Returns) -> None:
        self.returns = returns
        self.secret = gr.Textbox(visible="hidden", show_label=False, container=False)
        self._buttons = {task: gr.Button(task, visible="hidden", elem_id=f"arrive-{task}") for task in TASKS}

    def connect(self, task: TaskName, come_back: ComeBack, outputs: list[Any]) -> None:
        """Have a tab of the page come back when the visitor does.  come_back: of the request and the secret."""
        self._buttons[task].click(
            come_back, self.secret, outputs, js=_filled(_BRING),
            concurrency_limit=None, show_progress="hidden", api_visibility="private",
        )  # fmt: skip

    def draw(self, page: gr.Blocks) -> None:
        """Have the page look for it; when all that it may fill in is drawn."""
        page.load(None, None, self.secret, js=_filled(_ARRIVE), api_visibility="private")


def begun_js(task: TaskName, then: str) -> str:
    """What a browser does when a painting is begun: it keeps in mind that there is one, and does something else."""
    keep = f"try {{ sessionStorage.setItem('{_BEGUN}{task}', Date.now()); }} catch {{ /* it is not found again */ }}"
    return f"() => {{ {keep} ({then})(); return []; }}"


def _filled(code: str) -> str:
    tasks, kept = json.dumps(list(TASKS)), str(int(2 * RESULT_SECONDS * 1000))
    return code.replace("SECRET", _SECRET).replace("BEGUN", _BEGUN).replace("TASKS", tasks).replace("KEPT", kept)
