"""A cluster in this process: each painter has its two threads, and can be killed; Ray itself is not needed."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import SimpleNamespace
from typing import Any

from nst.serving.ray_cluster import Cluster
from nst.serving.ray_painter import THREADS, Painter
from nst.serving.shares import Machine, Shares


class TaskError(Exception):
    """As Ray's: what a painter raised, with its own error as the cause."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class ActorDiedError(Exception):
    """As Ray's: nobody is there any more."""


class ClusterStandIn(Cluster):
    """Painters in threads, to and from which everything goes as between processes.

    actors: all that were hired, in their order.  hires: how many may be; more can't begin.
    """

    def __init__(self, hires: int = 100) -> None:
        self.actors: list[Actor] = []
        self.is_closed = False
        self._hires = hires
        errors = SimpleNamespace(RayTaskError=TaskError)
        self.ray = SimpleNamespace(exceptions=errors, get=_get, kill=Actor.kill, put=lambda data: data)

    def machines(self) -> list[Machine]:
        return [Machine(1, 0, 8e9)] * 2

    def hire(self, shares: Shares) -> Any:
        self.actors.append(Actor(shares.cores))
        if len(self.actors) > self._hires:
            self.actors[-1].kill()
        return self.actors[-1]

    def is_there(self, answer: Any, seconds: float) -> bool:
        return self.count_there([answer], seconds) == 1

    def count_there(self, answers: Sequence[Any], seconds: float) -> int:
        return len(wait(answers, seconds).done)

    def close(self) -> None:
        self.is_closed = True
        for actor in self.actors:
            actor.kill()


class Actor:
    """A painter and its threads.  painter: to be looked into."""

    def __init__(self, threads: int) -> None:
        self.painter = Painter(threads)
        self._groups = {name: ThreadPoolExecutor(1) for name in THREADS}
        self._answers: list[Future[Any]] = []
        self._is_dead = False

    def kill(self) -> None:
        """As by kill -9: what was asked is not answered any more, and what is painted is lost."""
        self._is_dead = True
        for answer in self._answers:
            if not answer.done():
                answer.set_exception(ActorDiedError("The actor is dead because its worker process has died."))
        for number in list(self.painter._paintings):
            self.painter._stopped.add(number)
            self.painter._paintings[number].stop()
        for outbox in self.painter._outboxes.values():
            while not outbox.empty():
                outbox.get()

    def __getattr__(self, method: str) -> Any:
        (thread,) = (name for name, methods in THREADS.items() if method in methods)
        return SimpleNamespace(remote=self._asks(method, thread))

    def _asks(self, method: str, group: str) -> Callable[..., Future[Any]]:
        def remote(*arguments: Any, **options: Any) -> Future[Any]:
            answer: Future[Any] = Future()
            self._answers.append(answer)
            sent = pickle.dumps((arguments, options))
            if self._is_dead:
                self.kill()
            else:
                self._groups[group].submit(self._answer, answer, method, sent)
            return answer

        return remote

    def _answer(self, answer: Future[Any], method: str, sent: bytes) -> None:
        arguments, options = pickle.loads(sent)
        try:
            result = pickle.loads(pickle.dumps(getattr(self.painter, method)(*arguments, **options)))
        except Exception as error:
            if not answer.done():
                answer.set_exception(TaskError(error))
            return
        if not answer.done():
            answer.set_result(result)


def _get(answer: Future[Any]) -> Any:
    return answer.result()
