"""Our features of a clip, (n,) float32 at 16 kHz: how many frames they are.

Arguments: ``path``, what the device does before its network (band-pass, speech or not, pitch, 40 MFCC, in hops of half a
second), or ``mfcc``, the 40 MFCC alone, of the whole clip at once as the peers' are.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from ertedge.perception.mfcc import mfcc
from ertedge.perception.speech import SileroSpeechDetector
from ertedge.perception.speech_frames import FrameStream
from tools.peers.items import Array
from tools.peers.subjects import Subject, as_it_is


def load(arguments: Sequence[str]) -> Subject:
    """One of the two."""
    if arguments[0] == "mfcc":
        return Subject(
            f"ertedge {version('ertedge')}", 0, lambda samples: [len(mfcc(samples)[0])], lambda s: s.astype(np.float64)
        )
    stream = FrameStream(SileroSpeechDetector())

    def read(samples: Array) -> list[int]:
        stream.reset()
        return [sum(len(hop.features) for hop in stream.push(samples))]

    return Subject(f"ertedge {version('ertedge')}", 0, read, as_it_is)
