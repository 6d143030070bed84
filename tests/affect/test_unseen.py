"""Somebody who is heard ought to be seen: in the dark after a minute of speech, otherwise after ten without any face."""

from __future__ import annotations

import numpy as np

from ertedge.affect.unseen import Unseen
from ertedge.types import Modality, Reason
from tests.affect.drift_samples import reading, refusal

RANDOM = np.random.default_rng(0)
DARK = (Reason.NO_FACE, Reason.TOO_DARK)


def spoken(unseen: Unseen, begin: int, seconds: int, *reasons: Reason) -> None:
    """Speech for so long, before a camera that gives no face and says why."""
    for half in range(2 * begin, 2 * (begin + seconds)):
        unseen.take(refusal(half / 2, *reasons, faces=0))
        unseen.take(reading(half / 2, RANDOM, Modality.VOICE))


def test_a_minute_of_speech_in_the_dark_tells_until_a_face_is_found() -> None:
    unseen = Unseen()
    spoken(unseen, 0, 59, *DARK)
    assert not unseen.dark
    spoken(unseen, 59, 2, *DARK)
    assert unseen.dark
    unseen.take(reading(62, RANDOM))
    assert not unseen.dark


def test_an_empty_room_with_a_radio_is_no_fault_of_a_camera_that_has_found_a_face() -> None:
    unseen = Unseen()
    unseen.take(reading(0, RANDOM))
    spoken(unseen, 1, 900, Reason.NO_FACE)
    assert not unseen.faceless
    unseen.begin()
    spoken(unseen, 901, 599, Reason.NO_FACE)
    assert not unseen.faceless
    spoken(unseen, 1500, 2, Reason.NO_FACE)
    assert unseen.faceless


def test_nothing_is_said_of_a_camera_that_is_silent_or_of_a_dark_room_that_is() -> None:
    unseen = Unseen()
    unseen.take(refusal(0, *DARK, faces=0))
    for half in range(20, 2_000):
        unseen.take(reading(half / 2, RANDOM, Modality.VOICE))
    assert not unseen.dark
    for second in range(1_000, 2_000):
        unseen.take(refusal(second, *DARK, faces=0))
        unseen.take(refusal(second, Reason.NO_SPEECH, modality=Modality.VOICE))
    assert not unseen.dark
    assert not unseen.faceless
