"""Measuring from one thread while another computes."""

from __future__ import annotations

import threading

import pytest

from bench.preview import while_working
from nst.painting.backbone import Backbone
from nst.serving.local import LocalWorker


def test_the_thread_that_waits_computes_meanwhile(backbone: Backbone) -> None:
    worker = LocalWorker(backbone)
    asked = while_working(worker, lambda: worker.ask(threading.current_thread).result(60))
    assert asked is threading.current_thread()


def test_what_goes_wrong_in_the_measurement_ends_it(backbone: Backbone) -> None:
    """Nothing is saved then, and the exit code says so."""

    def fail() -> None:
        raise RuntimeError("the client has ended")

    with pytest.raises(RuntimeError, match="the client has ended"):
        while_working(LocalWorker(backbone), fail)
