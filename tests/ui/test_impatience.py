"""Connections on which no request comes, or half of one: they are hung up on."""

from __future__ import annotations

from tests.ui.small_page import output_of

SCRIPT = """
import socket
import gradio as gr
from nst.ui.gradio_gaps import await_requests

with gr.Blocks() as page:
    gr.Markdown("")
page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
if {impatient}:
    await_requests(page, seconds=3)  # in which a busy machine comes to send what is to be sent
for head in (b"", b"GET / HT", b"GET /theme.css HTTP/1.1\\r\\nHost: a\\r\\n\\r\\nGET / H"):
    with socket.create_connection(("127.0.0.1", page.server_port), timeout={wait}) as client:
        client.sendall(head)
        try:
            while client.recv(100_000):
                pass
            print("closed")
        except TimeoutError:
            print("open")
with socket.create_connection(("127.0.0.1", page.server_port), timeout=60) as client:
    client.sendall(b"GET /theme.css HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n")
    print(client.recv(12).decode())
page.close(verbose=False)
"""


def test_gradio_waits_for_the_head_of_a_request_for_ever() -> None:
    assert output_of(SCRIPT.format(impatient=False, wait=2)).splitlines() == ["open"] * 3 + ["HTTP/1.1 200"]


def test_who_sends_no_whole_head_is_hung_up_on() -> None:
    assert output_of(SCRIPT.format(impatient=True, wait=60)).splitlines() == ["closed"] * 3 + ["HTTP/1.1 200"]
