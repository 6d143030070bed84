"""What the voice's card measures: the file that ships on the two actors whom it never heard, also in noise; and, from the
run folder of the cross-validation, networks of the same recipe on speakers whom they never heard. Host only.

The folds are not run here, since they train networks; what they said of each clip lies in the run folder, and must be what
the shipped ``voice_confusion.toml`` was counted from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ertedge.inference.entry import ModelEntry
from ertedge.inference.litert import LitertNetwork
from ertedge.inference.manifest import load_manifest
from ertedge.perception.voice import VoiceModel
from ertedge.types import Float32Array
from tools.cards.cross import cross_part
from tools.cards.figures import (
    GROUP_COLUMNS,
    SCORE_COLUMNS,
    Group,
    confusion_grid,
    cost_grid,
    group_rows,
    processor_ms,
    score_row,
    share,
    shown,
)
from tools.cards.plots import Panel, panels
from tools.cards.section import Case, Part, Picture, Section
from tools.cards.voice_folds import fold_parts
from tools.data import ravdess
from tools.data.voice_clips import VoiceClip
from tools.evaluation.evidence import Scores, classified, float_twin
from tools.evaluation.report import Grid
from tools.evaluation.voice import COLLECTIONS, LabelSet, in_labels, names_of, speakers_in
from tools.evaluation.voice import evaluate as evaluate_voice
from tools.sound_degradation import add_noise
from tools.voice.quality_fit import accuracy_by_quality, judge_degraded
from tools.voice.scoring import ClipScores, HeardClip, hear, score

ACTORS = (1, 2)
"""A man and a woman of RAVDESS, in no training and no choice."""
SNR_DB = (20.0, 10.0, 5.0, 0.0)
PINK = 1.0
CROSS = tuple(name for name in COLLECTIONS if name not in ("ravdess", "nemo"))


@dataclass(frozen=True, slots=True)
class Voice:
    """The exported network, its float twin or None, and the clips that it never heard."""

    entry: ModelEntry
    model: VoiceModel
    twin: VoiceModel | None
    clips: tuple[VoiceClip, ...]

    def scores(self, heard: list[HeardClip], labels: LabelSet, *, of_twin: bool = False) -> Scores | None:
        """What the network, or its twin, says of each clip; None where there is no twin."""
        model = self.twin if of_twin else self.model
        if model is None:
            return None
        found: ClipScores = in_labels(score(heard, model), model, labels)
        names = names_of(model, labels)
        own = set(found.labels.tolist())
        shared = tuple(name for index, name in enumerate(names) if index in own)
        return Scores(found.probabilities.astype(np.float64), found.labels, names, shared)

    def row(self, name: str, heard: list[HeardClip], labels: LabelSet, seed: int) -> tuple[str, ...]:
        """One row of SCORE_COLUMNS."""
        ours = self.scores(heard, labels)
        assert ours is not None
        return score_row(name, ours, seed, self.scores(heard, labels, of_twin=True))


def measure(case: Case) -> Section:
    """The section of ``models/voice.md``. Raises ErtedgeError when data or models are missing."""
    voice = load_voice(case)
    given = "".join(f" --cross {name}=FOLDER" for name in CROSS if name in case.cross)
    return Section(
        f"python -m tools.card voice --measure --root DATA{given}",
        (
            *shipped_parts(voice, case.seed),
            *fold_parts(case.models, case.seed),
            cross_part(case, "voice", CROSS, evaluate_voice),
            cost_part(voice, case),
        ),
    )


def load_voice(case: Case) -> Voice:
    """The exported file, and the clips of actors 1 and 2. Raises ErtedgeError."""
    manifest = load_manifest(case.models)
    entry = manifest.entry("voice")
    model = VoiceModel.of(manifest.open_network("voice"), entry)
    file = float_twin(case.models, entry.file)
    twin = None if file is None else replace(model, network=LitertNetwork(file, outputs=entry.outputs))
    speakers = {ravdess.speaker_of(actor) for actor in ACTORS} - speakers_in(entry.provenance)
    clips = tuple(clip for clip in ravdess.load(case.root) if clip.speaker in speakers)
    return Voice(entry, model, twin, clips)


def shipped_parts(voice: Voice, seed: int) -> tuple[Part, ...]:
    """The exported file on speakers whom it never heard: as recorded, and in noise."""
    known = hear(voice.clips, voice.model, seed=seed)
    stranger = hear(voice.clips, voice.model, remember_speaker=False, seed=seed)
    conditions = (("known speaker", known), ("stranger", stranger))
    rows = [voice.row(f"{name}, 8 classes", heard, "native", seed) for name, heard in conditions]
    rows += [voice.row(f"{name}, canonical seven", heard, "canonical", seed) for name, heard in conditions]
    native = voice.scores(known, "native")
    assert native is not None
    speakers = [clip.speaker for clip in voice.clips]
    groups = [Group(who, np.array([s == who for s in speakers])) for who in sorted(set(speakers))]
    return (
        Part(
            "The file that ships, on RAVDESS actors 1 and 2",
            (
                f"A man and a woman whom no training, no choice and no calibration heard; {len(voice.clips)} clips, "
                "chunk by chunk through the device's streaming path. Known speaker: the running normalisation goes "
                "on from the unlabelled clips before; stranger: it begins anew with every clip. Intervals over "
                "clips, since two people are too few to draw from: they do not tell how far another person may lie "
                "from these two.",
            ),
            (
                Grid("", SCORE_COLUMNS, tuple(rows)),
                confusion_grid(classified(native, seed)),
                Grid("", GROUP_COLUMNS, group_rows(native, groups, seed)),
            ),
        ),
        noise_part(voice, known, seed),
    )


def noise_part(voice: Voice, clean: list[HeardClip], seed: int) -> Part:
    """Accuracy as noise grows, and by fifths of the quality that the device gives to a window."""
    rows, counts = [], []
    for name, heard in (("clean", clean), *((f"{snr_db:.0f} dB", _in_noise(voice, snr_db, seed)) for snr_db in SNR_DB)):
        scores = voice.scores(heard, "native")
        assert scores is not None
        found = classified(scores, seed)
        right = int(np.trace(np.array(found.confusion)))
        silent = sum(one.abstains for one in heard)
        quality = float(np.mean([window.quality for one in heard for window in one.windows]))
        figures = (shown(found.accuracy, found.accuracy_ci95), shown(found.uar, found.uar_ci95), shown(found.ece))
        rows.append((name, f"{found.n:,}", *figures, f"{quality:.2f}", share(silent, len(heard))))
        counts.append((right, found.n))
    judged = judge_degraded(voice.clips * 2, voice.model, seed + 2)
    fifths = accuracy_by_quality(judged, voice.model.quality)
    hits = tuple((round(hit * n), n) for _, hit, n in fifths)
    plot = panels(
        (
            Panel("signal to noise", tuple(row[0] for row in rows), tuple(counts)),
            Panel("fifths of quality", tuple(f"{mean:.2f}" for mean, _, _ in fifths), hits),
        ),
        "accuracy, 8 classes",
    )
    columns = ("SNR", "n", "accuracy", "UAR", "ECE", "mean quality", "clips on which it says nothing")
    return Part(
        "Accuracy against quality",
        (
            "The same clips as a known speaker's, with pink noise added to each; a clip on which the "
            f"device would abstain counts with what the network says all the same. Below, fifths of {len(judged):,} "
            "windows of the same actors, their clips made noisy, clipped and sparse at random, from the worst "
            "quality to the best.",
        ),
        (
            Grid("", columns, tuple(rows)),
            Grid(
                "",
                ("mean quality of the fifth", "windows", "accuracy"),
                tuple((f"{mean:.2f}", str(n), share(round(hit * n), n)) for mean, hit, n in fifths),
            ),
        ),
        (Picture("voice_noise.png", "accuracy by signal to noise and by quality, on actors 1 and 2", plot),),
    )


def _in_noise(voice: Voice, snr_db: float, seed: int) -> list[HeardClip]:
    random = np.random.default_rng([seed, round(snr_db)])

    def alter(sound: Float32Array) -> Float32Array:
        noisy: NDArray[np.float64] = add_noise(sound.astype(np.float64), snr_db, PINK, babble=False, random=random)
        return np.clip(noisy, -1.0, 1.0).astype(np.float32)

    return hear(voice.clips, voice.model, seed=seed, alter=alter)


def cost_part(voice: Voice, case: Case) -> Part:
    """Bytes, arithmetic and time."""
    windows = [window for one in hear(voice.clips[:8], voice.model, seed=case.seed) for window in one.windows]
    ms = processor_ms(lambda i: voice.model.logits(windows[i]), len(windows))
    grid = cost_grid(case.models, voice.entry, "the network on one window, without the features", ms)
    return Part("Cost", ("One call of the exported file.",), (grid,))
