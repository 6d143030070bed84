"""What a person says that they feel, in daily use: a label for the seconds before it. Floor 2.

A word, or a point on the circumplex, which counts for the nearest of the seven.
"""

from __future__ import annotations

import math

from ertedge.affect.circumplex import COORDINATES
from ertedge.core.clock import Clock
from ertedge.core.front.calibrations import Calibrations
from ertedge.core.front.evidence import Evidence
from ertedge.core.front.records import FeelingReport
from ertedge.errors import InvalidRequestError, PreconditionError
from ertedge.types import CalibrationLabel, Emotion, LabelSource, Modality

BEFORE_NS = 10 * 1_000_000_000
"""The seconds that a report is about. They end with the moment at which the person turned to answer."""


def nearest_emotion(valence: float, arousal: float) -> Emotion:
    """The one of the seven that lies nearest to a point of the circumplex, both coordinates in [-1, 1]."""
    return min(COORDINATES, key=lambda emotion: math.dist((valence, arousal), COORDINATES[emotion]))


class SelfReports:
    """Belongs to one event loop. ``evidence`` is of whoever is in front of the device."""

    def __init__(self, calibrations: Calibrations, evidence: Evidence, clock: Clock) -> None:
        self._calibrations = calibrations
        self._evidence = evidence
        self._clock = clock

    async def report(
        self,
        profile_id: int,
        *,
        emotion: Emotion | None = None,
        point: tuple[float, float] | None = None,
        request_id: str = "",
    ) -> FeelingReport:
        """Take in a word, or a point (valence, arousal), or both. A repeated ``request_id`` changes nothing.

        Raises InvalidRequestError for neither, PreconditionError without the consent to keep a history or where neither the
        face nor the voice of the person could be read in the seconds before, and StoreError: then it does not count.
        """
        self._calibrations.check_consent(profile_id)
        felt = _felt(emotion, point)
        end_ns = self._evidence.now_ns + 1
        theirs = self._evidence.profile_id == profile_id
        face = self._evidence.over(Modality.FACE, end_ns - BEFORE_NS, end_ns) if theirs else None
        voice = self._evidence.over(Modality.VOICE, end_ns - BEFORE_NS, end_ns) if theirs else None
        if face is None and voice is None:
            raise PreconditionError(
                "thank you for saying so; but I could neither see nor hear you in the last seconds, so I can learn nothing"
                " from it"
            )
        label = CalibrationLabel(
            label_id=0,
            profile_id=profile_id,
            wall_time_ns=self._clock.wall_ns(),
            emotion=felt,
            source=LabelSource.SELF_REPORT,
            session_id=0,
            face=face,
            voice=voice,
            valence=point[0] if point else None,
            arousal=point[1] if point else None,
        )
        added = await self._calibrations.add(label, request_id)
        return FeelingReport(added, await self._calibrations.summary(profile_id))


def _felt(emotion: Emotion | None, point: tuple[float, float] | None) -> Emotion:
    if point is not None and not all(math.isfinite(each) and -1.0 <= each <= 1.0 for each in point):
        raise InvalidRequestError([("point", "valence and arousal go from -1 to 1")])
    if emotion is Emotion.UNKNOWN or (emotion is None and point is None):
        raise InvalidRequestError([("emotion", "say one of the seven feelings, or a point of valence and arousal")])
    return emotion if emotion is not None else nearest_emotion(*point or (0.0, 0.0))
