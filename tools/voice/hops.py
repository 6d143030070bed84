"""The hops of clips, each heard once however many networks and conditions ask for it: filter, detector, cepstra and pitch do
not depend on the network, and take nearly all of the time. Host side only."""

from __future__ import annotations

from ertedge.perception.speech import SileroSpeechDetector
from ertedge.perception.speech_frames import FrameStream, Hop
from tools.data.voice_clips import VoiceClip, read_clip
from tools.voice.features import whole_hops


class HopMemory:
    """Remembers the hops of every clip that it was asked for: about 80 kB each."""

    def __init__(self) -> None:
        self._stream = FrameStream(SileroSpeechDetector())
        self._heard: dict[VoiceClip, tuple[Hop, ...]] = {}

    def of(self, clip: VoiceClip) -> tuple[Hop, ...]:
        """What the device's stream makes of the clip after a gap; hops do not depend on how the sound was cut."""
        if clip not in self._heard:
            self._stream.reset()
            self._heard[clip] = tuple(self._stream.push(whole_hops(read_clip(clip))))
        return self._heard[clip]
