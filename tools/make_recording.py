"""Assemble a recording with picture and sound from real faces and real speech, with labels beside it.

``python -m tools.make_recording --root DATA --out FILE.mkv [--seconds 168 | --plan PLAN.toml] [--seed 0] [--json]``
Host side only. Faces are of FER+'s validation folder, voices of the RAVDESS actors 1 and 2; no shipped model was
trained on either. ``--people choice`` and ``--people report`` are two halves without a face or a voice in common: what is
chosen on recordings of the one is scored on recordings of the other.
The pairing is by emotion alone and synthetic: the file, its metadata and its labels (``FILE.toml``) say so. The result
contains data of people and is for research only; it belongs in no repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.types import Emotion, Float32Array, UInt8Array
from tools.data import ferplus, ravdess
from tools.data.face_scenes import load_non_face_scenes
from tools.data.recording_plan import (
    FRAMES_PER_SECOND,
    NOTE,
    SEGMENT_SECONDS,
    FaceCondition,
    Labels,
    Segment,
    VoiceCondition,
    draw_plan,
    read_labels,
    write_labels,
)
from tools.data.voice_clips import VoiceClip, read_clip
from tools.recording_scene import HEIGHT, WIDTH, Painter

if TYPE_CHECKING:
    from av.container import OutputContainer

ACTORS = (1, 2)
"""Held out of every training of the shipped voice model."""


class People(StrEnum):
    """Whose faces and voices: of FER+ Valid and both actors; of the faces of FER+ Train that FaceNet's training held out and
    actor 1; of FER+ Valid and actor 2."""

    ALL = "all"
    CHOICE = "choice"
    REPORT = "report"


ACTORS_OF = {People.ALL: ACTORS, People.CHOICE: ACTORS[:1], People.REPORT: ACTORS[1:]}
SPLIT_SEED = 0
"""Of the split that FaceNet was trained with."""
SAMPLE_RATE_HZ = 16_000
FACE_SECONDS = 3.0
"""How long one face stays."""
PAUSE_SECONDS = 0.3
ROOM_NOISE = 10 ** (-65 / 20)
NOISY_SNR_DB = -3.0
VOICE_GAIN = 4.0
"""RAVDESS is quiet (speech near -35 dB of full scale); one gain for all, so that loud emotions stay louder."""
VOICE_LABELS = {
    Emotion.NEUTRAL: "neutral",
    Emotion.HAPPINESS: "happy",
    Emotion.SADNESS: "sad",
    Emotion.ANGER: "angry",
    Emotion.FEAR: "fearful",
    Emotion.DISGUST: "disgust",
    Emotion.SURPRISE: "surprised",
}


@dataclass(frozen=True, slots=True)
class Material:
    """What recordings are made of. ``faces`` holds the indices of each emotion in ``split``."""

    split: ferplus.FerSplit
    faces: dict[Emotion, NDArray[np.int64]]
    clips: dict[Emotion, tuple[VoiceClip, ...]]
    photographs: tuple[UInt8Array, ...]


def load_material(root: Path, people: People = People.ALL) -> Material:
    """Faces, voices and backgrounds that no training saw. Raises ConfigurationError when something is missing."""
    split = _faces_of(root, people)
    actors = ACTORS_OF[people]
    labels = ferplus.majority_labels(split.votes)
    # Drawings, hands and covers are among the pictures; where one of ten raters doubts, it is left out.
    sure = split.votes[:, 8:].sum(axis=1) == 0
    faces = {
        emotion: np.flatnonzero(sure & (labels == ferplus.EMOTION_LABELS.index(emotion))) for emotion in VOICE_LABELS
    }
    speakers = {ravdess.speaker_of(actor) for actor in actors}
    held_out = [clip for clip in ravdess.load(root) if clip.speaker in speakers]
    clips = {
        emotion: tuple(clip for clip in held_out if clip.label == label) for emotion, label in VOICE_LABELS.items()
    }
    faults = [f"no FER+ face of {emotion}" for emotion, indices in faces.items() if not len(indices)]
    faults += [f"no clip of actors {actors} of {emotion}" for emotion, found in clips.items() if not found]
    if faults:
        raise ConfigurationError(faults, str(root))
    return Material(split, faces, clips, load_non_face_scenes(root, "test"))


def _faces_of(root: Path, people: People) -> ferplus.FerSplit:
    if people is not People.CHOICE:
        return ferplus.load_split(root / "ferplus", "Valid")
    from tools.facenet.data import held_out_split

    return held_out_split(root, SPLIT_SEED)


class Take:
    """One segment made ready: what is shown and heard, and the segment with its files named."""

    def __init__(self, segment: Segment, material: Material, number: int, seed: int) -> None:
        rng = np.random.default_rng((seed, number))
        shown = _draw_faces(rng, segment, material)
        sound, heard = _draw_sound(rng, segment, material)
        photograph = material.photographs[int(rng.integers(len(material.photographs)))]
        images = [material.split.images[index] for index in shown]
        self.painter = Painter(images, photograph, segment.face, seed * 1000 + number)
        self.sound = sound
        """(round(seconds x 16000),) float32."""
        self.segment = replace(
            segment,
            faces=tuple(material.split.names[index] for index in shown),
            clips=tuple(clip.path.stem for clip in heard),
        )


def _draw_faces(rng: Generator, segment: Segment, material: Material) -> list[int]:
    if segment.face is FaceCondition.ABSENT or segment.emotion is Emotion.UNKNOWN:
        return []
    count = max(1, round(segment.seconds / FACE_SECONDS))
    indices = material.faces[segment.emotion]
    return [int(index) for index in rng.choice(indices, count, replace=count > len(indices))]


def _draw_sound(rng: Generator, segment: Segment, material: Material) -> tuple[Float32Array, list[VoiceClip]]:
    """Clip after clip with short pauses until the segment is full; the last one is faded out at its end."""
    length = round(segment.seconds * SAMPLE_RATE_HZ)
    sound = (ROOM_NOISE * rng.standard_normal(length)).astype(np.float32)
    heard: list[VoiceClip] = []
    if segment.voice is VoiceCondition.SILENT or segment.emotion is Emotion.UNKNOWN:
        return sound, heard
    clips = material.clips[segment.emotion]
    order = rng.permutation(len(clips))
    position = round(PAUSE_SECONDS * SAMPLE_RATE_HZ)
    speech = np.zeros(length, np.float32)
    while length - position > SAMPLE_RATE_HZ:
        clip = clips[int(order[len(heard) % len(order)])]
        samples = _without_silence(read_clip(clip)) * np.float32(VOICE_GAIN)
        part = samples[: length - position]
        if part.size < samples.size:
            part = part * np.minimum(1.0, np.arange(part.size, 0, -1) / (0.05 * SAMPLE_RATE_HZ)).astype(np.float32)
        speech[position : position + part.size] = part
        position += part.size + round(PAUSE_SECONDS * SAMPLE_RATE_HZ)
        heard.append(clip)
    if segment.voice is VoiceCondition.NOISY:
        noise = _pink_noise(rng, length)
        level = np.sqrt(np.mean(speech**2)) * 10 ** (-NOISY_SNR_DB / 20)
        sound += (level / np.sqrt(np.mean(noise**2)) * noise).astype(np.float32)
    return np.clip(sound + speech, -1, 1).astype(np.float32), heard


def _without_silence(samples: Float32Array) -> Float32Array:
    """RAVDESS clips begin and end with up to a second of silence; a tenth of a second of it is kept."""
    loud = np.flatnonzero(np.abs(samples) > 0.05 * np.abs(samples).max())
    margin = SAMPLE_RATE_HZ // 10
    return samples[max(0, loud[0] - margin) : loud[-1] + margin] if loud.size else samples


def _pink_noise(rng: Generator, length: int) -> Float32Array:
    """Noise whose power falls by 3 dB an octave, as that of ventilators and streets does."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    spectrum[1:] /= np.sqrt(np.arange(1, spectrum.size))
    spectrum[0] = 0
    return np.fft.irfft(spectrum, length).astype(np.float32)


