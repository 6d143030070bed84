"""One person's enrolment, frame by frame: which are taken, and what is missing. Floor 2; pure, the clock is the frames'.

A dozen good frames over five views of the head. The landmarks do not tell how far a head is turned (``models/facenet.md``),
so the person is asked to turn, and a view counts as another one when its embedding differs from those that were taken. Who
cannot turn is not kept waiting: after some seconds a view that is less new is taken, and in the end any good one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ertedge.core.front.records import FRAMES_OF_VIEW, EnrolmentHint, EnrolmentProgress, View
from ertedge.perception.recognition import RecognitionLimits, similarity
from ertedge.types import Float32Array, Prediction, Reason

SECOND_NS = 1_000_000_000
QUALITY_LEAST = 0.8
"""Of the expected accuracy under the best conditions; a state is read from 0.58 up."""
NEW_VIEW = ((2.0, 0.945), (4.0, 0.97))
"""Until so many seconds after the frame before, a frame must be less like every other than this cosine. The head held still
gives 0.96 in the median, turned by 20 degrees 0.92 (``models/facenet.md``)."""
SAME_PERSON = 0.5
"""Mean cosine to the two most similar frames taken below which it seems to be somebody else's face."""
OTHERS_FRAMES = 3
"""Frames in a row like another enrolled person that end an enrolment."""
STUCK_NS = 60 * SECOND_NS
"""Without a frame taken for so long, the enrolment is given up."""


_HINT_OF_REASON = {
    Reason.MUTED: EnrolmentHint.CAMERA_CLOSED,
    Reason.NO_SENSOR: EnrolmentHint.CAMERA_CLOSED,
    Reason.NO_CONSENT: EnrolmentHint.CAMERA_CLOSED,
    Reason.TWO_PEOPLE: EnrolmentHint.ALONE,
    Reason.TOO_DARK: EnrolmentHint.MORE_LIGHT,
    Reason.NO_FACE: EnrolmentHint.NO_FACE,
    Reason.OFF_POSE: EnrolmentHint.LESS_TURNED,
    Reason.LOW_QUALITY: EnrolmentHint.COME_NEARER,
}
"""The first reason of this order that a frame has is what the person is told."""


class EnrolmentRun:
    """Collects the frames of one person. ``others`` are the galleries of everybody else who is enrolled."""

    def __init__(self, others: Mapping[int, Float32Array], limits: RecognitionLimits) -> None:
        self._others = tuple(others.values())
        self._limits = limits
        self._kept: list[Float32Array] = []
        self._begin_ns: int | None = None
        self._like_another = 0
        self._hint = EnrolmentHint.LOOK

    @property
    def gallery(self) -> Float32Array:
        """The embeddings taken so far, (n, 128)."""
        return np.stack(self._kept) if self._kept else np.zeros((0, 0), np.float32)

    @property
    def progress(self) -> EnrolmentProgress:
        """How far it is."""
        taken, past = len(self._kept), 0
        for view, frames in FRAMES_OF_VIEW.items():
            past += frames
            if taken < past:
                return EnrolmentProgress(view, self._hint, taken)
        return EnrolmentProgress(View.AHEAD, EnrolmentHint.DONE, taken)

    @property
    def is_anothers(self) -> bool:
        """Whether the face is that of somebody else who is enrolled."""
        return self._like_another >= OTHERS_FRAMES

    def is_stuck(self, now_ns: int) -> bool:
        """Whether no frame could be taken for too long."""
        return self._begin_ns is not None and now_ns - self._begin_ns >= STUCK_NS

    def take(self, frame: Prediction) -> EnrolmentProgress:
        """Take in the next frame of the camera."""
        now_ns = frame.timestamp_ns
        if self._begin_ns is None or now_ns < self._begin_ns:
            self._begin_ns = now_ns
        self._hint = self._fault(frame, (now_ns - self._begin_ns) / SECOND_NS)
        if self._hint is EnrolmentHint.LOOK and frame.embedding is not None:
            self._kept.append(frame.embedding)
            self._begin_ns = now_ns
        return self.progress

    def _fault(self, frame: Prediction, waited_seconds: float) -> EnrolmentHint:
        """What keeps a frame from being taken; LOOK where nothing does."""
        face = frame.embedding
        if frame.reasons or face is None or frame.quality < QUALITY_LEAST:
            told = (hint for reason, hint in _HINT_OF_REASON.items() if reason in frame.reasons)
            return next(told, EnrolmentHint.COME_NEARER)
        return self._unfit(face, waited_seconds)

    def _unfit(self, face: Float32Array, waited_seconds: float) -> EnrolmentHint:
        """What keeps a good picture from being taken; LOOK where nothing does."""
        alike = max((self._likeness(other, face) for other in self._others), default=-1.0)
        self._like_another = self._like_another + 1 if alike >= self._limits.accept else 0
        if self._like_another:
            return EnrolmentHint.ANOTHER_FACE
        if not self._kept:
            return EnrolmentHint.LOOK
        if self._likeness(self.gallery, face) < SAME_PERSON:
            return EnrolmentHint.ANOTHER_FACE
        if float((self.gallery @ face).max()) > _alike_most(waited_seconds):
            return EnrolmentHint.TURN_FURTHER
        return EnrolmentHint.LOOK

    def _likeness(self, gallery: Float32Array, face: Float32Array) -> float:
        return float(similarity(gallery, face[None], self._limits.nearest)[0])


def _alike_most(waited_seconds: float) -> float:
    """The cosine to a frame already taken above which another brings too little that is new."""
    return next((cosine for until, cosine in NEW_VIEW if waited_seconds < until), 1.0)
