"""How often states are told: at a pace, but a change of emotion at once."""

from __future__ import annotations

from ertedge.core.pace import Pace
from ertedge.types import Emotion, Reason
from tests.core.fakes import SECOND_NS, tracked


def test_the_pace_is_kept_but_a_change_of_emotion_does_not_wait() -> None:
    pace = Pace(states_per_second=2.0)
    published = [
        at_ms
        for at_ms in range(0, 2000, 100)
        if pace.is_due(tracked(at_ms * 1_000_000, Emotion.ANGER if 300 <= at_ms < 1400 else Emotion.HAPPINESS))
    ]
    assert published == [0, 300, 800, 1300, 1400, 1900]


def test_new_reasons_wait_for_their_turn_and_an_empty_room_fills_no_disk() -> None:
    pace = Pace(states_per_second=2.0)
    nobody, dark = (Reason.NO_FACE,), (Reason.TOO_DARK,)
    published = [
        at_ms
        for at_ms in range(0, 12_000, 100)
        if pace.is_due(tracked(at_ms * 1_000_000, Emotion.UNKNOWN, dark if at_ms == 700 else nobody, silent=True))
    ]
    assert published == [0, 700, 1200, 6200, 11_200]


def test_someone_who_cannot_be_read_clearly_is_still_told_of_at_the_full_pace() -> None:
    pace = Pace(states_per_second=2.0)
    unclear = (Reason.LOW_CONFIDENCE,)
    due = [at for at in range(10) if pace.is_due(tracked(at * SECOND_NS // 2, Emotion.UNKNOWN, unclear))]
    assert due == list(range(10))
