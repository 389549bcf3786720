"""The line of jobs and the questions beside it, with nobody who computes: each test is its own worker."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from nst.errors import BusyError, ClosedError, CostError, OutOfMemoryError
from nst.serving.job import Job
from nst.serving.limits import Limits
from nst.serving.memory import picture_bytes
from nst.serving.queue import FAILED, MAX_QUESTIONS, Queue
from nst.serving.speed import Speed
from tests.serving.support import WAIT, WatchedPainting


def test_places_and_load_count_those_before(paint: Callable[..., WatchedPainting]) -> None:
    queue, jobs = Queue(), [Job(paint()) for _ in range(3)]
    for job in jobs:
        queue.add(job)
    assert queue.first() is jobs[0]
    jobs[0].begin()
    assert [queue.place(job) for job in jobs] == [0, 1, 2]
    assert queue.load() == {"running": 1, "waiting": 2}
    jobs[1].stop()
    assert [queue.place(job) for job in jobs] == [0, 0, 1]
    jobs[0].fail(BusyError(""))
    assert queue.first() is jobs[2]
    assert queue.load() == {"running": 0, "waiting": 1}
    jobs[2].stop()
    assert queue.first() is None


def test_a_full_line_says_so_and_takes_more_when_it_has_moved(paint: Callable[..., WatchedPainting]) -> None:
    queue, jobs = Queue(capacity=2), [Job(paint()) for _ in range(3)]
    for job in jobs:
        queue.add(job)
    with pytest.raises(BusyError, match="3 jobs are ahead of yours, and no more can wait: try again"):
        queue.add(Job(paint()))
    jobs[1].stop()
    queue.add(Job(paint()))


def test_what_takes_too_much_never_stands_in_the_line(paint: Callable[..., WatchedPainting]) -> None:
    queue = Queue(limits=Limits(2.0, Speed(start=0, step=1, operations=1e30)))
    queue.add(Job(paint(first_steps=2)))
    with pytest.raises(CostError, match="would take about 3 s; the limit here is 2 s"):
        queue.add(Job(paint(first_steps=3)))
    assert queue.load() == {"running": 0, "waiting": 1}


def test_jobs_that_are_over_are_forgotten(paint: Callable[..., WatchedPainting]) -> None:
    queue, job = Queue(), Job(paint())
    queue.add(job)
    gone = weakref.ref(job)
    job.stop()
    del job
    assert queue.load() == {"running": 0, "waiting": 0}
    assert gone() is None


def test_questions_are_answered_on_the_thread_that_answers() -> None:
    queue = Queue()
    asked = queue.ask(threading.current_thread)
    thread = threading.Thread(target=queue.answer)
    thread.start()
    assert asked.result(WAIT) is thread
    thread.join()


def test_an_error_of_a_question_reaches_who_asked_and_nobody_else() -> None:
    queue = Queue()
    bad, withdrawn, good = queue.ask(lambda: 1 // 0), queue.ask(pytest.fail), queue.ask(lambda: 2)
    withdrawn.cancel()
    queue.answer()
    with pytest.raises(ZeroDivisionError):
        bad.result(0)
    assert good.result(0) == 2


def test_a_question_that_fails_holds_nothing_and_says_that_memory_was_short() -> None:
    seen: list[weakref.ref[Tensor]] = []

    def failing(error: Exception, asked: Tensor) -> None:
        large = torch.zeros(1000)
        seen.extend(map(weakref.ref, (asked, large)))
        try:
            raise MemoryError
        except MemoryError:
            raise error from None

    queue = Queue()
    short = queue.ask(partial(failing, OutOfMemoryError("short"), torch.zeros(1000)))
    other = queue.ask(partial(failing, ValueError("bad"), torch.zeros(1000)))
    assert queue.answer()
    with pytest.raises(OutOfMemoryError):
        short.result(0)
    with pytest.raises(ValueError, match="bad"):
        other.result(0)
    assert [ref() for ref in seen] == [None] * 4
    queue.ask(lambda: None)
    assert not queue.answer()


def test_too_much_is_not_asked() -> None:
    queue = Queue()
    for _ in range(MAX_QUESTIONS):
        queue.ask(lambda: None)
    with pytest.raises(BusyError, match="32 requests are ahead of yours"):
        queue.ask(lambda: None)
    queue.answer()
    queue.ask(lambda: None)


def test_a_worker_waits_for_jobs_for_questions_and_for_the_end(paint: Callable[..., WatchedPainting]) -> None:
    def ask(queue: Queue) -> None:
        queue.ask(lambda: None)

    def add(queue: Queue) -> None:
        queue.add(Job(paint()))

    for happens, goes_on in ((ask, True), (add, True), (Queue.close, False)):
        queue, answers = Queue(), list[bool]()
        worker = threading.Thread(target=lambda queue=queue, answers=answers: answers.append(queue.wait()))
        worker.start()
        worker.join(0.02)
        assert answers == []
        happens(queue)
        worker.join(WAIT)
        assert answers == [goes_on]


def test_closing_stops_jobs_and_cancels_questions(paint: Callable[..., WatchedPainting]) -> None:
    queue, job = Queue(), Job(paint())
    queue.add(job)
    asked = [queue.ask(lambda: None) for _ in range(3)]
    queue.close()
    assert job.state == "stopped"
    assert all(future.cancelled() for future in asked)


def test_a_closed_queue_takes_nothing_more(paint: Callable[..., WatchedPainting]) -> None:
    queue = Queue()
    queue.close()
    with pytest.raises(ClosedError, match="The studio is closing"):
        queue.ask(lambda: None)
    with pytest.raises(ClosedError, match="The studio is closing"):
        queue.add(Job(paint()))


def test_closing_bears_a_worker_that_answers_meanwhile() -> None:
    """The worker's next question comes up exactly while the questions are being cancelled."""
    queue, answered = Queue(), list[int]()
    first, *others = (queue.ask(partial(answered.append, i)) for i in range(3))

    def answer(_: object) -> None:
        worker = threading.Thread(target=queue.answer)
        worker.start()
        worker.join(WAIT)
        assert not worker.is_alive()

    first.add_done_callback(answer)
    queue.close()
    assert all(future.cancelled() for future in (first, *others))
    assert answered == []


