"""Whether somebody who is heard ought to be seen: a camera that shows no face makes no readings to compare. Floor 1; pure.

An empty room and a camera that looks at the ceiling, lies on its side or wears its cover look the same to the face
alone. So the voice is asked: speech while the picture is black is a sign after a minute of it; speech while no face
was ever found since the camera was opened, after ten. A face that is found ends both. A radio speaks too, which is why
the second asks for *ever*. Only counts are kept.
"""

from __future__ import annotations

from ertedge.types import Modality, Prediction, Reason

SPOKEN_NS = 500_000_000
"""Windows of speech that end closer together than this are counted once."""
DARK_MOST = 120
"""Windows of speech, half a second each, in a picture that is too dark to find a face."""
FACELESS_MOST = 1_200
"""Windows of speech before a camera in whose picture no face has been found since it was opened."""
CAMERA_NS = 2_000_000_000
"""A camera whose newest frame is older than this says nothing."""


class Unseen:
    """Follows both modalities, given in the order of time."""

    def __init__(self) -> None:
        self.begin()

    @property
    def dark(self) -> bool:
        """Whether somebody has been speaking in the dark for a minute of speech."""
        return self._dark >= DARK_MOST

    @property
    def faceless(self) -> bool:
        """Whether speech has been heard for ten minutes, and never a face found."""
        return self._faceless >= FACELESS_MOST

    def begin(self) -> None:
        """The camera is another now, or newly opened."""
        self._dark = 0
        self._faceless = 0
        self._face_seen = False
        self._frame: Prediction | None = None
        self._spoken_ns = 0

    def take(self, prediction: Prediction) -> None:
        """Count a reading."""
        if prediction.modality is Modality.FACE:
            self._frame = prediction
            if prediction.faces > 0:
                self._face_seen, self._dark, self._faceless = True, 0, 0
            elif Reason.TOO_DARK not in prediction.reasons:
                self._dark = 0
        elif prediction.probabilities is not None and prediction.timestamp_ns - self._spoken_ns >= SPOKEN_NS:
            self._hear(prediction.timestamp_ns)

    def _hear(self, now_ns: int) -> None:
        self._spoken_ns = now_ns
        frame = self._frame
        if frame is None or now_ns - frame.timestamp_ns > CAMERA_NS or Reason.NO_FACE not in frame.reasons:
            return
        if Reason.TOO_DARK in frame.reasons:
            self._dark = min(self._dark + 1, DARK_MOST)
        if not self._face_seen:
            self._faceless = min(self._faceless + 1, FACELESS_MOST)
