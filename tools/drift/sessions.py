"""Sessions of readings: people of the collections before a virtual camera and microphone, through the device's perception.

Host only.

- *Faces*: people of ORL, ten pictures each, who tell how people differ; and *moods* of FER+ Valid, pictures of one
  emotion and many people, which tell how a mood that lasts moves the means, since nobody of ORL is in a mood. Nobody
  here taught FaceNet. Each session has one distance, light, blur and noise.
- *Voices*: clips of RAVDESS and nEMO; each session of a speaker has one room, microphone, noise and change of voice
  (``tools.sound_degradation``). The network knows most of these speakers, not these rooms, and their readings are marked so.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import Manifest
from ertedge.perception.detector import FaceDetector
from ertedge.perception.face import FaceLimits, FaceModel, FacePerception
from ertedge.perception.voice import VoiceModel, VoicePerception
from ertedge.types import AudioChunk, Float32Array, Prediction, UInt8Array, VideoFrame
from tools.data import nemo, ravdess
from tools.data.face_frames import Circumstances, compose, load_backgrounds
from tools.data.ferplus import DROPPED, EMOTION_LABELS, load_split, majority_labels
from tools.data.orl import load_people
from tools.data.voice_clips import VoiceClip, read_clip, speakers_of
from tools.drift.faults import PictureFault, SoundFault
from tools.sound_degradation import CLEAN, Session, apply_session, random_session
from tools.voice.features import whole_hops

MOOD_PICTURES = 10
SNR_LEAST_DB = 10.0
"""A room in which speech stands out less is no usual one."""
SESSION_CLIPS = 8
CHUNK_SAMPLES = 8_000
GAP_SAMPLES = 1_000
NS_PER_SAMPLE = 62_500


@dataclass(frozen=True, slots=True)
class SessionReadings:
    """What the device said in one session, in order. ``person`` is unique over all collections; ``known``: the network was
    trained on this person."""

    person: str
    readings: tuple[Prediction, ...]
    known: bool = False


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who sits down for a session: the pictures (h, w) grey of a person, or of a mood; ``labels`` are those of FER+,
    or -1."""

    person: str
    pictures: tuple[UInt8Array, ...]
    labels: tuple[int, ...]


def people(root: Path) -> tuple[Sitter, ...]:
    """Everybody of ORL. Raises ConfigurationError when they are missing."""
    found = load_people(root / "orl_faces")
    sitting = []
    for index, name in enumerate(found.names):
        own = tuple(image[:, :, 0] for image, person in zip(found.images, found.person, strict=True) if person == index)
        sitting.append(Sitter(f"orl/{name}", own, (-1,) * len(own)))
    return tuple(sitting)


def moods(root: Path, most: int, seed: int) -> tuple[Sitter, ...]:
    """Of every emotion of FER+ Valid up to ``most`` groups of ``MOOD_PICTURES`` pictures, none in two. Raises
    ConfigurationError when they are missing."""
    split = load_split(root, "Valid")
    labels = majority_labels(split.votes)
    random = np.random.default_rng(seed)
    sitting = []
    for label in sorted({int(value) for value in labels} - {DROPPED}):
        own = random.permutation(np.flatnonzero(labels == label))
        for number, start in enumerate(range(0, len(own) - MOOD_PICTURES + 1, MOOD_PICTURES)[:most]):
            chosen = own[start : start + MOOD_PICTURES]
            name = f"ferplus/{EMOTION_LABELS[label]}-{number}"
            sitting.append(Sitter(name, tuple(split.images[chosen]), (label,) * len(chosen)))
    return tuple(sitting)


def face_perception(manifest: Manifest) -> FacePerception:
    """The device's face path from the manifest's folder."""
    entry = manifest.entry("facenet")
    model = FaceModel.of(manifest.open_network("facenet"), entry)
    return FacePerception(FaceDetector(manifest.open_network("detector")), model, FaceLimits.of(entry))


def watch(
    sitters: Sequence[Sitter],
    perception: FacePerception,
    backgrounds: tuple[UInt8Array, ...],
    *,
    fault: PictureFault | None = None,
    seed: int = 0,
) -> list[SessionReadings]:
    """One session of every sitter before the camera. A seed means the same circumstances whatever the fault."""
    found = []
    for sitter in tqdm(sitters, desc="faces", unit="session", leave=False, mininterval=2):
        random = _random(seed, sitter.person)
        usual = _circumstances(random)
        wall = backgrounds[int(random.integers(len(backgrounds)))]
        readings = []
        for picture in sitter.pictures:
            frame = compose(picture, wall, _moment(usual, random), random)
            readings.append(perception.process(VideoFrame(0, frame if fault is None else fault(frame, random))))
        found.append(SessionReadings(sitter.person, tuple(readings)))
    return found


