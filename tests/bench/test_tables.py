from __future__ import annotations

from bench.ledger import Row
from bench.tables import cells, markdown


def test_a_figure_that_some_picture_lacks_leaves_the_others_in_their_columns() -> None:
    whole = {"style": 0.5, "color": 0.25, "crispness": 1.0, "seconds": 3.0}
    partial = {name: value for name, value in whole.items() if name != "color"}
    row = Row({}, "", {"brick": whole, "wood": partial})
    assert cells(row, ("style", "color", "crispness")) == ["2", "0.5 [0.5, 0.5]", "-", "1 [1, 1]", "3"]


def test_a_table_is_written_in_markdown() -> None:
    assert markdown(("size", "color"), [(64, "-")]) == "| size | color |\n| --- | --- |\n| 64 | - |"