def test_a_job_that_asks_the_queue_when_it_is_stopped_does_not_block_the_closing(
    paint: Callable[..., WatchedPainting],
) -> None:
    class Curious(Job):
        def stop(self) -> None:
            asker = threading.Thread(target=queue.load)
            asker.start()
            asker.join(WAIT)
            assert not asker.is_alive()
            super().stop()

    queue, job = Queue(), Curious(paint())
    queue.add(job)
    queue.close()
    assert job.finished


def test_pictures_that_wait_have_a_limit_and_those_of_the_first_job_none(paint: Callable[..., WatchedPainting]) -> None:
    each = picture_bytes(paint().inputs)
    queue, jobs = Queue(max_picture_bytes=2.5 * each), [Job(paint()) for _ in range(3)]
    for job in jobs:
        queue.add(job)
    with pytest.raises(BusyError, match=r"those who wait fill the memory .* yours take 0 MB: try again"):
        queue.add(Job(paint()))
    jobs[1].stop()
    queue.add(Job(paint()))
    alone = Queue(max_picture_bytes=0)
    alone.add(Job(paint()))
    with pytest.raises(BusyError):
        alone.add(Job(paint()))


def test_a_held_job_counts_until_it_is_let_go(paint: Callable[..., WatchedPainting]) -> None:
    each = picture_bytes(paint().inputs)
    for queue in (Queue(capacity=0), Queue(max_picture_bytes=0.5 * each)):
        job = Job(paint())
        queue.add(job, held=True)
        job.stop()
        assert queue.load() == {"running": 0, "waiting": 0}
        with pytest.raises(BusyError):
            queue.add(Job(paint()))
        queue.let_go(job)
        queue.add(Job(paint()))


def test_a_worker_that_failed_has_a_word_for_everybody(paint: Callable[..., WatchedPainting]) -> None:
    queue, jobs = Queue(), [Job(paint()) for _ in range(2)]
    for job in jobs:
        queue.add(job)
    jobs[0].begin()
    asked = queue.ask(lambda: None)
    assert not queue.failed
    queue.fail()
    assert queue.failed
    assert not queue.wait()
    assert [(job.state, str(job.error)) for job in jobs] == [("failed", FAILED)] * 2
    with pytest.raises(ClosedError, match="has failed and has to be started again"):
        asked.result(0)
    with pytest.raises(ClosedError, match="has failed"):
        queue.add(Job(paint()))
    queue.close()
    assert jobs[0].state == "failed"


def test_several_take_the_jobs_of_one_queue_and_give_back_what_they_lose(paint: Callable[..., WatchedPainting]) -> None:
    queue = Queue(capacity=1, at_once=2)
    jobs = [Job(paint()) for _ in range(3)]
    for job in jobs:
        queue.add(job)
    with pytest.raises(BusyError, match="3 jobs are ahead of yours"):
        queue.add(Job(paint()))
    assert [queue.place(job) for job in jobs] == [0, 0, 1]
    assert [queue.take(), queue.take()] == jobs[:2]
    queue.put_back(jobs[0])
    assert queue.take() is jobs[0]
    jobs[1].stop()
    queue.put_back(jobs[1])
    assert queue.take() is jobs[2]
    queue.close()
    assert queue.take() is None
