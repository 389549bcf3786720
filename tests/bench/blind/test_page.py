"""The page through its server, as a browser asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bench.blind.page import Session, server_of
from bench.blind.trials import shuffled
from bench.blind.votes import Votes


class Browser:
    """Asks one server."""

    def __init__(self, session: Session, port: int) -> None:
        self.session, self._port = session, port

    def get(self, path: str = "/") -> tuple[int, str, bytes]:
        """Status, type and content."""
        answer, content = self._ask("GET", path)
        return answer.status, answer.getheader("Content-Type", ""), content

    def vote(self, trial: object, side: str) -> str:
        """The page behind the vote."""
        answer, _ = self._ask("POST", "/vote", urlencode({"trial": trial, "side": side}))
        assert (answer.status, answer.getheader("Location")) == (303, "/")
        return self.get()[2].decode()

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[HTTPResponse, bytes]:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=10)) as connection:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer, answer.read()


@pytest.fixture
def browser(folders: tuple[Path, Path], examples: Path, tmp_path: Path) -> Iterator[Browser]:
    votes = Votes(tmp_path / "votes.json", *folders, seed=1)
    session = Session(shuffled(*folders, votes.seed), votes, examples)
    with server_of(session) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Browser(session, server.server_port)
        server.shutdown()
        thread.join()


def test_the_page_shows_both_pictures_and_nothing_that_tells_them_apart(browser: Browser) -> None:
    trial = browser.session.trials[0]
    status, kind, content = browser.get()
    assert (status, kind) == (200, "text/html; charset=utf-8")
    page = content.decode()
    for side in ("left", "right"):
        assert f'src="/picture/1/{side}"' in page
        assert f'value="{side}"' in page
    assert "Pair 1 of 4" in page
    assert str(trial.a.parent) not in page
    assert trial.name not in page


def test_pictures_are_served_by_side(browser: Browser) -> None:
    for trial in browser.session.trials:
        for side, folder in (("left", trial.left), ("right", trial.right)):
            expected = (trial.a if folder == "a" else trial.b).read_bytes()
            assert browser.get(f"/picture/{trial.number}/{side}") == (200, "image/png", expected)


def test_content_and_style_are_shown_where_they_are_known(browser: Browser, examples: Path) -> None:
    (boat,) = (trial for trial in browser.session.trials if trial.name == "boat-waves.png")
    expected = (examples / "style" / "waves.jpg").read_bytes()
    assert browser.get(f"/picture/{boat.number}/style") == (200, "image/jpeg", expected)
    (plain,) = (trial for trial in browser.session.trials if trial.name == "plain.png")
    assert browser.get(f"/picture/{plain.number}/style")[0] == 404


def test_votes_lead_to_the_next_pair_and_in_the_end_to_the_result(browser: Browser) -> None:
    votes, trials = browser.session.votes, browser.session.trials
    assert "Pair 2 of 4" in browser.vote(1, "left")
    assert votes.of(trials[0]) == trials[0].left
    assert "Pair 3 of 4" in browser.vote(2, "none")
    browser.vote(3, "right")
    page = browser.vote(4, "right")
    assert "All pairs are decided" in page
    assert "B was chosen in" in page
    assert "neither in 1" in page


@pytest.mark.parametrize(("trial", "side"), [(2, "left"), (1, "both"), ("x", "left"), ("", "")])
def test_anything_but_a_vote_on_the_pair_that_is_shown_changes_nothing(
    browser: Browser, trial: object, side: str
) -> None:
    assert "Pair 1 of 4" in browser.vote(trial, side)
    assert browser.session.votes.tally(browser.session.trials).none == 0


@pytest.mark.parametrize("path", ["/picture/5/left", "/picture/0/left", "/picture/1/a", "/picture/1/../../votes.json"])
def test_nothing_else_is_served(browser: Browser, path: str) -> None:
    assert browser.get(path)[0] == 404
