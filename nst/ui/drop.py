"""A picture dropped anywhere goes to the first image of the tab in sight; one that was made here offers its recipe."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..errors import NstError
from ..painting.provenance import recipe_in
from ..task import TaskName
from .languages import said, words_js
from .uploads import load_upload

FIELD = "dropped-here"
"""The class of the image that gets what is dropped beside all fields."""

DROP = """() => {
    const overlay = document.body.appendChild(document.createElement('div'));
    overlay.id = 'drop-overlay';
    overlay.hidden = true;
    overlay.textContent = WORDS;
    const field = () => [...document.querySelectorAll('.FIELD')].find(element => element.offsetParent);
    const is_for_us = event => [...(event.dataTransfer?.types ?? [])].includes('Files') && field()
        && !event.target.closest?.('.image-container, .file-preview, button:has(input[type=file])');
    const input_of = async block => {
        for (let tries = 0; tries < 50; tries++) {
            const input = block.querySelector('input[type=file]');
            if (input) return input;
            block.querySelector('.image-container .icon-button-wrapper button:last-of-type')?.click();
            await new Promise(done => setTimeout(done, 100));
        }
    };
    let leaving;
    const hide = () => { overlay.hidden = true; };
    document.addEventListener('dragover', event => {
        if (!is_for_us(event)) return hide();
        event.preventDefault();
        overlay.hidden = false;
        clearTimeout(leaving);
        leaving = setTimeout(hide, 500);
    });
    document.addEventListener('drop', async event => {
        hide();
        if (!is_for_us(event)) return;
        event.preventDefault();
        const is_image = one => one.type.startsWith('image/') || /[.]hei[cf]$/i.test(one.name);
        const file = [...event.dataTransfer.files].find(is_image);
        const input = file && await input_of(field());
        if (!input) return;
        const files = new DataTransfer();
        files.items.add(file);
        input.files = files.files;
        input.dispatchEvent(new Event('change', {bubbles: true}));
    });
}"""

CSS = """
#drop-overlay { position: fixed; inset: 0; z-index: 1000; display: grid; place-items: center; pointer-events: none;
    font-size: 1.6rem; color: white; background: rgb(49 46 129 / 85%); }
#drop-overlay[hidden] { display: none; }
"""


def drop_js() -> str:
    """What the page does in the browser when it is loaded."""
    return DROP.replace("WORDS", words_js(lambda words: words("drop.overlay"))).replace("FIELD", FIELD)


def recipe_offer() -> gr.Button:
    """A button below an image, seen where that has a recipe."""
    return gr.Button(said("drop.offer"), size="sm", visible=False)


def offered(path: str | None) -> Any:
    """The button's update for an image that has come."""
    return gr.update(visible=path is not None and _task_of(path) is not None)


def _task_of(path: str) -> TaskName | None:
    try:
        return recipe_in(load_upload(path))[0]
    except NstError:
        return None
