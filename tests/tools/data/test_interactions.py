"""A table of interactions: every separator and header, every fault with its line, and splits that keep what they hide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.data.interactions import Interactions, load_interactions
from tools.evaluation.interaction_splits import SHOWN_SHARE, matrix_of, split_time, split_users
from tools.evaluation.interactions import evaluate_interactions

COLUMNS = ("user", "item", "rating", "timestamp")


def write(folder: Path, text: str) -> Path:
    path = folder / "table.txt"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("separator", ["|", ",", "::", "\t", "\\t", ";", " - "])
def test_any_separator_with_or_without_a_header(tmp_path: Path, separator: str) -> None:
    between = separator.replace("\\t", "\t")
    lines = [between.join(row) for row in (("7", "a", "4", "100"), ("8", "a", "2.5", "50"), ("7", "b", "5", "70"))]
    for header in ("", between.join(COLUMNS) + "\n"):
        found = load_interactions(write(tmp_path, header + "\n".join(lines) + "\n\n"), COLUMNS, separator)
        assert found.user.tolist() == [0, 1, 0]
        assert found.item.tolist() == [0, 0, 1]
        assert found.rating.tolist() == [4, 2.5, 5]
        assert found.is_timed
        assert found.liked(4).item.tolist() == [0, 1]


def test_columns_may_be_missing_skipped_and_in_any_order(tmp_path: Path) -> None:
    found = load_interactions(write(tmp_path, 'x,"an item, quoted",7\ny,b,8\n'), ("-", "item", "user"), ",")
    assert found.user.tolist() == [0, 1]
    assert len(found.liked(4)) == 2
    assert not found.is_timed
    with pytest.raises(ConfigurationError, match="timestamps"):
        split_time(found)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("1|2|4|5\n1|2|4\n", "line 2 has 3 columns, not the 4"),
        ("1|2|4|5\n1|2|good|5\n", "line 2 has 'good' for a rating"),
        ("1|2|4|5\n\n1|3|4|soon\n", "line 3 has 'soon' for a timestamp"),
        ("1|2|4|5\n|2|4|5\n", "line 2 has an empty user or item"),
        ("1|2|nan|5\n1|2|nan|5\n", "line 2 has 'nan'"),
        ("1,2,4,5\n", "line 1 has 1 columns.*is --sep right"),
        ("", "no interaction"),
        ("user|item|rating|timestamp\n", "no interaction"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what):
        load_interactions(write(tmp_path, text), COLUMNS, "|")


def test_wrong_options_and_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"lacks item.*user twice.*--sep"):
        load_interactions(write(tmp_path, "1|2\n"), ("user", "user"), "")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_interactions(tmp_path / "none.txt", COLUMNS, "|")
    with pytest.raises(ConfigurationError, match="lower --threshold"):
        load_interactions(write(tmp_path, "1|2|3|4\n"), COLUMNS, "|").liked(4)


def table(users: int = 120, items: int = 30, seed: int = 0) -> Interactions:
    """Two kinds of users, each with a taste, over time."""
    rng = np.random.default_rng(seed)
    like = np.where((np.arange(users)[:, None] % 2) == (np.arange(items)[None, :] % 2), 0.5, 0.05)
    user, item = np.nonzero(rng.random((users, items)) < like)
    return Interactions(user, item, np.full(len(user), 5.0), rng.permutation(len(user)).astype(np.float64))


def test_unseen_users_share_nobody_and_hide_a_fifth() -> None:
    interactions = table()
    split = split_users(interactions, 0)
    shown, hidden = split.test.shown.toarray(), split.test.hidden.toarray()
    assert not (shown * hidden).any()
    sizes = (shown + hidden).sum(axis=1)
    assert shown.sum(axis=1) == pytest.approx(np.ceil(SHOWN_SHARE * sizes))
    assert split.train.shape[0] + split.validation.shown.shape[0] + split.test.shown.shape[0] <= 120
    # Every tested row is one of the table's, so nothing of it was trained on.
    whole = matrix_of(interactions).toarray()
    trained = {row.tobytes() for row in split.train.toarray()}
    assert all(any(np.array_equal(row, one) for one in whole) for row in shown + hidden)
    assert sum(row.tobytes() in trained for row in (shown + hidden)) == 0
    again, other = split_users(interactions, 0), split_users(interactions, 1)
    assert (again.test.hidden != split.test.hidden).nnz == 0
    assert other.test.hidden.shape != split.test.hidden.shape or (other.test.hidden != split.test.hidden).nnz


def test_later_interactions_are_hidden_from_what_came_before() -> None:
    interactions = table()
    split = split_time(interactions)
    cut = np.quantile(interactions.timestamp, 0.8)
    assert split.test.hidden.sum() <= (interactions.timestamp > cut).sum()
    assert split.train.sum() == pytest.approx(
        (interactions.timestamp <= np.quantile(interactions.timestamp, 0.7)).sum()
    )
    assert not split.test.shown.multiply(split.test.hidden).nnz


def test_a_table_that_is_too_small_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="50 are needed"):
        split_users(table(users=20), 0)


def test_taste_is_found_where_there_is_one() -> None:
    report = evaluate_interactions(table(), ("popularity", "ItemKNN", "EASE"), 2, source="a test")
    popular, ease = (report.value("ndcg_at_10", f"{name}, unseen users") for name in ("popularity", "EASE"))
    assert ease > popular + 0.1
    low = report.value("ndcg_at_10_low", "EASE, unseen users")
    assert low < ease < report.value("ndcg_at_10_high", "EASE, unseen users")
    assert any("unseen users: best" in note for note in report.notes)
    with pytest.raises(ConfigurationError, match="'EAS' is no row"):
        evaluate_interactions(table(), ("EAS",), 1, source="a test")
