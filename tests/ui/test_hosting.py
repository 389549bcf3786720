"""What the host of a page decides, by options and by variables."""

from __future__ import annotations

import pytest

from nst.errors import UsageError
from nst.ui.hosting import Hosting


def test_nothing_said_is_a_page_for_all_that_fetches_nothing() -> None:
    assert Hosting.chosen(variables={}) == Hosting((), False, False, None)


def test_variables_say_it_as_well() -> None:
    variables = {"NST_ALLOWED_HOSTS": "a.example, b.example,", "NST_FETCH_URLS": "1", "NST_AUTH": "ann:pass:word"}
    chosen = Hosting.chosen(["c.example", "a.example"], variables=variables)
    assert chosen == Hosting(("c.example", "a.example", "b.example"), False, True, ("ann", "pass:word"))


def test_an_option_wins_over_its_variable() -> None:
    assert not Hosting.chosen(fetches_urls=False, variables={"NST_FETCH_URLS": "1"}).fetches_urls


@pytest.mark.parametrize(
    ("hosting", "others_come"),
    [(Hosting(), False), (Hosting(behind_proxy=True), True), (Hosting(allowed_hosts=("a.example",)), True)],
)
def test_a_proxy_or_another_name_is_for_others(hosting: Hosting, others_come: bool) -> None:
    assert hosting.others_come == others_come


@pytest.mark.parametrize("text", ["secret", ":secret", "secret:"])
def test_an_account_that_is_none_is_said_and_not_shown(text: str) -> None:
    with pytest.raises(UsageError, match="NST_AUTH is not of the form name:password") as caught:
        Hosting.chosen(variables={"NST_AUTH": text})
    assert "secret" not in str(caught.value)