def write_recording(path: Path, takes: Sequence[Take]) -> None:
    """The mkv (H.264 and FLAC). Raises ConfigurationError when it cannot be written."""
    import av

    try:
        with av.open(str(path), "w", format="matroska") as container:
            container.metadata["title"] = NOTE
            _write_streams(container, takes)
    except (av.error.FFmpegError, OSError) as error:
        raise ConfigurationError([f"cannot be written: {error}"], str(path)) from None


def _write_streams(container: OutputContainer, takes: Sequence[Take]) -> None:
    video: Any = container.add_stream("libx264", rate=FRAMES_PER_SECOND, options={"crf": "20", "preset": "veryfast"})
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    audio: Any = container.add_stream("flac", rate=SAMPLE_RATE_HZ, layout="mono")
    number = 0
    for take in takes:
        for packet in _sound_packets(audio, take):
            container.mux(packet)
        end = round(take.segment.end_seconds * FRAMES_PER_SECOND)
        while number < end:
            seconds = number / FRAMES_PER_SECOND - take.segment.start_seconds
            for packet in _picture_packets(video, take.painter.frame(seconds, take.segment.seconds), number):
                container.mux(packet)
            number += 1
    for stream in (video, audio):
        container.mux(stream.encode())


def _picture_packets(stream: Any, image: UInt8Array, number: int) -> Iterator[Any]:
    import av

    frame = av.VideoFrame.from_ndarray(image, format="bgr24")
    frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
    yield from stream.encode(frame)


