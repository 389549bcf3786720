"""The tables of the frontier, with figures that are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.frontier import CANDIDATES, REFERENCE, SIZE, assigned, by_candidate, means_table, plot, ratios_table
from bench.judge import Figures
from bench.ledger import Ledger, Row
from bench.pairs import UNSEEN


def rows(candidate: str, factor: float) -> list[Row]:
    """Two weights, two pairs: content figures of 0.4 and 0.6, all others 1 and 2 times the factor."""
    made = []
    for weight, content, value in ((0.01, 0.6, 1.0), (0.1, 0.4, 2.0)):
        figures = {**dict.fromkeys((*Figures._fields, "seconds"), factor * value), "content": content}
        key = {"candidate": candidate, "content_weight": weight, "size": 64}
        made.append(Row(key, "", {"cat-waves": figures, "cat-night": dict(figures)}))
    return made


def test_the_table_of_ratios_holds_each_figure_at_equal_content() -> None:
    lines = ratios_table(rows("ours", 0.6) + rows("theirs", 0.8), rows("theirs", 0.8)).splitlines()
    assert lines[0] == (
        "| ratio to theirs | figure | at content 0.45 | at content 0.5 | at content 0.55 | at content 0.6 |"
    )
    assert lines[2] == "| ours | style |" + " 0.75 [0.75, 0.75] |" * 4
    assert [line.split(" | ")[1] for line in lines[2:]] == [
        "style", "wasserstein", "patches", "strangeness", "omission", "color", "structure", "crispness", "seconds",
    ]  # fmt: skip


def test_without_the_reference_there_are_no_ratios() -> None:
    assert ratios_table(rows("ours", 0.6), []).startswith("No ratios")


def test_the_table_of_means_has_a_line_for_each_weight() -> None:
    lines = means_table(rows("ours", 0.6)).splitlines()
    assert lines[2].startswith("| ours | 0.01 | 2 | 0.6 [0.6, 0.6] |")
    assert lines[3].startswith("| ours | 0.1 | 2 | 1.2 [1.2, 1.2] |")


def test_a_plot_has_a_curve_for_each_candidate(tmp_path: Path) -> None:
    plot(rows("ours", 0.6) + rows("theirs", 0.8), tmp_path / "plot.svg")
    text = (tmp_path / "plot.svg").read_text()
    assert "<!-- ours -->" in text
    assert "<!-- theirs -->" in text


def test_a_row_that_lacks_a_figure_has_its_place_in_the_table_and_the_plot(tmp_path: Path) -> None:
    older = rows("older", 0.8)
    for row in older:
        row.each = {pair: {k: v for k, v in figures.items() if k != "color"} for pair, figures in row.each.items()}
    assert means_table(older).splitlines()[2].split(" | ")[8] == "-"
    plot(older, tmp_path / "plot.svg")
    assert "<!-- older -->" in (tmp_path / "plot.svg").read_text()


def test_each_candidate_is_painted_at_each_weight_from_the_first_pair_on(tmp_path: Path) -> None:
    ledger = Ledger("trial", ("candidate", "content_weight", "size"), folder=tmp_path)
    assignments = list(assigned(ledger, [REFERENCE, "balanced"], 384, UNSEEN[:2]))
    assert [one.pair for one in assignments] == list(UNSEEN[:2]) * 6
    assert len({one.label for one in assignments}) == 6
    assert list(by_candidate([one.row for one in assignments])) == [REFERENCE, "balanced"]
    assert all(one.recipe.size == 384 for one in assignments)


def test_the_recipe_of_0_3_is_painted_at_its_own_weight() -> None:
    """0.0265 at 512 px, which grew with the size by the power 0.65 then."""
    recipe, weights = CANDIDATES["0.3"]
    now = recipe.changed(content_weight=weights[1]).at_size(SIZE).content_weight
    assert now == pytest.approx(0.0265 * (SIZE / 512) ** 0.65, rel=0.005)
