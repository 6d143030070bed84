"""The states that a recording would lead to, played in this process as fast as it goes: for what is fitted on states. Host
only.

The device's own parts in the device's order (perception, fusion, tracker, pace), fed with pictures and sound of
``tools.make_recording`` as they are drawn, without a file. Unlike ``python -m tools.evaluate recording`` there are no
processes between them and no delay: equal seeds give equal states on every machine. States come as they are before anything
is made of their confidence, and none is unknown for having little of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.confidence import AS_IT_COMES, Carrier, carrier_of
from ertedge.affect.fusion import Fusion
from ertedge.affect.reliability import load
from ertedge.affect.tracker import Tracker
from ertedge.config import Config
from ertedge.core.pace import Pace
from ertedge.sensor.perceive import load_face, load_voice
from ertedge.types import EMOTIONS, AudioChunk, Emotion, Float32Array, Modality, Prediction, VideoFrame
from tools.data.recording_plan import Segment, draw_plan, segments_apart
from tools.make_recording import SAMPLE_RATE_HZ, Material, Take

CHUNK = SAMPLE_RATE_HZ // 10
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class States:
    """n states that somebody's face or voice carried: ``probabilities`` (n, 7) smoothed; ``shown`` (n,) which emotion the
    state is and ``labels`` (n,) which is felt, indices into ``EMOTIONS``, the label -1 where nobody is there; ``carriers``
    (n,); ``segments`` (n,) the number of the stretch of one feeling, over all recordings."""

    probabilities: Float32Array
    shown: NDArray[np.int64]
    labels: NDArray[np.int64]
    carriers: tuple[Carrier, ...]
    segments: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def right(self) -> NDArray[np.bool_]:
        """(n,) whether the state is what is felt."""
        return self.shown == self.labels

    def of(self, carrier: Carrier) -> States:
        """Those that ``carrier`` carried."""
        kept = np.flatnonzero([one is carrier for one in self.carriers])
        return States(
            self.probabilities[kept],
            self.shown[kept],
            self.labels[kept],
            (carrier,) * len(kept),
            self.segments[kept],
        )


def joined(several: Sequence[States]) -> States:
    """The states of several recordings; segments stay apart."""
    return States(
        np.concatenate([one.probabilities for one in several]),
        np.concatenate([one.shown for one in several]),
        np.concatenate([one.labels for one in several]),
        tuple(carrier for one in several for carrier in one.carriers),
        segments_apart([one.segments for one in several]),
    )


def play(material: Material, models: Path, seed: int, seconds: float) -> States:
    """The states of one recording drawn from ``seed``. Raises ErtedgeError where a model or its file is missing."""
    config = Config(models_dir=str(models))
    takes = [Take(segment, material, number, seed) for number, segment in enumerate(draw_plan(seed, seconds))]
    fusion = Fusion(load(models / "fusion.toml"), config.fusion)
    settings = config.tracker.model_copy(update={"confidence_least": 0.0})
    tracker, pace = Tracker(settings, AS_IT_COMES), Pace(settings.states_per_second)
    newest: dict[Modality, Prediction] = {}
    rows: list[tuple[Float32Array, int, int, Carrier, int]] = []
    carrier = Carrier.FUSED
    now_ns = 0
    for prediction in _predictions(takes, config):
        newest[prediction.modality] = prediction
        now_ns = max(now_ns, prediction.timestamp_ns)
        estimate = fusion.fuse(newest.get(Modality.FACE), newest.get(Modality.VOICE), now_ns)
        if estimate.probabilities is not None:
            carrier = carrier_of(estimate)
        tracked = tracker.update(estimate)
        if not pace.is_due(tracked) or tracked.emotion is Emotion.UNKNOWN:
            continue
        number, segment = _at(takes, now_ns)
        felt = -1 if segment.emotion is Emotion.UNKNOWN else EMOTIONS.index(segment.emotion)
        rows.append((tracked.probabilities, EMOTIONS.index(tracked.emotion), felt, carrier, number))
    return States(
        np.stack([row[0] for row in rows]),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        tuple(row[3] for row in rows),
        np.array([row[4] for row in rows]),
    )


def _predictions(takes: Sequence[Take], config: Config) -> Iterator[Prediction]:
    """What face and voice say, in the order of their moments."""
    see, hear = load_face(config).perceive, load_voice(config).perceive
    step = 1.0 / config.camera.frames_per_second
    sound = np.concatenate([take.sound for take in takes])
    end_seconds = takes[-1].segment.end_seconds
    heard = 0
    for number in range(round(end_seconds / step)):
        seconds = number * step
        while (heard + CHUNK) / SAMPLE_RATE_HZ <= seconds:
            begin_ns = heard * SECOND_NS // SAMPLE_RATE_HZ
            yield from hear(AudioChunk(begin_ns, sound[heard : heard + CHUNK], heard))
            heard += CHUNK
        place, segment = _at(takes, int(seconds * SECOND_NS))
        image = takes[place].painter.frame(seconds - segment.start_seconds, segment.seconds)
        yield from see(VideoFrame(int(seconds * SECOND_NS), image))


def _at(takes: Sequence[Take], now_ns: int) -> tuple[int, Segment]:
    """The number of the segment of a moment, and the segment; the last one's end belongs to it."""
    seconds = now_ns / SECOND_NS
    number = next((n for n, take in enumerate(takes) if seconds < take.segment.end_seconds), len(takes) - 1)
    return number, takes[number].segment
