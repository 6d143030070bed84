"""Plays an assembled recording through a daemon of its own and scores the states that a client receives over gRPC.

    python -m tools.make_recording --root DATA --out FILE.mkv
    python -m tools.evaluate recording --root FILE.mkv

The daemon reads the recording in real time. Each state is held against the label of its moment, tracker delay and all; the
last ``SETTLE_SECONDS`` of a segment are scored apart as well, when the three seconds of a voice window lie within it. What
face or voice alone would have shown is tracked from their own probabilities in the same states, with the same settings.
A state that abstains is not right, except where the label is that nobody is there. Whether the confidence of the states is
true is in ``streamed``.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.affect.circumplex import valence_arousal
from ertedge.affect.tracker import Tracker
from ertedge.config import Config
from ertedge.errors import ConfigurationError, ErtedgeError, ServerUnavailableError
from ertedge.rpc.client import Client
from ertedge.types import (
    EMOTIONS,
    Emotion,
    EmotionState,
    Estimate,
    Modality,
    ModalityShare,
    Reason,
    SensorCondition,
    SensorName,
    SensorStatus,
)
from tools.daemon_process import running_daemon
from tools.data.recording_plan import FRAMES_PER_SECOND, Labels, Segment, read_labels
from tools.evaluation.report import Figure, Report
from tools.evaluation.streamed import confidence_figures, streamed

START_SECONDS = 30.0
SETTLE_SECONDS = 2.0
SUBJECTS = ("fused", "face", "voice")


@dataclass(frozen=True, slots=True)
class Played:
    """The states that a client received of a recording, whose first picture came at ``begun_ns`` on the wall clock."""

    states: tuple[EmotionState, ...]
    begun_ns: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown at a moment of the recording: ``said`` by each of ``SUBJECTS``."""

    seconds: float
    said: dict[str, Emotion]


def evaluate(*, root: Path, models: Path | None = None) -> Report:
    """Score the states that follow a recording made by tools.make_recording; --root is its file."""
    if models is not None:
        raise ConfigurationError(["--models: the daemon reads the shipped models; leave it out"])
    labels = read_labels(root.with_suffix(".toml"))
    played = play(root)
    shown = _shown(played)
    figures = [
        *_figures(shown, labels, "all moments", settled=False),
        *_figures(shown, labels, "settled", settled=True),
        *confidence_figures(streamed(played.states, labels, played.begun_ns)),
    ]
    note = "Faces and voices of different people, paired by their label; no training saw any of them."
    return Report(f"states that follow {root.name}", tuple(figures), (note,))


def play(recording: Path) -> Played:
    """What a client receives while a daemon plays the recording, in real time."""
    with tempfile.TemporaryDirectory(prefix="ertedge-recording-") as folder:
        return asyncio.run(_play(recording.absolute(), Path(folder)))


async def _play(recording: Path, folder: Path) -> Played:
    """Every state until the recording has ended."""
    states: list[EmotionState] = []
    begun_ns: int | None = None
    async with running_daemon(f"replay:{recording}", folder) as daemon, Client(daemon.address) as client:
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while True:
            try:
                await client.device_status()
                break
            except ServerUnavailableError:
                if asyncio.get_running_loop().time() > deadline:
                    raise ErtedgeError(f"the daemon did not start; see {folder / 'daemon.log'}") from None
                await asyncio.sleep(0.05)
        async for event in client.watch(reconnect=False):
            if event.state is not None:
                states.append(event.state)
            sensors = (await client.device_status()).sensors
            begun_ns = _begun(sensors, time.time_ns(), begun_ns)
            if all(sensor.condition in (SensorCondition.ENDED, SensorCondition.OFF) for sensor in sensors):
                break
    if begun_ns is None or not any(share.probabilities is not None for state in states for share in state.shares):
        raise ErtedgeError("no face was seen and no voice was heard in the whole recording; nothing can be scored")
    return Played(tuple(states), begun_ns)


def _begun(sensors: Iterable[SensorStatus], now_ns: int, before: int | None) -> int | None:
    """When the first picture came, from how many have come by now. The daemon counts them in reports, so every look errs to
    late, by the age of the report; the earliest counts. The first state that a client sees does not tell it: on a busy
    machine the client comes late."""
    pictures = next((sensor for sensor in sensors if sensor.sensor is SensorName.CAMERA), None)
    if pictures is None or pictures.condition is not SensorCondition.RUNNING or not pictures.records:
        return before
    found = now_ns - round(pictures.records * 1e9 / FRAMES_PER_SECOND)
    return found if before is None else min(found, before)


def _shown(played: Played) -> list[Shown]:
    """What fused, face and voice showed, in moments of the recording."""
    alone = {modality: Tracker(Config().tracker) for modality in Modality}
    shown: list[Shown] = []
    now_ns = 0
    for state in played.states:
        now_ns = max(now_ns, state.wall_time_ns)  # a wall clock that is being disciplined may step back by a little
        said = {"fused": state.emotion}
        for share in state.shares:
            said[str(share.modality)] = alone[share.modality].update(_estimate(share, now_ns)).emotion
        shown.append(Shown((state.wall_time_ns - played.begun_ns) / 1e9, said))
    return [moment for moment in shown if moment.seconds >= 0]


def _estimate(share: ModalityShare, now_ns: int) -> Estimate:
    """One modality as if there were no other."""
    p = share.probabilities
    if p is None:
        return Estimate(now_ns, None, 0.0, 0.0, 0.0, (share,), share.reasons or (Reason.LOW_QUALITY,))
    return Estimate(now_ns, p, *valence_arousal(p), float(p.max()), (share,))


def _figures(shown: list[Shown], labels: Labels, of: str, *, settled: bool) -> list[Figure]:
    pairs: list[tuple[Shown, Segment]] = []
    for moment in shown:
        segment = labels.at(moment.seconds)
        if segment is not None and (not settled or segment.end_seconds - moment.seconds <= SETTLE_SECONDS):
            pairs.append((moment, segment))
    figures: list[Figure] = []
    for subject in SUBJECTS:
        said = [(moment.said.get(subject, Emotion.UNKNOWN), segment.emotion) for moment, segment in pairs]
        known = [(a, b) for a, b in said if a is not Emotion.UNKNOWN and b is not Emotion.UNKNOWN]
        felt = [(a, b) for a, b in said if b is not Emotion.UNKNOWN]
        recalls = [np.mean([a is b for a, b in felt if b is e]) for e in EMOTIONS if any(b is e for _, b in felt)]
        condition = f"{subject}, {of}"
        figures.append(Figure("right", float(np.mean([a is b for a, b in said])), "share", len(said), condition))
        figures.append(Figure("uar", float(np.mean(recalls)), "share", len(felt), condition))
        figures.append(Figure("spoke", len(known) / max(len(felt), 1), "share", len(felt), condition))
        if known:
            figures.append(
                Figure(
                    "right_when_it_spoke", float(np.mean([a is b for a, b in known])), "share", len(known), condition
                )
            )
    return figures
