"""What readings of unseen people are like, for the device's drift monitor: measures and writes ``models/drift.npz``.

    python -m tools.measure_drift --root DATA --out models             the reference alone
    python -m tools.measure_drift --root DATA --out models --faults    and how the monitor does, into models/drift.md

To be run whenever ``facenet.tflite``, ``voice.tflite`` or ``detector.tflite`` is another: the monitor refuses a reference of
another file. The reference is fitted to everybody; the figures are of people whom the reference in question never saw (four
parts, each judged by the other three). Host side only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ertedge.affect.drift import STATISTICS, Reference
from ertedge.affect.drift_reference import FILE, save
from ertedge.errors import ErtedgeError
from ertedge.inference.manifest import Manifest, load_manifest
from ertedge.types import Modality
from tools.drift.faults import NONE, PICTURE_FAULTS, SOUND_FAULTS
from tools.drift.fit import PARTS, fit_reference, part_of
from tools.drift.sessions import (
    SessionReadings,
    Sitter,
    face_perception,
    known_speakers,
    listen,
    moods,
    people,
    scenes,
    speakers,
    voice_perception,
    watch,
)
from tools.drift.trial import COLUMNS, Trial, run_trial
from tools.evaluation.card_tables import write_tables
from tools.evaluation.report import Grid, Report

MODEL_OF = {Modality.FACE: "facenet", Modality.VOICE: "voice"}
MOODS_EACH = 6
VOICE_SESSIONS = 3
FAULT_CLIPS = 5
CARD = "drift.md"

Sessions = Mapping[Modality, Sequence[SessionReadings]]


def usual_sessions(root: Path, manifest: Manifest, seed: int) -> Sessions:
    """Everybody without a fault. Raises ConfigurationError, ManifestError or ModelError."""
    faces = watch([*people(root), *moods(root, MOODS_EACH, seed)], face_perception(manifest), scenes(root), seed=seed)
    known, make = known_speakers(manifest), voice_perception(manifest)
    voices = [
        listen(clips, make(), known=name in known, seed=number)
        for number in range(VOICE_SESSIONS)
        for name, clips in speakers(root).items()
    ]
    return {Modality.FACE: faces, Modality.VOICE: voices}


def faulty_sessions(
    root: Path, manifest: Manifest, seed: int
) -> Iterator[tuple[Modality, str, Sequence[SessionReadings]]]:
    """Half of the people and one group of each mood under every fault of a camera, every speaker under every fault of a
    microphone."""
    everybody, perception, walls = people(root), face_perception(manifest), scenes(root)
    half = [Sitter(who.person, who.pictures[::2], who.labels[::2]) for who in everybody[1::2]]
    sitting = [*half, *(mood for mood in moods(root, 1, seed))]
    for name, fault in PICTURE_FAULTS.items():
        yield Modality.FACE, name, watch(sitting, perception, walls, fault=fault, seed=seed)
    make, spoken = voice_perception(manifest), speakers(root)
    for name, sound_fault in SOUND_FAULTS.items():
        heard = [listen(c, make(), fault=sound_fault, seed=VOICE_SESSIONS, count=FAULT_CLIPS) for c in spoken.values()]
        yield Modality.VOICE, name, heard


def fit(sessions: Sessions, manifest: Manifest) -> dict[Modality, Reference]:
    """The reference of each modality. Raises ConfigurationError when there are too few people."""
    return {m: fit_reference(given, manifest.entry(MODEL_OF[m]).sha256) for m, given in sessions.items()}


def trials(root: Path, manifest: Manifest, usual: Sessions, seed: int) -> tuple[Trial, ...]:
    """Every fault, and none, each person judged by the reference of the other people."""
    parts = [
        fit({m: [s for s in given if part_of(s.person) != part] for m, given in usual.items()}, manifest)
        for part in range(PARTS)
    ]
    blind = {modality: [references[modality] for references in parts] for modality in Modality}
    done = [run_trial(modality, NONE, usual[modality], blind[modality], seed) for modality in Modality]
    for modality, fault, sessions in faulty_sessions(root, manifest, seed):
        done.append(run_trial(modality, fault, sessions, blind[modality], seed))
    return tuple(done)


def report_of(done: Sequence[Trial]) -> Report:
    """The table of the card."""
    usual = {trial.modality: trial for trial in done if trial.fault == NONE}
    rates = ", ".join(f"{m} {t.alarmed} of {t.seen} ({t.alarms_an_hour:.3f} an hour)" for m, t in usual.items())
    notes = (
        f"Without a fault, sittings of an hour with a false alarm: {rates}.",
        "With a fault: sittings of ten minutes. Nothing to read: no face found, or no speech; the states say so.",
    )
    return Report("Drift monitor", (), notes, grids=(Grid("", COLUMNS, tuple(trial.as_row() for trial in done)),))


def main(
    *,
    root: Annotated[Path, typer.Option(help="The research data.", exists=True)],
    out: Annotated[Path, typer.Option(help="The folder of the models.", exists=True)] = Path("models"),
    faults: Annotated[bool, typer.Option("--faults", help="Try every fault, and write the card's table.")] = False,
    seed: Annotated[int, typer.Option(help="Of circumstances, rooms, draws and of the groups of a mood.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure what is usual and write drift.npz."""
    import cv2

    cv2.setNumThreads(1)
    try:
        manifest = load_manifest(out)
        usual = usual_sessions(root, manifest, seed)
        references = fit(usual, manifest)
        save(out / FILE, references)
        done = trials(root, manifest, usual, seed) if faults else ()
        if faults:
            write_tables(out / CARD, "faults", report_of(done))
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    found = {
        "bands": {
            str(m): {str(s): [round(float(r.low[i]), 3), round(float(r.high[i]), 3)] for i, s in enumerate(STATISTICS)}
            for m, r in references.items()
        },
        "sessions": {str(m): len(given) for m, given in usual.items()},
        "trials": [asdict(trial) for trial in done],
        "bytes": (out / FILE).stat().st_size,
    }
    print(json.dumps(found) if json_ else "\n".join(f"{name}: {value}" for name, value in found.items()))


if __name__ == "__main__":
    typer.run(main)
