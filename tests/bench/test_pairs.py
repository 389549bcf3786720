from __future__ import annotations

from collections import Counter

from bench.pairs import UNSEEN


def test_the_pairs_are_all_there_are_and_the_first_few_are_of_many_kinds() -> None:
    assert len(set(UNSEEN)) == 24
    assert {content for content, _ in UNSEEN[:6]} == {content for content, _ in UNSEEN}
    assert Counter(style for _, style in UNSEEN[:12]).most_common()[-1][1] == 3
    assert set(Counter(content for content, _ in UNSEEN[:12]).values()) == {2}