def _sound_packets(stream: Any, take: Take) -> Iterator[Any]:
    import av

    begin = round(take.segment.start_seconds * SAMPLE_RATE_HZ)
    whole = np.round(take.sound * 32_767).astype(np.int16)
    for first in range(0, whole.size, 4096):
        frame = av.AudioFrame.from_ndarray(whole[None, first : first + 4096], format="s16", layout="mono")
        frame.sample_rate, frame.time_base = SAMPLE_RATE_HZ, Fraction(1, SAMPLE_RATE_HZ)
        frame.pts = begin + first
        yield from stream.encode(frame)


def make_recording(
    root: Path, out: Path, segments: Sequence[Segment], seed: int, people: People = People.ALL
) -> Labels:
    """Write the recording and its labels, and return those. Raises ConfigurationError."""
    material = load_material(root, people)
    takes = [Take(segment, material, number, seed) for number, segment in enumerate(segments)]
    write_recording(out, takes)
    labels = Labels(seed, NOTE, tuple(take.segment for take in takes))
    write_labels(out.with_suffix(".toml"), labels)
    return labels


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of ``python -m tools.make_recording``."""
    parser = argparse.ArgumentParser(prog="python -m tools.make_recording", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder with ferplus, ravdess and face_detection")
    parser.add_argument("--out", type=Path, required=True, help="the .mkv to write; labels go to the .toml beside it")
    parser.add_argument("--seed", type=int, default=0, help="equal seeds make equal recordings (default: 0)")
    parser.add_argument(
        "--seconds", type=float, default=168.0, help="length of a plan drawn from the seed (default: 168)"
    )
    parser.add_argument(
        "--segment-seconds", type=float, default=SEGMENT_SECONDS, help="length of each segment of it (default: 12)"
    )
    parser.add_argument(
        "--people", type=People, choices=list(People), default=People.ALL, help="whose faces and voices (default: all)"
    )
    parser.add_argument("--plan", type=Path, help="a TOML file of segments in place of a drawn plan")
    parser.add_argument("--json", action="store_true", help="one JSON object a segment, nothing else")
    options = parser.parse_args(arguments)
    try:
        if options.out.suffix != ".mkv":
            raise ConfigurationError([f"--out {options.out}: give a name that ends in .mkv"])
        plan = (
            read_labels(options.plan).segments
            if options.plan
            else draw_plan(options.seed, options.seconds, options.segment_seconds)
        )
        labels = make_recording(options.root, options.out, plan, options.seed, options.people)
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, ConfigurationError) else 1
    for segment in labels.segments:
        if options.json:
            fields = ("start_seconds", "end_seconds", "emotion", "face", "voice", "faces", "clips")
            print(json.dumps({name: getattr(segment, name) for name in fields}))
        else:
            times = f"{segment.start_seconds:6.1f} to {segment.end_seconds:6.1f} s"
            print(f"{times}  {segment.emotion:10} face {segment.face:8} voice {segment.voice}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
