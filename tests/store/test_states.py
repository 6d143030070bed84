"""What is stored comes back, in order, page by page, at the resolution asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import NotFoundError
from ertedge.store import Store
from ertedge.types import Emotion, EmotionState, Modality, Reason
from tests.store.conftest import SETTINGS
from tests.store.samples import DAY_NS, MINUTE_NS, SECOND_NS, START_NS, assert_same, leaning, state, states


def everything(
    store: Store, *, start_ns: int | None = None, end_ns: int | None = None, resolution_ns: int = 0, limit: int = 7
) -> list[EmotionState]:
    """All pages of a listing."""
    found: list[EmotionState] = []
    before: int | None = None
    for _ in range(1000):
        page = store.list_states(
            start_ns=start_ns, end_ns=end_ns, resolution_ns=resolution_ns, limit=limit, before=before
        )
        assert len(page.states) <= limit
        found += page.states
        before = page.next_cursor
        if before is None:
            return found
    raise AssertionError("the pages never end")


def test_a_state_comes_back_as_it_was(store: Store) -> None:
    unknown = state(2, Emotion.UNKNOWN, reasons=(Reason.NO_FACE, Reason.NO_SPEECH))
    store.append_states([state(1), unknown])
    assert_same(store.state(1), state(1))
    assert_same(store.state(2), unknown)


def test_every_reason_and_emotion_can_be_stored(store: Store) -> None:
    written = [state(n, emotion) for n, emotion in enumerate(Emotion, 1) if emotion is not Emotion.UNKNOWN]
    written += [state(n, Emotion.UNKNOWN, reasons=(reason,)) for n, reason in enumerate(Reason, 101)]
    store.append_states(written)
    for one in written:
        assert_same(store.state(one.sequence), one)


def test_a_state_that_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no state 7 "):
        store.state(7)
    with pytest.raises(NotFoundError):
        store.state(2**64)


def test_appending_again_changes_nothing(store: Store) -> None:
    store.append_states(states(3))
    store.append_states([*states(3), state(4)])
    assert [one.sequence for one in everything(store)] == [4, 3, 2, 1]


def test_numbers_go_on_after_everything_was_removed(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    store = Store.open(path, SETTINGS)
    assert store.last_sequence() == 0
    store.append_states(states(9))
    store.downsample(START_NS + 400 * DAY_NS)
    assert store.status().state_count == 0
    store.close()
    reopened = Store.open(path, SETTINGS)
    assert reopened.last_sequence() == 9
    reopened.close()


@pytest.mark.parametrize("limit", [1, 7, 20, 100])
def test_pages_meet_without_gap_or_repeat(store: Store, limit: int) -> None:
    store.append_states(states(20))
    assert [one.sequence for one in everything(store, limit=limit)] == list(range(20, 0, -1))


def test_a_page_holds_its_place_while_states_arrive(store: Store) -> None:
    store.append_states(states(10))
    first = store.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=4, before=None)
    store.append_states(states(5, first=11))
    second = store.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=4, before=first.next_cursor)
    assert [one.sequence for one in first.states + second.states] == list(range(10, 2, -1))


def test_the_time_span_takes_its_start_and_leaves_its_end(store: Store) -> None:
    store.append_states(states(10))
    found = everything(store, start_ns=START_NS + 3 * SECOND_NS, end_ns=START_NS + 6 * SECOND_NS, limit=2)
    assert [one.sequence for one in found] == [5, 4, 3]
    assert everything(store, start_ns=START_NS + DAY_NS) == []


def test_a_clock_that_jumps_back_loses_and_reorders_nothing(store: Store) -> None:
    store.append_states(states(5))
    store.append_states([state(n, wall_time_ns=START_NS - DAY_NS + n * SECOND_NS) for n in range(6, 9)])
    store.append_states(states(3, first=9))
    assert [one.sequence for one in everything(store)] == list(range(11, 0, -1))
    in_time = everything(store, start_ns=START_NS, limit=3)
    assert [one.sequence for one in in_time] == [11, 10, 9, 5, 4, 3, 2, 1]


def test_a_resolution_gives_one_state_a_span(store: Store) -> None:
    store.append_states(states(150, first=0))
    found = everything(store, resolution_ns=MINUTE_NS, limit=2)
    assert [one.state_count for one in found] == [30, 60, 60]
    assert [one.sequence for one in found] == [149, 119, 59]
    assert [one.wall_time_ns // MINUTE_NS - START_NS // MINUTE_NS for one in found] == [2, 1, 0]


def test_spans_without_states_are_left_out(store: Store) -> None:
    store.append_states([state(1), state(2, wall_time_ns=START_NS + 300 * DAY_NS)])
    assert [one.state_count for one in everything(store, resolution_ns=MINUTE_NS, limit=1)] == [1, 1]


def test_a_span_is_cut_by_the_times_asked_for(store: Store) -> None:
    store.append_states(states(120, first=0))
    found = everything(
        store, start_ns=START_NS + 50 * SECOND_NS, end_ns=START_NS + 70 * SECOND_NS, resolution_ns=MINUTE_NS
    )
    assert [one.state_count for one in found] == [10, 10]


def test_a_span_averages_what_was_known(store: Store) -> None:
    store.append_states([state(1, valence=0.2), state(2, valence=0.6), state(3, Emotion.UNKNOWN)])
    (merged,) = everything(store, resolution_ns=MINUTE_NS)
    assert merged.emotion is Emotion.HAPPINESS
    assert merged.reasons == ()
    assert merged.state_count == 3
    assert merged.valence == pytest.approx(0.4, abs=1e-4)
    assert merged.confidence == pytest.approx(0.7, abs=1e-4)
    np.testing.assert_allclose(merged.probabilities, leaning(Emotion.HAPPINESS), atol=1e-4)
    face, voice = merged.shares
    assert (face.modality, voice.modality) == (Modality.FACE, Modality.VOICE)
    assert face.weight == pytest.approx(2 / 3, abs=1e-4)
    assert face.quality == pytest.approx(0.8, abs=1e-4)
    assert face.probabilities is not None
    assert voice.probabilities is None
    assert voice.reasons == (Reason.NO_SPEECH,)


def test_a_span_that_was_mostly_unknown_is_unknown(store: Store) -> None:
    store.append_states(
        [
            state(1),
            state(2, Emotion.UNKNOWN, reasons=(Reason.NO_FACE,)),
            state(3, Emotion.UNKNOWN, reasons=(Reason.TOO_DARK,)),
        ]
    )
    (merged,) = everything(store, resolution_ns=MINUTE_NS)
    assert merged.emotion is Emotion.UNKNOWN
    assert set(merged.reasons) == {Reason.NO_FACE, Reason.TOO_DARK}
    assert merged.confidence == 0.0
    assert merged.valence == pytest.approx(0.5, abs=1e-4)


def test_the_emotion_that_held_longest_leads(store: Store) -> None:
    store.append_states([state(1, Emotion.SADNESS), state(2, Emotion.SADNESS), state(3, Emotion.ANGER)])
    (merged,) = everything(store, resolution_ns=MINUTE_NS)
    assert merged.emotion is Emotion.SADNESS
    assert merged.since_ns == merged.timestamp_ns, "it ended with another emotion, so it has just begun"


def test_merged_states_count_as_often_as_what_they_hold(store: Store) -> None:
    hour_ns = 60 * MINUTE_NS
    begin = START_NS - START_NS % hour_ns
    many = [state(n, Emotion.SADNESS, wall_time_ns=begin + n * SECOND_NS, valence=-0.4) for n in range(1, 31)]
    few = [state(n, wall_time_ns=begin + MINUTE_NS + n * SECOND_NS, valence=0.8) for n in range(31, 41)]
    store.append_states(many + few)
    (single,) = everything(store, resolution_ns=hour_ns)
    store.downsample(begin + 8 * DAY_NS)
    assert store.status().state_count == 2
    (twice,) = everything(store, resolution_ns=hour_ns)
    assert twice.state_count == single.state_count == 40
    assert twice.emotion is single.emotion is Emotion.SADNESS
    assert twice.valence == pytest.approx(single.valence, abs=1e-4)
    assert single.valence == pytest.approx(-0.1, abs=1e-4)
