"""The same speech laid out in time as other collections have it: cut out of its silence, followed by more, begun at once.

Host side only. RAVDESS leaves a second of silence before every sentence and half of a window empty; other collections, and
people, do not. A network that only ever heard such windows leans on the pauses. Here the frames from the first to the last
of speech are taken out of a clip, perhaps followed by another clip of the same speaker, session and label, and set into
silence of a random length: the clip's own, or digital silence, as a muted microphone or a padded file would give.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ertedge.perception.mfcc import COEFFICIENTS, MEL_FLOOR
from ertedge.perception.pitch import UNHEARD_OCTAVES
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.speech_windows import WINDOW_FRAMES
from tools.voice.features import ClipFrames

Random = np.random.Generator
Frames = NDArray[np.float16]

MARGIN_FRAMES = 15
"""Left around the speech: the detector's flags are late at the onset and early at the end of breath."""
LEAST_SPEECH_FRAMES = 20
"""A clip with less that the detector took for speech is left whole."""
LEAST_QUIET_FRAMES = 20
MOST_GAP_FRAMES = 60
MOST_LEAD_FRAMES, SHORT_LEAD_FRAMES = 150, 25
LENGTH_FRAMES = WINDOW_FRAMES * 5 // 4
"""A layout is at least so long, so that a window stretched by up to a quarter still fits."""

DIGITAL_SILENCE: Frames = np.zeros(FEATURES, np.float16)
DIGITAL_SILENCE[0] = np.log(MEL_FLOOR)
DIGITAL_SILENCE[COEFFICIENTS] = UNHEARD_OCTAVES


class Layouts:
    """Draws layouts of the clips in ``frames``, which are of all sessions and speakers."""

    def __init__(self, frames: Sequence[ClipFrames]) -> None:
        self._frames = frames
        self._spans = [_span(clip.speech) for clip in frames]
        self._alike: dict[tuple[str, int, int], list[int]] = defaultdict(list)
        for index in range(len(frames)):
            self._alike[self._kind(index)].append(index)

    def draw(self, index: int, random: Random) -> Frames:
        """The clip at ``index`` laid out anew: (n, 42) not normalised, n at least ``LENGTH_FRAMES``."""
        clip = self._frames[index]
        start, end = self._spans[index]
        quiet = clip.features[:start]
        parts = [clip.features[start:end]]
        if random.random() < 0.5:
            alike = self._alike[self._kind(index)]
            other = alike[int(random.integers(len(alike)))]
            first, last = self._spans[other]
            parts.append(_silence(quiet, int(random.integers(MOST_GAP_FRAMES)), random, parts[0][-1]))
            parts.append(self._frames[other].features[first:last])
        body = np.concatenate(parts)
        room = LENGTH_FRAMES - len(body)
        if room <= 0:
            return body
        most = MOST_LEAD_FRAMES if random.random() < 0.5 else SHORT_LEAD_FRAMES
        lead = int(random.integers(min(room, most) + 1))
        return np.concatenate([_silence(quiet, lead, random), body, _silence(quiet, room - lead, random, body[-1])])

    def _kind(self, index: int) -> tuple[str, int, int]:
        clip = self._frames[index]
        return clip.clip.speaker, clip.session, clip.clip.label_index


def _span(speech: NDArray[np.bool_]) -> tuple[int, int]:
    """From the first frame of speech to after the last, with a margin."""
    spoken = np.flatnonzero(speech)
    if len(spoken) <= LEAST_SPEECH_FRAMES:
        return 0, len(speech)
    return max(0, int(spoken[0]) - MARGIN_FRAMES), min(len(speech), int(spoken[-1]) + MARGIN_FRAMES)


def _silence(quiet: Frames, frames: int, random: Random, before: Frames = DIGITAL_SILENCE) -> Frames:
    """``frames`` of the clip's own silence, from a random place and around, or of digital silence, through which the pitch
    of the frame ``before`` (42,) is held."""
    if len(quiet) < LEAST_QUIET_FRAMES or random.random() < 0.4:
        silence = np.tile(DIGITAL_SILENCE, (frames, 1))
        silence[:, COEFFICIENTS] = before[COEFFICIENTS]
        return silence
    start = int(random.integers(len(quiet)))
    return quiet[(start + np.arange(frames)) % len(quiet)]
