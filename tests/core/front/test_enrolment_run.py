"""Which frames an enrolment takes, and what it says is missing."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.core.front.enrolment_run import STUCK_NS, EnrolmentRun
from ertedge.core.front.records import FRAMES, EnrolmentHint, View
from ertedge.types import Reason
from tests.core.front_fakes import ANN, BEN, LIMITS, STRANGER, frame, gallery


def run(**others: np.ndarray) -> EnrolmentRun:
    return EnrolmentRun({int(name[1:]): gallery(of) for name, of in others.items()}, LIMITS)


def test_a_dozen_different_frames_are_taken_view_by_view() -> None:
    enrolment = run()
    views = [enrolment.progress.view, *(enrolment.take(frame(number)).view for number in range(FRAMES))]
    assert [view for place, view in enumerate(views) if place == 0 or view is not views[place - 1]][:5] == list(View)
    assert enrolment.progress.is_done
    assert enrolment.progress.hint is EnrolmentHint.DONE
    assert enrolment.gallery.shape == (FRAMES, 128)


@pytest.mark.parametrize(
    ("reasons", "faces", "hint"),
    [
        ((Reason.NO_FACE,), 0, EnrolmentHint.NO_FACE),
        ((Reason.NO_FACE, Reason.TOO_DARK), 0, EnrolmentHint.MORE_LIGHT),
        ((Reason.TOO_DARK,), 1, EnrolmentHint.MORE_LIGHT),
        ((Reason.OFF_POSE,), 1, EnrolmentHint.LESS_TURNED),
        ((Reason.LOW_QUALITY,), 1, EnrolmentHint.COME_NEARER),
        ((Reason.TOO_DARK, Reason.TWO_PEOPLE), 2, EnrolmentHint.ALONE),
        ((Reason.MUTED,), 0, EnrolmentHint.CAMERA_CLOSED),
        ((Reason.NO_CONSENT,), 0, EnrolmentHint.CAMERA_CLOSED),
    ],
)
def test_a_bad_frame_is_not_taken_and_the_person_is_told_why(
    reasons: tuple[Reason, ...], faces: int, hint: EnrolmentHint
) -> None:
    enrolment = run()
    progress = enrolment.take(frame(0, reasons=reasons, faces=faces))
    assert (progress.hint, progress.taken) == (hint, 0)


def test_a_poor_frame_asks_to_come_nearer() -> None:
    assert run().take(frame(0, quality=0.7)).hint is EnrolmentHint.COME_NEARER


def test_a_head_that_does_not_turn_is_asked_to_and_then_taken_all_the_same() -> None:
    enrolment = run()
    assert enrolment.take(frame(0, ANN, cosine=1.0)).taken == 1
    for number in range(1, 20):
        progress = enrolment.take(frame(number, ANN, cosine=1.0))
        assert (progress.hint, progress.taken) == (EnrolmentHint.TURN_FURTHER, 1)
    near = frame(25, ANN, cosine=0.95)
    assert enrolment.take(near).taken == 2
    for number in range(26, 64):
        assert enrolment.take(frame(number, ANN, cosine=1.0)).taken == 2
    assert enrolment.take(frame(66, ANN, cosine=1.0)).taken == 3


def test_another_face_in_between_is_not_taken() -> None:
    enrolment = run()
    enrolment.take(frame(0))
    progress = enrolment.take(frame(1, STRANGER))
    assert (progress.hint, progress.taken) == (EnrolmentHint.ANOTHER_FACE, 1)
    assert not enrolment.is_anothers


def test_a_face_that_is_enrolled_as_somebody_elses_is_noticed() -> None:
    enrolment = run(p5=BEN)
    for number in range(3):
        assert not enrolment.is_anothers
        assert enrolment.take(frame(number, BEN)).hint is EnrolmentHint.ANOTHER_FACE
    assert enrolment.is_anothers
    fresh = run(p5=BEN)
    assert fresh.take(frame(0, ANN)).taken == 1


def test_a_minute_without_a_frame_is_too_long() -> None:
    enrolment = run()
    enrolment.take(frame(0, reasons=(Reason.TOO_DARK,)))
    later = frame(0, at_ns=frame(0).timestamp_ns + STUCK_NS, reasons=(Reason.TOO_DARK,))
    assert not enrolment.is_stuck(later.timestamp_ns - 1)
    enrolment.take(later)
    assert enrolment.is_stuck(later.timestamp_ns)
