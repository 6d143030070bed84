"""Enrols a person's face: asks for a dozen good frames, tells what is missing, and keeps their embeddings. Floor 2."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import replace

from ertedge.core.front.enrolment_run import EnrolmentRun
from ertedge.core.front.faces import Faces
from ertedge.core.front.records import EnrolmentHint, EnrolmentProgress
from ertedge.core.front.words import FrontWords
from ertedge.errors import LimitReachedError, PreconditionError
from ertedge.perception.recognition import RecognitionLimits
from ertedge.types import Modality, Prediction

HEARTBEAT_SECONDS = 1.0
FRAMES_WAITING = 32
SILENT_BEATS_MOST = 60
"""Heartbeats without a single frame of the camera before an enrolment is given up."""


class Enrolment:
    """One at a time. Belongs to one event loop; ``see`` is given every prediction by the core's loop."""

    def __init__(self, faces: Faces, limits: RecognitionLimits) -> None:
        self._faces = faces
        self._limits = limits
        self._frames: deque[Prediction] | None = None
        self._arrived = asyncio.Event()
        self._ended = False

    def see(self, prediction: Prediction) -> None:
        """Take in a prediction. Never waits, never raises; nothing is kept while nobody is being enrolled."""
        if self._frames is not None and prediction.modality is Modality.FACE:
            self._frames.append(prediction)
            self._arrived.set()

    def end_all(self) -> None:
        """End the stream of whoever is being enrolled, because the server stops."""
        self._ended = True
        self._arrived.set()

    async def enrol(self, profile_id: int, words: FrontWords) -> AsyncGenerator[EnrolmentProgress, None]:
        """Enrol the person of a profile: how far it is, at every change and about once a second; the last ``is_done``.

        Nothing is kept of an enrolment that does not come to its end. Raises PreconditionError without the consents that it
        needs, where the face is already somebody else's, and where no good frame comes; LimitReachedError while another is
        being enrolled; StoreError where it cannot be written.
        """
        self._check_consent(profile_id)
        if self._frames is not None:
            raise LimitReachedError("somebody is being enrolled just now; wait until that is done")
        others = {number: gallery for number, gallery in self._faces.galleries.items() if number != profile_id}
        run = EnrolmentRun(others, self._limits)
        frames = self._frames = deque(maxlen=FRAMES_WAITING)
        try:
            shown, silent_beats = run.progress, 0
            yield _told(shown, words)
            while not run.progress.is_done and not self._ended:
                heard = await self._wait()
                silent_beats = 0 if heard else silent_beats + 1
                while frames and not run.progress.is_done:
                    self._take(run, frames.popleft())
                self._check_consent(profile_id)
                if silent_beats >= SILENT_BEATS_MOST:
                    raise PreconditionError("the camera shows nothing; see its status and try again")
                if (run.progress != shown and not run.progress.is_done) or not heard:
                    yield _told(run.progress, words)
                shown = run.progress
            if run.progress.is_done:
                await self._faces.replace(profile_id, run.gallery)
                yield _told(run.progress, words)
        finally:
            self._frames = None

    def _take(self, run: EnrolmentRun, frame: Prediction) -> None:
        run.take(frame)
        if run.is_anothers:
            raise PreconditionError(
                "this face is enrolled already, as another profile's; if it is yours, have it forgotten there first"
            )
        if run.is_stuck(frame.timestamp_ns):
            raise PreconditionError(f"no good picture came for a minute ({_WHY[run.progress.hint]}); try again")

    async def _wait(self) -> bool:
        """Whether a frame came within a heartbeat."""
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await self._arrived.wait()
        except TimeoutError:
            return False
        self._arrived.clear()
        return True

    def _check_consent(self, profile_id: int) -> None:
        if not self._faces.may_enrol(profile_id):
            raise PreconditionError(
                "a face is enrolled only for somebody who agrees to have it sensed and recognised; give both consents first"
            )


def _told(progress: EnrolmentProgress, words: FrontWords) -> EnrolmentProgress:
    """``progress`` in plain words."""
    return replace(progress, asks=words.view[progress.view], says=words.enrolment[progress.hint])


_WHY: dict[EnrolmentHint, str] = {
    EnrolmentHint.LOOK: "the face could not be read",
    EnrolmentHint.TURN_FURTHER: "the head did not turn",
    EnrolmentHint.NO_FACE: "no face was seen",
    EnrolmentHint.MORE_LIGHT: "it was too dark",
    EnrolmentHint.LESS_TURNED: "the face was turned too far away",
    EnrolmentHint.COME_NEARER: "the picture was too poor",
    EnrolmentHint.ALONE: "somebody else was in the picture",
    EnrolmentHint.ANOTHER_FACE: "it seemed to be somebody else",
    EnrolmentHint.CAMERA_CLOSED: "the camera is closed",
    EnrolmentHint.DONE: "it is done",
}