def _circumstances(random: Generator) -> Circumstances:
    """Somebody at a desk, near or at arm's length and more, by day or by a lamp, before a good camera or a cheap one."""
    return Circumstances(
        side_px=float(random.uniform(90, 260)),
        turn_deg=float(np.clip(random.normal(0, 6), -15, 15)),
        light=float(np.exp(random.uniform(np.log(0.35), 0.0))),
        blur_px=float(random.uniform(0.0, 2.0)) if random.random() < 0.5 else 0.0,
        noise=float(random.uniform(0.0, 8.0)) if random.random() < 0.5 else 0.0,
    )


def _moment(usual: Circumstances, random: Generator) -> Circumstances:
    """How it is just now: the head nods, comes and goes, and turns."""
    return replace(
        usual,
        side_px=usual.side_px * float(np.exp(random.normal(0, 0.08))),
        turn_deg=usual.turn_deg + float(random.normal(0, 4)),
        yaw_deg=float(random.normal(0, 12)),
    )


def voice_perception(manifest: Manifest) -> Callable[[], VoicePerception]:
    """Makes the device's voice path from the manifest's folder, anew for every session."""
    model = VoiceModel.of(manifest.open_network("voice"), manifest.entry("voice"))
    return lambda: VoicePerception(model)


def speakers(root: Path) -> dict[str, tuple[VoiceClip, ...]]:
    """The clips of every speaker of RAVDESS and nEMO. Raises ConfigurationError when there is none."""
    clips = (*ravdess.load(root), *nemo.load(root))
    return {name: tuple(clip for clip in clips if clip.speaker == name) for name in speakers_of(clips)}


def known_speakers(manifest: Manifest) -> frozenset[str]:
    """The speakers whom the manifest's provenance of the voice network names. Raises ConfigurationError when it names
    none."""
    words = manifest.entry("voice").provenance.replace(",", " ").replace(";", " ").split()
    named = frozenset(word for word in words if word.startswith((f"{ravdess.COLLECTION}/", f"{nemo.COLLECTION}/")))
    if not named:
        raise ConfigurationError(["the voice's provenance names no speaker, so who is new to it is not known"])
    return named


def listen(
    clips: Sequence[VoiceClip],
    perception: VoicePerception,
    *,
    fault: SoundFault | None = None,
    known: bool = False,
    seed: int = 0,
    count: int = SESSION_CLIPS,
) -> SessionReadings:
    """One session of the speaker of ``clips``, of ``count`` clips drawn by ``seed``: one room and microphone; seed 0 is the
    recording as it is."""
    speaker = clips[0].speaker
    random = _random(seed, speaker)
    session = usual_session(random) if seed else CLEAN
    position, readings = 0, list[Prediction]()
    for index in random.permutation(len(clips))[:count]:
        sound = apply_session(read_clip(clips[index]), session, random)
        readings += _heard(sound if fault is None else fault(sound, random), perception, position)
        position += 100 * CHUNK_SAMPLES + GAP_SAMPLES
    return SessionReadings(speaker, tuple(readings), known)


def usual_session(random: Generator) -> Session:
    """A room and a microphone as they are meant to be: the whole band, nothing cut, speech that stands out."""
    drawn = random_session(random)
    snr_db = None if drawn.snr_db is None else max(drawn.snr_db, SNR_LEAST_DB)
    return replace(drawn, snr_db=snr_db, band_hz=None, mu_law=False, drive_db=None)


def _heard(sound: Float32Array, perception: VoicePerception, position: int) -> list[Prediction]:
    """What the device says of ``sound``, which begins ``position`` samples after the stream does."""
    sound = whole_hops(sound)
    made: list[Prediction] = []
    for start in range(0, sound.size, CHUNK_SAMPLES):
        piece, first = sound[start : start + CHUNK_SAMPLES], position + start
        made += perception.process(AudioChunk(first * NS_PER_SAMPLE, piece, first))
    return made


def scenes(root: Path) -> tuple[UInt8Array, ...]:
    """Rooms without faces to stand before."""
    return load_backgrounds(root / "face_detection" / "non_face_scenes")


def _random(seed: int, name: str) -> Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
