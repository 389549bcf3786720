"""Gradio's stubs, in a process of its own each time: it is the first import that writes them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.ui.conftest import ROOT
from tests.waiting import SLOW

COUNT = """
import ast, contextlib, sys
from nst.ui.gradio_stubs import without_stubs
parse, counted = ast.get_source_segment, []
ast.get_source_segment = lambda *arguments: counted.append(1) or parse(*arguments)
with {block}:
    import gradio
assert gradio.Image(label="a picture").label == "a picture"
assert [type(finder).__name__ for finder in sys.meta_path if "gradio_stubs" in type(finder).__module__] == []
print(bool(counted))
"""


@pytest.mark.parametrize(("block", "parses"), [("contextlib.nullcontext()", "True"), ("without_stubs()", "False")])
def test_gradio_parses_its_own_components_to_write_stubs_unless_it_is_kept_from_it(block: str, parses: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(block=block)],
        check=True, cwd=ROOT, capture_output=True, text=True, timeout=SLOW,
    )  # fmt: skip
    assert done.stdout == f"{parses}\n"
